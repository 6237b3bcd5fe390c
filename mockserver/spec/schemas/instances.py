"""A value that fits a JSON Schema, for payloads that document a schema and no example.

It is made by the schema's own examples, then by a few values a type; what is made is validated, and not sent if it does not fit.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mockserver.formats.json_pointer import pointer_steps
from mockserver.formats.json_schema import Validator, schema_violations

Schema = dict[str, Any]

MAX_DEPTH = 6
"""Levels below which nothing is built that is not required: a schema may refer to itself."""
MAX_ITEMS = 100
"""Of an array; one that needs more has no example."""
MAX_ATTEMPTS = 20_000
"""Of values that are tried for one schema: alternatives in alternatives would multiply."""

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
"""Tried in this order for a string; they fit the formats and the common patterns."""


def schema_instance(schema: Any, preferred: Iterable[Any] = ()) -> Any:
    """Return the first of `preferred` that fits the schema, else a value made from it.

    Raises:
        ValueError: No value was found, or it is no schema.
    """
    schema = _current(schema)
    if schema_violations(schema):
        raise ValueError("it is no JSON Schema")
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


def _current(schema: Any) -> Any:
    """The schema without the name of an older dialect, as `schemas.shapes` takes it."""
    return {name: value for name, value in schema.items() if name != "$schema"} if isinstance(schema, dict) else schema


class _Builder:
    """Builds one value; knows the whole schema, for its references."""

    def __init__(self, root: Any, all_members: bool) -> None:
        self._root, self._all_members = root, all_members
        self._attempts = 0

    def build(self, schema: Any, depth: int) -> Any:
        """Return a value of a part of the schema. Raises `ValueError` where there is none."""
        self._attempts += 1
        if self._attempts > MAX_ATTEMPTS or depth > 2 * MAX_DEPTH:
            raise ValueError("the schema is too deep")
        if schema is True or schema == {}:
            return {}
        if not isinstance(schema, dict):
            raise ValueError("nothing fits")
        shown = list(_shown_values(schema))
        if shown:
            return shown[0]
        if "$ref" in schema:
            rest = {name: value for name, value in schema.items() if name != "$ref"}
            return self.build(_merged(self._referenced(schema["$ref"]), rest), depth + 1)
        if "allOf" in schema:
            return self._all_of(schema, depth)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                return self._one_of(schema, keyword, depth)
        return _BUILDERS[_type_of(schema)](self, schema, depth)

    def _referenced(self, reference: Any) -> Any:
        if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
            raise ValueError(f"{reference} is not in the schema")
        part = self._root
        for name in pointer_steps(reference[1:]):
            if not isinstance(part, dict) or name not in part:
                raise ValueError(f"{reference} is not in the schema")
            part = part[name]
        return part

    def _all_of(self, schema: Schema, depth: int) -> Any:
        whole = {name: value for name, value in schema.items() if name != "allOf"}
        for part in schema["allOf"]:
            reference = part.get("$ref") if isinstance(part, dict) else None
            whole = _merged(whole, self._referenced(reference) if reference else part)
        return self.build(whole, depth + 1)

    def _one_of(self, schema: Schema, keyword: str, depth: int) -> Any:
        rest = {name: value for name, value in schema.items() if name != keyword}
        for alternative in schema[keyword]:
            try:
                return self.build(_merged(rest, alternative), depth + 1)
            except ValueError:
                continue
        raise ValueError("no alternative has a value")

    def _object(self, schema: Schema, depth: int) -> Any:
        required = schema.get("required", ())
        members = {name: {} for name in required} | schema.get("properties", {})
        wanted = members if self._all_members and depth < MAX_DEPTH else required
        built: dict[str, Any] = {}
        for name, member in members.items():
            if name not in wanted:
                continue
            try:
                built[name] = self.build(member, depth + 1)
            except ValueError:
                if name in required:
                    raise
        return built

    def _array(self, schema: Schema, depth: int) -> Any:
        first = [self.build(item, depth + 1) for item in schema.get("prefixItems", ())]
        item, least = schema.get("items", True), schema.get("minItems", 0)
        shown = 0 if isinstance(item, bool) or depth >= MAX_DEPTH else 1
        count = min(max(least, shown), schema.get("maxItems", MAX_ITEMS)) - len(first)
        if count > MAX_ITEMS:
            raise ValueError("the array is too long")
        return [*first, *[self.build(item, depth + 1) for _ in range(count)]]

    def _scalar(self, schema: Schema, depth: int) -> Any:
        kind = _type_of(schema)
        candidates = _CANDIDATES[kind](schema)
        fits = Validator(schema).accepts
        for value in candidates:
            if fits(value):
                return value
        raise ValueError(f"no {kind} was found that fits")


def _shown_values(schema: Schema) -> Iterator[Any]:
    """The values that a schema names itself."""
    yield from (schema[name] for name in ("const", "default", "example") if name in schema)
    for name in ("examples", "enum"):
        if isinstance(schema.get(name), list):
            yield from schema[name]


def _type_of(schema: Schema) -> str:
    """The type to build: the first that is named, else the one whose keywords are there."""
    named = schema.get("type")
    if isinstance(named, list):
        named = next((each for each in named if each != "null"), "null")
    if named:
        return str(named)
    implied = {"items": "array", "prefixItems": "array", "pattern": "string", "format": "string", "minLength": "string"}
    implied |= {"maxLength": "string", "minimum": "number", "maximum": "number"}
    return next((kind for keyword, kind in implied.items() if keyword in schema), "object")


def _merged(first: Any, second: Any) -> Any:
    """Two schemas that both hold, as one."""
    if not isinstance(first, dict) or not isinstance(second, dict):
        return second if first is True else first
    merged = {**first, **second}
    if "properties" in first and "properties" in second:
        merged["properties"] = {**first["properties"], **second["properties"]}
    if "required" in first and "required" in second:
        merged["required"] = list(dict.fromkeys([*first["required"], *second["required"]]))
    return merged


def _strings(schema: Schema) -> Iterator[str]:
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    for text in _STRINGS:
        yield text
        yield text.ljust(least, text[-1:] or "a")[:most]


def _numbers(schema: Schema) -> Iterator[float]:
    step = schema.get("multipleOf", 1)
    bounds = [schema[name] for name in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum") if _is_number(schema, name)]
    for bound in (0, 1, *bounds):
        nearest = bound // step * step
        yield from (bound, nearest, nearest + step, nearest - step, bound + 0.5, bound - 0.5)


def _is_number(schema: Schema, name: str) -> bool:
    """Older dialects have booleans here."""
    return isinstance(schema.get(name), int | float) and not isinstance(schema[name], bool)


_CANDIDATES: dict[str, Callable[[Schema], Iterable[Any]]] = {
    "string": _strings,
    "number": _numbers,
    "integer": lambda schema: (int(number) for number in _numbers(schema)),
    "boolean": lambda schema: (False, True),
    "null": lambda schema: (None,),
}
_BUILDERS: dict[str, Callable[[_Builder, Schema, int], Any]] = {
    "object": _Builder._object,
    "array": _Builder._array,
    **dict.fromkeys(("string", "number", "integer", "boolean", "null"), _Builder._scalar),
}
