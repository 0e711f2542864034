"""The documentation is true: its examples run and print what they show, its generated pages are current."""

from __future__ import annotations

import doctest
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cleaner import schema
from cleaner.config import KEYS
from cleaner.model import KINDS
from docs.build import COMMAND, PAGES, contexts

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAPERS = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
WITH_EXAMPLES = [paper for paper in PAPERS if re.search(r"```(?:console|python)\n", paper.read_text(encoding="utf-8"))]
SECONDS = 60
#: Commands that a reader has after installing; a checkout that is not installed has no entry points for pytest.
INSTALLED = {"clean": "cleaner", "pytest": "pytest -p no:clean-goldens -p cleaner.pytest_goldens -p no:cacheprovider"}
#: Blocks that stand for no file and are not run here: what installs. The README's are, apart from the installing.
NOT_RUN = {("README.md", "sh"): 2, ("tutorial.md", "sh"): 1, ("CONTRIBUTING.md", "sh"): 2}

needs_shell = pytest.mark.skipif(os.name != "posix", reason="the examples are written for a POSIX shell")


# --- Fenced blocks ---------------------------------------------------------------------------------------------------


class Fenced(NamedTuple):
    """A fenced block: its language, its lines, the line where they begin, and the file that it stands for."""

    language: str
    text: str
    line: int
    file: str | None


FENCE = re.compile(r"(?:^<!-- file: (?P<file>\S+) -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)


def fenced(paper: Path) -> Iterator[Fenced]:
    text = paper.read_text(encoding="utf-8")
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start("text")) + 1
        yield Fenced(match["language"], match["text"], line, match["file"])


class Step(NamedTuple):
    """A command of a console block, and what it must print."""

    command: str
    expected: list[str]


def steps(block: str) -> Iterator[Step]:
    """The commands of a console block; one goes on in the next line where that begins with `> `."""
    for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
        command, *output = part.rstrip("\n").split("\n")
        while output and output[0].startswith("> "):
            command += "\n" + output.pop(0)[2:]
        yield Step(command, output)


def agrees(expected: list[str], printed: list[str]) -> bool:
    """Whether an output is the one shown: `…` stands for anything in a line, and alone for any lines."""
    if not expected:
        return not printed
    if expected[0].strip() == "…":
        return any(agrees(expected[1:], printed[at:]) for at in range(len(printed) + 1))
    return bool(printed) and _line_agrees(expected[0], printed[0]) and agrees(expected[1:], printed[1:])


def _line_agrees(expected: str, printed: str) -> bool:
    """Columns are as wide as what they hold, so in a line with gaps one space is as good as several."""
    if "…" not in expected or expected == printed:
        return expected.rstrip() == printed.rstrip()
    pieces = [r"\s+".join(map(re.escape, re.split(r"\s+", piece))) for piece in expected.rstrip().split("…")]
    return re.fullmatch(".*".join(pieces).replace(r".*\s+", r".*\s*"), printed.rstrip()) is not None


@pytest.mark.parametrize(
    ("expected", "printed", "does"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a"], ["a", "b"], False),
        (["a", "b"], ["a"], False),
        (["a  b"], ["a b"], False),
        (["a … d"], ["a   b c d"], True),
        (["a … d"], ["a b c e"], False),
        (["a", "…", "d"], ["a", "b", "c", "d"], True),
        (["a", "…", "d"], ["a", "d"], True),
        (["a", "…", "d"], ["a", "b"], False),
        (["(…)"], ["(x)"], True),
        (["(…)"], ["x"], False),
    ],
)
def test_comparing_outputs(expected: list[str], printed: list[str], does: bool) -> None:
    assert agrees(expected, printed) is does


