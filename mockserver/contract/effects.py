"""Read `fixtures/API/effects.yaml`, which says what each operation does to the records, and check it against the blueprint."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.errors import FileError, InvalidFiles
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
        timestamps=_NAMES,
        conflict=_ERROR,
        respond_with=_RESPOND_WITH,
        container=NAME,
    ),
    "update": closed_object(
        ["update"],
        update=NAME,
        timestamps=_NAMES,
        not_found=_ERROR,
        respond_with=_RESPOND_WITH,
        container=NAME,
    ),
    "remove": closed_object(
        ["remove"], remove=NAME, not_found=_ERROR, respond_with=_RESPOND_WITH, container=NAME
    ),
}
"""The kinds of effect, each with the JSON Schema of its entry. The key that names the kind also names the collection."""

_FILE = Validator(
    closed_object(
        ["collections", "operations"],
        access_token=NAME,
        collections={
            "type": "object",
            "additionalProperties": closed_object(["key"], key=NAME, id_field=NAME, parent=NAME),
        },
        operations={"type": "object", "additionalProperties": {"type": "object"}},
    )
)
# A key is short where its entry says the rest (`to` of a transition), a field of `Effect` is read without its entry.
_FIELDS = {
    "to": "to_state",
    "from": "from_states",
    "not_found": "not_found_status",
    "conflict": "conflict_status",
}
_VALIDATORS = {kind: Validator(schema) for kind, schema in KINDS.items()}


@dataclass(frozen=True, slots=True)
class RecordLocator:
    """How the variables of a URI template identify a record of a collection."""

    name: str
    key: str
    """The variable that identifies one record."""
    id_field: str = "id"
    """The record's member that has the value of the variable `key`."""
    parent: str | None = None
    """The variable, and the member of the same name, that identifies what the records belong to."""

    @property
    def members(self) -> Mapping[str, str]:
        """Map each variable to the record's member that has its value."""
        if self.parent:
            return {self.key: self.id_field, self.parent: self.parent}
        return {self.key: self.id_field}

    def key_of(self, record: Mapping[str, Any]) -> str:
        """Return the key of a record in its collection, as text."""
        parent_value = record.get(self.parent) if self.parent else None
        return self._key(parent_value, record.get(self.id_field))

    def key_in(self, variables: Mapping[str, Any]) -> str:
        """Return the key of the record that a request's variables identify."""
        parent_value = variables.get(self.parent) if self.parent else None
        return self._key(parent_value, variables.get(self.key))

    def _key(self, parent_value: Any, value: Any) -> str:
        return f"{parent_value}/{value}" if self.parent else str(value)


@dataclass(frozen=True, slots=True)
class Effect:
    """What one operation does. `kind` is a key of `KINDS`, or `example` for an operation that the file does not list."""

    kind: str = "example"
    collection: str = ""
    search: Mapping[str, str] = field(default_factory=dict)
    """Query variable to the member that must contain its text. Case is ignored."""
    filter: Mapping[str, str] = field(default_factory=dict)
    """Query variable to the member that must equal its value, or one of its values."""
    page: str = ""
    """The query variable with the page number, from 1. If empty, the variable `offset` selects the first record."""
    size: str = "limit"
    """The query variable with the page length."""
    total: str | None = None
    """The response's member with the number of records on all pages."""
    container: str | None = None
    """The response's member that holds the records, needed if its schema allows several."""
    limit: int = 20
    """The default page length."""
    offset: int | None = None
    """The `offset` in the response if the request has none. The page then starts with the first record."""
    to_state: str = ""
    """The state after a transition."""
    from_states: tuple[str, ...] = ()
    """The states in which a transition is possible. A record in another state is returned unchanged."""
    reject: Mapping[str, int] = field(default_factory=dict)
    """State to the documented status that rejects the transition."""
    not_found_status: int | None = None
    """The documented status for a record that does not exist; `None` if none is documented."""

    conflict_status: int | None = None
    """The documented status for a new record with the key of an existing one; `None` if none is documented."""
    timestamps: tuple[str, ...] = ()
    """The members that are set to the time of the sandbox's clock."""
    respond_with: str = "record"
    """What a successful response contains: the record, or the documented `example`."""

    @property
    def writes(self) -> bool:
        """Return whether the operation may change a record."""
        return self.kind in ("transition", "create", "update", "remove")


@dataclass(frozen=True, slots=True)
class Effects:
    """The content of one effects.yaml."""

    access_token: str | None = None
    """The request header with the access token. If it is missing, the status is 401 and not 400."""
    collections: Mapping[str, RecordLocator] = field(default_factory=dict)
    operations: Mapping[str, Effect] = field(default_factory=dict)

    def for_operation(self, operation_id: str) -> Effect:
        """Return the effect of an operation."""
        return self.operations.get(operation_id, Effect())


