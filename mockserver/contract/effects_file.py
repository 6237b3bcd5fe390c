"""Read `fixtures/API/effects.yaml`, and check it against the blueprint."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.contract.effects import Effect, Effects, RecordLocator
from mockserver.errors import FileMessage, InvalidFiles
from mockserver.formats.json_schema import NAME, Validator, closed_object
from mockserver.formats.strict_yaml import Document, Pointer
from mockserver.spec.description import Api, Operation

_ERROR = {"type": "integer", "minimum": 400, "maximum": 599}
_RESPOND_WITH = {"enum": ["record", "example"]}
_NAME_TO_NAME = {"type": "object", "additionalProperties": NAME}
_NAMES = {"type": "array", "items": NAME, "minItems": 1}

KINDS: dict[str, dict[str, Any]] = {
    "list": closed_object(
        ["list"],
        list=NAME,
        search=_NAME_TO_NAME,
        filter=_NAME_TO_NAME,
        limit={"type": "integer", "minimum": 0, "maximum": 1000},
        offset={"type": ["integer", "null"], "minimum": 0},
        page=NAME,
        size=NAME,
        total=NAME,
        container=NAME,
    ),
    "retrieve": closed_object(["retrieve"], retrieve=NAME, not_found=_ERROR, container=NAME),
    "transition": closed_object(
        ["transition", "to"],
        transition=NAME,
        invalid=_ERROR,
        to=NAME,
        **{"from": _NAMES},
        reject={"type": "object", "additionalProperties": _ERROR},
        not_found=_ERROR,
        respond_with=_RESPOND_WITH,
        container=NAME,
    ),
    "create": closed_object(
        ["create"],
        create=NAME,
        invalid=_ERROR,
        timestamps=_NAMES,
        conflict=_ERROR,
        respond_with=_RESPOND_WITH,
        container=NAME,
    ),
    "update": closed_object(
        ["update"],
        update=NAME,
        invalid=_ERROR,
        timestamps=_NAMES,
        not_found=_ERROR,
        respond_with=_RESPOND_WITH,
        container=NAME,
    ),
    "remove": closed_object(
        ["remove"], remove=NAME, not_found=_ERROR, respond_with=_RESPOND_WITH, container=NAME
    ),
}
"""The kinds of effect, each with the JSON Schema of its entry.

