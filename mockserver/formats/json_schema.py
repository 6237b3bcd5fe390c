"""JSON Schemas (2020-12): building blocks and validation.

jsonschema-rs decides whether a value is valid. `schema_messages` (jsonschema) explains why it is
invalid. Both check formats, which is optional in JSON Schema Validation 2020-12, section 7.
"""

import importlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Any

import jsonschema_rs

from mockserver.errors import Violation
from mockserver.formats.json_text import abbreviated_json

MAX_DEPTH = 64
"""Maximum levels of lists and objects in a body.

More levels could exhaust the stack of Python or of a JSON writer.
"""
MAX_REPORTED = 100
"""Maximum violations in a response: a body of a megabyte can have hundreds of thousands."""


Schema = dict[str, Any]

NAME: Schema = {"type": "string", "minLength": 1}
"""A text that is not empty."""
MAPPING: Schema = {"type": "object", "minProperties": 1}
"""An object that is not empty."""


def closed_object(required: list[str], /, **properties: Any) -> Schema:
    """Return the schema of an object with these properties and no others."""
    return {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": False,
    }


class Validator:
    """A compiled schema. Safe to share between threads."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._fast = _compiled(schema)
        self.accepts: Callable[[Any], bool] = self._fast.is_valid
        """Return whether a value is valid. This takes 14 µs for a page of 20 records."""

    def violations(self, value: Any, limit: int | None = None) -> tuple[Violation, ...]:
        """Return the violations of a value, at most `limit`; empty if the value is valid."""
        if self.accepts(value):
            return ()
        violations = tuple(islice(_messages().violations(self.schema, value), limit))
        if violations:
            return violations
        # jsonschema accepts the value, but it is still invalid, for the reason of jsonschema-rs.
        errors = islice(self._fast.iter_errors(value), limit)
        return tuple(Violation("", "a valid value", error.message) for error in errors)


def schema_violations(schema: Any) -> tuple[Violation, ...]:
    """Return the violations of the meta-schema of JSON Schema 2020-12 by a schema.

    The result is empty if the schema is valid and compiles.
    """
    if not isinstance(schema, dict):
        return (Violation("", "an object", abbreviated_json(schema)),)
    if not jsonschema_rs.meta.is_valid(schema):
        violations = _messages().schema_violations(schema)
        if violations:
            return tuple(violations)
    try:
        _compiled(schema)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        reason = str(error).splitlines()[0]
        return (Violation("", "a self-contained schema that compiles", reason),)
    return ()


def _compiled(schema: Schema) -> jsonschema_rs.Draft202012Validator:
    """Compile a schema. A reference to another document is an error, and is never fetched."""
    return jsonschema_rs.Draft202012Validator(
        schema, validate_formats=True, retriever=_refuse_to_fetch
    )


def _refuse_to_fetch(uri: str) -> Any:
    raise ValueError(f"{uri} is another document, which is not fetched")


@cache
def _messages() -> Any:
    """Return the module `schema_messages`, imported at the first violation."""
    return importlib.import_module("mockserver.formats.schema_messages")


def exceeds_depth(value: Any, levels: int = MAX_DEPTH) -> bool:
    """Return whether lists and objects are nested deeper than this number of levels.

    The check works without recursion, so that the value cannot exhaust the stack.
    """
    level = [value]
    for _ in range(levels):
        level = list(_inner_collections(level))
        if not level:
            return False
    return True


def _inner_collections(collections: Iterable[Any]) -> Iterator[Any]:
    """Yield the lists and objects that are directly in these lists and objects."""
    for collection in collections:
        values: Iterable[Any] = ()
        if isinstance(collection, dict):
            values = collection.values()
        elif isinstance(collection, list):
            values = collection
        for value in values:
            if isinstance(value, dict | list):
                yield value
