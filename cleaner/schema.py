"""What a rule file may say, and where and how it says something else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

import regex
import tomli

from cleaner.errors import RuleError
from cleaner.trials import compile_expression

#: A rule as TOML gives it.
Table: TypeAlias = dict[str, Any]
#: Where in a rule something is wrong: keys, and for arrays of tables the number of the table.
Where: TypeAlias = tuple[str | int, ...]
#: What is wrong with a rule and what to write instead, and where.
Problem: TypeAlias = tuple[Where, str]
Check: TypeAlias = Callable[[Any], bool]

FAMILIES: Final[Mapping[str, str]] = {
    "CKE": "cookie",
    "NAV": "navigation",
    "MST": "masthead",
    "SHR": "share",
    "CNT": "counter",
    "MET": "metadata-label",
    "AUT": "author-box",
    "CRE": "credit",
    "REL": "related",
    "COM": "comments",
    "NEW": "newsletter",
    "ADV": "advertisement",
    "PAY": "paywall",
    "LGL": "legal",
}
SCOPES: Final = ("line", "head", "tail", "section", "between", "dom")
MATCHES: Final = ("whole", "prefix", "contains", "label")
#: A rule says exactly one of these.
VERDICTS: Final = ("decisive", "points", "keeps")
#: No single rule may weigh more than this many decibans unless it is decisive.
MAX_POINTS: Final = 30
#: Characters that a rule's line in reports may have.
SUMMARY_LENGTH: Final = 72

_CODE: Final = re.compile(r"[A-Z]{3}[0-9]{3}")
_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_HOST: Final = re.compile(r"[^\s/:@.]+(?:\.[^\s/:@.]+)+")
_DOM_WORD: Final = re.compile(r"[a-z]+(?:-[a-z]+)*")
#: A group's number changes when expressions are tried together, so only named groups may be referred to.
_NUMBERED_REFERENCE: Final = re.compile(r"(?<!\\)(?:\\\\)*\\(?:[1-9]|g<\d)")


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A parsed rule file: where it is, its name in messages, its text, and its rules as tables, in order."""

    path: Path
    name: str
    text: str
    tables: tuple[Table, ...]

    def error(self, number: int, where: Where, message: str) -> str:
        """Say in one line what is wrong with rule `number` (from 0), at the place where it is written."""
        code = self.tables[number].get("code")
        label = code if isinstance(code, str) and code else f"rule {number + 1}"
        return f"{self.name}:{_line_of(self.text, number, where)}: {label}: {message}"


def read_file(path: Path, name: str | None = None) -> RuleFile:
    """Read one TOML file of rules.

    Raises:
        RuleError: The file can't be read, is not TOML, or holds anything but `[[rule]]` tables.
    """
    name = name or str(path)
    text = _read_text(path, name)
    try:
        content = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise RuleError(_syntax_error(name, text, str(error))) from None
    tables = content.pop("rule", [])
    if content:
        key = next(iter(content))
        line = _find(text.splitlines(), rf"\s*(?:\[+\s*)?[\"']?{re.escape(key)}\b", 0, None, 0) + 1
        raise RuleError(f"{name}:{line}: {key}: unknown table or key, write [[rule]] before each rule")
    if not (isinstance(tables, list) and all(isinstance(t, dict) for t in tables)):
        line = _find(text.splitlines(), r"\s*\[?\s*rule\b", 0, None, 0) + 1
        raise RuleError(f"{name}:{line}: rule: not an array of tables, write [[rule]] before each rule")
    return RuleFile(path, name, text, tuple(tables))


def _read_text(path: Path, name: str) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RuleError(f"{name}:1: FILE: can't be read ({error.strerror}), name a TOML file") from None
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RuleError(f"{name}:{line}: FILE: not UTF-8, save the file as UTF-8") from None


def _syntax_error(name: str, text: str, message: str) -> str:
    """Reword the parser's message, which ends in "(at line 3, column 5)" or "(at end of document)"."""
    found = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    if found:
        return f"{name}:{found[1]}: TOML: {message[: found.start()]} (column {found[2]}), correct the syntax"
    what = message.removesuffix(" (at end of document)")
    return f"{name}:{text.count(chr(10)) + 1}: TOML: {what} at the end of the file, correct the syntax"


