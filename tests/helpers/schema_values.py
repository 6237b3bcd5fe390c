"""Random values for two JSON Schemas: values that fit, and values that almost fit.

hypothesis-jsonschema needs over a millisecond for a value, and gives few that almost fit.
"""

import copy
import random
from collections.abc import Iterator
from typing import Any

from mockserver.formats.json_pointer import pointer_steps

TEXTS = {
    "date-time": ["2026-01-31T10:20:30Z", "2024-02-29T00:00:00+01:00"],
    "date": ["2026-01-31", "2024-02-29"],
    "uuid": ["5f3c1a9e-27d4-4b68-9c0e-8a7d6b5e4f32"],
    "email": ["a@example.com"],
    "^a": ["a", "ab", "abc", "a1"],
    "^[a-z]+$": ["a", "ab", "abcdef"],
    "[0-9]": ["0", "a1", "12345"],
}
"""Texts that fit a format or a pattern."""
STRINGS = ["", "a", "b", "ab", "abc", "x" * 9, "1", "é", "2026-01-31 10:20:30", "waiting"]
STRINGS += [text for texts in TEXTS.values() for text in texts]
NUMBERS: list[Any] = [0, 1, -1, 2, 3, 5, 6, 10, 100, 0.5, 1.5, -2.5, 1.0, 7, 12]
SCALARS: list[Any] = [None, True, False, *NUMBERS[:6], *STRINGS[:5]]
TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"]
MAX_DEPTH = 6


class ValueSource:
    """Returns random values for two schemas, the same for the same seed."""

    def __init__(self, source: random.Random, *schemas: Any) -> None:
        self.source = source
        self.names = {"a", "zz"}
        self.strings, self.numbers = list(STRINGS), list(NUMBERS)
        self.values: list[Any] = list(SCALARS)
        for schema in schemas:
            self._collect(schema)
        self.sorted_names = sorted(self.names)

    def _collect(self, schema: Any) -> None:
        """Collect the names, the listed values and the limits in a schema."""
        for part in subschemas(schema):
            self.names.update(part.get("properties", ()))
            self.names.update(part.get("required", ()))
            self.values += part.get("enum", [])
            if "const" in part:
                self.values.append(part["const"])
            for keyword, limit in part.items():
                if keyword in ("minLength", "maxLength"):
                    self.strings += ["y" * length for length in (limit - 1, limit, limit + 1)]
                elif isinstance(limit, int | float) and not isinstance(limit, bool):
                    self.numbers += [limit - 1, limit, limit + 1, limit + 0.5]

    def candidates(self, roots: list[Any], count: int) -> Iterator[Any]:
        """Yield values, most of which fit a schema or almost fit it."""
        for _ in range(count):
            root = self.source.choice(roots)
            value = self.value(root, root, 0)
            yield value
            for _ in range(self.source.randrange(3)):
                value = self.changed(value)
                yield value

    def value(self, schema: Any, root: Any, depth: int) -> Any:
        """Return a value that fits the main keywords of a schema."""
        if not isinstance(schema, dict) or self.source.random() < 0.02:
            return copy.deepcopy(self.source.choice(self.values))
        if "$id" in schema:
            root = schema
        simple = self.simple(schema, root)
        if simple is not schema:
            return self.value(simple, root, depth + ("$ref" in schema))
        if "const" in schema:
            return copy.deepcopy(schema["const"])
        if schema.get("enum"):
            return copy.deepcopy(self.source.choice(schema["enum"]))
        types = schema.get("type", TYPES)
        kind = self.source.choice(types) if isinstance(types, list) else types
        return self.typed(kind, schema, root, depth)

    def simple(self, schema: Any, root: Any) -> Any:
        """Return a schema without one of its references and alternatives; itself without any."""
        if "$ref" in schema:
            return merged(referenced(root, schema["$ref"]), without(schema, "$ref"))
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                return merged(self.source.choice(schema[keyword]), without(schema, keyword))
        if "allOf" not in schema:
            return schema
        whole: Any = without(schema, "allOf")
        for inner in schema["allOf"]:
            whole = merged(whole, inner)
        return whole

    def typed(self, kind: str, schema: Any, root: Any, depth: int) -> Any:
        if kind == "object":
            return self.object(schema, root, depth)
        if kind == "array":
            return self.array(schema, root, depth)
        if kind == "string":
            texts = TEXTS.get(schema.get("format"), TEXTS.get(schema.get("pattern")))
            return self.source.choice(texts or self.strings)
        if kind in ("integer", "number"):
            number = self.source.choice(self.numbers)
            return int(number) if kind == "integer" else number
        return None if kind == "null" else self.source.random() < 0.5

    def object(self, schema: Any, root: Any, depth: int) -> dict[str, Any]:
        properties = schema.get("properties", {})
        required = schema.get("required", [])
        value = {}
        optional_share = self.source.choice((0.0, 0.5, 1.0)) if depth < MAX_DEPTH else 0.0
        for name in dict.fromkeys([*properties, *required]):
            if name in required or self.source.random() < optional_share:
                inner = properties.get(name, schema.get("additionalProperties", True))
                value[name] = self.value(inner, root, depth + 1)
        others = schema.get("additionalProperties", True)
        if others is not False and depth < MAX_DEPTH and self.source.random() < 0.5:
            name = self.source.choice(self.sorted_names)
            value.setdefault(name, self.value(others, root, depth + 1))
        return value

    def array(self, schema: Any, root: Any, depth: int) -> list[Any]:
        prefix = schema.get("prefixItems", [])
        least, most = schema.get("minItems", 0), schema.get("maxItems", 4)
        length = self.source.choice((least, least + 1, most, len(prefix), 1, 2))
        if depth >= MAX_DEPTH:
            length = least
        items = schema.get("items", True)
        values = []
        for index in range(length):
            inner = prefix[index] if index < len(prefix) else items
            values.append(self.value(inner, root, depth + 1))
        return values

    def changed(self, value: Any) -> Any:
        """Return the value with one change somewhere in it."""
        value = copy.deepcopy(value)
        holders = list(containers(value))
        if not holders or self.source.random() < 0.1:
            return copy.deepcopy(
                self.source.choice([*self.values, self.source.choice(self.numbers)])
            )
        holder = self.source.choice(holders)
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        change = self.source.randrange(4)
        if change == 0 and keys:
            del holder[self.source.choice(keys)]
        elif change == 1:
            self._add(holder)
        elif keys:
            key = self.source.choice(keys)
            pool = (self.values, self.strings, self.numbers)[self.source.randrange(3)]
            holder[key] = copy.deepcopy(self.source.choice(pool))
        return value

    def _add(self, holder: Any) -> None:
        """Add a member or an item."""
        value = copy.deepcopy(self.source.choice(self.values))
        if isinstance(holder, dict):
            holder[self.source.choice(self.sorted_names)] = value
        elif holder and self.source.random() < 0.5:
            holder.append(copy.deepcopy(self.source.choice(holder)))
        else:
            holder.append(value)


