"""`clean`, the library's front door: what it takes, and what it gives for it."""

from __future__ import annotations

import gc
import re
from pathlib import Path

import pytest

import cleaner
from cleaner import Article, Cleaner, Options, Source, clean, clean_batch, load_rules
from cleaner.errors import InputError, RuleError, UsageError
from cleaner.extract import MAX_CHARACTERS
from cleaner.model import KINDS
from cleaner.version import VERSION

FIRST = (
    "The organ in the fishermen’s chapel was silent for nine years, until a plumber from the next village asked "
    "whether he might look at the bellows, and stayed until midnight."
)
SECOND = (
    "He had found a family of dormice, he told the vicar, who asked him to let them have the winter and to come back "
    "with his tools when the hawthorn was in flower."
)
HEADLINE = "Chapel organ plays again after nine silent years"
FLAT = f"Skip to content\n\n1,204 views\n\n{HEADLINE}\n\n{FIRST}\n\n{SECOND}\n\nShare this:\n\nLeave a Reply\n"
BODY = f"{FIRST}\n\n{SECOND}\n"
HTML = f"""<!doctype html>
<html lang="en-GB"><head><title>{HEADLINE} | The Mole</title><meta name="author" content="Wenna Pascoe">
<meta property="og:title" content="{HEADLINE}"><meta property="article:published_time" content="2021-05-03T08:00:00Z">
</head><body><nav><ul><li><a href="/">Home</a></li><li><a href="/sea">Sea</a></li></ul></nav>
<article><h1>{HEADLINE}</h1><p>{FIRST}</p><p>{SECOND}</p></article>
<div class="sharedaddy"><p>Share this:</p></div><div id="comments"><h3>Leave a Reply</h3></div></body></html>
"""


# --- Flat text and HTML ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [FLAT, FLAT.encode(), FLAT.encode("utf-16"), HTML, HTML.encode()])
def test_the_body_comes_out_of_text_and_bytes_alike(source: str | bytes) -> None:
    article = clean(source)
    assert article.text == BODY
    assert article.title == HEADLINE
    assert article.language == "en"
    assert article.status == "ok"


def test_the_kind_is_told_by_content_or_said() -> None:
    def kind_of(article: Article) -> str:
        assert article.judgement is not None
        return article.judgement.page.document.kind

    assert kind_of(clean(FLAT)) == "text"
    assert kind_of(clean(HTML)) == "html"
    assert kind_of(clean(HTML, kind="text")) == "text"
    assert kind_of(clean(FLAT, kind="html")) == "html"


def test_facts_of_a_page() -> None:
    article = clean(HTML, url="https://mole.example/organ")
    assert article.author == "Wenna Pascoe"
    assert article.date is not None
    assert article.date.startswith("2021-05-03")
    assert article.url == "https://mole.example/organ"


def test_unknown_facts_are_none() -> None:
    article = clean(FIRST)
    assert (article.title, article.url, article.author, article.date) == (None, None, None, None)
    assert article.id == ""


def test_a_title_that_is_given_counts() -> None:
    article = clean(f"Organ news\n\n{FIRST}\n\n{SECOND}", title="Organ news")
    assert article.title == "Organ news"
    assert article.text == BODY
    assert article.removed == {"title": 1}


# --- What is told of the result --------------------------------------------------------------------------------------


def test_removed_blocks_are_counted_by_kind() -> None:
    article = clean(FLAT)
    assert article.removed["navigation"] == 1
    assert article.removed["counter"] == 1
    assert article.removed["title"] == 1
    assert article.removed["share"] == 1
    assert article.removed.keys() <= KINDS.keys()
    assert list(article.removed) == sorted(article.removed)
    assert article.judgement is not None
    assert sum(article.removed.values()) == len(article.judgement.page.blocks) - 2


@pytest.mark.parametrize("source", ["", b"", "\n \n", "<html><body></body></html>", "\ufeff"])
def test_nothing_is_an_empty_article(source: str | bytes) -> None:
    article = clean(source)
    assert (article.text, article.status, article.title) == ("", "empty", None)
    assert article.removed == {}


def test_a_page_of_nothing_but_chrome_is_empty_and_accounted_for() -> None:
    article = clean("Share this:\n\nLeave a Reply\n\n1,204 views\n")
    assert (article.text, article.status) == ("", "empty")
    assert sum(article.removed.values()) == 3


def test_a_note_says_when_most_of_a_page_went() -> None:
    menu = "\n".join(f"  • <a>Section {number} of the paper</a>" for number in range(400))
    article = clean(f"<nav><ul>{menu.replace('  • ', '<li>')}</ul></nav><article><p>{FIRST}</p></article>", kind="html")
    assert article.text == f"{FIRST}\n"
    assert any("% of the text was kept" in note for note in article.notes)
    assert not any("was kept" in note for note in clean(FLAT).notes)


