"""Build the JSON Schema of a payload from its `+ Schema`, its attributes, or its example body.

Source: API Blueprint 1A, "Payload section", "Relation of Body, Schema and Attributes sections".
"""

from collections.abc import Callable
from typing import Any

import orjson

from mockserver.errors import Position
from mockserver.formats.json_schema import Schema
from mockserver.formats.older_schemas import convert_schema
from mockserver.spec.description import Api, DataType, Member, Payload
from mockserver.spec.schemas.definitions import Definitions
from mockserver.spec.schemas.samples import Samples, TypeLocation, location_of, scalar_schema
from mockserver.spec.schemas.whole_numbers import member_name


class SchemaBuilder:
    """Builds the schemas of one API."""

    def __init__(self, api: Api) -> None:
        self._samples = Samples(api)
        self._definitions = Definitions(api.types)

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
        if payload.data is None:
            return None
        schema = self._type_schema(payload.data, location_of(payload))
        definitions = self._definitions.used_in(payload.data, self._definition)
        if definitions:
            return {**schema, "$defs": definitions}
        return schema

    def _definition(self, position: Position, data: DataType) -> Schema:
        return self._type_schema(data, (position,))

    def _type_schema(self, data: DataType, location: TypeLocation, name: str = "") -> Schema:
        """Return the schema of a documented type.

        Args:
            data: The type.
            location: The location of its declaration.
            name: The name of the member that has the type; empty if there is none.
        """
        if data.reference is not None:
            schema = self._definitions.reference(data.reference)
        else:
            schema = _TYPE_SCHEMAS[data.kind](self, data, location, name)
        if data.nullable or None in self._samples.values_of(data, location):
            return nullable(schema)
        return schema

    def _object(self, data: DataType, location: TypeLocation, name: str) -> Schema:
        properties: Schema = {}
        for member in data.members:
            name_of_values = member_name(member.name, of=name)
            members = _same_members(data, member)
            properties[member.name] = self._property(members, name_of_values)
        is_complete = data.fixed or data.fixed_type
        required: list[str] = []
        for member in data.members:
            is_chosen = _is_chosen(data, member)
            if member.required or (is_complete and not member.optional and not is_chosen):
                required.append(member.name)
        schema = closed_object(properties, required)
        if data.variables:
            variables = [self._property([member], name) for member in data.variables]
            schema["additionalProperties"] = any_of(_distinct(variables))
        if data.one_of:
            schema["allOf"] = [_choice_schema(choice) for choice in data.one_of]
        return schema

    def _property(self, members: list[Member], name: str) -> Schema:
        """Return the schema of a property: several members are alternatives of one name."""
        schemas: list[Schema] = []
        for member in members:
            schemas.append(self._type_schema(member.type, (member.position,), name))
        schema = any_of(_distinct(schemas))
        description = members[0].description
        if description:
            return {**schema, "description": description}
        return schema

    def _array(self, data: DataType, location: TypeLocation, name: str) -> Schema:
        schema: Schema = {"type": "array"}
        items = []
        for index, item in enumerate(data.items):
            items.append(self._type_schema(item, (*location, index), name))
        if data.fixed and _has_values(data):
            return {**schema, **_fixed_items(data, items)}
        if items:
            schema["items"] = any_of(_distinct(items))
        return schema

    def _enum(self, data: DataType, location: TypeLocation, name: str) -> Schema:
        values = [value for value in data.values if value is not None]
        samples = [value for value in data.samples if value is not None]
        if data.fixed and samples:
            values = samples
        if not values:
            kind = "string"
            if data.items:
                kind = data.items[0].kind
            return scalar_schema(kind, samples, name)
        kinds = list(dict.fromkeys(_JSON_TYPES[type(value)] for value in values))
        if kinds == ["number"] and all(type(value) is int for value in values):
            kinds = ["integer"]
        schema: Schema = {"type": kinds[0], "enum": values}
        if len(kinds) > 1:
            schema["type"] = kinds
        if None in data.values:
            return nullable(schema)
        return schema

    def _scalar(self, data: DataType, location: TypeLocation, name: str) -> Schema:
        schema = scalar_schema(data.kind, self._samples.values_of(data, location), name)
        if data.integer:
            schema = {"type": "integer"}
        values = [value for value in dict.fromkeys(data.samples) if value is not None]
        if data.fixed and values:
            return {"type": schema["type"], "enum": values}
        return schema


def _explicit_schema(text: str) -> Schema:
    """Return the schema of a `+ Schema` section."""
    schema: Schema = convert_schema(orjson.loads(text)).schema
    return schema


