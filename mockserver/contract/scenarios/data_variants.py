"""Shapes of data: what a tester wants to see of a list or a record, whatever the records are. Always valid against the schema.

They shape what is shown, never the records: a shaped record is not written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from mockserver.formats.exact_json import MOST_INTEGER


@dataclass(frozen=True, slots=True)
class VariantContext:
    """What there is to know of the data beside itself."""

    schema: Mapping[str, Any]
    """Of one record."""
    key: str
    """The member by which a record is found; empty where there is none."""
    limit: int
    """How many records the list may have."""


Variant = Callable[[Any, VariantContext], Any]
"""Given what is to be shown (a record, or a list of them) and its frame."""

LONGEST = 500
"""Characters of a long text where the schema has no `maxLength`."""
_WORDS = "A name that is as long as names get when nobody has thought of a limit, and longer than any column of any table. "
_UNICODE = "Ünïcödé „quoted‟ 名前 имя שֵׁם اسم 👩‍👩‍👧‍👦 e\u0301 <b>&amp;</b> \u202eright to left\u202c\u200b ' \" \\ ½"
"""What breaks screens: other scripts, from right to left, joined emoji, combining accents, markup, quotes, no width at all."""
_CLOSED = ("enum", "const", "pattern", "format")
"""Keywords of a schema that say which texts are possible."""


def _empty(content: Any, _frame: VariantContext) -> Any:
    return [] if isinstance(content, list) else content


def _one(content: Any, _frame: VariantContext) -> Any:
    return content[:1] if isinstance(content, list) else content


def _max(content: Any, frame: VariantContext) -> Any:
    """As many as the limit allows, the records over and over; each has a number or a name of its own, where it has one."""
    if not isinstance(content, list) or not content:
        return content
    return [_again(content[index % len(content)], frame, index // len(content)) for index in range(frame.limit)]


def _again(record: Any, frame: VariantContext, turn: int) -> Any:
    """The record with a key of its own, where the schema leaves room for one."""
    if not turn or not isinstance(record, dict) or frame.key not in record:
        return record
    own, schema = record[frame.key], frame.schema.get("properties", {}).get(frame.key, {})
    if schema.get("format") == "uuid":
        return {**record, frame.key: str(uuid5(NAMESPACE_URL, f"{own}/{turn}"))}
    if not isinstance(own, int) and not _is_text(schema):
        return record
    if not isinstance(own, int):
        return {**record, frame.key: f"{own}-{turn}"}
    step = turn * 1_000_000
    return {**record, frame.key: own + step if own + step <= MOST_INTEGER else own - step}


def _texts(text: str) -> Variant:
    def pattern(content: Any, frame: VariantContext) -> Any:
        if isinstance(content, list):
            return [pattern(each, frame) for each in content]
        shaped = _with_text(content, frame.schema, text)
        return {**shaped, frame.key: content[frame.key]} if frame.key in shaped else shaped  # others name it

    return pattern


def _with_text(value: Any, schema: Mapping[str, Any], text: str) -> Any:
    """The value with every text that may be any text replaced."""
    if isinstance(value, dict):
        members = schema.get("properties", {})
        return {name: _with_text(each, members.get(name, {}), text) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_text(each, schema.get("items", {}), text) for each in value]
    if not isinstance(value, str) or not _is_text(schema):
        return value
    least, most = schema.get("minLength", 0), schema.get("maxLength", LONGEST if text == _WORDS else len(text))
    return (text * (max(least, most) // len(text) + 1))[:most]


def _is_text(schema: Mapping[str, Any]) -> bool:
    return "string" in schema.get("type", ()) and not any(keyword in schema for keyword in _CLOSED)


def _nulls(content: Any, frame: VariantContext) -> Any:
    """Null for every member that may be."""
    if isinstance(content, list):
        return [_nulls(each, frame) for each in content]
    return _with_nulls(content, frame.schema)


def _with_nulls(value: Any, schema: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_with_nulls(each, schema.get("items", {})) for each in value]
    if not isinstance(value, dict):
        return value
    members = schema.get("properties", {})
    return {name: _null_or(each, members.get(name, {})) for name, each in value.items()}


def _null_or(value: Any, schema: Mapping[str, Any]) -> Any:
    kinds = schema.get("type", ())
    may_be = kinds == "null" or (isinstance(kinds, list) and "null" in kinds and None in schema.get("enum", [None]))
    return None if may_be else _with_nulls(value, schema)


VARIANTS: dict[str, Variant] = {
    "empty": _empty,
    "one": _one,
    "max": _max,
    "long": _texts(_WORDS),
    "unicode": _texts(_UNICODE),
    "nulls": _nulls,
}
"""Name, as scenarios and `Prefer: data=` write it, to what it makes of the data."""
