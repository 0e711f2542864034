"""Every tool that is measured, ours among them: what it is called, what it needs, how a page goes through it.

A tool's package is imported by the process that measures it, when it loads.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any, Final, Literal, TypeAlias

from bench.line_rules import c4_lines, c4_pages, refinedweb_lines
from cleaner.model import Source

Kind: TypeAlias = Literal["html", "text"]
Run: TypeAlias = Callable[[Source], str]

OURS: Final = "cleaner"
#: The tool whose speed is 1.
YARDSTICK: Final = "trafilatura"


@dataclass(frozen=True, slots=True)
class Tool:
    """A way to clean pages of one kind. `load` gives the function that does it, and is picklable by its name.

    `package` is what it needs installed, and what its version is read from; None for rules of our own.
    """

    name: str
    kind: Kind
    load: Callable[[], Run]
    package: str | None = None

    @property
    def missing(self) -> str | None:
        """Why the tool can't run here, or None if it can."""
        if self.package is None or find_spec(self.package):
            return None
        return f"{self.package} is not installed (the `bench` group of dependencies has it)"

    @property
    def version(self) -> str | None:
        """The version of its package, None without one."""
        try:
            return version(self.package) if self.package else None
        except PackageNotFoundError:
            return None


def load_cleaner() -> Run:
    """Our own pipeline as it is shipped."""
    from cleaner.model import Options
    from cleaner.pipeline import Cleaner

    cleaner = Cleaner(Options())
    return lambda source: cleaner.clean(source).text


def load_trafilatura() -> Run:
    """trafilatura's defaults, without comments."""
    return _trafilatura(fast=False)


def load_trafilatura_fast() -> Run:
    """trafilatura without its fallbacks."""
    return _trafilatura(fast=True)


def load_resiliparse() -> Run:
    """resiliparse's main content, decoded as its manual says."""
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding

    def run(source: Source) -> str:
        encoding = detect_encoding(source.data, from_html_meta=True) or "utf-8"
        page = bytes_to_str(source.data, encoding)
        return str(extract_plain_text(page, main_content=True, comments=False))

    return run


def load_justext() -> Run:
    """jusText with its English stop words and its defaults."""
    justext, stopwords = _justext()
    return lambda source: _good(justext(source.data, stopwords))


def load_nothing() -> Run:
    """The text as it is."""
    return _text


def load_c4_lines() -> Run:
    """C4's rules for lines."""
    return lambda source: c4_lines(_text(source))


def load_c4_pages() -> Run:
    """C4's rules for lines and for pages."""
    return lambda source: c4_pages(_text(source))


def load_refinedweb_lines() -> Run:
    """RefinedWeb's line-wise corrections."""
    return lambda source: refinedweb_lines(_text(source))


def load_justext_wrapped() -> Run:
    """jusText on flat text whose lines are made paragraphs."""
    justext, stopwords = _justext()
    return lambda source: _good(justext(wrapped(_text(source)), stopwords))


def load_trafilatura_wrapped() -> Run:
    """trafilatura on flat text whose lines are made paragraphs."""
    from trafilatura import extract

    return lambda source: extract(wrapped(_text(source)), include_comments=False) or ""


TOOLS: Final = (
    Tool(OURS, "html", load_cleaner),
    Tool(YARDSTICK, "html", load_trafilatura, "trafilatura"),
    Tool("trafilatura-fast", "html", load_trafilatura_fast, "trafilatura"),
    Tool("resiliparse", "html", load_resiliparse, "resiliparse"),
    Tool("justext", "html", load_justext, "justext"),
    Tool(OURS, "text", load_cleaner),
    Tool("nothing", "text", load_nothing),
    Tool("c4-lines", "text", load_c4_lines),
    Tool("c4-pages", "text", load_c4_pages),
    Tool("refinedweb-lines", "text", load_refinedweb_lines),
    Tool("justext", "text", load_justext_wrapped, "justext"),
    Tool(YARDSTICK, "text", load_trafilatura_wrapped, "trafilatura"),
)
PEERS: Final = tuple(dict.fromkeys(tool.name for tool in TOOLS if tool.name != OURS))


def select_tools(peers: Sequence[str], tools: Sequence[Tool] = TOOLS) -> tuple[list[Tool], dict[str, str]]:
    """Ours and the named peers that are installed, and for each of the others why it is skipped."""
    wanted = [tool for tool in tools if tool.name == OURS or tool.name in peers]
    skipped = {tool.name: tool.missing for tool in wanted if tool.missing}
    return [tool for tool in wanted if tool.name not in skipped], skipped


def wrapped(text: str) -> str:
    """Flat text as a page of HTML: each line that is not blank a paragraph."""
    paragraphs = (f"<p>{html.escape(line)}</p>" for line in text.split("\n") if line.strip())
    return "<html><body>" + "\n".join(paragraphs) + "</body></html>"


def _trafilatura(*, fast: bool) -> Run:
    from trafilatura import extract

    return lambda source: extract(source.data, include_comments=False, fast=fast) or ""


def _justext() -> tuple[Callable[[bytes | str, frozenset[str]], list[Any]], frozenset[str]]:
    from justext import get_stoplist, justext

    return justext, get_stoplist("English")


def _good(paragraphs: Sequence[Any]) -> str:
    return "\n\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate)


def _text(source: Source) -> str:
    return source.data.decode("utf-8")
