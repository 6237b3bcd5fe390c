"""JSON Schemas of the admin API, and functions that build them."""

from collections.abc import Mapping
from typing import Any

from mockserver.formats.json_schema import Schema, Validator, closed_object

Json = dict[str, Any]
"""A JSON object of a request or response."""

ANYTHING: Schema = {}
TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}
EMPTY: Schema = {"type": "array", "maxItems": 0}
INTEGER: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
SMALL_COUNT: Schema = {**COUNT, "maximum": 10**9 - 1}
"""A count in a query parameter, which has at most nine digits."""
NUMBER: Schema = {"type": "number"}
BOOLEAN: Schema = {"type": "boolean"}
OBJECT: Schema = {"type": "object"}


def object_of(optional: Mapping[str, Schema] | None = None, /, **required: Schema) -> Schema:
    """Return the schema of an object with these members and no others."""
    return closed_object(list(required), **required, **(optional or {}))


def array_of(items: Schema) -> Schema:
    """Return the schema of an array of any length."""
    return {"type": "array", "items": items}


def map_of(values: Schema) -> Schema:
    """Return the schema of an object with any member names."""
    return {"type": "object", "additionalProperties": values}


def nullable(schema: Schema) -> Schema:
    """Return a schema that also allows null."""
    return {"anyOf": [schema, {"type": "null"}]}


NOTHING = Validator(object_of())
"""The body of a route without arguments: an object without members."""