@pytest.mark.parametrize(
    ("markup", "why"),
    [
        ('<table><tr><td colspan="100000">x</td></tr></table>', "could hang it"),
        (f"<!--{MAX_CHARACTERS * '-'}-->", "over 1,000,000 characters"),
    ],
)
def test_a_note_says_when_the_witness_was_not_asked(monkeypatch: pytest.MonkeyPatch, markup: str, why: str) -> None:
    monkeypatch.setattr("cleaner.pipeline.SURE", float("inf"))
    article = clean(f"<article><p>{FIRST}</p><p>{SECOND}</p></article>{markup}", kind="html")
    assert FIRST in article.text
    assert any("trafilatura was not asked" in note and why in note for note in article.notes)


def test_the_rule_set_is_named() -> None:
    article = clean(FLAT)
    assert article.ruleset == load_rules().id
    assert re.fullmatch(rf"{re.escape(VERSION)}\+[0-9a-f]{{8}}", article.ruleset)
    assert clean(FLAT, options=Options(disable=("SHR",))).ruleset != article.ruleset


# --- Options ---------------------------------------------------------------------------------------------------------


def test_rules_of_ones_own_apply(tmp_path: Path) -> None:
    rule = (
        '[[rule]]\ncode = "MST401"\nname = "mole"\nkind = "masthead"\nsummary = "The paper\'s name"\nscope = "line"\n'
        'match = "whole"\ndecisive = true\nsites = ["mole.example"]\n[rule.phrases]\nen = ["On and off the mole"]\n'
        '[[rule.example]]\ndrop = ["On and off the mole"]\n[[rule.example]]\n'
        'keep = ["They fish on and off the mole."]\nwhy = "prose"\n'
    )
    (tmp_path / "mole.toml").write_text(rule, encoding="utf-8")
    source = f"{FIRST}\n\nOn and off the mole\n\n{SECOND}\n"
    options = Options(rules=(str(tmp_path),))
    assert clean(source, options=options, url="https://www.mole.example/organ").removed.get("masthead") == 1
    assert "masthead" not in clean(source, options=options, url="https://elsewhere.example/").removed
    assert "masthead" not in clean(source, url="https://www.mole.example/organ").removed


def test_rules_can_be_left_out() -> None:
    for disable in ("SHR001", "SHR", "kind:share"):
        assert "share" not in clean(f"{FIRST}\n\nShare this:\n", options=Options(disable=(disable,))).removed


@pytest.mark.parametrize(("kind", "line"), [("comments", "Leave a Reply"), ("share", "Share this:")])
def test_a_kind_can_be_kept(kind: str, line: str) -> None:
    assert line not in clean(FLAT).text
    assert line in clean(FLAT, options=Options(keep=(kind,))).text


def test_the_threshold_moves_what_goes() -> None:
    kept = [len(clean(FLAT, options=Options(threshold=number)).text) for number in (-60, -6, 0, 6, 60)]
    assert kept == sorted(kept)
    assert kept[0] < len(BODY) <= kept[-1]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (Options(disable=("SHR999",)), UsageError),
        (Options(keep=("shares",)), UsageError),
        (Options(rules=("no/such/folder",)), UsageError),
    ],
)
def test_options_that_can_not_be_used_are_refused(options: Options, error: type[Exception]) -> None:
    with pytest.raises(error):
        clean(FLAT, options=options)
    with pytest.raises(error):
        Cleaner(options)


def test_a_wrong_rule_is_refused(tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text('[[rule]]\ncode = "SHR401"\n', encoding="utf-8")
    with pytest.raises(RuleError, match=r"wrong\.toml:\d+: SHR401: "):
        clean(FLAT, options=Options(rules=(str(tmp_path / "wrong.toml"),)))


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        clean(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)))
    assert caught.value.stage == "decode"


# --- Many documents, and the names that the package gives out -------------------------------------------------------


def test_a_cleaner_takes_many_sources() -> None:
    cleaner_ = Cleaner()
    articles = [cleaner_.clean(Source(FLAT.encode(), id=str(number), metadata={"n": number})) for number in range(3)]
    assert [article.id for article in articles] == ["0", "1", "2"]
    assert [article.metadata for article in articles] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert {article.text for article in articles} == {BODY}


def test_a_batch_keeps_the_order() -> None:
    sources = [Source(FLAT.encode(), id="flat"), Source(b"", id="nothing"), Source(HTML.encode(), id="page")]
    results = list(clean_batch(sources))
    assert [result.id for result in results] == ["flat", "nothing", "page"]
    assert [result.text for result in results if isinstance(result, Article)] == [BODY, "", BODY]


def test_every_public_name_can_be_had() -> None:
    assert {name for name in cleaner.__all__ if getattr(cleaner, name) is None} == set()
    assert cleaner.__version__ == VERSION
    with pytest.raises(AttributeError, match="no attribute 'scrub'"):
        _ = cleaner.scrub  # type: ignore[attr-defined]


# --- The collector ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_left_as_it_was(enabled: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        clean(FLAT)
        assert gc.isenabled() == enabled
        with pytest.raises(InputError):
            clean(b"%PDF-1.4")
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if before else gc.disable)()


@pytest.mark.parametrize("source", [FLAT, HTML])
def test_cleaning_leaves_nothing_to_the_collector(source: str) -> None:
    clean(source)
    gc.collect()
    clean(source)
    assert gc.collect() == 0
