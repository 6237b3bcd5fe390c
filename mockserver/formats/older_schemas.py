"""Convert JSON Schemas of the drafts 3, 4, 6, 7 and 2019-09 to 2020-12.

A keyword is converted if its meaning is clear, also without the name of a dialect. References to
other documents are never fetched.

Source: JSON Schema release notes, and the drafts of each keyword.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

from mockserver.formats.json_pointer import child, pointer_steps
from mockserver.formats.json_schema import Schema
from mockserver.formats.schema_applicators import SCHEMA_LISTS, SCHEMAS, SCHEMAS_BY_NAME

_OF_NAMES = SCHEMAS_BY_NAME | {"definitions", "$defs"}
"""Keywords whose value has a schema for each name."""


class ConvertedSchema(NamedTuple):
    """A schema in 2020-12."""

    schema: Any
    """A schema, or a value that is not a schema."""
    external_references: tuple[str, ...]
    """The references that cannot be resolved in the document. They accept any value."""


def convert_schema(document: Any) -> ConvertedSchema:
    """Return a JSON Schema of any draft as 2020-12."""
    converter = _Converter(document)
    schema = converter.convert(document)
    if schema is True:
        schema = {}
    elif schema is False:
        schema = {"not": {}}
    return ConvertedSchema(schema, tuple(dict.fromkeys(converter.external_references)))


class _Converter:
    """Converts one document."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self.external_references: list[str] = []
        self._pointers = dict(_pointers_of_ids(document, "#"))

    def convert(self, schema: Any) -> Any:
        """Return a schema in 2020-12. A value that is not a schema stays as it is."""
        if not isinstance(schema, dict):
            return schema
        converted: Schema = {}
        for keyword, value in schema.items():
            if keyword not in _KEYWORDS or keyword in _COPIED:
                converted[keyword] = self._value(keyword, value)
        for keyword, convert_keyword in _KEYWORDS.items():
            if keyword in schema:
                convert_keyword(self, schema, converted)
        return converted

    def _value(self, keyword: str, value: Any) -> Any:
        """Return the value of a keyword with converted schemas."""
        if keyword in _OF_NAMES and isinstance(value, dict):
            return {name: self.convert(item) for name, item in value.items()}
        if keyword in SCHEMA_LISTS and isinstance(value, list):
            return [self.convert(item) for item in value]
        if keyword in SCHEMAS:
            return self.convert(value)
        return value

    def reference(self, schema: Schema, converted: Schema) -> None:
        reference = schema.get("$ref", schema.get("$recursiveRef"))
        if not isinstance(reference, str):
            converted["$ref"] = reference
            return
        pointer = self._pointers.get(reference.removesuffix("#"), reference)
        if self._is_local(pointer):
            converted["$ref"] = pointer
        else:
            self.external_references.append(reference)

    def _is_local(self, reference: str) -> bool:
        """Return whether a reference is a JSON pointer to a value of the document."""
        if not reference.startswith("#"):
            return False
        pointer = unquote(reference[1:])
        if pointer and not pointer.startswith("/"):
            return False
        value = self.document
        for step in pointer_steps(pointer):
            value = child(value, step)
        return isinstance(value, dict | bool)

    def items(self, schema: Schema, converted: Schema) -> None:
        """Convert a list of schemas, one for each item, and the schema of additional items."""
        items = schema["items"]
        if not isinstance(items, list):
            return
        del converted["items"]
        if items:
            converted["prefixItems"] = [self.convert(item) for item in items]
        if "additionalItems" in schema:
            converted["items"] = self.convert(schema["additionalItems"])

    def dependencies(self, schema: Schema, converted: Schema) -> None:
        dependencies = schema["dependencies"]
        if not isinstance(dependencies, dict):
            return
        for name, value in dependencies.items():
            if isinstance(value, str):
                converted.setdefault("dependentRequired", {})[name] = [value]
            elif isinstance(value, list):
                converted.setdefault("dependentRequired", {})[name] = value
            else:
                converted.setdefault("dependentSchemas", {})[name] = self.convert(value)

    def properties(self, schema: Schema, converted: Schema) -> None:
        """Move `required: true` of properties to the object."""
        properties = schema["properties"]
        if not isinstance(properties, dict):
            return
        names = []
        for name, value in properties.items():
            if isinstance(value, dict) and value.get("required") is True:
                names.append(name)
        if names:
            converted["required"] = names

    def required(self, schema: Schema, converted: Schema) -> None:
        if isinstance(schema["required"], list):
            listed = converted.get("required", [])
            converted["required"] = list(dict.fromkeys([*schema["required"], *listed]))
        elif not isinstance(schema["required"], bool):
            converted["required"] = schema["required"]

    def exclusive_minimum(self, schema: Schema, converted: Schema) -> None:
        _convert_limit(schema, converted, "exclusiveMinimum", "minimum")

    def exclusive_maximum(self, schema: Schema, converted: Schema) -> None:
        _convert_limit(schema, converted, "exclusiveMaximum", "maximum")

    def type(self, schema: Schema, converted: Schema) -> None:
        """Convert `any`, and lists that have schemas."""
        types = schema["type"]
        if not isinstance(types, list):
            if types != "any":
                converted["type"] = types
        elif any(isinstance(item, dict) for item in types):
            converted.setdefault("anyOf", [self.convert(_of_type(item)) for item in types])
        elif "any" not in types:
            converted["type"] = types

    def disallow(self, schema: Schema, converted: Schema) -> None:
        converted.setdefault("not", self.convert({"type": schema["disallow"]}))

    def extends(self, schema: Schema, converted: Schema) -> None:
        bases = schema["extends"]
        if not isinstance(bases, list):
            bases = [bases]
        converted["allOf"] = [*converted.get("allOf", []), *map(self.convert, bases)]

    def divisible_by(self, schema: Schema, converted: Schema) -> None:
        converted.setdefault("multipleOf", schema["divisibleBy"])

    def omit(self, schema: Schema, converted: Schema) -> None:
        """Leave a keyword out: identifiers and dialects have no effect on local references."""


