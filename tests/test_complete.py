"""Completion in real shells: commands, files, options, and the codes and kinds of rules."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SECONDS = 60

#: Programs that have a shell complete the last of the words after `clean`, and print what it finds.
PROGRAMS = {
    "bash": """\
eval "$(_CLEAN_COMPLETE=bash_source clean)"
compopt() { echo "compopt $*"; }
COMP_WORDS=(clean "$@"); COMP_CWORD=$#
_clean_completion clean
printf '%s\\n' "${COMPREPLY[@]}"
""",
    "zsh": """\
autoload -Uz compinit && compinit -u -d "$PWD/.zcompdump"
eval "$(_CLEAN_COMPLETE=zsh_source clean)"
_describe() { print -l -- "${(@P)3}"; }
_path_files() { print -- files; }
compadd() { shift 3; print -l -- "${(@P)1}"; }
words=(clean "$@"); CURRENT=$(($# + 1))
_clean_completion
""",
    "fish": """\
_CLEAN_COMPLETE=fish_source clean | source
complete -C "clean $argv"
""",
}


@pytest.fixture(params=PROGRAMS)
def shell(request: pytest.FixtureRequest) -> str:
    if os.name != "posix" or not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed")
    return str(request.param)


def completed(shell: str, words: list[str], folder: Path) -> str:
    """What a shell offers for the last of the words after `clean`."""
    stub = folder / "bin" / "clean"
    stub.parent.mkdir(exist_ok=True)
    stub.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cleaner "$@"\n', encoding="utf-8")
    stub.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(stub.parent), os.environ["PATH"]]),
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder),
    }
    plain = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    command = [shell, *plain, "-c", PROGRAMS[shell], "--" if shell == "fish" else "clean", *words]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=True
    )
    return done.stdout


def test_codes_of_rules(shell: str, tmp_path: Path) -> None:
    told = completed(shell, ["rules", "show", "SHR00"], tmp_path)
    assert "SHR001" in told
    assert "REL001" not in told
    assert shell == "bash" or "Call to share the article" in told, "bash has no place to say what a code is"


def test_kinds_and_what_can_be_left_out(shell: str, tmp_path: Path) -> None:
    assert "newsletter" in completed(shell, ["page.html", "--keep", "news"], tmp_path)
    assert "kind:share" in completed(shell, ["explain", "page.html", "--disable", "kind:sh"], tmp_path)


def test_commands_and_the_options_of_the_default_command(shell: str, tmp_path: Path) -> None:
    assert "rules" in completed(shell, ["ru"], tmp_path)
    assert "--precision" in completed(shell, ["--prec"], tmp_path)
    assert "--precision" in completed(shell, ["page.html", "--prec"], tmp_path)
    assert "lint" in completed(shell, ["rules", "li"], tmp_path)


def test_files(shell: str, tmp_path: Path) -> None:
    (tmp_path / "pages-of-mine.html").write_text("<p>")
    told = completed(shell, ["pages-of"], tmp_path)
    assert "pages-of-mine.html" in told or "default" in told or "files" in told


def test_rules_of_the_users_own(tmp_path: Path) -> None:
    from tests.test_config import RULE

    (tmp_path / "mine.toml").write_text(RULE)
    (tmp_path / "clean.toml").write_text('rules = ["mine.toml"]\n')
    if shutil.which("bash"):
        assert "SHR401" in completed("bash", ["rules", "show", "SHR4"], tmp_path)
        (tmp_path / "mine.toml").write_text("broken")
        assert completed("bash", ["rules", "show", "SHR4"], tmp_path).strip() == ""
