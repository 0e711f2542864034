"""The golden harness itself: a bad set is refused, a difference is explained, an update writes what it may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cleaner.errors import InputError
from cleaner.golden import (
    Case,
    Clean,
    Cleaners,
    Drop,
    GoldenError,
    check,
    load_cases,
    record_case,
    slug_of,
    sum_up,
    update,
)
from cleaner.model import Article, Block, Decision, Document, Encoding, Evidence, Judgement, Options, Page, Source
from cleaner.pipeline import Cleaner
from cleaner.read import read
from cleaner.render import text

LEDE = "The mill wheel turned again on Sunday, for the first time since the flood took the sluice."
SHARE = "Share this:"
CASE = f'why = "a share label under a lede"\nlang = "en"\n\n[[drop]]\nline = "{SHARE}"\nkind = "share"\n'

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a case's files; by default a whole one, and None leaves a file out."""

    def write(name: str = "share--mill", **files: str | None) -> Path:
        folder = tmp_path / "golden" / name
        folder.mkdir(parents=True)
        whole = {"source.txt": f"{LEDE}\n\n{SHARE}", "expected.txt": f"{LEDE}\n", "case.toml": CASE}
        for file, content in (whole | {key.replace("_", "."): value for key, value in files.items()}).items():
            if content is not None:
                (folder / file).write_text(content, encoding="utf-8", newline="")
        return folder.parent

    return write


def cleaner(dropped: str = SHARE, kind: str = "share", language: str | None = "en", title: str | None = None) -> Clean:
    """A cleaner that drops the lines starting with `dropped`, on the word of one rule."""

    def clean(case: Case) -> Article:
        source = case.source
        lines = source.data.decode().split("\n\n")
        blocks = tuple(Block(index, line, "line") for index, line in enumerate(lines))
        decisions = tuple(decide(line) for line in lines)
        body = text(blocks, [decision.keep for decision in decisions])
        page = Page(Document(source, "", "text", Encoding("utf-8", "test")), blocks, tuple(lines))
        judgement = Judgement(page, decisions)
        return Article(source.id, body, title, source.url, None, None, language, "ok", {}, "0+0", judgement=judgement)

    def decide(line: str) -> Decision:
        said = Evidence("SHR007", 12, "begins with a label of a share bar", kind)
        drop = line.startswith(dropped)
        return Decision(not drop, 9 if drop else -5, kind if drop else None, ((said,),) if drop else ())

    return clean


def failing(case: Case) -> Article:
    raise InputError("nothing but zero bytes", stage="decode")


def test_a_case_that_gives_what_it_should_passes(write: Write) -> None:
    (case,) = load_cases(write())
    outcome = check(case, cleaner())
    assert (outcome.passed, outcome.problems, outcome.report) == (True, (), "")
    assert (case.name, case.lang, case.source.kind, case.source.id) == ("share--mill", "en", "text", "share--mill")


def test_the_source_is_what_the_reader_gives_with_the_address_of_its_settings(write: Write) -> None:
    settings = 'why = "a page"\nurl = "https://mill.example/wheel"\n'
    folder = write(source_txt=None, source_html="<p>Wheel", case_toml=settings)
    (read_from_disk,) = read([str(folder / "share--mill" / "source.html")])
    assert isinstance(read_from_disk, Source)
    (case,) = load_cases(folder)
    assert case.source == replace(read_from_disk, id="share--mill", url="https://mill.example/wheel")


