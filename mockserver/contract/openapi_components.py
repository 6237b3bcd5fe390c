"""Move JSON Schemas with references to the components of an OpenAPI document.

A reference such as `#/$defs/Node` starts at the root of its schema. In a document, it would start
at the root of the document.
"""

import re
from collections.abc import Iterator
from typing import Any

from mockserver.contract.model import ServedOperation

Json = dict[str, Any]

_SPECIAL = re.compile(r"[^A-Za-z0-9._-]")
_PREFIX = "#/components/schemas/"


def referring_schemas(served: ServedOperation) -> Iterator[tuple[str, Json]]:
    """Yield the schemas of an operation that have references, with their component's name."""
    if served.body is not None and has_references(served.body.schema):
        yield component_name(served, "request"), served.body.schema
    for status, validator in served.validators.items():
        if has_references(validator.schema):
            yield component_name(served, str(status)), validator.schema


def component_name(served: ServedOperation, part: str) -> str:
    """Return the name of a component: the operation's id with `request` or a status.

    An underscore and the number of a character replace those that OpenAPI does not allow. An id has
    no underscores, so the names are unique.
    """
    return _SPECIAL.sub(_escape, f"{served.operation.id}.{part}")


def _escape(match: re.Match[str]) -> str:
    return f"_{ord(match[0]):x}_"


def reference(name: str) -> Json:
    """Return the schema that refers to a component."""
    return {"$ref": f"{_PREFIX}{name}"}


def has_references(schema: Any) -> bool:
    """Return whether a schema refers to a part of itself."""
    if isinstance(schema, list):
        return any(map(has_references, schema))
    if not isinstance(schema, dict):
        return False
    if _is_local(schema.get("$ref")):
        return True
    return any(map(has_references, schema.values()))


def with_component_references(schema: Any, name: str) -> Any:
    """Return the schema of a component, in which references start at the document.

    A schema with an `$id` is a root itself, so its references stay as they are.
    """
    if isinstance(schema, list):
        return [with_component_references(item, name) for item in schema]
    if not isinstance(schema, dict) or "$id" in schema:
        return schema
    component: Json = {}
    for key, value in schema.items():
        if key == "$ref" and _is_local(value):
            component[key] = f"{_PREFIX}{name}{value[1:]}"
        else:
            component[key] = with_component_references(value, name)
    return component


def _is_local(value: Any) -> bool:
    return isinstance(value, str) and (value == "#" or value.startswith("#/"))


_MAPS = frozenset(("properties", "patternProperties", "$defs", "dependentSchemas"))
"""Keywords whose value maps names to schemas."""
_LISTS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_SINGLES = frozenset(("items", "not", "contains", "if", "then", "else"))


def without_boolean_schemas(schema: Any) -> Any:
    """Return a schema in which `false` and `true` are objects.

    apispec takes `false` for the name of a component. `additionalProperties` stays.
    """
    if schema is True:
        return {}
    if schema is False:
        return {"not": {}}
    if not isinstance(schema, dict):
        return schema
    converted = dict(schema)
    for keyword in _MAPS & schema.keys():
        converted[keyword] = _map_without_booleans(schema[keyword])
    for keyword in _LISTS & schema.keys():
        converted[keyword] = list(map(without_boolean_schemas, schema[keyword]))
    for keyword in _SINGLES & schema.keys():
        converted[keyword] = without_boolean_schemas(schema[keyword])
    return converted


def _map_without_booleans(schemas: Json) -> Json:
    return {name: without_boolean_schemas(schema) for name, schema in schemas.items()}
