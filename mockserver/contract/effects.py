"""What each operation does to the records: `fixtures/API/effects.yaml`, read and held against the blueprint."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.errors import FileError, InvalidFiles
from mockserver.formats.json_schema import Validator
from mockserver.formats.strict_yaml import Document
from mockserver.spec.description import Api, Operation

_NAME = {"type": "string", "minLength": 1}
_ERROR = {"type": "integer", "minimum": 400, "maximum": 599}
_RESPOND_WITH = {"enum": ["record", "example"]}
_MEMBERS = {"type": "object", "additionalProperties": _NAME}
_NAMES = {"type": "array", "items": _NAME, "minItems": 1}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


KINDS: dict[str, dict[str, Any]] = {
    "list": _object(
        ["list"],
        list=_NAME,
        search=_MEMBERS,
        where=_MEMBERS,
        limit={"type": "integer", "minimum": 0, "maximum": 1000},
        offset={"type": ["integer", "null"], "minimum": 0},
        page=_NAME,
        size=_NAME,
        total=_NAME,
        into=_NAME,
    ),
    "retrieve": _object(["retrieve"], retrieve=_NAME, missing=_ERROR, into=_NAME),
    "transition": _object(
        ["transition", "to"],
        transition=_NAME,
        to=_NAME,
        **{"from": _NAMES},
        refuse={"type": "object", "additionalProperties": _ERROR},
        missing=_ERROR,
        answers=_RESPOND_WITH,
        into=_NAME,
    ),
    "create": _object(["create"], create=_NAME, stamps=_NAMES, taken=_ERROR, answers=_RESPOND_WITH, into=_NAME),
    "update": _object(["update"], update=_NAME, stamps=_NAMES, missing=_ERROR, answers=_RESPOND_WITH, into=_NAME),
    "remove": _object(["remove"], remove=_NAME, missing=_ERROR, answers=_RESPOND_WITH, into=_NAME),
}
"""The kinds of effect, each with the keys that it takes; the kind is the key that names the collection."""

_FILE = Validator(
    _object(
        ["collections", "operations"],
        access_token=_NAME,
        collections={
            "type": "object",
            "additionalProperties": _object(["key"], key=_NAME, member=_NAME, within=_NAME),
        },
        operations={"type": "object", "additionalProperties": {"type": "object"}},
    )
)
_EFFECT_FIELDS = {
    "where": "filter",
    "into": "container",
    "to": "to_state",
    "from": "from_states",
    "refuse": "reject",
    "missing": "not_found_status",
    "taken": "conflict_status",
    "stamps": "timestamps",
    "answers": "respond_with",
}
_LOCATOR_FIELDS = {"member": "id_field", "within": "parent"}
_KINDS = {kind: Validator(schema) for kind, schema in KINDS.items()}


@dataclass(frozen=True, slots=True)
class RecordLocator:
    """How a record of a collection is found by the variables of a URI template."""

    name: str
    key: str
    """The variable that names one record."""
    id_field: str = "id"
    """The record's member that the variable is held against."""
    parent: str | None = None
    """The variable, and the member of the same name, that parts the collection by what its records belong to."""

    @property
    def members(self) -> Mapping[str, str]:
        """The member that each of the variables is held against."""
        return {self.key: self.id_field, **({self.parent: self.parent} if self.parent else {})}

    def key_of(self, record: Mapping[str, Any]) -> str:
        """The key of a record in its collection, as text."""
        return self._key(record.get(self.parent) if self.parent else None, record.get(self.id_field))

    def key_in(self, variables: Mapping[str, Any]) -> str:
        """The key of the record that a request's variables name."""
        return self._key(variables.get(self.parent) if self.parent else None, variables.get(self.key))

    def _key(self, within: Any, value: Any) -> str:
        return f"{within}/{value}" if self.parent else str(value)


@dataclass(frozen=True, slots=True)
class Effect:
    """What one operation does. `kind` is a row of `KINDS`, or `example` where the file says nothing."""

    kind: str = "example"
    collection: str = ""
    search: Mapping[str, str] = field(default_factory=dict)
    """Query variable to the record's member that has to hold its text, ignoring case."""
    filter: Mapping[str, str] = field(default_factory=dict)
    """Query variable to the record's member that has to be its value, or one of its values."""
    page: str = ""
    """The query variable that names a page, from 1; empty where `offset` says with which record to begin."""
    size: str = "limit"
    """The query variable that says how long a page is."""
    total: str | None = None
    """The answer's member that says how many records there are in all."""
    container: str | None = None
    """The answer's member that the records go into, where its schema leaves it open."""
    limit: int = 20
    """Page length where the request names none."""
    offset: int | None = None
    """What is echoed as offset where the request names none; the page then starts with the first record."""
    to_state: str = ""
    """The state that a transition leads to."""
    from_states: tuple[str, ...] = ()
    """The states that it leads from; a record in any other is answered unchanged."""
    reject: Mapping[str, int] = field(default_factory=dict)
    """State to the documented status that refuses the transition."""
    not_found_status: int | None = None
    """The documented status for a record that does not exist; `None` where none is documented."""

    conflict_status: int | None = None
    """The documented status for a new record whose key another one has; `None` where none is documented."""
    timestamps: tuple[str, ...] = ()
    """The record's members that are stamped with the sandbox's clock."""
    respond_with: str = "record"
    """What it answers with where it succeeds: the record, or the documented `example`."""

    @property
    def writes(self) -> bool:
        """Whether it may change a record."""
        return self.kind in ("transition", "create", "update", "remove")


