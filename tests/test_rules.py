"""Rule files: what they may say, how errors read, and how a user's rules lie over the shipped ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cleaner import packs
from cleaner.errors import RuleError, UsageError
from cleaner.model import Rule, RuleSet
from cleaner.rules import load_rules

SHARE = """\
[[rule]]
code = "SHR001"
name = "share-counter-line"
kind = "share"
summary = "Line holding only a share or like counter"
scope = "line"
match = "whole"
decisive = true
[rule.phrases]
en = ["{n} shares", "{n} likes"]
de = ["{n} mal geteilt"]
[[rule.example]]
drop = ["1,234 Shares", "12K likes"]
[[rule.example]]
keep = ["He sold 1,234 shares on Monday."]
why = "stock-market prose"
"""

RELATED = """\
[[rule]]
code = "REL001"
name = "related-heading"
kind = "related"
summary = "Heading of a list of other articles"
scope = "section"
match = "whole"
decisive = true
[rule.phrases]
en = ["related articles"]
[rule.body]
blocks = "end"
words = 20
[[rule.example]]
drop = ["Related articles\\nTen ways to prune a rose"]
[[rule.example]]
keep = ["Related articles of the treaty were dropped."]
why = "prose"
"""

DOM = """\
[[rule]]
code = "CKE501"
name = "cookie-banner"
kind = "cookie"
summary = "Container of a cookie banner"
scope = "dom"
decisive = true
[rule.dom]
class = ["cc-window"]
id = ["consent"]
role = ["dialog"]
tag = ["dialog"]
words = ["cookie", "cookie-bar"]
[[rule.example]]
drop = ['<div class="cc-window">We use cookies</div>']
[[rule.example]]
keep = ['<div class="recipe">Bake the cookies</div>']
why = "food"
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a rule file into the test's own folder."""

    def write_file(text: str, name: str = "mine.toml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def shipped(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put two small files in the place of the shipped rules."""
    folder = tmp_path_factory.mktemp("rules")
    (folder / "share.toml").write_text(SHARE, encoding="utf-8")
    (folder / "sites").mkdir()
    (folder / "sites" / "related.toml").write_text(RELATED, encoding="utf-8")
    monkeypatch.setattr(packs, "shipped", lambda: folder)
    return folder


def by_code(ruleset: RuleSet) -> dict[str, Rule]:
    return {rule.code: rule for rule in ruleset.rules}


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


class TestLoading:
    def test_a_rule_says_what_its_file_says(self, shipped: Path) -> None:
        share = by_code(load_rules())["SHR001"]
        assert (share.name, share.kind, share.scope, share.match) == ("share-counter-line", "share", "line", "whole")
        assert share.decisive
        assert not share.keeps
        assert [tuple(phrase) for phrase in share.phrases] == [
            ("en", "{n} shares", "0 shares"),
            ("en", "{n} likes", "0 likes"),
            ("de", "{n} mal geteilt", "0 mal geteilt"),
        ]
        assert [example.why for example in share.examples] == ["", "stock-market prose"]
        assert share.file == "rules/share.toml"

    def test_section_and_dom_have_their_own_tables(self, shipped: Path, write: Write) -> None:
        loaded = by_code(load_rules([write(DOM)]))
        assert loaded["REL001"].body == (None, 20)
        assert loaded["CKE501"].dom == (
            ("cc-window",),
            ("consent",),
            ("dialog",),
            ("dialog",),
            ("cookie", "cookie-bar"),
        )

    def test_rules_come_in_the_order_of_their_codes(self, shipped: Path, write: Write) -> None:
        assert list(by_code(load_rules([write(DOM)]))) == ["CKE501", "REL001", "SHR001"]

    def test_a_folder_of_rules_is_read_with_its_subfolders(self, shipped: Path, write: Write) -> None:
        folder = write(DOM, "own/deep/dom.toml").parent.parent
        assert "CKE501" in by_code(load_rules([folder]))

    def test_a_comment_or_an_example_does_not_change_the_id(self, shipped: Path) -> None:
        before = load_rules().id
        (shipped / "share.toml").write_text(
            changed(f"# counters\n{SHARE}", "stock-market", "financial"), encoding="utf-8"
        )
        assert load_rules().id == before

    @pytest.mark.parametrize(
        ("old", "new"), [("{n} likes", "{n} hearts"), ("decisive = true", "points = 12"), ("whole", "prefix")]
    )
    def test_anything_else_changes_the_id(self, shipped: Path, old: str, new: str) -> None:
        before = load_rules().id
        (shipped / "share.toml").write_text(changed(SHARE, old, new), encoding="utf-8")
        after = load_rules().id
        assert re.fullmatch(r"\d+\.\d+\.\d+\+[0-9a-f]{8}", after)
        assert after != before

    def test_the_shipped_rules_are_found_and_sound(self) -> None:
        assert (packs.shipped() / "share.toml").is_file()
        assert load_rules().rules

    def test_missing_shipped_rules_are_an_error(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(packs, "_PACKAGE", tmp_path / "cleaner")
        with pytest.raises(RuleError, match="install the package again"):
            packs.shipped()


class TestUsersRules:
    def test_phrases_of_a_known_rule_add_up(self, shipped: Path, write: Write) -> None:
        more = (
            '[[rule]]\ncode = "SHR001"\n[rule.phrases]\nen = ["{n} likes", "{n} boosts"]\nit = ["{n} condivisioni"]\n'
        )
        phrases = [(phrase.language, phrase.text) for phrase in by_code(load_rules([write(more)]))["SHR001"].phrases]
        assert phrases == [
            ("en", "{n} shares"),
            ("en", "{n} likes"),
            ("en", "{n} boosts"),
            ("de", "{n} mal geteilt"),
            ("it", "{n} condivisioni"),
        ]

    def test_other_keys_of_a_known_rule_are_replaced(self, shipped: Path, write: Write) -> None:
        share = by_code(
            load_rules([write('[[rule]]\ncode = "SHR001"\nsummary = "Mine"\npoints = 4\nmax_words = 3\n')])
        )["SHR001"]
        assert (share.summary, share.points, share.decisive, share.max_words) == ("Mine", 4, False, 3)
        assert len(share.phrases) == 3

    def test_of_two_files_the_later_has_the_last_word(self, shipped: Path, write: Write) -> None:
        first = write('[[rule]]\ncode = "SHR001"\npoints = 4\n', "first.toml")
        second = write('[[rule]]\ncode = "SHR001"\npoints = 5\n', "second.toml")
        assert by_code(load_rules([first, second]))["SHR001"].points == 5

    def test_an_error_in_a_change_is_found_in_the_users_file(self, shipped: Path, write: Write) -> None:
        path = write('[[rule]]\ncode = "SHR001"\nmin_words = 5\nmax_words = 3\n')
        with pytest.raises(RuleError, match=rf"^{re.escape(str(path))}:3: SHR001: min_words is above max_words"):
            load_rules([path])

    def test_a_path_that_is_none_is_a_usage_error(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no such rule file or folder"):
            load_rules([tmp_path / "none.toml"])
        with pytest.raises(UsageError, match="no rule file in this folder"):
            load_rules([tmp_path])


class TestSelection:
    @pytest.mark.parametrize("name", ["SHR001", "SHR", "kind:share"])
    def test_disable_takes_codes_families_and_kinds(self, shipped: Path, name: str) -> None:
        assert list(by_code(load_rules(disable=[name]))) == ["REL001"]

    def test_disabling_changes_the_id(self, shipped: Path) -> None:
        assert load_rules(disable=["SHR"]).id != load_rules().id

    @pytest.mark.parametrize(
        ("name", "suggestion"),
        [("SHR002", "SHR001"), ("shr001", "SHR001"), ("kind:shares", "kind:share"), ("RELL", "REL")],
    )
    def test_an_unknown_name_comes_with_a_suggestion(self, shipped: Path, name: str, suggestion: str) -> None:
        with pytest.raises(UsageError, match=f"unknown rule {name}, did you mean {suggestion}"):
            load_rules(disable=[name])

    def test_keep_takes_kinds(self, shipped: Path) -> None:
        kept = by_code(load_rules(keep=["share"]))
        assert list(kept) == ["REL001", "SHR001"]
        assert (kept["SHR001"].keeps, kept["SHR001"].decisive) == (True, False)
        assert list(by_code(load_rules(keep=["title"]))) == ["REL001", "SHR001"]

    def test_an_unknown_kind_comes_with_a_suggestion(self, shipped: Path) -> None:
        with pytest.raises(UsageError, match="unknown kind comment, did you mean comments"):
            load_rules(keep=["comment"])


def error_of(path: Path) -> tuple[int, str, str]:
    """Load a file, and give line, label and message of the error."""
    with pytest.raises(RuleError) as raised:
        load_rules([path])
    found = re.fullmatch(rf"{re.escape(str(path))}:(\d+): ([^:]+): (.+)", str(raised.value))
    assert found, str(raised.value)
    return int(found[1]), found[2], found[3]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


#: A change that spoils a rule file, the text on the line that the error names, and a part of the message.
SPOILED = [
    (SHARE, 'kind = "share"', 'kind = "shares"', 'kind = "shares"', "kind is wrong, write one of cookie"),
    (SHARE, 'kind = "share"', 'kind = "title"', 'kind = "title"', "kind is wrong"),
    (SHARE, 'kind = "share"', 'kind = "related"', "code =", "family SHR is for kind share, write REL"),
    (SHARE, "SHR001", "SHA001", "code =", "unknown family SHA, did you mean SHR?"),
    (SHARE, "SHR001", "SHR501", "code =", "number 501 is wrong for scope line, take one from 001 to 499"),
    (SHARE, "SHR001", "SHR1", "code =", "code is wrong, write three capitals and three digits"),
    (SHARE, "share-counter-line", "Share Counter", "name =", 'name is wrong, write lower-case words joined by "-"'),
    (SHARE, "a share or like counter", f"a {'very ' * 15}long summary", "summary =", "at most 72 characters"),
    (SHARE, "like counter", "like counter.", "summary =", "without a full stop"),
    (SHARE, 'scope = "line"', 'scope = "lines"', "scope =", "scope is wrong, write one of line, head"),
    (
        SHARE,
        'match = "whole"',
        'match = "exact"',
        "match =",
        "match is wrong, write one of whole, prefix",
    ),
    (SHARE, 'match = "whole"\n', "", "[rule.phrases]", "match is missing"),
    (SHARE, 'scope = "line"', 'scop = "line"', "scop =", "unknown key scop, did you mean scope?"),
    (SHARE, 'scope = "line"\n', "", "code =", "scope is missing, write one of line"),
    (SHARE, "decisive = true\n", "", "code =", "no verdict, write one of decisive = true, points"),
    (SHARE, "decisive = true", "decisive = true\npoints = 3", "points =", "decisive and points exclude each other"),
    (SHARE, "decisive = true", "decisive = false", "decisive =", "decisive is wrong, write true"),
    (SHARE, "decisive = true", "points = true", "points =", "points is wrong, write a whole number of decibans"),
    (SHARE, "decisive = true", "points = 99", "points =", "from -30 to 30"),
    (
        SHARE,
        "decisive = true",
        'decisive = true\nmax_words = "9"',
        "max_words =",
        "max_words is wrong, write a whole number",
    ),
    (SHARE, "decisive = true", "decisive = true\nmax_words = 1\nmin_words = 2", "min_words =", "min_words is above"),
    (SHARE, "decisive = true", 'decisive = true\nafter = "shares"', "after =", "after is wrong, write one of cookie"),
    (SHARE, "decisive = true", "decisive = true\nlinks = false", "links =", "links is wrong, write true"),
    (SHARE, "decisive = true", 'decisive = true\nsites = ["https://a.example/"]', "sites =", "a list of host names"),
    (
        SHARE,
        "decisive = true",
        "decisive = true\nmax_blocks = 3",
        "max_blocks =",
        "max_blocks has no meaning in scope line",
    ),
    (SHARE, "decisive = true", "decisive = true\nmax_share = 50", "max_share =", 'write scope = "dom"'),
    (SHARE, "decisive = true", "decisive = true\nmax_share = 100", "max_share =", "of percent from 1 to 99"),
    (SHARE, "decisive = true", "decisive = true\nregex = 'a('", "regex =", "regex does not compile"),
    (SHARE, "decisive = true", "decisive = true\nregex = '(?s)a'", "regex =", "regex sets flags"),
    (SHARE, "decisive = true", "decisive = true\nregex = '(a)\\1'", "regex =", "refers to a group by number"),
    (
        SHARE,
        "decisive = true",
        'decisive = true\nexcept = [{ regex = \'a\', contains = "a", reason = "b" }]',
        "except =",
        "needs one of",
    ),
    (SHARE, "decisive = true", 'decisive = true\nexcept = [{ contains = "a" }]', "except =", "except has no reason"),
    (
        SHARE,
        "decisive = true",
        "decisive = true\nexcept = [{ regex = '[', reason = \"b\" }]",
        "except =",
        "does not compile",
    ),
    (SHARE, 'de = ["{n} mal geteilt"]', "de = []", "de =", "phrases are wrong here, write a list such as de ="),
    (SHARE, 'de = ["{n} mal geteilt"]', 'de = ["→ …"]', "de =", 'phrase "→ …" has no letter or number'),
    (SHARE, "de = [", "german = [", "german =", "german is no language"),
    (SHARE, 'en = ["{n} shares", "{n} likes"]\nde = ["{n} mal geteilt"]\n', "", "[rule.phrases]", "phrases is wrong"),
    (SHARE, 'drop = ["1,234 Shares", "12K likes"]', 'drop = "1,234 Shares"', "drop =", "drop is wrong, write a list"),
    (SHARE, '[[rule.example]]\ndrop = ["1,234 Shares", "12K likes"]\n', "", "code =", "no example to drop"),
    (SHARE, 'keep = ["He sold 1,234 shares on Monday."]\n', "", "code =", "no example to keep"),
    (SHARE, 'why = "stock-market prose"\n', "", "[[rule.example]]\nkeep", "keep has no why"),
    (RELATED, '[rule.body]\nblocks = "end"\nwords = 20\n', "", "scope =", "scope section needs body"),
    (RELATED, "words = 20\n", "", "[rule.body]", "body has no words"),
    (
        RELATED,
        'blocks = "end"',
        'blocks = "all"',
        "blocks =",
        'blocks is wrong, write a whole number above 0, or "end"',
    ),
    (RELATED, 'match = "whole"', 'match = "contains"', "match =", "a section begins with a heading"),
    (RELATED, 'scope = "section"', 'scope = "line"', "[rule.body]", "body has no meaning in scope line"),
    (RELATED, 'scope = "section"', 'scope = "between"', "scope =", "scope between needs until"),
    (DOM, 'words = ["cookie"', 'words = ["Cookie"', "words =", "a list of words in lower case"),
    (DOM, 'class = ["cc-window"]', 'class = ["CC-Window"]', "class =", "a list of names in lower case"),
    (DOM, 'class = ["cc-window"]', 'klass = ["cc-window"]', "klass =", "unknown key klass, did you mean class?"),
    (DOM, "CKE501", "CKE001", "code =", "number 001 is wrong for scope dom, take one from 501 to 999"),
    (DOM, "decisive = true", "decisive = true\nregex = 'a'", "regex =", "regex has no meaning in scope dom"),
]


class TestErrors:
    @pytest.mark.parametrize(("text", "old", "new", "line", "message"), SPOILED)
    def test_an_error_says_where_and_what_to_write(
        self, shipped: Path, write: Write, text: str, old: str, new: str, line: str, message: str
    ) -> None:
        for path in shipped.rglob("*.toml"):
            path.unlink()  # else the shipped rule would make up for what is missing
        spoiled = f"# rules of my own\n\n{DOM if text is not DOM else RELATED}\n{changed(text, old, new)}"
        part = spoiled.index(changed(text, old, new))
        at, label, what = error_of(write(spoiled))
        assert message in what
        assert at == spoiled[: spoiled.index(f"\n{line}", part - 1) + 1].count("\n") + 1
        assert label == re.search(r'code = "(\w+)"', spoiled[part:])[1]  # type: ignore[index]

    def test_a_rule_without_code_is_named_by_its_place(self, shipped: Path, write: Write) -> None:
        nameless = changed(SHARE, 'code = "SHR001"', "")
        at, label, what = error_of(write(f"{DOM}\n{nameless}"))
        assert (at, label) == (DOM.count("\n") + 2, "rule 2")
        assert "code is missing" in what

    def test_a_code_may_stand_only_once_in_a_layer(self, shipped: Path, write: Write) -> None:
        at, label, what = error_of(write(DOM + DOM))
        assert (at, label) == (DOM.count("\n") + 2, "CKE501")
        assert "stands already in" in what

    def test_broken_toml_is_found_by_its_line(self, shipped: Path, write: Write) -> None:
        at, label, what = error_of(write(changed(SHARE, 'scope = "line"', "scope = line")))
        assert (at, label) == (6, "TOML")
        assert "column 9" in what

    def test_a_list_that_ends_nowhere_is_found(self, shipped: Path, write: Write) -> None:
        at, label, _ = error_of(write(changed(SHARE, '["{n} mal geteilt"]', '["{n} mal geteilt"')))
        assert label == "TOML"
        assert at == line_of(SHARE, "[[rule.example]]")

    def test_other_tables_are_refused(self, shipped: Path, write: Write) -> None:
        at, label, what = error_of(write(f"{DOM}\n[settings]\nthreshold = 3\n"))
        assert (at, label) == (DOM.count("\n") + 2, "settings")
        assert "write [[rule]]" in what

    @pytest.mark.parametrize("text", ["[rule]\nscope = 'line'\n", "rule = 3\n", "rule = [1]\n"])
    def test_a_single_table_is_no_list_of_rules(self, shipped: Path, write: Write, text: str) -> None:
        assert error_of(write(f"# mine\n{text}")) == (
            2,
            "rule",
            "not an array of tables, write [[rule]] before each rule",
        )

    def test_a_file_that_is_not_utf_8_is_refused(self, shipped: Path, write: Write) -> None:
        path = write(SHARE)
        path.write_bytes(SHARE.encode() + b"# caf\xe9\n")
        assert error_of(path) == (SHARE.count("\n") + 1, "FILE", "not UTF-8, save the file as UTF-8")


class TestParsing:
    def test_the_line_of_an_error_is_not_moved_by_lists(self, shipped: Path, write: Write) -> None:
        text = changed(SHARE, 'en = ["{n} shares", "{n} likes"]', 'en = [\n  "{n} shares",\n  "{n} likes",\n]')
        at, _, _ = error_of(write(changed(text, 'de = ["{n} mal geteilt"]', "de = nichts")))
        assert at == line_of(text, "de = [")
