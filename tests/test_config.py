"""Configuration files: which one counts, what it may set, that the command line wins, and how errors read."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from cleaner.cli import cli
from cleaner.commands.run import run
from cleaner.config import KEYS, VARIABLE, load_config
from cleaner.errors import UsageError
from cleaner.model import Options
from tests.make import RULE

PROSE = (
    "The mill wheel turned again on Sunday, for the first time since the flood took the sluice, and half the village "
    "stood on the bridge to see it.\n\nNobody had thought to tell the miller, who slept through it all in the loft.\n"
)
PAGE = f"Share this:\n\nTell the miller\n\n{PROSE}"


def clean(*args: str) -> Result:
    return CliRunner().invoke(cli, args)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working tree with a page, rules, and a folder inside; the current folder is the tree."""
    monkeypatch.delenv(VARIABLE, raising=False)
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    (tmp_path / "my-rules").mkdir()
    (tmp_path / "my-rules" / "share.toml").write_text(RULE, encoding="utf-8")
    (tmp_path / "sub" / "deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_rules_of_the_tree_are_picked_up_from_every_folder_in_it(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert clean("page.txt").stdout == f"Tell the miller\n\n{PROSE}"
    (tree / "clean.toml").write_text('rules = ["my-rules/"]\n')
    assert clean("page.txt").stdout == PROSE
    monkeypatch.chdir(tree / "sub" / "deep")
    assert clean("../../page.txt").stdout == PROSE
    assert clean("rules", "show", "SHR401").exit_code == 0
    assert clean("rules", "lint").stdout == "1 rule, no problems\n"


def test_pyproject_counts_where_it_has_a_word_on_clean(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "pyproject.toml").write_text('[tool.clean]\nkeep = ["share"]\n')
    (tree / "sub" / "pyproject.toml").write_text('[project]\nname = "clean-water"\n')
    monkeypatch.chdir(tree / "sub")
    assert load_config(Path()).options() == Options(keep=("share",))
    assert clean("../page.txt").stdout.startswith("Share this:")


def test_the_nearest_file_counts_alone_and_clean_toml_before_pyproject(tree: Path) -> None:
    (tree / "clean.toml").write_text('keep = ["share"]\n')
    (tree / "sub" / "pyproject.toml").write_text("[tool.clean]\nrecall = true\n")
    assert load_config(tree / "sub" / "deep").options() == Options(threshold=6)
    (tree / "sub" / "clean.toml").write_text("precision = true\n")
    assert load_config(tree / "sub" / "deep").options() == Options(threshold=-6)
    assert load_config(tree).options() == Options(keep=("share",))


def test_the_variable_names_a_file_or_none(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "clean.toml").write_text('keep = ["share"]\n')
    (tree / "other.toml").write_text("recall = true\n")
    monkeypatch.setenv(VARIABLE, "other.toml")
    assert load_config(Path()).options() == Options(threshold=6)
    monkeypatch.setenv(VARIABLE, "")
    assert load_config(Path()).options() == Options()
    monkeypatch.setenv(VARIABLE, "none.toml")
    assert (
        clean("page.txt").stderr
        == f"clean: none.toml: can't be read (No such file or directory); name a TOML file in {VARIABLE}\n"
    )


def test_the_command_line_wins(tree: Path) -> None:
    (tree / "clean.toml").write_text('keep = ["share"]\nrecall = true\nto = "jsonl"\n')
    assert json.loads(clean("page.txt").stdout)["text"].startswith("Share this:")
    assert clean("page.txt", "--keep", "credit", "--to", "text").stdout == f"Tell the miller\n\n{PROSE}"
    assert clean("page.txt", "--precision").exit_code == 0
    assert clean("page.txt", "--precision", "--recall").exit_code == 2


def test_goldens_are_where_the_file_says(tree: Path) -> None:
    (tree / "clean.toml").write_text('goldens = "tests/golden"\nkeep = ["share"]\n')
    assert clean("golden", "add", "page.txt", "--slug", "mill").stdout == "tests/golden/flat--mill\n"
    settings = (tree / "tests" / "golden" / "flat--mill" / "case.toml").read_text()
    assert "[options]" not in settings, "what the file sets need not be said again"
    assert clean("golden", "check").stderr == "clean: 1 case = 1 passed + 0 failed\n"
    (tree / "clean.toml").write_text('goldens = "tests/golden"\n')
    assert clean("golden", "check").exit_code == 1
    assert clean("golden", "add", "page.txt", "--slug", "other", "--keep", "share").exit_code == 0
    assert clean("golden", "check", "tests/golden/flat--other").exit_code == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('kep = ["share"]', "clean.toml: kep: unknown key, did you mean keep?"),
        ("zzz = 1", "clean.toml: zzz: unknown key, use one of rules, disable"),
        ('output = "x"', "clean.toml: output: unknown key"),
        ('rules = "my-rules"', 'clean.toml: rules: must be a list of paths, such as ["my-rules/"]'),
        ('rules = ["my-rulse"]', "clean.toml: rules: no such rule file or folder: my-rulse"),
        ('keep = ["shares"]', "clean.toml: keep: unknown kind shares, use some of cookie"),
        ("recall = 1", "clean.toml: recall: must be true or false"),
        ("jobs = true", "clean.toml: jobs: must be a whole number above 0"),
        ("precision = true\nrecall = true", "clean.toml: recall: precision and recall exclude each other, leave one"),
        ('disable = ["SHR0O1"]', "clean.toml: disable: unknown rule SHR0O1, did you mean SHR"),
        ('to = "docx"', "clean.toml: to: 'docx' is not one of 'text'"),
        ("to =", "clean.toml: Invalid value (at "),
    ],
)
def test_a_mistake_is_one_line_that_names_file_and_key(tree: Path, text: str, message: str) -> None:
    (tree / "clean.toml").write_text(text)
    result = clean("page.txt")
    assert result.stderr.startswith(f"clean: {message}")
    assert len(result.stderr.splitlines()) == 1
    assert result.exit_code == 2
    assert clean("--help").exit_code == 0
    assert clean("--version").exit_code == 0


def test_a_table_of_pyproject_must_be_one(tree: Path) -> None:
    (tree / "pyproject.toml").write_text("[tool]\nclean = 3\n")
    with pytest.raises(UsageError, match=r"pyproject\.toml: tool\.clean: must be a table, write \[tool\.clean\]"):
        load_config(Path())


def test_every_key_sets_an_option_and_none_names_a_place_to_write_to() -> None:
    options = {name.removeprefix("--") for option in run.params for name in option.opts}
    assert set(KEYS) - options == {"goldens"}
    places = {
        name
        for option in run.params
        if isinstance(option, click.Option) and re.search("Write|Output|File by", option.help or "")
        for name in option.opts
    }
    assert {"--output", "--errors"} <= places
    assert {name.removeprefix("--") for name in places} & set(KEYS) == set()