# --- Examples run ----------------------------------------------------------------------------------------------------


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A folder such as a reader has: the goldens, and `clean` installed in `.venv`."""
    shutil.copytree(ROOT / "golden", tmp_path / "golden")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for name, module in INSTALLED.items():
        command = tmp_path / ".venv" / "bin" / name
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n', encoding="utf-8")
        command.chmod(0o755)
    return tmp_path


def run(command: str, room: Path) -> tuple[int, list[str]]:
    """Run a command as a reader does in a shell; its exit code, and the lines that appear."""
    path = f"{room / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "80", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=room,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout.decode().splitlines()


def write_files(blocks: list[Fenced], room: Path) -> None:
    """Write the files that a paper shows."""
    for block in blocks:
        if block.file:
            path = room / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")


@needs_shell
@pytest.mark.parametrize("paper", WITH_EXAMPLES, ids=lambda paper: paper.name)
def test_console_examples_print_what_they_show(paper: Path, room: Path) -> None:
    blocks = list(fenced(paper))
    write_files(blocks, room)
    for block in blocks:
        if block.language == "console":
            for step in steps(block.text):
                code, printed = run(step.command, room)
                if code or not agrees(step.expected, printed):
                    report = [f"{paper.name}:{block.line}: $ {step.command}", *step.expected, "", "printed:", *printed]
                    pytest.fail("\n".join([*report, f"exit code {code}"]), pytrace=False)


@pytest.mark.parametrize("paper", WITH_EXAMPLES, ids=lambda paper: paper.name)
def test_python_examples_give_what_they_show(paper: Path, room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = list(fenced(paper))
    write_files(blocks, room)
    monkeypatch.chdir(room)
    names: dict[str, object] = {"__name__": "example"}
    for block in blocks:
        if block.language == "python" and not block.file:
            _try(block, paper, names)


def _try(block: Fenced, paper: Path, names: dict[str, object]) -> None:
    """Run a block of Python: as a session where it shows prompts, else as a program."""
    if ">>> " not in block.text:
        exec(compile(block.text, f"{paper.name}:{block.line}", "exec"), names)
        return
    session = doctest.DocTestParser().get_doctest(block.text, names, paper.name, str(paper), block.line - 1)
    report: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(session, out=report.append, clear_globs=False)
    names.update(session.globs)
    assert not report, "".join(report)


@needs_shell
def test_the_first_command_of_the_readme_prints_bodies(room: Path) -> None:
    first, second = [block.text.strip() for block in fenced(README) if block.language == "sh"]
    assert "\n" not in first + second, "each is one line"
    set_up = "python3 -m venv .venv && .venv/bin/pip install "
    assert first.startswith(f"{set_up}. && ")
    assert second == f"{set_up}-e '.[test]' && .venv/bin/pytest -n 2"
    code, printed = run(first.partition(" . && ")[2], room)
    assert code == 0, "\n".join(printed)
    assert "Everybody who hears where our hives stand asks about the height." in "\n".join(printed)
    assert "Leave a Reply" not in printed


def test_every_block_is_run_or_is_a_file() -> None:
    idle = Counter(
        (paper.name, block.language)
        for paper in PAPERS
        for block in fenced(paper)
        if not block.file and block.language not in ("console", "python")
    )
    assert idle == NOT_RUN


def test_every_fence_is_seen() -> None:
    for paper in PAPERS:
        fences = re.findall(r"^\s*(?:```|~~~)", paper.read_text(encoding="utf-8"), re.M)
        assert len(fences) == 2 * len(list(fenced(paper))), f"{paper.name} has a block without a language, or indented"


@pytest.mark.parametrize("paper", WITH_EXAMPLES, ids=lambda paper: paper.name)
def test_files_that_are_shown_are_sound(paper: Path) -> None:
    for block in fenced(paper):
        if block.file and block.language == "toml":
            tomllib.loads(block.text)
        elif block.file and block.language == "json":
            assert all(map(json.loads, block.text.splitlines()))


def test_the_hooks_that_are_shown_exist() -> None:
    shown = (ROOT / "docs" / "goldens.md").read_text(encoding="utf-8")
    defined = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"- id: ([\w-]+)", shown)) == set(re.findall(r"- id: ([\w-]+)", defined))


def test_configuration_names_every_key() -> None:
    told = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert {key for key in KEYS if f"`{key}`" not in told} == set()


def test_the_documentation_has_examples() -> None:
    languages = [block.language for block in fenced(README)]
    assert languages.count("console") >= 6
    assert languages.count("python") >= 2
    assert languages.count("sh") == 2


# --- Generated pages and lists are current ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(PAGES))
def test_generated_pages_are_current(name: str) -> None:
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == PAGES[name](), f"docs/{name} is out of date, run: {COMMAND}"


def test_the_readme_lists_every_command() -> None:
    listed = re.findall(
        r"^\| \[`(clean[a-z ]*)`\]\(docs/commands\.md#([a-z-]+)\)", README.read_text(encoding="utf-8"), re.M
    )
    assert sorted(name for name, _ in listed) == sorted(context.command_path for context in contexts())
    assert all(anchor == name.replace(" ", "-") for name, anchor in listed)


def test_how_to_write_rules_names_every_key_and_value() -> None:
    told = (ROOT / "docs" / "writing-rules.md").read_text(encoding="utf-8")
    keys = {*schema.RULE, *schema._BODY, *schema._DOM, *schema._EXCEPT, *schema._EXAMPLE}
    values = {*schema.SCOPES, *schema.MATCHES, *schema.FAMILIES, *schema.FAMILIES.values()}
    assert {word for word in keys | values if f"`{word}`" not in told} == set()


def test_how_to_write_rules_names_every_kind() -> None:
    told = (ROOT / "docs" / "how-deciding-works.md").read_text(encoding="utf-8")
    assert {kind for kind in KINDS if f"`{kind}`" not in told} == set()


# --- Links and words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_links_lead_somewhere(paper: Path) -> None:
    text = FENCE.sub("", paper.read_text(encoding="utf-8"))
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)", text)
    assert [link for link in links if not (paper.parent / link).exists()] == []


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_nothing_is_told_of_the_machine_that_it_was_written_on(paper: Path) -> None:
    assert re.findall(r"/(?:home|root|tmp|work|Users)/\S*", paper.read_text(encoding="utf-8")) == []