def test_cases_come_in_the_order_of_their_names_and_hidden_folders_are_none(write: Write) -> None:
    for name in ("b--two", "a--one", ".hidden"):
        folder = write(name)
    assert [case.name for case in load_cases(folder)] == ["a--one", "b--two"]


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"expected_txt": None}, "share--mill: expected.txt is missing"),
        ({"case_toml": None}, "share--mill: case.toml is missing"),
        ({"source_txt": None}, "share--mill: it has 0 files named source.*, and must have one"),
        ({"source_html": "<p>"}, "share--mill: it has 2 files named source.*, and must have one"),
        ({"notes_md": "?"}, "share--mill: notes.md doesn't belong there"),
        ({"case_toml": "why ="}, "case.toml: Invalid value"),
        ({"case_toml": 'lang = "en"'}, "case.toml: there is no why"),
        ({"case_toml": 'why = ""'}, "case.toml: why must be a text that isn't empty"),
        ({"case_toml": 'why = "x"\nlang = 3'}, "case.toml: lang must be a text that isn't empty"),
        (
            {"case_toml": 'why = "x"\ntitel = "T"'},
            "case.toml: unknown key 'titel'; keys are charset, drop, form, known_failure, lang, options",
        ),
        ({"case_toml": 'why = "x"\ndrop = "Share"'}, "case.toml: drop must be tables"),
        ({"case_toml": 'why = "x"\n[[drop]]\nline = "Share"'}, "case.toml: a [[drop]] has no kind"),
        (
            {"case_toml": 'why = "x"\n[[drop]]\nline = "S"\nkind = "ads"'},
            "case.toml: unknown kind 'ads'; kinds are cookie",
        ),
        ({"case_toml": 'why = "x"\n[[drop]]\nlines = "S"\nkind = "share"'}, "case.toml: unknown key 'lines'"),
        ({"case_toml": 'why = "x"\nform = "pdf"'}, "case.toml: unknown form 'pdf'; forms are html, text"),
        ({"case_toml": 'why = "x"\noptions = 1'}, "case.toml: options must be a table"),
        ({"case_toml": 'why = "x"\n[options]\nkeeps = ["share"]'}, "case.toml: unknown key 'keeps'; keys are disable"),
        ({"case_toml": 'why = "x"\n[options]\nkeep = "share"'}, "case.toml: options.keep must be a list of texts"),
        ({"case_toml": 'why = "x"\n[options]\nthreshold = "6"'}, "case.toml: options.threshold must be a whole number"),
        ({"source_txt": None, "source_jsonl": '{"text": "a"}\n{"text": "b"}\n'}, "holds 2 documents; a case has one"),
        ({"source_txt": None, "source_jsonl": '{"txet": "a"}\n'}, "source.jsonl: "),
    ],
)
def test_a_case_that_is_not_whole_is_refused(write: Write, files: dict[str, str | None], complaint: str) -> None:
    folder = write(**files)
    with pytest.raises(GoldenError) as caught:
        load_cases(folder)
    assert complaint in str(caught.value)


def test_everything_wrong_is_named_at_once(write: Write) -> None:
    write("a--one", expected_txt=None, case_toml=None)
    folder = write("b--two", case_toml='lang = 1\nwhy = ""')
    with pytest.raises(GoldenError) as caught:
        load_cases(folder)
    assert [line.rpartition("/")[2].split(" ")[0] for line in str(caught.value).splitlines()] == [
        "a--one:",
        "a--one:",
        "case.toml:",
        "case.toml:",
    ]


def test_an_empty_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GoldenError, match="no case in it"):
        load_cases(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GoldenError, match="can't be listed"):
        load_cases(tmp_path / "goldne")


def test_a_lost_line_fails_with_a_diff_and_names_the_rule_that_took_it(write: Write) -> None:
    folder = write(expected_txt=f"{LEDE}\n\n{SHARE}\n", case_toml='why = "x"')
    (case,) = load_cases(folder)
    outcome = check(case, cleaner())
    assert not outcome.passed
    assert f"\n-{SHARE}\n" in outcome.report
    assert "Share this:: dropped as share, +9 decibans" in outcome.report
    assert "SHR007 +12 (begins with a label of a share bar)" in outcome.report
    assert f"clean golden update {folder}/share--mill" in outcome.report


def test_a_line_too_much_fails_and_says_that_it_was_kept(write: Write) -> None:
    (case,) = load_cases(write(case_toml='why = "x"'))
    report = check(case, cleaner(dropped="never")).report
    assert f"+{SHARE}\n" in report
    assert "Share this:: kept, -5 decibans" in report


def test_a_changed_line_is_no_decision_and_says_so(write: Write) -> None:
    (case,) = load_cases(write(expected_txt=LEDE.replace("Sunday", "Monday") + "\n"))
    report = check(case, cleaner()).report
    assert "no block that was dropped has just this line" in report
    assert "The mill wheel turned again on Sunday, for the first time s…: kept, -5 decibans" in report


def test_bytes_are_compared_and_what_can_not_be_seen_is_shown(write: Write) -> None:
    (case,) = load_cases(write(expected_txt=LEDE.replace(" mill", " \u200bmill") + "\n"))
    outcome = check(case, cleaner())
    assert not outcome.passed
    assert "-The \\u200bmill wheel" in outcome.report


@pytest.mark.parametrize("expected", [LEDE, f"{LEDE}\n\n", f"{LEDE}\r\n", "\ufeff" + LEDE + "\n"])
def test_line_ends_and_marks_are_part_of_the_bytes(write: Write, expected: str) -> None:
    (case,) = load_cases(write(expected_txt=expected))
    assert not check(case, cleaner()).passed


def test_what_a_case_says_can_not_drive_the_terminal(write: Write) -> None:
    settings = 'why = "a \\u001b[2J screen"\n'
    (case,) = load_cases(write(case_toml=settings, expected_txt="\x1b[2J\n"))
    report = check(case, cleaner()).report
    assert report.startswith("share--mill: a \\x1b[2J screen\n")
    assert "\x1b" not in report


