"""Write what nobody should write by hand: the catalogue of rules, the reference of commands, the schema for editors.

python -m docs.build
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import click

from cleaner.catalogue import view
from cleaner.cli import cli
from cleaner.editors import rule_schema
from cleaner.figures import Figures, load_figures
from cleaner.model import KINDS, Rule
from cleaner.rules import load_rules
from cleaner.schema import FAMILIES

FOLDER: Final = Path(__file__).parent
COMMAND: Final = "python -m docs.build"
NOTE: Final = f"<!-- Written by `{COMMAND}`: do not edit by hand. -->"

#: The figures of a rule that was added after they were counted.
UNKNOWN: Final = Figures(0, 0, 0, 0)

#: Columns that help takes in a terminal of 80.
WIDTH: Final = 78

LANGUAGES: Final[Mapping[str, str]] = {
    "ar": "Arabic",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nb": "Norwegian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


# --- The catalogue of rules ------------------------------------------------------------------------------------------


def catalogue() -> str:
    """The page about all shipped rules, as Markdown."""
    rules = load_rules().rules
    return _page(_catalogue(rules))


def _catalogue(rules: Sequence[Rule]) -> Iterator[str]:
    phrases = sum(len(rule.phrases) for rule in rules)
    languages = _languages(rules)
    figures = load_figures().rules
    yield "# Rules"
    yield NOTE
    yield (
        f"{len(rules)} rules: {_count_scopes(rules)}. {phrases:,} phrases in {len(languages)} languages, "
        f"{sum(len(rule.regex) for rule in rules)} expressions, {sum(map(_count_examples, rules)):,} examples. "
        f"{sum(rule.decisive for rule in rules)} rules are decisive."
    )
    yield (
        "`clean rules show CODE` prints everything about one of them. How they are written is told in "
        "[writing rules](writing-rules.md), and what becomes of what they say in "
        "[how deciding works](how-deciding-works.md)."
    )
    yield "## Coverage"
    yield (
        "Phrases per kind of chrome and language. A dot is a gap that somebody who speaks the language could fill. "
        "Rules about HTML containers and expressions without words need no language, and aren't counted here."
    )
    yield "\n".join(_table(["kind", *languages], _coverage(rules, languages)))
    yield ", ".join(f"{tag} {LANGUAGES.get(tag, tag)}" for tag in languages)
    yield "## By kind"
    yield (
        "*Right* is a rule's precision: the share of the lines it matched on the labelled corpora that are chrome; "
        "*lines* is how many lines these are, each counted once per page, and *pages* on how many pages they stand. A "
        "dot is a rule of which these pages say nothing. A decisive rule is right in 995 of 1,000 lines, or wrong "
        "about one line where fewer than 200 are known, too few to tell. `python -m bench figures` counts them."
    )
    for kind in FAMILIES.values():
        own = [rule for rule in rules if rule.kind == kind]
        yield f"### {kind}"
        yield f"{KINDS[kind][0].upper()}{KINDS[kind][1:]}."
        head = ["code", "name", "scope", "verdict", "right", "lines", "pages", "languages", "summary"]
        yield "\n".join(_table(head, (_row(rule, figures.get(rule.code, UNKNOWN)) for rule in own)))


def _languages(rules: Iterable[Rule]) -> list[str]:
    """All languages, those with the most phrases first."""
    counts = Counter(phrase.language for rule in rules for phrase in rule.phrases)
    return sorted(counts, key=lambda language: (-counts[language], language))


def _count_scopes(rules: Iterable[Rule]) -> str:
    counts = Counter("containers of HTML pages" if rule.scope == "dom" else "lines of text" for rule in rules)
    return " and ".join(f"{count} about {what}" for what, count in sorted(counts.items(), reverse=True))


def _count_examples(rule: Rule) -> int:
    return sum(len(example.drop) + len(example.keep) for example in rule.examples)


def _coverage(rules: Sequence[Rule], languages: Sequence[str]) -> Iterator[list[str]]:
    for kind in FAMILIES.values():
        counts = Counter(phrase.language for rule in rules if rule.kind == kind for phrase in rule.phrases)
        yield [kind, *(str(counts[language] or "·") for language in languages)]


def _row(rule: Rule, figures: Figures) -> list[str]:
    told = view(rule)
    summary = rule.summary.replace("|", r"\|")
    languages = " ".join(told["languages"]) or "·"
    return [f"`{rule.code}`", rule.name, rule.scope, told["verdict"], *_figures(figures), languages, summary]


def _figures(figures: Figures) -> list[str]:
    """Precision, lines and pages; precision is cut, not rounded, so that none looks better than it is."""
    if figures.precision is None:
        return ["·", "·", "·"]
    return [f"{int(1000 * figures.precision) / 1000:.3f}", f"{figures.lines:,}", f"{figures.pages:,}"]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for cells in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cells)} |"


# --- The reference of commands ---------------------------------------------------------------------------------------


def reference() -> str:
    """The page about all commands and their options, as Markdown."""
    return _page(_reference())


def _reference() -> Iterator[str]:
    yield "# Commands"
    yield NOTE
    yield (
        "`clean FILE` is short for `clean run FILE`. Exit codes: 0 all inputs were read and cleaned, 1 some failed, "
        "2 wrong use, a wrong rule file or an output that can't be written, 130 interrupted, 143 terminated."
    )
    for context in contexts():
        name = context.command_path
        yield f"## {name}"
        yield f"```console\n$ {name} --help\n{context.get_help()}\n```"


def contexts() -> Iterator[click.Context]:
    """Every command, `clean` itself first, groups before what is in them."""
    yield from _within(click.Context(cli, info_name="clean", terminal_width=WIDTH))


def _within(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name, command in sorted(context.command.commands.items()):
            yield from _within(click.Context(command, context, name))


# --- Writing ---------------------------------------------------------------------------------------------------------


def _page(paragraphs: Iterable[str]) -> str:
    return "\n\n".join(paragraphs) + "\n"


def editors_schema() -> str:
    """The JSON Schema of rule files."""
    return json.dumps(rule_schema(), ensure_ascii=False, indent=2) + "\n"


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "rules.md": catalogue,
    "commands.md": reference,
    "rules.schema.json": editors_schema,
}


def main() -> None:
    """Write all generated pages."""
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
