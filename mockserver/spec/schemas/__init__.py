"""JSON Schemas (2020-12) taken from an API description: one for each operation and status that answers with JSON, and one
for the JSON that each operation takes.

Those of answers stand in files of their own beside the blueprint; `drift` says where they are not what it says now.
"""

from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

import orjson

from mockserver.errors import FileError, InvalidFiles, Position
from mockserver.formats.json_schema import Validator
from mockserver.spec.description import Api, Operation
from mockserver.spec.schemas.builder import SchemaBuilder
from mockserver.spec.schemas.examples import with_examples
from mockserver.spec.schemas.files import Schemas, blocked, differences, file_name, read_schemas, render, surplus, write_files

__all__ = [
    "DIALECT",
    "Schemas",
    "derive",
    "derive_requests",
    "drift",
    "example_errors",
    "file_name",
    "read_schemas",
    "render",
    "schema_errors",
    "surplus",
    "unanswerable",
    "with_examples",
    "write",
]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def derive(api: Api) -> Schemas:
    """The schema of each operation id and status; a status that shows no JSON has none.

    Payloads of one status that differ in shape make an `anyOf`. Raises `FaultsFound` for a `+ Schema` that is no JSON Schema
    2020-12 or does not stand alone.
    """
    shapes = SchemaBuilder(api)
    found: Schemas = {}
    for operation in api.operations:
        for status in operation.statuses:
            known = [shapes.schema_of(transaction.response) for transaction in operation.documented(status)]
            distinct = [shape for index, shape in enumerate(known) if shape is not None and shape not in known[:index]]
            if distinct:
                found[operation.id, status] = _response_schema(operation, status, distinct)
    if shapes.errors:
        raise InvalidFiles(shapes.errors)
    return found


def derive_requests(api: Api) -> dict[str, dict[str, Any]]:
    """The schema of the JSON that each operation takes, by its id, where every request of it that shows a body declares one.

    An example body alone is one of many that may be sent, and declares nothing. Raises `FaultsFound` as `derive` does.
    """
    shapes = SchemaBuilder(api)
    found: dict[str, dict[str, Any]] = {}
    for operation in api.operations:
        known = [shapes.declared_schema(request) for request in operation.requests if request.is_json and request.shows_body]
        distinct = [shape for index, shape in enumerate(known) if shape is not None and shape not in known[:index]]
        if distinct and None not in known:
            title, route = f"{operation.name}: request", f"{operation.method} {operation.uri_template}"
            found[operation.id] = _joined(distinct, title, f"The body of a request to {route}.")
    if shapes.errors:
        raise InvalidFiles(shapes.errors)
    return found


def _response_schema(operation: Operation, status: int, shapes: list[dict[str, Any]]) -> dict[str, Any]:
    route = f"{operation.method} {operation.uri_template}"
    return _joined(shapes, f"{operation.name}: {status}", f"The body of a {status} response to {route}.")


def _joined(shapes: list[dict[str, Any]], title: str, description: str) -> dict[str, Any]:
    if len(shapes) > 1:
        # With an id of its own, a shape's references into itself stay what they are.
        named = [{"$id": f"urn:mockserver:schema:{index}", **shape} for index, shape in enumerate(shapes)]
        shapes = [{"anyOf": [own if "$ref" in str(own) else shape for own, shape in zip(named, shapes, strict=True)]}]
    return {"$schema": DIALECT, "title": title, "description": description, **shapes[0]}


def example_errors(api: Api, schemas: Mapping[tuple[str, int], dict[str, Any]], made: bool = False) -> list[FileError]:
    """Every way in which an example body of the blueprint breaks the schema of its operation and status.

    Those that are shown, or those that `with_examples` has `made`.
    """
    faults: list[FileError] = []
    validators = {key: Validator(schema) for key, schema in schemas.items()}
    what = "generated from its attributes or schema" if made else "body"
    for operation in api.operations:
        for transaction in operation.transactions:
            validator, response = validators.get((operation.id, transaction.status)), transaction.response
            if validator and response.is_json and response.body is not None and made == (response.body_position is None):
                found = validator.violations(orjson.loads(response.body))
                at = response.body_position or response.position
                faults += [FileError(at, f"the example {what} violates its schema at {violation}") for violation in found]
    return faults


def schema_errors(api: Api, folder: Path, shown_as: str) -> list[FileError]:
    """Everything for which the schemas of an API are not written to a folder, which faults call `shown_as`."""
    try:
        derived = derive(api)
    except InvalidFiles as error:
        return list(error.errors)
    message = "a folder has the name of this schema file; expected no folder of this name"
    return [
        *example_errors(api, derived),
        *(FileError(Position(f"{shown_as}/{name}"), message) for name in blocked(derived, folder)),
    ]


def unanswerable(api: Api, schemas: Container[tuple[str, int]]) -> list[str]:
    """A sentence for each documented response that has a schema or attributes, and no body to send."""
    told: list[str] = []
    for operation in api.operations:
        for status in operation.statuses:
            response = operation.documented(status)[0].response
            if response.body is not None:
                continue
            if (operation.id, status) in schemas:
                missing = "has no example body, and none can be generated from its schema"
                told.append(f"{response.position}: {operation.name} {status} {missing}")
            elif response.shows_body and not response.is_json:
                told.append(
                    f"{response.position}: {operation.name} {status} is sent without a body: {response.content_type} is not JSON"
                )
    return told


def write(api: Api, folder: Path) -> list[Path]:
    """Write the schemas of an API, and remove those of answers that it has no more; returns what is written."""
    return write_files(derive(api), folder)


def drift(api: Api, folder: Path) -> list[str]:
    """How the schema files differ from what the blueprint says now: unified diffs, and what is missing or surplus."""
    return list(differences(derive(api), folder))