The value of the key that names the kind is the collection.
"""
_EXAMPLE = closed_object(["invalid"], invalid=_ERROR)
"""The entry of an operation without records."""

_FILE = Validator(
    closed_object(
        ["collections", "operations"],
        access_token=NAME,
        collections={
            "type": "object",
            "additionalProperties": closed_object(
                ["key"], key=NAME, id_field=NAME, parent=NAME, parent_field=NAME
            ),
        },
        operations={"type": "object", "additionalProperties": {"type": "object"}},
    )
)
# In the file a key is read within its entry, so it is short. A field of `Effect` has the full name.
_FIELDS = {
    "to": "to_state",
    "from": "from_states",
    "not_found": "not_found_status",
    "conflict": "conflict_status",
    "invalid": "invalid_status",
}
_SCHEMAS = {**KINDS, "example": _EXAMPLE}
_VALIDATORS = {kind: Validator(schema) for kind, schema in _SCHEMAS.items()}


def read_effects(document: Document, api: Api) -> Effects:
    """Read a parsed effects.yaml and check it against the blueprint.

    Raises:
        InvalidFiles: The file has unknown keys, or names that the blueprint does not have.
            The exception has all errors of the file.
    """
    if errors := document.file_errors(_FILE.violations(document.value)):
        raise InvalidFiles(errors)
    value = document.value
    collections: dict[str, RecordLocator] = {}
    for name, entry in value["collections"].items():
        collections[name] = RecordLocator(name, **entry)
    errors = list(_access_token_errors(document, api))
    documented = {operation.id: operation for operation in api.operations}
    for operation_id in value["operations"]:
        errors += _operation_errors(document, documented, collections, operation_id)
    if errors:
        raise InvalidFiles(errors)
    operations: dict[str, Effect] = {}
    for operation_id, entry in value["operations"].items():
        operations[operation_id] = _effect(entry)
    return Effects(value.get("access_token"), collections, operations)


def _effect(entry: Mapping[str, Any]) -> Effect:
    kind = _kind(entry)
    values: dict[str, Any] = {}
    for key, value in entry.items():
        if key == kind:
            continue
        if isinstance(value, list):
            value = tuple(value)
        values[_FIELDS.get(key, key)] = value
    return Effect(kind, entry.get(kind, ""), **values)


def _kind(entry: Mapping[str, Any]) -> str:
    """Return the kind of an effect; an empty text if the entry has none."""
    if entry.keys() == {"invalid"}:
        return "example"
    return next((kind for kind in KINDS if kind in entry), "")


def _access_token_errors(document: Document, api: Api) -> Iterator[FileMessage]:
    token = document.value.get("access_token")
    headers = _request_headers(api)
    if token and token.lower() not in headers:
        expected = ", ".join(sorted(headers)) or "none"
        message = (
            f"header '{token}' does not appear in any request of the blueprint; "
            f"expected one of {expected}"
        )
        yield document.file_error(("access_token",), message)


def _request_headers(api: Api) -> set[str]:
    """Return the names of all documented request headers, in lower case."""
    headers: set[str] = set()
    for operation in api.operations:
        for request in operation.requests:
            headers |= {name.lower() for name, _ in request.headers}
    return headers


def _operation_errors(
    document: Document,
    operations: Mapping[str, Operation],
    collections: Mapping[str, RecordLocator],
    operation_id: str,
) -> Iterator[FileMessage]:
    """Yield the errors of the effect of one operation."""
    pointer = ("operations", operation_id)
    if operation_id not in operations:
        message = f"unknown operation '{operation_id}'; expected one of {', '.join(operations)}"
        yield FileMessage(document.key_position(pointer), message)
        return
    entry = document.value["operations"][operation_id]
    kind = _kind(entry)
    if not kind:
        keys = ", ".join(entry) or "none"
        message = f"the effect has no kind; expected one of the keys {', '.join(KINDS)}, got {keys}"
        yield FileMessage(document.key_position(pointer), message)
    elif violations := _VALIDATORS[kind].violations(entry):
        yield from document.file_errors(violations, pointer)
    elif kind == "example":
        yield from _status_errors(document, operations[operation_id], entry)
    elif entry[kind] not in collections:
        message = f"unknown collection '{entry[kind]}'; expected one of {', '.join(collections)}"
        yield document.file_error((*pointer, kind), message)
    else:
        operation = operations[operation_id]
        yield from _status_errors(document, operation, entry)
        yield from _identifier_errors(document, operation, collections[entry[kind]], entry)
        yield from _query_errors(document, operation, entry)
        yield from _success_errors(document, operation)


def _status_errors(
    document: Document, operation: Operation, entry: Mapping[str, Any]
) -> Iterator[FileMessage]:
    """Yield an error for each status that the blueprint does not document for the operation."""
    documented = ", ".join(map(str, operation.statuses))
    for pointer, status in _statuses(entry):
        if status not in operation.statuses:
            message = (
                f"the blueprint does not document status {status} for this operation; "
                f"expected one of {documented}"
            )
            yield document.file_error(("operations", operation.id, *pointer), message)


def _statuses(entry: Mapping[str, Any]) -> Iterator[tuple[Pointer, int]]:
    """Yield each status in an effect, with its position in the entry."""
    for key in ("not_found", "conflict", "invalid"):
        if key in entry:
            yield (key,), entry[key]
    for state, status in entry.get("reject", {}).items():
        yield ("reject", state), status


def _identifier_errors(
    document: Document, operation: Operation, locator: RecordLocator, entry: Mapping[str, Any]
) -> Iterator[FileMessage]:
    """Yield an error for each variable that identifies records and that the operation lacks."""
    required = [locator.parent]
    if "list" not in entry and "create" not in entry:
        required.insert(0, locator.key)
    variables = _variables(operation)
    for variable in required:
        if variable and variable not in variables:
            message = (
                f"{operation.uri_template} has no variable '{variable}', "
                f"which identifies records of '{locator.name}'"
            )
            yield FileMessage(document.key_position(("operations", operation.id)), message)


def _query_errors(
    document: Document, operation: Operation, entry: Mapping[str, Any]
) -> Iterator[FileMessage]:
    """Yield an error for each variable of search, filter and paging that the operation lacks."""
    variables = _variables(operation)
    expected = ", ".join(sorted(variables)) or "none"
    for pointer, variable in _query_variables(entry):
        if variable not in variables:
            message = (
                f"{operation.uri_template} has no variable '{variable}'; expected one of {expected}"
            )
            position = document.key_position(("operations", operation.id, *pointer))
            yield FileMessage(position, message)


def _query_variables(entry: Mapping[str, Any]) -> Iterator[tuple[Pointer, str]]:
    """Yield each query variable in an effect, with its position in the entry."""
    for key in ("search", "filter"):
        for variable in entry.get(key, {}):
            yield (key, variable), variable
    for key in ("page", "size"):
        if key in entry:
            yield (key,), entry[key]


def _variables(operation: Operation) -> set[str]:
    return {parameter.name for parameter in operation.parameters}


def _success_errors(document: Document, operation: Operation) -> Iterator[FileMessage]:
    if operation.success_status is None:
        message = (
            "the blueprint documents no 2xx status for this operation; "
            "an effect needs one for its response"
        )
        yield FileMessage(document.key_position(("operations", operation.id)), message)
