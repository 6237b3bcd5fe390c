"""Data variants: the content of a response changed for a test, such as an empty list. It stays valid against the schema.

A variant changes the response, never the records.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from mockserver.formats.exact_json import MOST_INTEGER


@dataclass(frozen=True, slots=True)
class VariantContext:
    """The context of the data."""

    schema: Mapping[str, Any]
    """The schema of one record."""
    key: str
    """The member that identifies a record; empty if there is none."""
    limit: int
    """The maximum number of records in the list."""


Variant = Callable[[Any, VariantContext], Any]
"""Changes the content (a record, or a list of records) in its context."""

LONGEST = 500
"""Characters of a long text where the schema has no `maxLength`."""
_WORDS = "A name that is as long as names get when nobody has thought of a limit, and longer than any column of any table. "
_UNICODE = "Ünïcödé „quoted‟ 名前 имя שֵׁם اسم 👩‍👩‍👧‍👦 e\u0301 <b>&amp;</b> \u202eright to left\u202c\u200b ' \" \\ ½"
"""Text that often breaks screens: other scripts, right to left, joined emoji, combining accents, markup, zero width."""
_CLOSED = ("enum", "const", "pattern", "format")
"""Keywords of a schema that restrict a text."""


def _empty(content: Any, _context: VariantContext) -> Any:
    return [] if isinstance(content, list) else content


def _one(content: Any, _context: VariantContext) -> Any:
    return content[:1] if isinstance(content, list) else content


def _max(content: Any, context: VariantContext) -> Any:
    """Repeat the records up to the limit. Each copy has a distinct key, if the schema allows it."""
    if not isinstance(content, list) or not content:
        return content
    return [
        _again(content[index % len(content)], context, index // len(content))
        for index in range(context.limit)
    ]


def _again(record: Any, context: VariantContext, turn: int) -> Any:
    """Return a copy of the record with another key, if the schema allows one."""
    if not turn or not isinstance(record, dict) or context.key not in record:
        return record
    key, schema = record[context.key], context.schema.get("properties", {}).get(context.key, {})
    if schema.get("format") == "uuid":
        return {**record, context.key: str(uuid5(NAMESPACE_URL, f"{key}/{turn}"))}
    if not isinstance(key, int) and not _is_text(schema):
        return record
    if not isinstance(key, int):
        return {**record, context.key: f"{key}-{turn}"}
    step = turn * 1_000_000
    return {**record, context.key: key + step if key + step <= MOST_INTEGER else key - step}


def _texts(text: str) -> Variant:
    def pattern(content: Any, context: VariantContext) -> Any:
        if isinstance(content, list):
            return [pattern(each, context) for each in content]
        shaped = _with_text(content, context.schema, text)
        return (
            {**shaped, context.key: content[context.key]} if context.key in shaped else shaped
        )  # others name it

    return pattern


def _with_text(value: Any, schema: Mapping[str, Any], text: str) -> Any:
    """Return the value with every unrestricted text replaced."""
    if isinstance(value, dict):
        members = schema.get("properties", {})
        return {name: _with_text(each, members.get(name, {}), text) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_text(each, schema.get("items", {}), text) for each in value]
    if not isinstance(value, str) or not _is_text(schema):
        return value
    least, most = (
        schema.get("minLength", 0),
        schema.get("maxLength", LONGEST if text == _WORDS else len(text)),
    )
    return (text * (max(least, most) // len(text) + 1))[:most]


def _is_text(schema: Mapping[str, Any]) -> bool:
    return "string" in schema.get("type", ()) and not any(keyword in schema for keyword in _CLOSED)


def _nulls(content: Any, context: VariantContext) -> Any:
    """Set every nullable member to null."""
    if isinstance(content, list):
        return [_nulls(each, context) for each in content]
    return _with_nulls(content, context.schema)


def _with_nulls(value: Any, schema: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_with_nulls(each, schema.get("items", {})) for each in value]
    if not isinstance(value, dict):
        return value
    members = schema.get("properties", {})
    return {name: _null_or(each, members.get(name, {})) for name, each in value.items()}


def _null_or(value: Any, schema: Mapping[str, Any]) -> Any:
    kinds = schema.get("type", ())
    may_be = kinds == "null" or (
        isinstance(kinds, list) and "null" in kinds and None in schema.get("enum", [None])
    )
    return None if may_be else _with_nulls(value, schema)


VARIANTS: dict[str, Variant] = {
    "empty": _empty,
    "one": _one,
    "max": _max,
    "long": _texts(_WORDS),
    "unicode": _texts(_UNICODE),
    "nulls": _nulls,
}
"""Name, in scenarios and `Prefer: data=`, to the variant."""