def read_effects(document: Document, api: Api) -> Effects:
    """Read a parsed effects.yaml and check it against the blueprint.

    Raises:
        InvalidFiles: The file has unknown keys, or names something that the blueprint does not have. All errors are in it.
    """
    if errors := document.file_errors(_FILE.violations(document.value)):
        raise InvalidFiles(errors)
    value = document.value
    collections = {
        name: RecordLocator(name, **entry) for name, entry in value["collections"].items()
    }
    errors = list(_access_token_errors(document, api))
    for operation_id in value["operations"]:
        errors += _operation_errors(document, api, collections, operation_id)
    if errors:
        raise InvalidFiles(errors)
    operations = {
        operation_id: _effect(entry) for operation_id, entry in value["operations"].items()
    }
    return Effects(value.get("access_token"), collections, operations)


def _effect(entry: Mapping[str, Any]) -> Effect:
    kind = _kind(entry)
    values: dict[str, Any] = {}
    for key, value in entry.items():
        if key != kind:
            values[_FIELDS.get(key, key)] = tuple(value) if isinstance(value, list) else value
    return Effect(kind, entry[kind], **values)


def _kind(entry: Mapping[str, Any]) -> str:
    return next((kind for kind in KINDS if kind in entry), "")


def _access_token_errors(document: Document, api: Api) -> Iterator[FileError]:
    token = document.value.get("access_token")
    requests = [
        t.request for operation in api.operations for t in operation.transactions if t.request
    ]
    headers = {name.lower() for request in requests for name, _ in request.headers}
    if token and token.lower() not in headers:
        expected = ", ".join(sorted(headers)) or "none"
        message = f"header '{token}' does not appear in any request of the blueprint; expected one of {expected}"
        yield document.file_error(("access_token",), message)


def _operation_errors(
    document: Document, api: Api, collections: Mapping[str, RecordLocator], operation_id: str
) -> Iterator[FileError]:
    pointer = ("operations", operation_id)
    operations = {operation.id: operation for operation in api.operations}
    if operation_id not in operations:
        message = f"unknown operation '{operation_id}'; expected one of {', '.join(operations)}"
        yield FileError(document.key_position(pointer), message)
        return
    entry = document.value["operations"][operation_id]
    kind = _kind(entry)
    if not kind:
        keys = ", ".join(entry) or "none"
        message = f"the effect has no kind; expected one of the keys {', '.join(KINDS)}, got {keys}"
        yield FileError(document.key_position(pointer), message)
    elif violations := _VALIDATORS[kind].violations(entry):
        yield from document.file_errors(violations, pointer)
    elif entry[kind] not in collections:
        message = f"unknown collection '{entry[kind]}'; expected one of {', '.join(collections)}"
        yield document.file_error((*pointer, kind), message)
    else:
        operation = operations[operation_id]
        yield from _status_errors(document, operation, entry)
        yield from _variable_errors(document, operation, collections[entry[kind]], entry)
        if operation.success_status is None:
            message = "the blueprint documents no 2xx status for this operation; expected one, for its effect"
            yield FileError(document.key_position(pointer), message)


def _status_errors(
    document: Document, operation: Operation, entry: Mapping[str, Any]
) -> Iterator[FileError]:
    """Yield an error for each status that the blueprint does not document for the operation."""
    statuses: dict[Pointer, int] = {
        (key,): entry[key] for key in ("not_found", "conflict") if key in entry
    }
    statuses |= {("reject", state): status for state, status in entry.get("reject", {}).items()}
    documented = ", ".join(map(str, operation.statuses))
    for pointer, status in statuses.items():
        if status not in operation.statuses:
            message = f"the blueprint does not document status {status} for this operation; expected one of {documented}"
            yield document.file_error(("operations", operation.id, *pointer), message)


def _variable_errors(
    document: Document, operation: Operation, locator: RecordLocator, entry: Mapping[str, Any]
) -> Iterator[FileError]:
    """Yield an error for each variable that the effect needs and the operation does not have."""
    operation_pointer = ("operations", operation.id)
    variables = {parameter.name for parameter in operation.parameters}
    at_collection = "list" in entry or "create" in entry
    required = [locator.parent] if at_collection else [locator.key, locator.parent]
    for variable in filter(None, required):
        if variable not in variables:
            message = f"{operation.uri_template} has no variable '{variable}', which identifies records of '{locator.name}'"
            yield FileError(document.key_position(operation_pointer), message)
    expected = ", ".join(sorted(variables)) or "none"
    used: dict[Pointer, str] = {
        (key, name): name for key in ("search", "filter") for name in entry.get(key, {})
    }
    used |= {(key,): entry[key] for key in ("page", "size") if key in entry}
    for pointer, variable in used.items():
        if variable not in variables:
            message = (
                f"{operation.uri_template} has no variable '{variable}'; expected one of {expected}"
            )
            yield FileError(document.key_position((*operation_pointer, *pointer)), message)