@dataclass(frozen=True, slots=True)
class Effects:
    """A whole file."""

    access_token: str | None = None
    """The header whose absence is a 401 rather than a 400."""
    collections: Mapping[str, RecordLocator] = field(default_factory=dict)
    operations: Mapping[str, Effect] = field(default_factory=dict)

    def for_operation(self, operation_id: str) -> Effect:
        """The effect of an operation."""
        return self.operations.get(operation_id, Effect())


def read_effects(document: Document, api: Api) -> Effects:
    """What the file says. Raises `FaultsFound` with everything in it that the blueprint does not bear out."""
    if faults := document.file_errors(_FILE.violations(document.value)):
        raise InvalidFiles(faults)
    value = document.value
    collections = {name: _locator(name, rule) for name, rule in value["collections"].items()}
    faults = [f for name in value["operations"] for f in _operation_errors(document, api, collections, name)]
    shown = {name.lower() for o in api.operations for t in o.transactions if t.request for name, _ in t.request.headers}
    token = value.get("access_token")
    if token and token.lower() not in shown:
        message = f"no request of the blueprint shows the header {token}; expected one of {', '.join(sorted(shown)) or 'none'}"
        faults.append(document.file_error(("access_token",), message))
    if faults:
        raise InvalidFiles(faults)
    operations = {name: _effect(entry) for name, entry in value["operations"].items()}
    return Effects(value.get("access_token"), collections, operations)


def _locator(name: str, rule: Mapping[str, str]) -> RecordLocator:
    return RecordLocator(name, **{_LOCATOR_FIELDS.get(key, key): value for key, value in rule.items()})


def _effect(entry: Mapping[str, Any]) -> Effect:
    kind = _kind(entry)
    values: dict[str, Any] = {}
    for key, value in entry.items():
        if key != kind:
            values[_EFFECT_FIELDS.get(key, key)] = tuple(value) if isinstance(value, list) else value
    return Effect(kind, entry[kind], **values)


def _kind(entry: Mapping[str, Any]) -> str:
    return next((kind for kind in KINDS if kind in entry), "")


def _operation_errors(document: Document, api: Api, collections: Mapping[str, RecordLocator], name: str) -> Iterator[FileError]:
    pointer = ("operations", name)
    known = {operation.id: operation for operation in api.operations}
    if name not in known:
        yield FileError(document.key_position(pointer), f"unknown operation {name}; expected one of {', '.join(known)}")
        return
    entry = document.value["operations"][name]
    kind = _kind(entry)
    if not kind:
        yield FileError(
            document.key_position(pointer), f"expected one of the keys {', '.join(KINDS)}, got {', '.join(entry) or 'none'}"
        )
    elif violations := _KINDS[kind].violations(entry):
        yield from document.file_errors(violations, pointer)
    elif entry[kind] not in collections:
        yield document.file_error((*pointer, kind), f"unknown collection {entry[kind]}; expected one of {', '.join(collections)}")
    else:
        yield from _reference_errors(document, known[name], collections[entry[kind]], entry)


def _reference_errors(
    document: Document, operation: Operation, rule: RecordLocator, entry: Mapping[str, Any]
) -> Iterator[FileError]:
    """What the entry names and the operation does not have: statuses and variables."""
    pointer = ("operations", operation.id)
    documented = ", ".join(map(str, operation.statuses))
    statuses: list[tuple[tuple[str, ...], int | None]] = [((key,), entry.get(key)) for key in ("missing", "taken")]
    statuses += [(("refuse", s), n) for s, n in entry.get("refuse", {}).items()]
    for steps, status in statuses:
        if status is not None and status not in operation.statuses:
            yield document.file_error(
                (*pointer, *steps), f"the blueprint documents no status {status} here; expected one of {documented}"
            )
    variables = {parameter.name for parameter in operation.parameters}
    needed = [rule.parent] if "list" in entry or "create" in entry else [rule.key, rule.parent]
    for variable in filter(None, needed):
        if variable not in variables:
            message = f"{operation.uri_template} has no variable {variable}, by which records of {rule.name} are found"
            yield FileError(document.key_position(pointer), message)
    named: list[tuple[tuple[str, ...], str]] = [((key, v), v) for key in ("search", "where") for v in entry.get(key, {})]
    for steps, variable in [*named, *(((key,), entry[key]) for key in ("page", "size") if key in entry)]:
        if variable not in variables:
            yield FileError(document.key_position((*pointer, *steps)), f"{operation.uri_template} has no variable {variable}")
    if operation.success is None:
        yield FileError(
            document.key_position(pointer), "the blueprint documents no 2xx status for it; expected one to answer with"
        )