def test_a_wrong_kind_fails_and_gives_the_evidence(write: Write) -> None:
    (case,) = load_cases(write())
    problems = check(case, cleaner(kind="related")).problems
    assert len(problems) == 1
    assert "'Share this:' must go as share" in problems[0]
    assert "dropped as related, +9 decibans\n    SHR007 +12" in problems[0]


def test_a_block_to_drop_that_is_not_there_fails(write: Write) -> None:
    (case,) = load_cases(write(case_toml=CASE.replace(SHARE, "Tweet")))
    assert check(case, cleaner()).problems == ("no block starts with 'Tweet', which must go as share",)


def test_a_wrong_title_fails_and_one_that_is_not_written_down_is_not_looked_at(write: Write) -> None:
    (case,) = load_cases(write())
    assert check(case, cleaner(title="Mill turns")).passed
    (case,) = load_cases(write("share--titled", case_toml=f'title = "Wheel turns"\n{CASE}'))[1:]
    assert check(case, cleaner(title="Mill turns")).problems == ("title is 'Mill turns', expected 'Wheel turns'",)


@pytest.mark.parametrize(
    ("found", "passes"), [("en", True), ("en-GB", True), ("eng", False), ("de", False), (None, False)]
)
def test_a_language_matches_its_range(write: Write, found: str | None, passes: bool) -> None:
    (case,) = load_cases(write())
    assert check(case, cleaner(language=found)).passed is passes


def test_a_source_that_can_not_be_cleaned_fails_with_the_stage(write: Write) -> None:
    (case,) = load_cases(write())
    assert "decode gave up: nothing but zero bytes" in check(case, failing).report


def test_a_known_failure_must_fail(write: Write) -> None:
    (case,) = load_cases(write(case_toml=f'known_failure = "no rule for labels yet"\n{CASE}'))
    failed = check(case, cleaner(dropped="never"))
    assert (failed.passed, failed.report) == (True, "")
    assert failed.problems
    healed = check(case, cleaner())
    assert not healed.passed
    assert "passes, but case.toml has known_failure = 'no rule for labels yet': remove that line" in healed.report


