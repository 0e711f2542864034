"""The words of the project as types: what each stage takes and gives, and nothing that does work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, TypeAlias

SourceKind: TypeAlias = Literal["auto", "html", "text"]
BlockTag: TypeAlias = Literal["line", "paragraph", "heading", "item", "quote", "code", "row"]
Status: TypeAlias = Literal["ok", "empty"]
Scope: TypeAlias = Literal["line", "head", "tail", "section", "between", "dom"]
Match: TypeAlias = Literal["whole", "prefix", "contains", "label"]

#: Every kind of chrome a rule may name, with what it covers. Order is the order of reports.
KINDS: Final[Mapping[str, str]] = {
    "cookie": "consent and cookie notices",
    "navigation": "menus, breadcrumbs, skip links, pagers, version switches",
    "masthead": "the site's name, slogan, publisher's imprint",
    "share": "share, follow and print widgets",
    "counter": "numbers of views, shares, likes, posts",
    "metadata-label": "date, category and tag lines, labels without a value",
    "author-box": "bylines and notes about the author",
    "credit": "syndication, source and picture credits",
    "related": "lists of other articles",
    "comments": "comment forms and comment lists",
    "newsletter": "calls to subscribe or sign up",
    "advertisement": "ads, sponsor notes and their placeholders",
    "paywall": "notices that the rest is for subscribers",
    "legal": "copyright lines, terms, disclaimers of the site",
    "title": "the article's headline, given as `title`",
    "boilerplate": "chrome by its shape and place alone, no rule names it",
}


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may set about the cleaning itself; plain values, so that worker processes can take it.

    `rules` are paths of further rule files or folders; `disable` holds codes, families or `kind:<kind>`;
    `keep` kinds that stay; `threshold` is in decibans, and the total from which a block goes. `captions` keeps the
    captions of pictures; `as_article` gives no body for HTML pages that are no article.
    """

    rules: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    threshold: int = 0
    captions: bool = False
    as_article: bool = False


class Packable:
    """Pickled as the call that makes it anew: a slotted dataclass by itself takes several times as long."""

    __slots__: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return type(self), tuple([getattr(self, name) for name in self.__slots__])


@dataclass(frozen=True, slots=True)
class Failure(Packable):
    """An input that could not be cleaned: its id, the stage that gave up, and the reason in one line."""

    id: str
    stage: str
    reason: str


@dataclass(frozen=True, slots=True)
class Earlier(Packable):
    """What an earlier run found out about a text that is cleaned again: it stays true of the article.

    `ruleset` names the rules by which the text was made.
    """

    ruleset: str
    author: str | None = None
    date: str | None = None
    language: str | None = None
    removed: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source(Packable):
    """Raw bytes, and where they came from.

    `id` is the input's identity (a relative path, a record's id, or `<name>#<n>`); `charset` is what a
    transport declared; `earlier` is what is known if the text is an article of ours; `metadata` rides along untouched.
    """

    data: bytes
    id: str = ""
    url: str | None = None
    kind: SourceKind = "auto"
    charset: str | None = None
    title: str | None = None
    earlier: Earlier | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Encoding:
    """The character encoding that was decided on, as Python names it, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Document:
    """One decoded, repaired page or text; `kind` is settled, `repairs` names the repairs that fired."""

    source: Source
    text: str
    kind: Literal["html", "text"]
    encoding: Encoding
    repairs: tuple[str, ...] = ()


class Container(NamedTuple):
    """One HTML element that holds blocks; a named tuple like `Block`, for the same reason.

    `parent` is an index into `Page.containers`, -1 at the root. `names` are its class tokens and its id, lower-cased;
    `role` its ARIA role or microdata type.
    """

    parent: int
    tag: str
    names: tuple[str, ...]
    role: str


class Link(NamedTuple):
    """A hyperlink within a block: character offsets into the block's text, and the address as written."""

    start: int
    end: int
    href: str