def _line_of(text: str, number: int, where: Where) -> int:
    """Find the line (from 1) of a key in rule `number`: the key's, else its table's, the code's, the rule's."""
    lines = text.splitlines()
    heads = [i for i, line in enumerate(lines) if re.match(r"\s*\[\[\s*rule\s*\]\]", line)]
    if number >= len(heads):
        return 1
    start, end = heads[number], (heads[number + 1] if number + 1 < len(heads) else len(lines))
    best = _find(lines, r"\s*code\s*=", start, end, start)
    at = start
    for key, nth in _steps(where):
        name = re.escape(key)
        pattern = rf"\s*(?:[\"']?{name}[\"']?\s*[=.]|\[+\s*rule\s*\.\s*{name}\s*[\].])"
        for _ in range(nth + 1):
            at = _find(lines, pattern, at + 1, end, -1)
            if at < 0:
                return best + 1
        best = at
    return best + 1


def _steps(where: Where) -> list[tuple[str, int]]:
    """Turn ("example", 1, "drop") into key and number, per key: ("example", 1), ("drop", 0)."""
    steps: list[tuple[str, int]] = []
    for part in where:
        if isinstance(part, int):
            steps[-1] = (steps[-1][0], part)
        else:
            steps.append((part, 0))
    return steps


def _find(lines: Sequence[str], pattern: str, start: int, end: int | None, default: int) -> int:
    matcher = re.compile(pattern)
    found = (i for i in range(start, len(lines) if end is None else end) if matcher.match(lines[i]))
    return next(found, default)


def suggest(word: str, known: Iterable[str]) -> str:
    """Give ", did you mean …?" for the nearest known word, or nothing."""
    from difflib import get_close_matches  # only ever needed once something is wrong

    near = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f", did you mean {near[0]}?" if near else ""


def problems(table: Table) -> Iterator[Problem]:
    """Yield all that is wrong with one rule, the most telling first."""
    shape = list(_shape_problems(table, RULE, ()))
    yield from shape
    if shape:
        return  # what follows relies on keys and types
    yield from _code_problems(table)
    yield from _verdict_problems(table)
    yield from _text_problems(table)
    yield from _scope_problems(table)
    yield from _guard_problems(table)
    yield from _exception_problems(table)
    yield from _example_problems(table)


class Value(NamedTuple):
    """What the value of a key must be: in words, as a check, and as a JSON Schema for editors."""

    words: str
    check: Check
    schema: Mapping[str, Any]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and set(map(type, value)) == {str} and all(map(str.strip, value))


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_number(value: Any) -> bool:
    return type(value) is int and value > 0


def _is_true(value: Any) -> bool:
    return value is True


def _is_list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and bool(value) and all(map(check, value))


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _is_filled_table(value: Any) -> bool:
    return isinstance(value, dict) and bool(value)


def _is_summary(value: Any) -> bool:
    is_line = _is_text(value) and value == value.strip() and len(value.splitlines()) == 1
    return is_line and len(value) <= SUMMARY_LENGTH and value[-1] != "."


def _is_points(value: Any) -> bool:
    return type(value) is int and 0 < abs(value) <= MAX_POINTS


def _is_expressions(value: Any) -> bool:
    return _is_text(value) or _is_texts(value)


def _is_lower(value: Any) -> bool:
    return _is_text(value) and value == value.lower() and not any(map(str.isspace, value))


_TEXT: Final[Mapping[str, Any]] = {"type": "string", "pattern": r"\S"}
_TEXT_LIST: Final[Mapping[str, Any]] = {"type": "array", "items": _TEXT, "minItems": 1}


def _one_of(names: Iterable[str]) -> Value:
    known = tuple(names)
    return Value(
        f"one of {', '.join(known)}", lambda value: isinstance(value, str) and value in known, {"enum": list(known)}
    )


def _text_like(words: str, pattern: re.Pattern[str]) -> Value:
    check = _is_pattern(pattern)
    return Value(words, check, {"type": "string", "pattern": f"^(?:{pattern.pattern})$"})


def _list_like(words: str, pattern: re.Pattern[str]) -> Value:
    one = {"type": "string", "pattern": f"^(?:{pattern.pattern})$"}
    return Value(words, _is_list_of(_is_pattern(pattern)), {"type": "array", "items": one, "minItems": 1})


