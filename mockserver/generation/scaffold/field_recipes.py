"""A recipe for a value, from its schema, the value that the blueprint shows, and its name.

What is not plain is always as the blueprint shows it: a value of an unknown notation is better the same than wrong.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from mockserver.formats.exact_json import LEAST_INTEGER, MOST_INTEGER
from mockserver.generation.scaffold.conventions import snake_case
from mockserver.generation.scaffold.effects import timestamp_format
from mockserver.generation.scaffold.faker_by_name import provider_of

MISSING: Any = object()
"""What stands for an example where the blueprint shows none."""

_DESCRIBES = {"title", "description", "default", "examples"}
_KNOWN: dict[str, set[str]] = {
    "string": {"type", "enum", "format", "pattern"},
    "integer": {"type", "enum", "minimum", "maximum"},
    "number": {"type", "enum", "minimum", "maximum"},
    "boolean": {"type", "enum"},
    "object": {"type", "properties", "required", "additionalProperties"},
    "array": {"type", "items"},
}
"""Type to the keywords of its schemas that recipes are made of; one with any other is as the blueprint shows it."""
_BLANK: dict[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False, "object": {}, "array": [], "null": None}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}")
_CODE = re.compile(r"[A-Za-z0-9._-]*[0-9][A-Za-z0-9._-]*")
HEX = re.compile(r"(?=.*[a-f])(?=.*[0-9])[0-9a-f]{8,}")
"""A number in hexadecimal, long enough to be meant so."""
_DIGIT = re.compile(r"[0-9]")
_WORDY = re.compile(r"[^\W\d_][\w'’,;.!? -]*")

RecipeEntry = Any
"""As recipes.yaml has it: a scalar, or a mapping with the key of one kind."""


def recipe_of(name: str, schema: Mapping[str, Any], shown: Any = MISSING) -> RecipeEntry:
    """The recipe of a member, as recipes.yaml has it."""
    kind, nullable = _kind(schema)
    if kind not in _KNOWN or not schema.keys() <= _KNOWN[kind] | _DESCRIBES:
        return constant(schema, shown)
    values = [each for each in schema.get("enum", ()) if each is not None]
    shown = MISSING if shown is None and nullable else shown
    recipe = _enum_recipe(values) if values else _MADE[kind](name, schema, shown)
    return {"nullable": recipe, "probability": 0.8} if nullable else recipe


def constant(schema: Mapping[str, Any], shown: Any) -> RecipeEntry:
    """Always what the blueprint shows; where it shows nothing, the least that the type has."""
    if shown is MISSING:
        kind, nullable = _kind(schema)
        values = [schema["const"]] if "const" in schema else schema.get("enum", ())
        shown = None if nullable else next(iter(values), _BLANK.get(kind))
    return {"value": shown} if isinstance(shown, dict | list) else shown


def _kind(schema: Mapping[str, Any]) -> tuple[str, bool]:
    """The one type besides null, and whether null is one, too; an empty type where there are several."""
    found = schema.get("type", "")
    types = [found] if isinstance(found, str) else list(found)
    own = [each for each in types if each != "null"]
    return (own[0] if len(own) == 1 else ""), "null" in types


def _enum_recipe(values: list[Any]) -> RecipeEntry:
    return {"one_of": values} if len(values) > 1 else values[0]


def _object(name: str, schema: Mapping[str, Any], shown: Any) -> RecipeEntry:
    fields = fields_of(schema, shown)
    return {"fields": fields} if fields else constant(schema, {})


def fields_of(schema: Mapping[str, Any], shown: Any) -> dict[str, RecipeEntry]:
    """A recipe for each member that the blueprint shows, or its schema needs; for each at all, where it shows none."""
    properties: Mapping[str, Any] = schema.get("properties", {})
    example = shown if isinstance(shown, dict) else dict.fromkeys(properties, MISSING)
    needed = {name for name in properties if name in example or name in schema.get("required", ())}
    return {n: recipe_of(n, properties[n], example.get(n, MISSING)) for n in properties if n in needed}


def _array(name: str, schema: Mapping[str, Any], shown: Any) -> RecipeEntry:
    items = schema.get("items")
    if not isinstance(items, dict) or not items or shown == []:
        return constant(schema, shown)
    length = len(shown) if isinstance(shown, list) else 1
    item = shown[0] if isinstance(shown, list) else MISSING
    return {"list": f"1-{max(3, length)}", "of": recipe_of(name, items, item)}


def _integer(name: str, schema: Mapping[str, Any], shown: Any) -> RecipeEntry:
    low, high = _span(schema, shown)
    return {"faker": {"random_int": {"min": int(low), "max": int(high)}}}


def _number(name: str, schema: Mapping[str, Any], shown: Any) -> RecipeEntry:
    if isinstance(shown, int):
        return _integer(name, schema, shown)
    low, high = _span(schema, shown)
    return {"faker": {"pyfloat": {"min_value": int(low), "max_value": int(high), "right_digits": 2}}}


def _span(schema: Mapping[str, Any], shown: Any) -> tuple[float, float]:
    """Around what is shown, and within what the schema has and a recipe can write."""
    value = shown if isinstance(shown, int | float) and not isinstance(shown, bool) else 0
    low = _written(schema.get("minimum", min(0, 2 * value) if value <= 0 else 1))
    high = schema.get("maximum", max(low + 9, 2 * value))
    return low, _written(max(low, high))


def _written(bound: float) -> float:
    """The closest bound that a recipe can write as an integer."""
    return min(max(bound, LEAST_INTEGER), MOST_INTEGER)


def _boolean(name: str, schema: Mapping[str, Any], shown: Any) -> RecipeEntry:
    return {"probability": 0.5}


def _string(name: str, schema: Mapping[str, Any], shown: Any) -> RecipeEntry:
    if form := timestamp_format(schema):
        return {"time": {"before_now": "1-90 d", "format": form}}
    if schema.get("format") in _FORMATS:
        return {"faker": _FORMATS[schema["format"]]}
    if "format" in schema or "pattern" in schema:
        return constant(schema, shown)
    if provider := provider_of(name, shown if isinstance(shown, str) else ""):
        return {"faker": provider}
    return _similar_text(schema, shown)


_FORMATS = {"uuid": "uuid4", "email": "email", "uri": "url", "ipv4": "ipv4", "ipv6": "ipv6", "hostname": "domain_name"}
"""Formats of strings, to the provider whose values have them."""


def _similar_text(schema: Mapping[str, Any], shown: Any) -> RecipeEntry:
    """A text like the one that is shown: digits for digits, a sentence for a sentence."""
    if not isinstance(shown, str) or _DATE.match(shown):
        return constant(schema, shown)
    if HEX.fullmatch(shown):
        return {"faker": {"hexify": {"text": "^" * len(shown)}}}
    if _CODE.fullmatch(shown):
        return {"faker": {"numerify": {"text": _DIGIT.sub("#", shown)}}}
    return {"faker": "sentence"} if " " in shown and _WORDY.fullmatch(shown) else shown


_MADE: dict[str, Callable[[str, Mapping[str, Any], Any], RecipeEntry]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "object": _object,
    "array": _array,
}


def in_order_of_time(fields: dict[str, RecipeEntry], created: str, changed: str) -> dict[str, RecipeEntry]:
    """The same recipes, where what was changed was made before."""
    form = fields[changed]["time"]["format"]
    return {**fields, changed: {"time": {"after": created, "by": "0-60 d", "format": form}}}


def timestamp_field(fields: Mapping[str, RecipeEntry], among: tuple[str, ...]) -> str | None:
    """The member of such a name that a recipe of kind `time` makes; `None` where there is none."""
    return next((n for n, each in fields.items() if snake_case(n) in among and isinstance(each, dict) and "time" in each), None)
