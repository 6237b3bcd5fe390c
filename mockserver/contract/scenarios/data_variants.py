"""Data variants: the values of a response changed for a test, such as very long texts.

The content stays valid against the schema. A variant changes the response, never the records.
`list_lengths` has the variants that change the length of a list.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class VariantContext:
    """The context of the data."""

    schema: Mapping[str, Any]
    """The schema of one record."""
    key: str
    """The member that identifies a record; empty if there is none."""


Variant = Callable[[Any, VariantContext], Any]
"""Changes the content (a record, or a list of records) in its context."""

LONGEST = 500
"""The length of a long text whose schema has no `maxLength`, in characters."""
_WORDS = (
    "A very long name, for which nobody has planned a limit, "
    "and which is longer than any column of any table. "
)
_UNICODE = (
    "Ünïcödé „quoted‟ 名前 имя שֵׁם اسم 👩‍👩‍👧‍👦 e\u0301 <b>&amp;</b> "
    "\u202eright to left\u202c\u200b ' \" \\ ½"
)
"""Text that often breaks pages.

It has other scripts, right to left, joined emoji, combining accents, markup and zero width.
"""
_RESTRICTIONS = ("enum", "const", "pattern", "format")
"""Keywords of a schema that restrict a text."""


def _long(content: Any, context: VariantContext) -> Any:
    return _with_texts(content, context, _WORDS, LONGEST)


def _unicode(content: Any, context: VariantContext) -> Any:
    return _with_texts(content, context, _UNICODE, len(_UNICODE))


def _with_texts(content: Any, context: VariantContext, text: str, length: int) -> Any:
    """Return the content with every unrestricted text replaced, except the keys."""
    if isinstance(content, list):
        return [_with_texts(record, context, text, length) for record in content]
    result = _with_text(content, context.schema, text, length)
    if isinstance(result, dict) and context.key in result:
        # Other responses, and the paths of requests, refer to the record by its key.
        result[context.key] = content[context.key]
    return result


def _with_text(value: Any, schema: Mapping[str, Any], text: str, length: int) -> Any:
    """Return the value with every unrestricted text replaced.

    Args:
        value: The value.
        schema: Its schema.
        text: The new text, repeated as needed.
        length: The length of the new text, if the schema has no `maxLength`.
    """
    if isinstance(value, dict):
        result: dict[str, Any] = {}
        members = schema.get("properties", {})
        for name, member in value.items():
            result[name] = _with_text(member, members.get(name, {}), text, length)
        return result
    if isinstance(value, list):
        items = schema.get("items", {})
        return [_with_text(item, items, text, length) for item in value]
    if not isinstance(value, str) or not _is_free_text(schema):
        return value
    length = max(schema.get("minLength", 0), schema.get("maxLength", length))
    repetitions = length // len(text) + 1
    return (text * repetitions)[:length]


def _is_free_text(schema: Mapping[str, Any]) -> bool:
    """Return whether any text is valid, within a minimum and a maximum length."""
    is_text = "string" in schema.get("type", ())
    return is_text and not any(keyword in schema for keyword in _RESTRICTIONS)


def _nulls(content: Any, context: VariantContext) -> Any:
    """Set every nullable member to null."""
    if isinstance(content, list):
        return [_nulls(record, context) for record in content]
    return _with_nulls(content, context.schema)


def _with_nulls(value: Any, schema: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        items = schema.get("items", {})
        return [_with_nulls(item, items) for item in value]
    if not isinstance(value, dict):
        return value
    result: dict[str, Any] = {}
    members = schema.get("properties", {})
    for name, member in value.items():
        member_schema = members.get(name, {})
        if _allows_null(member_schema):
            result[name] = None
        else:
            result[name] = _with_nulls(member, member_schema)
    return result


def _allows_null(schema: Mapping[str, Any]) -> bool:
    types = schema.get("type", ())
    if types == "null":
        return True
    return isinstance(types, list) and "null" in types and None in schema.get("enum", [None])


VARIANTS: dict[str, Variant] = {
    "long": _long,
    "unicode": _unicode,
    "nulls": _nulls,
}
"""Name, in scenarios and `Prefer: data=`, to the variant."""
