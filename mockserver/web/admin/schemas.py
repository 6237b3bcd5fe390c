"""JSON Schemas of what control operations take and give, in few words."""

from collections.abc import Mapping

from mockserver.formats.json_schema import Schema, Validator, closed_object

ANYTHING: Schema = {}
TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}
EMPTY: Schema = {"type": "array", "maxItems": 0}
INTEGER: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
SMALL_COUNT: Schema = {**COUNT, "maximum": 10**9 - 1}
"""A count that a query variable gives: at most nine digits are read."""
NUMBER: Schema = {"type": "number"}
BOOLEAN: Schema = {"type": "boolean"}


def object_of(optional: Mapping[str, Schema] | None = None, /, **required: Schema) -> Schema:
    """An object with these members and no others."""
    return closed_object(list(required), **required, **(optional or {}))


def array_of(of: Schema) -> Schema:
    """A list of any length."""
    return {"type": "array", "items": of}


def map_of(of: Schema) -> Schema:
    """An object whose members have names that no schema knows."""
    return {"type": "object", "additionalProperties": of}


def nullable(schema: Schema) -> Schema:
    """What the schema says, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


NOTHING = Validator(object_of())
"""The body of an operation that needs to be told nothing: an object without members."""