def _is_pattern(pattern: re.Pattern[str]) -> Check:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _table(words: str, known: Mapping[str, Value], **more: Any) -> Value:
    return Value(words, _is_table, {**table_schema(known), **more})


def _tables(words: str, known: Mapping[str, Value], **more: Any) -> Value:
    schema = {"type": "array", "items": {**table_schema(known), **more}, "minItems": 1}
    return Value(words, _is_list_of(_is_table), schema)


def table_schema(known: Mapping[str, Value]) -> dict[str, Any]:
    """A table with no other keys than these, as JSON Schema."""
    described = {key: {"description": value.words, **value.schema} for key, value in known.items()}
    return {"type": "object", "properties": described, "additionalProperties": False}


_KINDS: Final = tuple(dict.fromkeys(FAMILIES.values()))
_PHRASES: Final = Value(
    'lists of phrases by language, such as en = ["related articles"]',
    _is_filled_table,
    {
        "type": "object",
        "patternProperties": {f"^(?:{_LANGUAGE.pattern})$": _TEXT_LIST},
        "additionalProperties": False,
        "minProperties": 1,
    },
)
_LOWER: Final = Value(
    'a list of names in lower case, such as ["comment-list"]',
    _is_list_of(_is_lower),
    {"type": "array", "items": {"type": "string", "pattern": r"^[^\sA-Z]+$"}, "minItems": 1},
)
_TEXTS: Final = Value('a list of texts, such as ["Related articles"]', _is_texts, _TEXT_LIST)
_COUNT: Final = Value("a whole number above 0", _is_number, {"type": "integer", "minimum": 1})
_TRUE: Final = Value("true, leave it out otherwise", _is_true, {"const": True})

_BODY: Final[Mapping[str, Value]] = {
    "blocks": Value(
        'a whole number above 0, or "end"',
        lambda value: _is_number(value) or value == "end",
        {"anyOf": [{"type": "integer", "minimum": 1}, {"const": "end"}]},
    ),
    "words": Value(
        "a whole number: a block with more words ends the section", _is_count, {"type": "integer", "minimum": 0}
    ),
}
_DOM: Final[Mapping[str, Value]] = {
    "class": _LOWER,
    "id": _LOWER,
    "role": _LOWER,
    "tag": _LOWER,
    "words": _list_like('a list of words in lower case, such as ["cookie", "related-posts"]', _DOM_WORD),
}
_EXCEPT: Final[Mapping[str, Value]] = {
    "contains": Value("a phrase", _is_text, _TEXT),
    "regex": Value("an expression in single quotes", _is_text, _TEXT),
    "reason": Value("a text that says why such blocks are spared", _is_text, _TEXT),
}
_EXAMPLE: Final[Mapping[str, Value]] = {
    "drop": _TEXTS,
    "keep": _TEXTS,
    "why": Value("a text that says why such blocks stay", _is_text, _TEXT),
}
#: Each key of a rule, and what its value must be.
RULE: Final[Mapping[str, Value]] = {
    "code": _text_like('three capitals and three digits, such as code = "REL001"', _CODE),
    "name": _text_like('lower-case words joined by "-", such as name = "related-heading"', _NAME),
    "kind": _one_of(_KINDS),
    "summary": Value(
        f"one line of at most {SUMMARY_LENGTH} characters without a full stop",
        _is_summary,
        {"type": "string", "maxLength": SUMMARY_LENGTH, "pattern": r"^(?!.*\.$)\S(.*\S)?$"},
    ),
    "scope": _one_of(SCOPES),
    "match": _one_of(MATCHES),
    "phrases": _PHRASES,
    "regex": Value(
        "an expression in single quotes, such as regex = '…', or a list of them",
        _is_expressions,
        {"anyOf": [_TEXT, _TEXT_LIST]},
    ),
    "until": _PHRASES,
    "max_blocks": _COUNT,
    "max_words": _COUNT,
    "min_words": _COUNT,
    "max_share": Value(
        "a whole number of percent from 1 to 99",
        lambda value: _is_number(value) and value < 100,
        {"type": "integer", "minimum": 1, "maximum": 99},
    ),
    "after": _one_of(_KINDS),
    "links": _TRUE,
    "body": _table("a table [rule.body] with blocks and words", _BODY, required=list(_BODY)),
    "dom": _table("a table [rule.dom]", _DOM, minProperties=1),
    "sites": _list_like('a list of host names, such as ["example.com"]', _HOST),
    "except": _tables(
        'a list such as [{ contains = "…", reason = "…" }]',
        _EXCEPT,
        required=["reason"],
        oneOf=[{"required": ["contains"]}, {"required": ["regex"]}],
    ),
    "decisive": _TRUE,
    "points": Value(
        f"a whole number of decibans from -{MAX_POINTS} to {MAX_POINTS}, not 0",
        _is_points,
        {"type": "integer", "minimum": -MAX_POINTS, "maximum": MAX_POINTS, "not": {"const": 0}},
    ),
    "keeps": _TRUE,
    "example": _tables("tables [[rule.example]] with drop and keep", _EXAMPLE, dependencies={"keep": ["why"]}),
}
REQUIRED: Final = ("code", "name", "kind", "summary", "scope")


