"""Derive JSON Schemas (2020-12) from an API description.

There is one schema per operation and status with a JSON response, and one per operation with a
JSON request. The schemas of responses are in files next to the blueprint. `drift` compares the
files with the blueprint.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path

import orjson

from mockserver.errors import FileMessage, Position
from mockserver.formats.json_schema import Schema, Validator
from mockserver.spec.blueprint import messages
from mockserver.spec.description import Api, Operation, Payload
from mockserver.spec.schemas.builder import SchemaBuilder
from mockserver.spec.schemas.examples import with_examples
from mockserver.spec.schemas.files import (
    Schemas,
    differences,
    file_name,
    names_of_folders,
    read_schemas,
    render,
    surplus,
    write_files,
)

__all__ = [
    "DIALECT",
    "Schemas",
    "derive",
    "derive_requests",
    "drift",
    "example_messages",
    "file_name",
    "missing_bodies",
    "read_schemas",
    "render",
    "schema_errors",
    "surplus",
    "with_examples",
    "write",
]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def derive(api: Api) -> Schemas:
    """Return the schema of each operation and status that has a JSON response.

    Different schemas of one status become an `anyOf`.
    """
    builder = SchemaBuilder(api)
    schemas: Schemas = {}
    for operation in api.operations:
        for status in operation.statuses:
            responses = [transaction.response for transaction in operation.transactions_for(status)]
            distinct = _distinct(map(builder.schema_of, responses))
            if distinct:
                title = f"{operation.name}: {status}"
                description = f"The body of a {status} response to {_route(operation)}."
                schemas[operation.id, status] = _combine(distinct, title, description)
    return schemas


def derive_requests(api: Api) -> dict[str, Schema]:
    """Return the schema of each operation's JSON requests by the operation's id.

    An operation has one if every documented JSON body has a schema or attributes. An example body
    is not enough, because it is only one of many possible bodies.
    """
    builder = SchemaBuilder(api)
    schemas: dict[str, Schema] = {}
    for operation in api.operations:
        declared = []
        for request in operation.requests:
            if request.is_json and request.documents_body:
                declared.append(builder.declared_schema(request))
        distinct = _distinct(declared)
        if distinct and None not in declared:
            title = f"{operation.name}: request"
            description = f"The body of a request to {_route(operation)}."
            schemas[operation.id] = _combine(distinct, title, description)
    return schemas


def _route(operation: Operation) -> str:
    return f"{operation.method} {operation.uri_template}"


def _distinct(schemas: Iterable[Schema | None]) -> list[Schema]:
    distinct: list[Schema] = []
    for schema in schemas:
        if schema is not None and schema not in distinct:
            distinct.append(schema)
    return distinct


def _combine(schemas: list[Schema], title: str, description: str) -> Schema:
    combined = schemas[0]
    if len(schemas) > 1:
        combined = _any_of(schemas)
    return {"$schema": DIALECT, "title": title, "description": description, **combined}


def _any_of(schemas: list[Schema]) -> Schema:
    """Return the schema of values that fit at least one schema. Its references are still valid."""
    definitions: dict[str, Schema] = {}
    alternatives: list[Schema] = []
    for index, schema in enumerate(schemas):
        own = schema.get("$defs", {})
        shared = {name: value for name, value in definitions.items() if name in own}
        if _has_only_definitions(schema) and all(own[name] == shared[name] for name in shared):
            definitions |= own
            alternatives.append({key: value for key, value in schema.items() if key != "$defs"})
        else:
            alternatives.append(_with_id(schema, index))
    combined: Schema = {"anyOf": alternatives}
    if definitions:
        combined["$defs"] = definitions
    return combined


def _has_only_definitions(schema: Schema) -> bool:
    """Return whether all references of a schema are to its `$defs`."""
    text = orjson.dumps(schema).decode()
    return text.count('"$ref"') == text.count('"$ref":"#/$defs/')


def _with_id(schema: Schema, index: int) -> Schema:
    """Return a schema with an id, so that its references still refer to it."""
    return {"$id": f"urn:mockserver:schema:{index}", **schema}


def example_messages(api: Api, schemas: Mapping[tuple[str, int], Schema]) -> Iterator[FileMessage]:
    """Yield a warning for each violation of a schema by the example body of a response.

    Args:
        api: The API.
        schemas: The schemas by operation id and status.
    """
    validators = {key: Validator(schema) for key, schema in schemas.items()}
    for operation in api.operations:
        for transaction in operation.transactions:
            validator = validators.get((operation.id, transaction.status))
            if validator:
                yield from _body_messages(transaction.response, validator)


def _body_messages(response: Payload, validator: Validator) -> Iterator[FileMessage]:
    """Yield the violations of a schema by the JSON body of a response."""
    if response.body is None or not response.is_json:
        return
    name = "example body"
    if response.body_position is None:
        name = "example generated from its attributes or schema"
    position = response.body_position or response.position
    for violation in validator.violations(orjson.loads(response.body)):
        text = f"the {name} violates its schema at {violation}"
        yield messages.EXAMPLE_BREAKS_SCHEMA.message(position, text)


def schema_errors(api: Api, folder: Path, shown_as: str) -> list[FileMessage]:
    """Return every error that prevents writing the schemas of an API to a folder.

    Args:
        api: The API.
        folder: The folder.
        shown_as: The name of the folder in errors.
    """
    errors: list[FileMessage] = []
    for name in names_of_folders(derive(api), folder):
        message = "a folder has the name of this schema file; expected no folder of this name"
        errors.append(FileMessage(Position(f"{shown_as}/{name}"), message))
    return errors


def missing_bodies(api: Api, schemas: Container[tuple[str, int]]) -> Iterator[FileMessage]:
    """Yield a warning for each response with attributes or a schema and without a body."""
    for operation in api.operations:
        for status in operation.statuses:
            response = operation.transactions_for(status)[0].response
            if response.body is not None:
                continue
            reason = ""
            if (operation.id, status) in schemas:
                reason = "has no example body, and none can be generated from its schema"
            elif response.documents_body and not response.is_json:
                reason = f"has no example body, and {response.content_type} is not JSON"
            if reason:
                text = f"{operation.name} {status} {reason}; expected a `+ Body`"
                yield messages.NO_EXAMPLE.message(response.position, text)


def write(api: Api, folder: Path) -> list[Path]:
    """Write the schemas of an API, delete surplus schema files, and return the paths written."""
    return write_files(derive(api), folder)


def drift(api: Api, folder: Path) -> list[str]:
    """Return how the schema files differ from the blueprint: diffs, missing and surplus files."""
    return list(differences(derive(api), folder))
