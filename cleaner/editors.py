"""Tell editors what a rule file may say: a JSON Schema, made of the tables by which rule files are checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, Final

from cleaner.schema import BELONGS, FAMILIES, MATCHES, NEEDS, REQUIRED, RULE, TEXT_KEYS, VERDICTS, table_schema

#: Draft 7 is what editors know.
_DIALECT: Final = "http://json-schema.org/draft-07/schema#"
#: A rule with such a code is a user's own, and has to say everything; any other may change one of ours.
_OWN_CODE: Final = "^[A-Z]{3}[49]"
_HEADINGS: Final = ("whole", "prefix")

Schema = dict[str, Any]


def rule_schema() -> Schema:
    """The JSON Schema of a rule file. It says less than `clean rules lint`, which also runs the examples."""
    rule = {**table_schema(RULE), "required": ["code"], "allOf": list(_conditions())}
    return {
        "$schema": _DIALECT,
        "title": "Rules of clean",
        "type": "object",
        "properties": {"rule": {"type": "array", "items": rule}},
        "additionalProperties": False,
    }


def _conditions() -> Iterator[Schema]:
    """What the keys of one rule mean for each other."""
    yield _when({"code": {"pattern": _OWN_CODE}}, {"required": [*REQUIRED, "example"]})
    yield _when({"code": {"pattern": _OWN_CODE}}, {"anyOf": [{"required": [key]} for key in VERDICTS]})
    for one, other in combinations(VERDICTS, 2):
        yield {"not": {"required": [one, other]}}
    yield {"properties": {"code": {"pattern": f"^(?:{'|'.join(FAMILIES)})"}}}
    for family, kind in FAMILIES.items():
        yield _when({"code": {"pattern": f"^{family}"}}, {"properties": {"kind": {"const": kind}}})
    yield from _scope_conditions()


def _scope_conditions() -> Iterator[Schema]:
    dom: Schema = {"code": {"pattern": "^[A-Z]{3}[5-9]"}}
    yield _when({"scope": {"const": "dom"}}, {"properties": {**dom, **dict.fromkeys(TEXT_KEYS, False)}})
    text: dict[str, Schema] = {"scope": {"enum": [scope for scope in _scopes() if scope != "dom"]}}
    yield _when(text, {"properties": {"code": {"pattern": "^[A-Z]{3}[0-4]"}}})
    own_text = {**text, "code": {"pattern": _OWN_CODE}}
    yield _when(own_text, {"anyOf": [{"required": ["phrases", "match"]}, {"required": ["regex"]}]})
    for scope, needed in NEEDS.items():
        own = {"scope": {"const": scope}, "code": {"pattern": _OWN_CODE}}
        yield _when(own, {"required": list(needed)})
    for key, scope in BELONGS.items():
        yield {"if": {"required": [key]}, "then": {"properties": {"scope": {"const": scope}}}}
    section = {"scope": {"const": "section"}}
    yield _when(section, {"properties": {"match": {"enum": [m for m in MATCHES if m in _HEADINGS]}}})


def _scopes() -> list[str]:
    return list(RULE["scope"].schema["enum"])


def _when(stated: Mapping[str, Schema], then: Schema) -> Schema:
    """If all these keys are there and as stated, something else has to hold."""
    return {"if": {"properties": dict(stated), "required": list(stated)}, "then": then}