_TYPE_SCHEMAS: dict[str, Callable[[SchemaBuilder, DataType, TypeLocation, str], Schema]] = {
    "object": SchemaBuilder._object,
    "array": SchemaBuilder._array,
    "enum": SchemaBuilder._enum,
    "string": SchemaBuilder._scalar,
    "number": SchemaBuilder._scalar,
    "boolean": SchemaBuilder._scalar,
}


def _is_chosen(data: DataType, member: Member) -> bool:
    """Return whether a member of an object is in an alternative of a One Of."""
    for choice in data.one_of:
        for alternative in choice:
            if any(chosen.name == member.name for chosen in alternative):
                return True
    return False


def _same_members(data: DataType, member: Member) -> list[Member]:
    """Return a member, and the members of the same name in the alternatives of a One Of."""
    members = [member]
    for choice in data.one_of:
        for alternative in choice:
            members += [other for other in alternative if other.name == member.name]
    return members


def _choice_schema(choice: tuple[tuple[Member, ...], ...]) -> Schema:
    """Return the schema of a One Of: one alternative, and no member of the others."""
    all_names: list[str] = []
    for alternative in choice:
        all_names += [member.name for member in alternative]
    schemas: list[Schema] = []
    distinct: set[frozenset[str]] = set()
    for alternative in choice:
        distinct.add(frozenset(member.name for member in alternative))
    is_exclusive = len(distinct) == len(choice)
    for alternative in choice:
        names = [member.name for member in alternative]
        others = [name for name in dict.fromkeys(all_names) if name not in names]
        required = [member.name for member in alternative if not member.optional]
        is_exclusive = is_exclusive and len(required) == len(names)
        schema: Schema = {"properties": dict.fromkeys(others, False)}
        if required:
            schema = {"required": required, **schema}
        schemas.append(schema)
    if is_exclusive:
        return {"oneOf": schemas}
    # Alternatives with optional members, or with equal names, can overlap.
    return {"anyOf": schemas}


def _has_values(data: DataType) -> bool:
    """Return whether an array has items with values, and not only types."""
    return all(item.samples or item.kind in ("object", "array") for item in data.items)


def _fixed_items(data: DataType, schemas: list[Schema]) -> Schema:
    """Return the keywords for an array with exactly the documented items."""
    items: list[Schema] = []
    for item, schema in zip(data.items, schemas, strict=True):
        if item.kind in ("object", "array"):
            items.append(schema)
            continue
        items += [{"enum": [sample]} for sample in item.samples]
    if not items:
        return {}
    return {"prefixItems": items, "items": False, "minItems": len(items)}


def _distinct(schemas: list[Schema]) -> list[Schema]:
    distinct: list[Schema] = []
    for schema in schemas:
        if schema not in distinct:
            distinct.append(schema)
    return distinct


def infer_schema(values: list[Any], name: str = "") -> Schema:
    """Return the schema of example values without a documented type.

    The schema is empty if all values are null.

    Args:
        values: The values.
        name: The name of the member that has them; empty if there is none.
    """
    values_by_type: dict[str, list[Any]] = {}
    for value in values:
        values_by_type.setdefault(_JSON_TYPES[type(value)], []).append(value)
    has_null = values_by_type.pop("null", None) is not None
    schemas: list[Schema] = []
    for kind, examples in values_by_type.items():
        schemas.append(_INFERRED_SCHEMAS[kind](kind, examples, name))
    if not schemas:
        return {}
    schema = any_of(schemas)
    if has_null:
        return nullable(schema)
    return schema


def _infer_object(kind: str, values: list[Any], name: str) -> Schema:
    values_by_name: dict[str, list[Any]] = {}
    for value in values:
        for key, member in value.items():
            values_by_name.setdefault(key, []).append(member)
    properties: Schema = {}
    for key, members in values_by_name.items():
        properties[key] = infer_schema(members, member_name(key, of=name))
    required = [key for key, members in values_by_name.items() if len(members) == len(values)]
    return closed_object(properties, required)


def _infer_array(kind: str, values: list[Any], name: str) -> Schema:
    all_items: list[Any] = []
    for value in values:
        all_items += value
    schema: Schema = {"type": "array"}
    items = infer_schema(all_items, name)
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
_INFERRED_SCHEMAS: dict[str, Callable[[str, list[Any], str], Schema]] = {
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
    if json_type:
        types = json_type
        if isinstance(json_type, str):
            types = [json_type]
        extended = {**schema, "type": list(dict.fromkeys([*types, "null"]))}
        if "enum" in schema and None not in schema["enum"]:
            extended["enum"] = [*schema["enum"], None]
        return extended
    if "anyOf" in schema:
        return {**schema, "anyOf": _distinct([*schema["anyOf"], {"type": "null"}])}
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema
