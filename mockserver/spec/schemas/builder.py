"""The shape of one payload as a JSON Schema: from its `+ Schema`, its attributes, or its example body, whichever comes first."""

from collections.abc import Callable
from typing import Any

import orjson

from mockserver.errors import FileError
from mockserver.formats.json_schema import schema_violations
from mockserver.spec.description import Api, DataType, Payload
from mockserver.spec.schemas.samples import Samples, TypeLocation, location_of, scalar_schema

Schema = dict[str, Any]


class SchemaBuilder:
    """Makes the shapes of one API; what is wrong with explicit schemas is in `faults`."""

    def __init__(self, api: Api) -> None:
        self.errors: list[FileError] = []
        self._samples = Samples(api)

    def schema_of(self, payload: Payload) -> Schema | None:
        """The schema of one payload; `None` for one that shows no JSON."""
        if not payload.is_json:
            return None
        if payload.schema is not None or payload.data is not None:
            return self.declared(payload)
        return inferred([orjson.loads(payload.body)]) if payload.body is not None else None

    def declared(self, payload: Payload) -> Schema | None:
        """The schema that a payload's `+ Schema` or attributes say; `None` for one that has neither."""
        if payload.schema is not None:
            return self._explicit(payload, orjson.loads(payload.schema))
        return self._typed(payload.data, location_of(payload)) if payload.data is not None else None

    def _explicit(self, payload: Payload, schema: Any) -> Schema:
        if isinstance(schema, dict):
            # Many name an older dialect and need nothing of it; what is no 2020-12 is told.
            schema = {name: value for name, value in schema.items() if name != "$schema"}
        violations = schema_violations(schema)
        self.errors += [
            FileError(payload.position, f"the schema of this payload is not a valid JSON Schema 2020-12 at {each}")
            for each in violations
        ]
        return {} if violations else schema

    def _typed(self, data: DataType, place: TypeLocation, fixed: bool = False) -> Schema:
        """The schema of a documented type; within a fixed one, all is fixed that shows a value."""
        schema = _TYPED[data.kind](self, data, place, fixed or data.fixed)
        return nullable(schema) if data.nullable or None in self._samples.of(data, place) else schema

    def _object(self, data: DataType, place: TypeLocation, fixed: bool) -> Schema:
        members: Schema = {}
        for member in data.members:
            schema = self._typed(member.type, (member.position,), fixed)
            members[member.name] = {**schema, "description": member.description} if member.description else schema
        schema = closed_object(members, [member.name for member in data.members if member.required])
        if data.open:
            del schema["additionalProperties"]
        choices = [{"oneOf": [{"required": list(names)} for names in choice]} for choice in data.one_of]
        return {**schema, "allOf": choices} if choices else schema

    def _array(self, data: DataType, place: TypeLocation, fixed: bool) -> Schema:
        items = [self._typed(each, (*place, index), fixed) for index, each in enumerate(data.items)]
        return {"type": "array", "items": either(items)} if items else {"type": "array"}

    def _enum(self, data: DataType, place: TypeLocation, fixed: bool) -> Schema:
        values = list(data.samples if fixed and data.samples else data.values)
        kind = scalar_schema(data.items[0].kind if data.items else "string", values)["type"]
        return {"type": kind, "enum": values} if values else {"type": kind}

    def _scalar(self, data: DataType, place: TypeLocation, fixed: bool) -> Schema:
        schema = scalar_schema(data.kind, self._samples.of(data, place))
        values = [value for value in dict.fromkeys(data.samples) if value is not None] if fixed else []
        return {"type": schema["type"], "enum": values} if values else schema


_TYPED: dict[str, Callable[[SchemaBuilder, DataType, TypeLocation, bool], Schema]] = {
    "object": SchemaBuilder._object,
    "array": SchemaBuilder._array,
    "enum": SchemaBuilder._enum,
    "string": SchemaBuilder._scalar,
    "number": SchemaBuilder._scalar,
    "boolean": SchemaBuilder._scalar,
}


def inferred(values: list[Any]) -> Schema:
    """The schema of values that nothing but themselves describes; where only null is shown, nothing is known."""
    by_kind: dict[str, list[Any]] = {}
    for value in values:
        by_kind.setdefault(_KINDS[type(value)], []).append(value)
    found = [_INFERRED[kind](kind, own) for kind, own in by_kind.items() if kind != "null"]
    if not found:
        return {}
    return nullable(either(found)) if "null" in by_kind else either(found)


def _inferred_object(kind: str, values: list[Any]) -> Schema:
    names = list(dict.fromkeys(name for value in values for name in value))
    members = {name: inferred([value[name] for value in values if name in value]) for name in names}
    return closed_object(members, [name for name in names if all(name in value for value in values)])


def _inferred_array(kind: str, values: list[Any]) -> Schema:
    items = inferred([item for value in values for item in value])
    return {"type": "array", "items": items} if items else {"type": "array"}


_KINDS = {dict: "object", list: "array", bool: "boolean", str: "string", int: "number", float: "number", type(None): "null"}
_INFERRED: dict[str, Callable[[str, list[Any]], Schema]] = {
    "object": _inferred_object,
    "array": _inferred_array,
    "boolean": scalar_schema,
    "string": scalar_schema,
    "number": scalar_schema,
}


def closed_object(members: Schema, required: list[str]) -> Schema:
    """The schema of an object with these members and no other."""
    needed = {"required": required} if required else {}
    return {"type": "object", "properties": members, **needed, "additionalProperties": False}


def either(schemas: list[Schema]) -> Schema:
    """The schema of what fits one of these, which are not none."""
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def nullable(schema: Schema) -> Schema:
    """The same schema for what may be null, too."""
    kind = schema.get("type")
    if not isinstance(kind, str):
        return {"anyOf": [*schema["anyOf"], {"type": "null"}]} if "anyOf" in schema else schema
    values = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": [kind, "null"], **values}
