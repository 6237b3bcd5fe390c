"""Compare two schemas as text, for the keywords whose effect the comparison cannot decide."""

from collections.abc import Iterator
from typing import Any

from mockserver.formats.json_equality import value_key
from mockserver.formats.schema_applicators import SCHEMA_LISTS, SCHEMAS, SCHEMAS_BY_NAME
from mockserver.verification.diff.schema_document import Document
from mockserver.verification.diff.schema_keywords import SETS, is_annotation

_DEFINITIONS = frozenset(("$defs", "definitions", "$schema", "$id", "$anchor"))
"""Keywords without an effect: references lead to the definitions."""
_UNKNOWN = frozenset(("$dynamicRef",))
"""References that the comparison does not follow."""

_Pair = tuple[Any, Any]


class _Unequal(Exception):
    """Two schemas differ."""


def same_schema(old: Document, old_schema: Any, new: Document, new_schema: Any) -> bool:
    """Return whether two schemas are the same, except for annotations and the place of definitions.

    The comparison works without recursion, so that a schema cannot exhaust the stack.
    """
    pending: list[_Pair] = [(old_schema, new_schema)]
    seen: set[tuple[int, int]] = set()
    try:
        while pending:
            old_schema, new_schema = pending.pop()
            first, second = old.resolved(old_schema), new.resolved(new_schema)
            if (id(first), id(second)) not in seen:
                seen.add((id(first), id(second)))
                pending += _inner_pairs(old, first, new, second)
    except _Unequal:
        return False
    return True


def _inner_pairs(old: Document, first: Any, new: Document, second: Any) -> Iterator[_Pair]:
    """Yield the pairs of schemas that must be the same, so that two schemas are the same.

    Raises:
        _Unequal: The schemas differ.
    """
    first_keywords, second_keywords = _effective(first), _effective(second)
    _require(first_keywords.keys() == second_keywords.keys())
    for keyword, value in first_keywords.items():
        other = second_keywords[keyword]
        if keyword == "$ref":
            targets = old.target(first), new.target(second)
            _require(None not in targets)
            yield targets
        else:
            yield from _value_pairs(keyword, value, other)


def _value_pairs(keyword: str, value: Any, other: Any) -> Iterator[_Pair]:
    _require(keyword not in _UNKNOWN)
    if keyword in SCHEMAS_BY_NAME:
        _require(value.keys() == other.keys())
        for name in value:
            yield value[name], other[name]
    elif keyword in SCHEMA_LISTS:
        _require(len(value) == len(other))
        yield from zip(value, other, strict=True)
    elif keyword in SCHEMAS:
        yield value, other
    elif keyword in SETS:
        _require(_keys(value) == _keys(other))
    else:
        _require(value_key(value) == value_key(other))


def _effective(schema: Any) -> dict[str, Any]:
    """Return the keywords that affect the valid values."""
    if schema is False:
        return {"not": {}}
    if not isinstance(schema, dict):
        return {}
    keywords = {}
    for keyword, value in schema.items():
        if keyword not in _DEFINITIONS and not is_annotation(keyword):
            keywords[keyword] = value
    return keywords


def _keys(value: Any) -> set[str]:
    if isinstance(value, list):
        return set(map(value_key, value))
    return {value_key(value)}


def _require(is_equal: bool) -> None:
    if not is_equal:
        raise _Unequal