def _shape_problems(table: Table, shape: Mapping[str, Value], where: Where) -> Iterator[Problem]:
    for key, value in table.items():
        if key not in shape:
            known = suggest(key, shape) or f", use one of {', '.join(shape)}"
            yield (*where, key), f"unknown key {key}{known}"
        elif not shape[key].check(value):
            yield (*where, key), f"{key} is wrong, write {shape[key].words}"
    if not where:
        for key in REQUIRED:
            if key not in table:
                yield (), f"{key} is missing, write {shape[key].words}"


def _code_problems(table: Table) -> Iterator[Problem]:
    code, kind = table["code"], table["kind"]
    family, number = code[:3], int(code[3:])
    if family not in FAMILIES:
        yield ("code",), f"unknown family {family}{suggest(family, FAMILIES) or f', use one of {_listing(FAMILIES)}'}"
    elif FAMILIES[family] != kind:
        right = next(f for f, k in FAMILIES.items() if k == kind)
        yield ("code",), f"family {family} is for kind {FAMILIES[family]}, write {right} for kind {kind}"
    low, high = (501, 999) if table["scope"] == "dom" else (1, 499)
    if not low <= number <= high:
        yield ("code",), f"number {number:03d} is wrong for scope {table['scope']}, take one from {low:03d} to {high}"


def _listing(names: Iterable[str]) -> str:
    return ", ".join(names)


def _verdict_problems(table: Table) -> Iterator[Problem]:
    given = [key for key in VERDICTS if key in table]
    if not given:
        yield (), "no verdict, write one of decisive = true, points = <decibans>, keeps = true"
    elif len(given) > 1:
        yield (given[1],), f"{' and '.join(given)} exclude each other, leave one"


def _text_problems(table: Table) -> Iterator[Problem]:
    for key in ("phrases", "until"):
        for language, phrases in table.get(key, {}).items():
            if not _LANGUAGE.fullmatch(language):
                yield (key, language), f"{language} is no language, write a primary tag such as en or ar"
            if not _is_texts(phrases):
                yield (key, language), f'{key} are wrong here, write a list such as {language} = ["related articles"]'
            elif "\n" in "".join(phrases):
                yield (key, language), "a phrase has a line break, write one line"


def expressions(table: Table) -> list[str]:
    """Give a rule's expressions as a list, however it writes them."""
    given = table.get("regex", [])
    return [given] if isinstance(given, str) else given


def all_problems(table: Table) -> Iterator[Problem]:
    """Yield what is wrong with one rule and with its expressions; the latter only of rules that are sound else."""
    found = list(problems(table))
    yield from found or expression_problems(table)


def expression_problems(table: Table) -> Iterator[Problem]:
    """Yield what is wrong with the expressions of a rule; apart from `problems`, because compiling takes time."""
    for pattern in expressions(table):
        yield from _problems_of_expression(("regex",), pattern)
    for entry in table.get("except", ()):
        if "regex" in entry:
            yield from _problems_of_expression(("except",), entry["regex"])


def _problems_of_expression(where: Where, pattern: str) -> Iterator[Problem]:
    try:
        compiled = compile_expression(pattern)
    except regex.error as error:
        yield where, f"regex does not compile ({error}), correct it: {pattern}"
        return
    if compiled.flags != compile_expression("").flags:
        yield where, "regex sets flags for all rules, write (?-i:…) around the part they are for"
    if _NUMBERED_REFERENCE.search(pattern):
        yield where, "regex refers to a group by number, write (?P<name>…) and (?P=name)"


#: Which keys a scope needs, and which it has no use for.
NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "section": ("body",),
    "between": ("until", "max_blocks"),
    "dom": ("dom",),
}
BELONGS: Final[Mapping[str, str]] = {
    "body": "section",
    "until": "between",
    "max_blocks": "between",
    "dom": "dom",
    "max_share": "dom",
}
TEXT_KEYS: Final = ("match", "phrases", "regex")


def _scope_problems(table: Table) -> Iterator[Problem]:
    scope = table["scope"]
    for key in NEEDS.get(scope, ()):
        if key not in table:
            yield ("scope",), f"scope {scope} needs {key}, write {RULE[key].words}"
    for key, owner in BELONGS.items():
        if key in table and scope != owner:
            yield (key,), f'{key} has no meaning in scope {scope}, remove it or write scope = "{owner}"'
    if scope == "dom":
        yield from _dom_problems(table)
    else:
        yield from _match_problems(table)
    if scope == "section" and "body" in table:
        yield from _table_problems(table["body"], _BODY, "body", _BODY)


def _table_problems(table: Table, shape: Mapping[str, Value], key: str, required: Iterable[str]) -> Iterator[Problem]:
    yield from _shape_problems(table, shape, (key,))
    for name in required:
        if name not in table:
            yield (key,), f"{key} has no {name}, write {name} = {shape[name].words}"


def _dom_problems(table: Table) -> Iterator[Problem]:
    for key in TEXT_KEYS:
        if key in table:
            yield (key,), f"{key} has no meaning in scope dom, remove it"
    if "dom" in table:
        yield from _table_problems(table["dom"], _DOM, "dom", ())
        if not table["dom"]:
            yield ("dom",), f"dom is empty, write at least one of {', '.join(_DOM)}"


def _match_problems(table: Table) -> Iterator[Problem]:
    if "phrases" not in table and "regex" not in table:
        yield (), "nothing to match, write [rule.phrases] with en = [\"…\"], or regex = '…'"
    if "phrases" in table and "match" not in table:
        yield ("phrases",), f"match is missing, write match = one of {', '.join(MATCHES)}"
    if "match" in table and not ("phrases" in table or "until" in table):
        yield ("match",), "match says how to compare phrases, and there are none: write [rule.phrases] or remove match"
    if table["scope"] == "section" and table.get("match") in ("contains", "label"):
        yield ("match",), "a section begins with a heading, write match = whole or prefix"


def _guard_problems(table: Table) -> Iterator[Problem]:
    if table.get("min_words", 0) > table.get("max_words", float("inf")):
        yield ("min_words",), "min_words is above max_words, no block can have both"


def _exception_problems(table: Table) -> Iterator[Problem]:
    for entry in table.get("except", ()):
        yield from _table_problems(entry, _EXCEPT, "except", ("reason",))
        if ("contains" in entry) == ("regex" in entry):
            yield ("except",), "except needs one of contains = \"…\" and regex = '…'"


#: Without the rules for that kind, an example must say itself what stands before.
_AFTER_EXAMPLE: Final = (
    "drop is empty, write texts of two lines or more, of which the first stands for a block of the kind in after"
)


def _example_problems(table: Table) -> Iterator[Problem]:
    examples = table.get("example", [])
    for number, example in enumerate(examples):
        if example.get("drop") == [] and "after" in table:
            yield ("example", number, "drop"), _AFTER_EXAMPLE
            continue
        for where, message in _shape_problems(example, _EXAMPLE, ("example",)):
            yield ("example", number, *where[1:]), message
        if "keep" in example and "why" not in example:
            yield ("example", number), f"keep has no why, write why = {_EXAMPLE['why'].words}"
    for side in ("drop", "keep"):
        if not any(side in example for example in examples):
            yield (), f'no example to {side}, write [[rule.example]] with {side} = ["…"]'
