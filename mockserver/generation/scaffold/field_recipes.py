"""Infer the recipe of a value from its schema, its documented example and its name.

A value in an unknown notation is always the documented example, because a repeated value is better
than an invalid one.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from mockserver.formats.exact_json import LEAST_INTEGER, MOST_INTEGER
from mockserver.generation.scaffold.conventions import snake_case
from mockserver.generation.scaffold.effects import timestamp_format
from mockserver.generation.scaffold.faker_by_name import provider_of

MISSING: Any = object()
"""The example of a value that the blueprint does not show."""

_ANNOTATIONS = {"title", "description", "default", "examples"}
_KEYWORDS: dict[str, set[str]] = {
    "string": {"type", "enum", "format", "pattern"},
    "integer": {"type", "enum", "minimum", "maximum"},
    "number": {"type", "enum", "minimum", "maximum"},
    "boolean": {"type", "enum"},
    "object": {"type", "properties", "required", "additionalProperties"},
    "array": {"type", "items"},
}
"""Type to the keywords that recipes support. With another keyword, the value is the example."""
_EMPTY_VALUES: dict[str, Any] = {
    "string": "",
    "integer": 0,
    "number": 0,
    "boolean": False,
    "object": {},
    "array": [],
    "null": None,
}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}")
_CODE = re.compile(r"[A-Za-z0-9._-]*[0-9][A-Za-z0-9._-]*")
HEX = re.compile(r"(?=.*[a-f])(?=.*[0-9])[0-9a-f]{8,}")
"""A hexadecimal number that is too long to be a word or a decimal number."""
_DIGIT = re.compile(r"[0-9]")
_WORDY = re.compile(r"[^\W\d_][\w'’,;.!? -]*")

RecipeEntry = Any
"""A recipe in recipes.yaml: a scalar, or a mapping with the key of one kind."""


def recipe_of(name: str, schema: Mapping[str, Any], example: Any = MISSING) -> RecipeEntry:
    """Return the recipe of a member.

    Args:
        name: The name of the member.
        schema: Its JSON Schema.
        example: Its documented value; `MISSING` without one.
    """
    kind, nullable = _kind(schema)
    if kind not in _KEYWORDS or not schema.keys() <= _KEYWORDS[kind] | _ANNOTATIONS:
        return constant(schema, example)
    if not nullable:
        return _value_recipe(kind, name, schema, example)
    if example is None:
        example = MISSING
    return {"nullable": _value_recipe(kind, name, schema, example), "probability": 0.8}


def _value_recipe(kind: str, name: str, schema: Mapping[str, Any], example: Any) -> RecipeEntry:
    """Return the recipe of a value that is not `null`."""
    values = [value for value in schema.get("enum", ()) if value is not None]
    if len(values) > 1:
        return {"one_of": values}
    if values:
        return values[0]
    return _RECIPES[kind](name, schema, example)


def constant(schema: Mapping[str, Any], example: Any) -> RecipeEntry:
    """Return a recipe for one value: the example, or without one a value that the schema allows."""
    if example is MISSING:
        example = _allowed_value(schema)
    if isinstance(example, dict | list):
        return {"value": example}
    return example


def _allowed_value(schema: Mapping[str, Any]) -> Any:
    """Return `null` if it is allowed, else the only or first allowed value, else an empty one."""
    kind, nullable = _kind(schema)
    if nullable:
        return None
    if "const" in schema:
        return schema["const"]
    for value in schema.get("enum", ()):
        return value
    return _EMPTY_VALUES.get(kind)


def _kind(schema: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the type and whether `null` is allowed too; the type is empty if there are several."""
    keyword = schema.get("type", "")
    types = {keyword} if isinstance(keyword, str) else set(keyword)
    nullable = "null" in types
    types.discard("null")
    if len(types) == 1:
        return types.pop(), nullable
    return "", nullable


def _object(name: str, schema: Mapping[str, Any], example: Any) -> RecipeEntry:
    fields = fields_of(schema, example)
    if not fields:
        return constant(schema, {})
    return {"fields": fields}


