"""The hooks for pre-commit, run by the real tool in a repository of somebody's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.make import RULE

ROOT = Path(__file__).parent.parent
HOOKS = ROOT / ".pre-commit-hooks.yaml"
SECONDS = 120

pytest.importorskip("pre_commit", reason="pre-commit is not installed")
pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="the stand-in for an installed clean is a shell script"),
    pytest.mark.skipif(not shutil.which("git"), reason="git is not installed"),
]

SOURCE = (
    "Tell the miller\n\nThe mill wheel turned again on Sunday, for the first time since the flood took the sluice.\n"
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a rule, a case, and our hooks; `clean` is in the path, so that they install nothing."""
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    manifest = HOOKS.read_text(encoding="utf-8").replace("language: python", "language: system")
    (hooks / HOOKS.name).write_text(manifest, encoding="utf-8")
    _commit(hooks)
    own = tmp_path / "own"
    (own / "my-rules").mkdir(parents=True)
    (own / "my-rules" / "share.toml").write_text(RULE, encoding="utf-8")
    (own / "clean.toml").write_text('rules = ["my-rules/"]\n', encoding="utf-8")
    (own / "page.txt").write_text(SOURCE, encoding="utf-8")
    _run(own, "clean", "golden", "add", "page.txt", "--slug", "mill")
    rev = _run(hooks, "git", "rev-parse", "HEAD").stdout.strip()
    ids = "[{id: clean-golden}, {id: clean-rules}]"
    config = f"repos:\n  - repo: {hooks}\n    rev: {rev}\n    hooks: {ids}\n"
    (own / ".pre-commit-config.yaml").write_text(config, encoding="utf-8")
    _commit(own)
    return own


def _run(folder: Path, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command as a person does who has `clean` installed, with no settings of whoever runs the tests."""
    tools = folder.parent / "bin"
    tools.mkdir(exist_ok=True)
    stub = tools / "clean"
    stub.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cleaner "$@"\n', encoding="utf-8")
    stub.chmod(0o755)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_") and name != "CI"},
        "PATH": os.pathsep.join([str(tools), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder.parent),
        "PRE_COMMIT_HOME": str(folder.parent / "pre-commit"),
        **{f"GIT_{who}_{what}": "miller@mill.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=check
    )


def _commit(folder: Path) -> None:
    _run(folder, "git", "init", "--quiet")
    _run(folder, "git", "add", "--all")
    _run(folder, "git", "commit", "--quiet", "--message", "all")


def _hooks(repository: Path) -> tuple[int, str]:
    _run(repository, "git", "add", "--all")
    done = _run(repository, sys.executable, "-m", "pre_commit", "run", "--all-files", check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_manifest_is_one_that_the_tool_takes() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(HOOKS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert (done.returncode, done.stdout) == (0, "")


def test_hooks_pass_and_stop_a_commit_that_breaks_a_case_or_a_rule(repository: Path) -> None:
    code, told = _hooks(repository)
    assert code == 0, told
    assert told.count("Passed") == 2

    rule = repository / "my-rules" / "share.toml"
    rule.write_text(RULE.replace("Tell the miller", "Tell the baker").replace("TELL THE MILLER", "Tell the baker"))
    code, told = _hooks(repository)
    assert code == 1
    assert "1 case = 0 passed + 1 failed" in told
    assert "+Tell the miller" in told

    rule.write_text(RULE.replace("TELL THE MILLER!", "Tell her"))
    code, told = _hooks(repository)
    assert code == 1
    assert 'my-rules/share.toml:11: SHR401: drop "Tell her"' in told