def test_an_update_writes_expected_files_that_differ_and_nothing_else(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    write("share--same")
    folder = write("share--stale", expected_txt="Yesterday's body.\n")
    before = {path: (path.read_bytes(), path.stat().st_ino) for path in folder.glob("*/*")}
    written = update(folder, cleaner())
    after = {path: (path.read_bytes(), path.stat().st_ino) for path in folder.glob("*/*")}
    assert written == (folder / "share--stale" / "expected.txt",)
    assert {path for path in after if after[path] != before.get(path)} == {*written}
    assert before.keys() == after.keys()
    assert written[0].read_text(encoding="utf-8") == f"{LEDE}\n"
    assert all(check(case, cleaner()).passed for case in load_cases(folder))


def test_an_update_leaves_known_failures_as_they_should_be(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    folder = write(case_toml=f'known_failure = "not yet"\n{CASE}')
    assert update(folder, cleaner(dropped="never")) == ()


def test_an_update_writes_nothing_when_one_source_can_not_be_cleaned(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    write("a--stale", expected_txt="Yesterday's body.\n")
    folder = write("b--broken", source_txt="broken")
    with pytest.raises(GoldenError, match="b--broken: the source can't be cleaned, decode gave up"):
        update(folder, lambda case: failing(case) if case.source.data == b"broken" else cleaner()(case))
    assert (folder / "a--stale" / "expected.txt").read_text(encoding="utf-8") == "Yesterday's body.\n"


def test_an_update_is_refused_in_ci(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    folder = write(expected_txt="Yesterday's body.\n")
    with pytest.raises(GoldenError, match="never updated in CI"):
        update(folder, cleaner())
    assert (folder / "share--mill" / "expected.txt").read_text(encoding="utf-8") == "Yesterday's body.\n"


# --- Recording -------------------------------------------------------------------------------------------------------

PROSE = (
    "The mill wheel turned again on Sunday, for the first time since the flood took the sluice, and half the village "
    "stood on the bridge to see it.\n\nNobody had thought to tell the miller, who slept through it all in the loft.\n"
)


def recorded(folder: Path, source: Source, **more: Any) -> Case:
    """Record what the real cleaner makes of a source, and load it."""
    article = Cleaner(Options(**more.pop("cleaned", {}))).clean(source)
    path = record_case(folder, "share", "mill", article, **{"why": "a mill", **more})
    (case,) = load_cases(path)
    return case


def test_what_is_recorded_passes(tmp_path: Path) -> None:
    source = Source(f"{SHARE}\n\n{PROSE}".encode(), id="x.txt", url="https://mill.example/", kind="text")
    case = recorded(tmp_path / "golden", source, drops=[Drop(SHARE, "share")])
    assert (case.name, case.why, case.lang, case.expected.decode()) == ("share--mill", "a mill", "en", PROSE)
    assert case.source == replace(source, id="share--mill")
    assert case.drops == (Drop(SHARE, "share"),)
    assert check(case, Cleaners(Options()).clean).report == ""
    assert sorted(path.name for path in case.folder.iterdir()) == ["case.toml", "expected.txt", "source.txt"]
    assert [path.name for path in (tmp_path / "golden").iterdir()] == ["share--mill"]


def test_form_charset_and_strange_texts_survive(tmp_path: Path) -> None:
    page = '<html><title>"Ночь\\x7f"</title><article><h1>"Ночь\\x7f"</h1><p>Мельница снова работает.</p></article>'
    source = Source(page.encode("koi8-r"), id="x", kind="html", charset="koi8-r")
    case = recorded(tmp_path, source, why='a "quoted" \x7f line\nand another', expected="Мельница снова работает.\n")
    assert (case.source.kind, case.source.charset) == ("html", "koi8-r")
    assert case.why == 'a "quoted" \x7f line\nand another'
    assert case.title == '"Ночь\\x7f"'
    assert check(case, Cleaners(Options()).clean).report == ""


def test_a_case_brings_its_own_options(tmp_path: Path) -> None:
    source = Source(f"{SHARE}\n\n{PROSE}".encode(), id="x.txt", kind="text")
    own = {"keep": ("share",), "disable": ("SHR001",), "threshold": 6, "rules": (str(tmp_path / "mine"),)}
    cleaned = {"keep": ("share",)}
    case = recorded(tmp_path / "golden", source, cleaned=cleaned, options=own)
    assert case.expected.decode() == f"{SHARE}\n\n{PROSE}"
    assert case.options == own
    assert 'rules = ["../../mine"]' in (case.folder / "case.toml").read_text(encoding="utf-8")
    (case.folder / "case.toml").write_text('why = "x"\n[options]\nkeep = ["share"]\n', encoding="utf-8")
    (case,) = load_cases(case.folder)
    assert check(case, Cleaners(Options()).clean).report == ""
    assert not check(replace(case, options={}), Cleaners(Options()).clean).passed
    assert check(replace(case, options={}), Cleaners(Options(keep=("share",))).clean).passed


def test_nothing_is_written_over(tmp_path: Path) -> None:
    source = Source(PROSE.encode(), kind="text")
    recorded(tmp_path, source)
    with pytest.raises(GoldenError, match="share--mill is there already; take another slug, or write today's body"):
        recorded(tmp_path, source)


@pytest.mark.parametrize("name", ["", "Mill", "a/b", "..", "a--b", "a b", "-a", "x\x1b"])
def test_a_name_must_be_fit_for_a_folder(tmp_path: Path, name: str) -> None:
    article = Cleaner(Options()).clean(Source(PROSE.encode(), kind="text"))
    for family, slug in ((name, "mill"), ("share", name)):
        with pytest.raises(GoldenError, match="is wrong; write lower-case words"):
            record_case(tmp_path / "golden", family, slug, article, why="x")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_can_not_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "golden").write_text("a file")
    with pytest.raises(GoldenError, match=r"cannot write to .*share--mill: "):
        recorded(tmp_path / "golden", Source(PROSE.encode(), kind="text"))


@pytest.mark.parametrize(
    ("names", "slug"),
    [
        (("Night train, again!", "x"), "night-train-again"),
        (("Größere Öfen für Łódź", "x"), "groere-ofen-fur-odz"),
        (("Девятое мая 9", "page_7"), "page-7"),
        ((None, "水"), "case"),
        (("a" * 90, "x"), "a" * 48),
        (("word " * 30, "x"), "word-word-word-word-word-word-word-word-word-wor"),
    ],
)
def test_slugs(names: tuple[str | None, ...], slug: str) -> None:
    assert slug_of(*names) == slug


def test_the_rules_behind_failures_are_counted(write: Write) -> None:
    write("a--one", expected_txt=f"{LEDE}\n\n{SHARE}\n", case_toml='why = "x"')
    folder = write("b--two", expected_txt=f"{LEDE}\n\n{SHARE}\n", case_toml='why = "x"')
    outcomes = [check(case, cleaner()) for case in load_cases(folder)]
    assert list(sum_up(outcomes)) == ["2 blocks now dropped by SHR007"]
    folder = write("c--three", expected_txt=f"{LEDE}\n", case_toml='why = "x"')
    outcomes = [check(case, cleaner(dropped="never")) for case in load_cases(folder / "c--three")]
    assert list(sum_up(outcomes)) == ["1 block now kept, no rule takes it"]
