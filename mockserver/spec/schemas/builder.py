"""Build the JSON Schema of a payload from its `+ Schema`, its attributes, or its example body.

Source: API Blueprint 1A, "Payload section", "Relation of Body, Schema and Attributes sections".
"""

from collections.abc import Callable
from typing import Any

import orjson

from mockserver.errors import FileError
from mockserver.formats.json_schema import Schema, schema_violations
from mockserver.spec.description import Api, DataType, Payload
from mockserver.spec.schemas.samples import Samples, TypeLocation, location_of, scalar_schema


class SchemaBuilder:
    """Builds the schemas of one API. Errors in explicit schemas are in `errors`."""

    def __init__(self, api: Api) -> None:
        self.errors: list[FileError] = []
        self._samples = Samples(api)

    def schema_of(self, payload: Payload) -> Schema | None:
        """Return the schema of a payload, or `None` if it has no JSON."""
        if not payload.is_json:
            return None
        if payload.schema is not None or payload.data is not None:
            return self.declared_schema(payload)
        return infer_schema([orjson.loads(payload.body)]) if payload.body is not None else None

    def declared_schema(self, payload: Payload) -> Schema | None:
        """Return the schema from `+ Schema`, else from the attributes; `None` without them."""
        if payload.schema is not None:
            return self._explicit_schema(payload, orjson.loads(payload.schema))
        if payload.data is not None:
            return self._type_schema(payload.data, location_of(payload))
        return None

    def _explicit_schema(self, payload: Payload, schema: Any) -> Schema:
        if isinstance(schema, dict):
            # Many schemas name an older dialect without using it.
            schema = {name: value for name, value in schema.items() if name != "$schema"}
        violations = schema_violations(schema)
        for violation in violations:
            message = (
                f"the schema of this payload is not a valid JSON Schema 2020-12 at {violation}"
            )
            self.errors.append(FileError(payload.position, message))
        return {} if violations else schema

    def _type_schema(self, data: DataType, location: TypeLocation, fixed: bool = False) -> Schema:
        """Return the schema of a documented type.

        Args:
            data: The type.
            location: The location of its declaration.
            fixed: Whether the type is nested in a fixed type, so that its samples are fixed values.
        """
        schema = _TYPE_SCHEMAS[data.kind](self, data, location, fixed or data.fixed)
        is_nullable = data.nullable or None in self._samples.values_of(data, location)
        return nullable(schema) if is_nullable else schema

    def _object(self, data: DataType, location: TypeLocation, fixed: bool) -> Schema:
        properties: Schema = {}
        for member in data.members:
            schema = self._type_schema(member.type, (member.position,), fixed)
            if member.description:
                schema = {**schema, "description": member.description}
            properties[member.name] = schema
        schema = closed_object(
            properties, [member.name for member in data.members if member.required]
        )
        if data.open:
            del schema["additionalProperties"]
        choices = [_choice_schema(choice) for choice in data.one_of]
        return {**schema, "allOf": choices} if choices else schema

    def _array(self, data: DataType, location: TypeLocation, fixed: bool) -> Schema:
        items = [
            self._type_schema(item, (*location, index), fixed)
            for index, item in enumerate(data.items)
        ]
        return {"type": "array", "items": any_of(items)} if items else {"type": "array"}

    def _enum(self, data: DataType, location: TypeLocation, fixed: bool) -> Schema:
        values = list(data.samples if fixed and data.samples else data.values)
        kind = data.items[0].kind if data.items else "string"
        json_type = scalar_schema(kind, values)["type"]
        return {"type": json_type, "enum": values} if values else {"type": json_type}

    def _scalar(self, data: DataType, location: TypeLocation, fixed: bool) -> Schema:
        schema = scalar_schema(data.kind, self._samples.values_of(data, location))
        values = [value for value in dict.fromkeys(data.samples) if value is not None]
        return {"type": schema["type"], "enum": values} if fixed and values else schema


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
    return {"oneOf": [{"required": list(names)} for names in choice]}


def infer_schema(values: list[Any]) -> Schema:
    """Return the schema of undescribed values; an empty schema if all are null."""
    values_by_type: dict[str, list[Any]] = {}
    for value in values:
        values_by_type.setdefault(_JSON_TYPES[type(value)], []).append(value)
    has_null = values_by_type.pop("null", None) is not None
    schemas = [_INFERRED_SCHEMAS[kind](kind, examples) for kind, examples in values_by_type.items()]
    if not schemas:
        return {}
    return nullable(any_of(schemas)) if has_null else any_of(schemas)


def _infer_object(kind: str, values: list[Any]) -> Schema:
    values_by_name: dict[str, list[Any]] = {}
    for value in values:
        for name, member in value.items():
            values_by_name.setdefault(name, []).append(member)
    properties = {name: infer_schema(members) for name, members in values_by_name.items()}
    required = [name for name, members in values_by_name.items() if len(members) == len(values)]
    return closed_object(properties, required)


def _infer_array(kind: str, values: list[Any]) -> Schema:
    items = infer_schema([item for value in values for item in value])
    return {"type": "array", "items": items} if items else {"type": "array"}


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
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def nullable(schema: Schema) -> Schema:
    """Return the schema that also allows null."""
    json_type = schema.get("type")
    if isinstance(json_type, str):
        values = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
        return {**schema, "type": [json_type, "null"], **values}
    if "anyOf" in schema:
        return {"anyOf": [*schema["anyOf"], {"type": "null"}]}
    return schema