_KEYWORDS: dict[str, Callable[[_Converter, Schema, Schema], None]] = {
    "$schema": _Converter.omit,
    "id": _Converter.omit,
    "$id": _Converter.omit,
    "$recursiveAnchor": _Converter.omit,
    "additionalItems": _Converter.omit,
    "$ref": _Converter.reference,
    "$recursiveRef": _Converter.reference,
    "dependencies": _Converter.dependencies,
    "divisibleBy": _Converter.divisible_by,
    "exclusiveMinimum": _Converter.exclusive_minimum,
    "exclusiveMaximum": _Converter.exclusive_maximum,
    "type": _Converter.type,
    "disallow": _Converter.disallow,
    "extends": _Converter.extends,
    "items": _Converter.items,
    "properties": _Converter.properties,
    "required": _Converter.required,
}
"""Keywords with their conversions. Only `_COPIED` are copied before."""


_COPIED = ("items", "properties")


def _convert_limit(schema: Schema, converted: Schema, exclusive: str, limit: str) -> None:
    """Convert `exclusiveMinimum: true`, which changes the meaning of `minimum`."""
    value = schema[exclusive]
    if not isinstance(value, bool):
        converted[exclusive] = value
    elif value and limit in schema:
        converted[exclusive] = converted.pop(limit)


def _of_type(item: Any) -> Any:
    if isinstance(item, str):
        return {"type": item}
    return item


def _pointers_of_ids(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Yield each identifier and anchor of a schema with the JSON pointer to it."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _pointers_of_ids(item, f"{pointer}/{index}")
    elif isinstance(value, dict):
        for keyword in ("id", "$id"):
            identifier = value.get(keyword)
            if isinstance(identifier, str) and identifier:
                yield identifier.removesuffix("#"), pointer
        if isinstance(value.get("$anchor"), str):
            yield f"#{value['$anchor']}", pointer
        for name, item in value.items():
            step = name.replace("~", "~0").replace("/", "~1")
            yield from _pointers_of_ids(item, f"{pointer}/{step}")