class Mark(NamedTuple):
    """What a stretch of a block's text is: character offsets, its kind, and a value that some kinds have.

    Kinds are `strong`, `em`, `code`, `sub`, `sup`; `th` and `td` for the cells of a row, one for each column, empty
    where another cell spans it; `language` (of code); and `image`, whose value is its address as written, a space and
    its alternative text.
    """

    start: int
    end: int
    kind: str
    value: str = ""


class Block(NamedTuple):
    """The unit of decision; a named tuple, because a page has hundreds and those are made three times as fast.

    `text` is its visible text, white space collapsed (kept in `code`), without a list marker. `lead` is what
    stood before it on a flat line: indentation and marker, kept for rendering. `level` is 1-6 for headings and
    the nesting depth for items. `gap` tells whether it stood apart from the block before it. `container`
    indexes `Page.containers` (-1 for flat text). `link_chars` counts the characters inside links. `marks`
    say what only Markdown shows.
    """

    index: int  # type: ignore[assignment]  # nobody asks a block for a tuple's index()
    text: str
    tag: BlockTag
    level: int = 0
    lead: str = ""
    gap: bool = True
    container: int = -1
    link_chars: int = 0
    links: tuple[Link, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A document cut into blocks.

    `folded` is `fold.fold` of each block's text, made once here for rules and measures. `head` holds an HTML
    page's own statements: see `head.read_head`.
    """

    document: Document
    blocks: tuple[Block, ...]
    folded: tuple[str, ...]
    containers: tuple[Container, ...] = ()
    head: Mapping[str, str] = field(default_factory=dict)


class Phrase(NamedTuple):
    """A phrase as its author wrote it, its language (BCP 47 primary tag), and folded as pages are."""

    language: str
    text: str
    folded: str


class Body(NamedTuple):
    """What a section takes after its heading: at most `blocks` (None: to the end) of at most `words` words."""

    blocks: int | None
    words: int


class Dom(NamedTuple):
    """The HTML containers of a rule: exact names, or `words` that are a part of a class or id."""

    classes: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


class Exemption(NamedTuple):
    """Blocks a rule spares: those that contain a phrase, or that an expression is found in."""

    contains: Phrase | None
    regex: str | None
    reason: str


class Example(NamedTuple):
    """Texts that a rule must and must not match."""

    drop: tuple[str, ...]
    keep: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One reviewable statement about chrome, as its file has it; see "How to write a rule" in the docs.

    `points` are decibans, `max_share` is in percent. `file` names where the rule stands, for messages.
    """

    code: str
    name: str
    kind: str
    summary: str
    scope: Scope
    match: Match | None = None
    phrases: tuple[Phrase, ...] = ()
    regex: tuple[str, ...] = ()
    until: tuple[Phrase, ...] = ()
    max_blocks: int = 0
    max_words: int | None = None
    min_words: int = 0
    max_share: int | None = None
    after: str | None = None
    links: bool = False
    body: Body | None = None
    dom: Dom | None = None
    sites: tuple[str, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    decisive: bool = False
    keeps: bool = False
    points: int = 0
    examples: tuple[Example, ...] = ()
    file: str = field(default="", compare=False)

    @property
    def family(self) -> str:
        """The code's letters: `SHR` of `SHR001`."""
        return self.code[:3]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in the order of their codes. `digest` is the SHA-256 of all that they say, in hexadecimal."""

    rules: tuple[Rule, ...]
    version: str
    digest: str

    @property
    def id(self) -> str:
        """Name this very set in outputs: `0.1.0+1a2b3c4d`."""
        return f"{self.version}+{self.digest[:8]}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One rule's or measure's word on one block.

    `points` are decibans: 10·log10 of the likelihood ratio chrome : content. `source` is a rule's code or a
    measure's name. A `decisive` piece drops alone; a `veto` keeps whatever else is said. `place` is where on
    the page it counts: anywhere, only before the body's first prose, or only after its last.
    """

    source: str
    points: int
    why: str
    kind: str | None = None
    decisive: bool = False
    veto: bool = False
    place: Literal["any", "head", "tail"] = "any"


class Decision(NamedTuple):
    """Keep or drop for one block, with the sum of points in decibans, and the kind of chrome if dropped.

    `said` is all evidence, in the groups in which it came up.
    """

    keep: bool
    total: int
    kind: str | None
    said: tuple[Iterable[Evidence], ...]

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """All evidence in one row; its points add up to the total."""
        return tuple([evidence for group in self.said for evidence in group])

    @property
    def ruled(self) -> tuple[Evidence, ...]:
        """What rules say, and the word on a headline: they alone name a kind, or a veto.

        What measures say stays as it is: most of it is put into words only when somebody asks for it.
        """
        groups = [group for group in self.said if isinstance(group, tuple)]
        return tuple([evidence for group in groups for evidence in group if evidence.kind or evidence.veto])


@dataclass(frozen=True, slots=True)
class Witness:
    """What an outside extractor says of a page: a vote per block (None where it was not asked or failed)."""

    votes: tuple[bool, ...] | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an article beside its body; unknown values are None.

    `date` is ISO 8601, `language` BCP 47, `site` the name of the article's site, `canonical` its stated address.
    """

    title: str | None = None
    author: str | None = None
    date: str | None = None
    language: str | None = None
    site: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    canonical: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A page with one decision per block, what is known of its article, and what a reader should be told.

    `confidence` is the F1 that the body may be expected to reach by this evidence, from 0 to 1.
    """

    page: Page
    decisions: tuple[Decision, ...]
    facts: Facts = Facts()
    notes: tuple[str, ...] = ()
    confidence: float = 1.0

    @property
    def kept(self) -> tuple[Block, ...]:
        """The blocks of the body, in order."""
        return tuple(block for block, decision in self.decided if decision.keep)

    @property
    def decided(self) -> tuple[tuple[Block, Decision], ...]:
        """Every block with its decision, in order."""
        return tuple(zip(self.page.blocks, self.decisions, strict=True))


class Span(NamedTuple):
    """A stretch of the repaired source that went, in characters; without a kind, it is white space.

    `code` is the rule that gave the kind, None if shape alone convicted, and `points` the decision's total in decibans.
    """

    start: int
    end: int
    kind: str | None = None
    code: str | None = None
    points: int = 0


class Removal(NamedTuple):
    """All that went of a repaired source: its length in characters, its SHA-256, the spans and what stood there."""

    length: int
    digest: str
    spans: tuple[Span, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Article(Packable):
    """What `clean` gives: the body and what is known of it. Unknown values are None.

    `date` is ISO 8601, `language` BCP 47, `removed` counts dropped blocks per kind, `ruleset` is version and
    content hash of the rules; `notes` says in words what a reader should know of this result; `removal`, if asked
    for, holds what went; `line` is the article as a line of JSON, of one that is only to be written as that.
    """

    id: str
    text: str
    title: str | None
    url: str | None
    author: str | None
    date: str | None
    language: str | None
    status: Status
    removed: Mapping[str, int]
    ruleset: str
    notes: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    judgement: Judgement | None = field(default=None, repr=False, compare=False)
    removal: Removal | None = field(default=None, repr=False, compare=False)
    line: bytes | None = field(default=None, repr=False, compare=False)

    @property
    def judged(self) -> Judgement:
        """The judgement, for those who can't do without. Raises `ValueError` where the article was parted from it."""
        if self.judgement is None:
            raise ValueError("this article was parted from its judgement; clean it again to explain it")
        return self.judgement


@dataclass(frozen=True, slots=True)
class Outcome(Packable):
    """What became of one input of a batch: its article or failure, and what a report of the run counts.

    `seconds` is how long it was worked on, `rules` in the removal of how many blocks each rule had a hand, `url`
    the source's address.
    """

    result: Article | Failure
    seconds: float = 0.0
    rules: Mapping[str, int] = field(default_factory=dict)
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one page may take of the process that cleans it: wall seconds, and bytes beyond what that had before."""

    seconds: float = 20.0
    memory: int = 1024 * 1024 * 1024
