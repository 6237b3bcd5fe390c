"""Build a value that fits a JSON Schema, for payloads with a schema and without an example.

The values are examples in the schema, else a few candidates for each type. Every result is
validated.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mockserver.formats.json_pointer import pointer_steps
from mockserver.formats.json_schema import Schema, Validator, schema_violations
from mockserver.formats.older_schemas import convert_schema

MAX_DEPTH = 6
"""Level below which only required properties are built, because schemas can be recursive."""
MAX_ITEMS = 100
"""Maximum number of items. An array that needs more has no example."""
MAX_ATTEMPTS = 20_000
"""Maximum number of schemas visited for one value, because nested alternatives multiply."""

_STRINGS = (
    "string",
    "2026-01-01T00:00:00Z",
    "2026-01-01",
    "00:00:00Z",
    "2026-01-01 00:00:00",
    "00000000-0000-4000-8000-000000000000",
    "user@example.com",
    "https://example.com/",
    "example.com",
    "127.0.0.1",
    "::1",
    "/",
    "P1D",
    "",
    "a",
    "A",
    "1",
    "12",
    "123",
    "1234",
    "12345",
    "ab",
    "AB",
    "ABC",
    "a1",
    "+1234567890",
    "0" * 24,
    "0" * 32,
    "0" * 40,
)
"""Candidates for strings, in order. They fit the formats of JSON Schema and common patterns."""


def schema_instance(schema: Any, preferred: Iterable[Any] = ()) -> Any:
    """Return the first of `preferred` that fits the schema, else a value built from the schema.

    Raises:
        ValueError: No value was found, or the schema is invalid.
    """
    schema = convert_schema(schema).schema
    if schema_violations(schema):
        raise ValueError("invalid JSON Schema")
    fits = Validator(schema).accepts
    for value in preferred:
        if fits(value):
            return value
    for all_members in (True, False):
        try:
            value = _Builder(schema, all_members).build(schema, 0)
        except ValueError:
            continue
        if fits(value):
            return value
    raise ValueError("no value was found that fits the schema")


def _without(schema: Schema, keyword: str) -> Schema:
    return {name: value for name, value in schema.items() if name != keyword}


class _Builder:
    """Builds one value of a schema."""

    def __init__(self, root: Any, all_members: bool) -> None:
        """Build values with or without optional members. `root` resolves references."""
        self._root, self._all_members = root, all_members
        self._attempts = 0

    def build(self, schema: Any, depth: int) -> Any:
        """Return a value for a subschema.

        Raises:
            ValueError: No value was found.
        """
        self._attempts += 1
        if self._attempts > MAX_ATTEMPTS or depth > 2 * MAX_DEPTH:
            raise ValueError("the schema is too deep")
        if schema is True or schema == {}:
            return {}
        if not isinstance(schema, dict):
            raise ValueError("nothing fits")
        values = list(_annotated_values(schema))
        if values:
            return values[0]
        for keyword, build in _KEYWORD_BUILDERS.items():
            if keyword in schema:
                return build(self, schema, depth)
        return _TYPE_BUILDERS[_type_of(schema)](self, schema, depth)

    def _reference(self, schema: Schema, depth: int) -> Any:
        referenced = self._referenced(schema["$ref"])
        return self.build(_merge(referenced, _without(schema, "$ref")), depth + 1)

    def _referenced(self, reference: Any) -> Any:
        """Return the subschema at a JSON pointer (RFC 6901) into the root schema."""
        if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
            raise ValueError(f"{reference} is not in the schema")
        subschema = self._root
        for name in pointer_steps(reference[1:]):
            if not isinstance(subschema, dict) or name not in subschema:
                raise ValueError(f"{reference} is not in the schema")
            subschema = subschema[name]
        return subschema

    def _all_of(self, schema: Schema, depth: int) -> Any:
        merged = _without(schema, "allOf")
        for subschema in schema["allOf"]:
            if isinstance(subschema, dict) and subschema.get("$ref"):
                merged = _merge(merged, self._referenced(subschema["$ref"]))
            else:
                merged = _merge(merged, subschema)
        return self.build(merged, depth + 1)

    def _any_of(self, schema: Schema, depth: int) -> Any:
        return self._alternative(schema, "anyOf", depth)

    def _one_of(self, schema: Schema, depth: int) -> Any:
        return self._alternative(schema, "oneOf", depth)

    def _alternative(self, schema: Schema, keyword: str, depth: int) -> Any:
        """Return a value for the first alternative that has one."""
        rest = _without(schema, keyword)
        for alternative in schema[keyword]:
            try:
                return self.build(_merge(rest, alternative), depth + 1)
            except ValueError:
                continue
        raise ValueError("no alternative has a value")

    def _object(self, schema: Schema, depth: int) -> Any:
        required = schema.get("required", ())
        properties = {name: {} for name in required} | schema.get("properties", {})
        include_optional = self._all_members and depth < MAX_DEPTH
        value: dict[str, Any] = {}
        for name, subschema in properties.items():
            if name not in required and not include_optional:
                continue
            try:
                value[name] = self.build(subschema, depth + 1)
            except ValueError:
                if name in required:
                    raise
        return value

    def _array(self, schema: Schema, depth: int) -> Any:
        values = [self.build(subschema, depth + 1) for subschema in schema.get("prefixItems", ())]
        items = schema.get("items", True)
        has_item = not isinstance(items, bool) and depth < MAX_DEPTH
        min_length = max(schema.get("minItems", 0), int(has_item))
        count = min(min_length, schema.get("maxItems", MAX_ITEMS)) - len(values)
        if count > MAX_ITEMS:
            raise ValueError("the array is too long")
        for _ in range(count):
            values.append(self.build(items, depth + 1))
        return values

    def _scalar(self, schema: Schema, depth: int) -> Any:
        kind = _type_of(schema)
        candidates = _CANDIDATES[kind](schema)
        fits = Validator(schema).accepts
        for value in candidates:
            if fits(value):
                return value
        raise ValueError(f"no {kind} was found that fits")


def _annotated_values(schema: Schema) -> Iterator[Any]:
    """Yield the values that a schema contains."""
    for name in ("const", "default", "example"):
        if name in schema:
            yield schema[name]
    for name in ("examples", "enum"):
        if isinstance(schema.get(name), list):
            yield from schema[name]


_IMPLIED_TYPES = {
    "items": "array",
    "prefixItems": "array",
    "pattern": "string",
    "format": "string",
    "minLength": "string",
    "maxLength": "string",
    "minimum": "number",
    "maximum": "number",
}
"""Keyword to the type that has it."""


def _type_of(schema: Schema) -> str:
    """Return the type to build: the first in `type`, else the one that the keywords imply."""
    json_type = schema.get("type")
    if isinstance(json_type, list):
        json_type = _first_type(json_type)
    if json_type:
        return str(json_type)
    for keyword, implied_type in _IMPLIED_TYPES.items():
        if keyword in schema:
            return implied_type
    return "object"


def _first_type(json_types: list[Any]) -> Any:
    """Return the first type that is not `null`, else `null`."""
    for json_type in json_types:
        if json_type != "null":
            return json_type
    return "null"


def _merge(first: Any, second: Any) -> Any:
    """Return one schema for values that must fit both schemas."""
    if first is True:
        return second
    if not isinstance(first, dict) or not isinstance(second, dict):
        return first
    merged = {**first, **second}
    if "properties" in first and "properties" in second:
        merged["properties"] = {**first["properties"], **second["properties"]}
    if "required" in first and "required" in second:
        merged["required"] = list(dict.fromkeys([*first["required"], *second["required"]]))
    return merged


def _strings(schema: Schema) -> Iterator[str]:
    min_length, max_length = schema.get("minLength", 0), schema.get("maxLength")
    for text in _STRINGS:
        yield text
        yield text.ljust(min_length, text[-1:] or "a")[:max_length]


_BOUNDS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")


def _numbers(schema: Schema) -> Iterator[float]:
    step = schema.get("multipleOf", 1)
    bounds = [schema[keyword] for keyword in _BOUNDS if _is_number(schema, keyword)]
    for bound in (0, 1, *bounds):
        nearest = bound // step * step
        yield from (bound, nearest, nearest + step, nearest - step, bound + 0.5, bound - 0.5)


def _is_number(schema: Schema, keyword: str) -> bool:
    """Return whether a bound is a number. In draft 4, `exclusiveMinimum` is a boolean."""
    return isinstance(schema.get(keyword), int | float) and not isinstance(schema[keyword], bool)


def _integers(schema: Schema) -> Iterator[int]:
    return (int(number) for number in _numbers(schema))


_CANDIDATES: dict[str, Callable[[Schema], Iterable[Any]]] = {
    "string": _strings,
    "number": _numbers,
    "integer": _integers,
    "boolean": lambda schema: (False, True),
    "null": lambda schema: (None,),
}
_KEYWORD_BUILDERS: dict[str, Callable[[_Builder, Schema, int], Any]] = {
    "$ref": _Builder._reference,
    "allOf": _Builder._all_of,
    "anyOf": _Builder._any_of,
    "oneOf": _Builder._one_of,
}
"""The method for each keyword that refers to subschemas. The first keyword of a schema is used."""
_TYPE_BUILDERS: dict[str, Callable[[_Builder, Schema, int], Any]] = {
    "object": _Builder._object,
    "array": _Builder._array,
    **dict.fromkeys(("string", "number", "integer", "boolean", "null"), _Builder._scalar),
}
