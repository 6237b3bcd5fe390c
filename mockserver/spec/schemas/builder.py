"""Build the JSON Schema of a payload from its `+ Schema`, its attributes, or its example body.

Source: API Blueprint 1A, "Payload section", "Relation of Body, Schema and Attributes sections".
"""

from collections.abc import Callable
from typing import Any

import orjson

from mockserver.formats.json_schema import Schema
from mockserver.formats.older_schemas import convert_schema
from mockserver.spec.description import Api, DataType, Payload
from mockserver.spec.schemas.samples import Samples, TypeLocation, location_of, scalar_schema


class SchemaBuilder:
    """Builds the schemas of one API."""

    def __init__(self, api: Api) -> None:
        self._samples = Samples(api)

    def schema_of(self, payload: Payload) -> Schema | None:
        """Return the schema of a payload, or `None` if it has no JSON."""
        if not payload.is_json:
            return None
        if payload.schema is not None or payload.data is not None:
            return self.declared_schema(payload)
        if payload.body is None:
            return None
        return infer_schema([orjson.loads(payload.body)])

    def declared_schema(self, payload: Payload) -> Schema | None:
        """Return the schema from `+ Schema`, else from the attributes; `None` without them."""
        if payload.schema is not None:
            return _explicit_schema(payload.schema)
        if payload.data is not None:
            return self._type_schema(payload.data, location_of(payload))
        return None

    def _type_schema(self, data: DataType, location: TypeLocation, fixed: bool = False) -> Schema:
        """Return the schema of a documented type.

        Args:
            data: The type.
            location: The location of its declaration.
            fixed: Whether the type is nested in a fixed type, so that its samples are fixed values.
        """
        schema = _TYPE_SCHEMAS[data.kind](self, data, location, fixed or data.fixed)
        if data.nullable or None in self._samples.values_of(data, location):
            return nullable(schema)
        return schema

    def _object(self, data: DataType, location: TypeLocation, fixed: bool) -> Schema:
        properties: Schema = {}
        for member in data.members:
            schema = self._type_schema(member.type, (member.position,), fixed)
            if member.description:
                schema = {**schema, "description": member.description}
            properties[member.name] = schema
        required = [member.name for member in data.members if member.required]
        schema = closed_object(properties, required)
        if data.open:
            del schema["additionalProperties"]
        if data.one_of:
            schema["allOf"] = [_choice_schema(choice) for choice in data.one_of]
        return schema

    def _array(self, data: DataType, location: TypeLocation, fixed: bool) -> Schema:
        schema: Schema = {"type": "array"}
        if data.items:
            items = []
            for index, item in enumerate(data.items):
                items.append(self._type_schema(item, (*location, index), fixed))
            schema["items"] = any_of(items)
        return schema

    def _enum(self, data: DataType, location: TypeLocation, fixed: bool) -> Schema:
        values = list(data.values)
        if fixed and data.samples:
            values = list(data.samples)
        kind = "string"
        if data.items:
            kind = data.items[0].kind
        schema: Schema = {"type": scalar_schema(kind, values)["type"]}
        if values:
            schema["enum"] = values
        return schema

    def _scalar(self, data: DataType, location: TypeLocation, fixed: bool) -> Schema:
        schema = scalar_schema(data.kind, self._samples.values_of(data, location))
        values = [value for value in dict.fromkeys(data.samples) if value is not None]
        if fixed and values:
            return {"type": schema["type"], "enum": values}
        return schema


def _explicit_schema(text: str) -> Schema:
    """Return the schema of a `+ Schema` section."""
    schema: Schema = convert_schema(orjson.loads(text)).schema
    return schema


_TYPE_SCHEMAS: dict[str, Callable[[SchemaBuilder, DataType, TypeLocation, bool], Schema]] = {
    "object": SchemaBuilder._object,
    "array": SchemaBuilder._array,
    "enum": SchemaBuilder._enum,
    "string": SchemaBuilder._scalar,
    "number": SchemaBuilder._scalar,
    "boolean": SchemaBuilder._scalar,
}


def _choice_schema(choice: tuple[tuple[str, ...], ...]) -> Schema:
    """Return the schema of a One Of: exactly one of its alternatives is present."""
    return {"oneOf": [{"required": list(dict.fromkeys(names))} for names in choice]}


def infer_schema(values: list[Any]) -> Schema:
    """Return the schema of example values without a documented type.

    The schema is empty if all values are null.
    """
    values_by_type: dict[str, list[Any]] = {}
    for value in values:
        values_by_type.setdefault(_JSON_TYPES[type(value)], []).append(value)
    has_null = values_by_type.pop("null", None) is not None
    schemas = [_INFERRED_SCHEMAS[kind](kind, examples) for kind, examples in values_by_type.items()]
    if not schemas:
        return {}
    schema = any_of(schemas)
    if has_null:
        return nullable(schema)
    return schema


def _infer_object(kind: str, values: list[Any]) -> Schema:
    values_by_name: dict[str, list[Any]] = {}
    for value in values:
        for name, member in value.items():
            values_by_name.setdefault(name, []).append(member)
    properties = {name: infer_schema(members) for name, members in values_by_name.items()}
    required = [name for name, members in values_by_name.items() if len(members) == len(values)]
    return closed_object(properties, required)


def _infer_array(kind: str, values: list[Any]) -> Schema:
    all_items: list[Any] = []
    for value in values:
        all_items += value
    schema: Schema = {"type": "array"}
    items = infer_schema(all_items)
    if items:
        schema["items"] = items
    return schema


_JSON_TYPES = {
    dict: "object",
    list: "array",
    bool: "boolean",
    str: "string",
    int: "number",
    float: "number",
    type(None): "null",
}
_INFERRED_SCHEMAS: dict[str, Callable[[str, list[Any]], Schema]] = {
    "object": _infer_object,
    "array": _infer_array,
    "boolean": scalar_schema,
    "string": scalar_schema,
    "number": scalar_schema,
}


def closed_object(properties: Schema, required: list[str]) -> Schema:
    """Return the schema of an object without other properties."""
    schema: Schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    schema["additionalProperties"] = False
    return schema


def any_of(schemas: list[Schema]) -> Schema:
    """Return the schema of values that fit at least one schema. The list must not be empty."""
    if len(schemas) == 1:
        return schemas[0]
    return {"anyOf": schemas}


def nullable(schema: Schema) -> Schema:
    """Return the schema that also allows null."""
    json_type = schema.get("type")
    if isinstance(json_type, str):
        extended = {**schema, "type": [json_type, "null"]}
        if "enum" in schema:
            extended["enum"] = [*schema["enum"], None]
        return extended
    if "anyOf" in schema:
        return {"anyOf": [*schema["anyOf"], {"type": "null"}]}
    return schema