def containers(value: Any) -> Iterator[Any]:
    """Yield all objects and arrays in a value."""
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from containers(inner)


def subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield all objects in a schema that are schemas, the schema itself first."""
    if not isinstance(schema, dict):
        return
    yield schema
    for keyword, value in schema.items():
        if keyword in (
            "properties",
            "patternProperties",
            "$defs",
            "definitions",
            "dependentSchemas",
        ):
            inner = list(value.values())
        elif keyword in ("allOf", "anyOf", "oneOf", "prefixItems"):
            inner = value
        elif keyword in ("enum", "const", "examples", "default"):
            inner = []
        else:
            inner = [value]
        for item in inner:
            yield from subschemas(item)


def referenced(root: Any, reference: str) -> Any:
    """Return the schema at a local reference."""
    value = root
    for step in pointer_steps(reference[1:]):
        value = value[step]
    return value


def without(schema: dict[str, Any], keyword: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != keyword}


def merged(first: Any, second: Any) -> Any:
    """Return one schema with the keywords of both, as far as this is simple."""
    if not isinstance(first, dict) or not isinstance(second, dict):
        return first if second in (True, {}) else second if first is True else first
    result = {**first, **second}
    if "properties" in first and "properties" in second:
        result["properties"] = {**first["properties"], **second["properties"]}
    if "required" in first and "required" in second:
        result["required"] = [*first["required"], *second["required"]]
    for keyword in ("allOf",):
        if keyword in first and keyword in second:
            result[keyword] = [*first[keyword], *second[keyword]]
    return result