def fields_of(schema: Mapping[str, Any], example: Any) -> dict[str, RecipeEntry]:
    """Return a recipe for each member of the example and each required member.

    Without an example, return a recipe for each member.
    """
    properties: Mapping[str, Any] = schema.get("properties", {})
    required = schema.get("required", ())
    examples: Mapping[str, Any] = dict.fromkeys(properties, MISSING)
    if isinstance(example, dict):
        examples = example
    recipes: dict[str, RecipeEntry] = {}
    for name, member in properties.items():
        if name in examples or name in required:
            recipes[name] = recipe_of(name, member, examples.get(name, MISSING))
    return recipes


def _array(name: str, schema: Mapping[str, Any], example: Any) -> RecipeEntry:
    items = schema.get("items")
    if not isinstance(items, dict) or not items or example == []:
        return constant(schema, example)
    length, item = 1, MISSING
    if isinstance(example, list):
        length, item = len(example), example[0]
    return {"list": f"1-{max(3, length)}", "of": recipe_of(name, items, item)}


def _integer(name: str, schema: Mapping[str, Any], example: Any) -> RecipeEntry:
    low, high = _span(schema, example)
    return {"faker": {"random_int": {"min": int(low), "max": int(high)}}}


def _number(name: str, schema: Mapping[str, Any], example: Any) -> RecipeEntry:
    if isinstance(example, int):
        return _integer(name, schema, example)
    low, high = _span(schema, example)
    return {
        "faker": {"pyfloat": {"min_value": int(low), "max_value": int(high), "right_digits": 2}}
    }


def _span(schema: Mapping[str, Any], example: Any) -> tuple[float, float]:
    """Return bounds around the example, within those of the schema."""
    value: float = 0
    if isinstance(example, int | float) and not isinstance(example, bool):
        value = example
    default_low = 1 if value > 0 else 2 * value
    low = _exact(schema.get("minimum", default_low))
    high = schema.get("maximum", max(low + 9, 2 * value))
    return low, _exact(max(low, high))


def _exact(bound: float) -> float:
    """Return the closest bound within the range of exact integers."""
    return min(max(bound, LEAST_INTEGER), MOST_INTEGER)


def _boolean(name: str, schema: Mapping[str, Any], example: Any) -> RecipeEntry:
    return {"probability": 0.5}


def _string(name: str, schema: Mapping[str, Any], example: Any) -> RecipeEntry:
    form = timestamp_format(schema)
    if form:
        return {"time": {"before_now": "1-90 d", "format": form}}
    if schema.get("format") in _FORMATS:
        return {"faker": _FORMATS[schema["format"]]}
    if "format" in schema or "pattern" in schema:
        return constant(schema, example)
    text = example if isinstance(example, str) else ""
    provider = provider_of(name, text)
    if provider:
        return {"faker": provider}
    return _similar_text(schema, example)


_FORMATS = {
    "uuid": "uuid4",
    "email": "email",
    "uri": "url",
    "ipv4": "ipv4",
    "ipv6": "ipv6",
    "hostname": "domain_name",
}
"""Format of a string to the provider of such values."""


def _similar_text(schema: Mapping[str, Any], example: Any) -> RecipeEntry:
    """Return a recipe for texts in the notation of the example: random digits, or a sentence."""
    if not isinstance(example, str) or _DATE.match(example):
        return constant(schema, example)
    if HEX.fullmatch(example):
        return {"faker": {"hexify": {"text": "^" * len(example)}}}
    if _CODE.fullmatch(example):
        return {"faker": {"numerify": {"text": _DIGIT.sub("#", example)}}}
    if " " in example and _WORDY.fullmatch(example):
        return {"faker": "sentence"}
    return example


_RECIPES: dict[str, Callable[[str, Mapping[str, Any], Any], RecipeEntry]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "object": _object,
    "array": _array,
}


def in_order_of_time(
    fields: dict[str, RecipeEntry], created: str, changed: str
) -> dict[str, RecipeEntry]:
    """Return the recipes, with a modification time after the creation time."""
    form = fields[changed]["time"]["format"]
    return {**fields, changed: {"time": {"after": created, "by": "0-60 d", "format": form}}}


def timestamp_field(fields: Mapping[str, RecipeEntry], names: tuple[str, ...]) -> str | None:
    """Return the member with one of these names and a recipe of kind `time`; `None` without one."""
    for name, recipe in fields.items():
        if snake_case(name) in names and isinstance(recipe, dict) and "time" in recipe:
            return name
    return None
