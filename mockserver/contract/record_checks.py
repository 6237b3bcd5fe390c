"""Check records against the contract.

The rules are the schemas of the responses that contain the records, their keys and their lifecycle.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mockserver.contract.effects import RecordLocator
from mockserver.contract.lifecycles import Lifecycle
from mockserver.contract.model import Contract
from mockserver.contract.record_types import Record
from mockserver.contract.records import Collection
from mockserver.contract.scenarios.record_overrides import apply_overrides
from mockserver.contract.scenarios.scenario import Scenario
from mockserver.errors import FileMessage, Position, Violation
from mockserver.formats.json_schema import Validator
from mockserver.formats.json_text import abbreviated_json

ResponseSchema = tuple[Validator, Mapping[str, Any]]
"""The validator of a record in a response, and the members that the response has."""
_KEY = "a string or an integer, which identifies the record"


class RecordCheck:
    """The checks of one collection, from every response that contains its records."""

    def __init__(self, rule: RecordLocator, item_schemas: Iterable[Mapping[str, Any]]) -> None:
        self.rule = rule
        self._schemas = _response_schemas(item_schemas)
        self._members = sorted(_members(rule, self._schemas))

    def violations(self, record: Record) -> Iterator[Violation]:
        """Yield every violation of a schema, and every member that no response has."""
        yield from _violations(record, self._schemas, None, "")
        if not self._schemas:
            return
        for name in record:
            if name not in self._members:
                yield _unknown_member(name, self._members)


def record_errors(
    collection: Collection,
    rule: RecordLocator,
    item_schemas: Iterable[Mapping[str, Any]],
    lifecycle: Lifecycle | None,
    now: str,
) -> Iterator[FileMessage]:
    """Yield every violation of the contract by a record, with its position in the file."""
    document = collection.document
    schemas = _response_schemas(item_schemas)
    members = _members(rule, schemas)
    for index, record in enumerate(collection.records):
        yield from document.file_errors(_violations(record, schemas, lifecycle, now), (index,))
        if not schemas:
            continue
        for name in record:
            if name not in members:
                message = (
                    f"/{index}/{name}: no response has this member; "
                    f"expected one of {', '.join(sorted(members))}"
                )
                yield FileMessage(document.key_position((index, name)), message)


def override_errors(
    scenario: Scenario,
    members: Mapping[str, Any],
    collection: Collection,
    rule: RecordLocator,
    item_schemas: Iterable[Mapping[str, Any]],
    lifecycle: Lifecycle | None,
    now: str,
) -> Iterator[FileMessage]:
    """Yield the errors of a scenario's `records`.

    It sets a key or an unknown member, or it makes a record invalid.

    Args:
        scenario: The scenario.
        members: The members that it sets in the collection's records.
        collection: The records.
        rule: How a record is identified.
        item_schemas: The schemas of a record in each response.
        lifecycle: The lifecycle of the collection, if there is one.
        now: The fixtures' date.
    """
    schemas = _response_schemas(item_schemas)
    position = scenario.position or Position(scenario.name)
    allowed = _shown_members(schemas) - {rule.id_field, rule.parent_member or ""}
    for name in members:
        if name.partition(".")[0] not in allowed:
            message = (
                f"'records' cannot set '{name}' of '{collection.name}'; "
                f"expected one of {', '.join(sorted(allowed))}"
            )
            yield FileMessage(position, message)
            return
    reported: set[str] = set()
    for record in collection.records:
        if not scenario.match.matches_record(record, rule.members):
            continue
        new_record = apply_overrides(record, members, lifecycle, now)
        for violation in _violations(new_record, schemas, lifecycle, now):
            if violation.pointer not in reported:
                reported.add(violation.pointer)
                message = f"'records' makes an invalid record of '{collection.name}': {violation}"
                yield FileMessage(position, message)


def _response_schemas(item_schemas: Iterable[Mapping[str, Any]]) -> list[ResponseSchema]:
    distinct: list[Mapping[str, Any]] = []
    for schema in item_schemas:
        if schema not in distinct:
            distinct.append(schema)
    return [(Validator(dict(schema)), schema.get("properties", {})) for schema in distinct]


def _members(rule: RecordLocator, schemas: list[ResponseSchema]) -> set[str]:
    """Return the members that a record may have: those of responses, and those that identify it."""
    return _shown_members(schemas) | set(rule.members.values())


def _shown_members(schemas: list[ResponseSchema]) -> set[str]:
    """Return the members that responses have."""
    members: set[str] = set()
    for _, properties in schemas:
        members.update(properties)
    return members


def _unknown_member(name: str, members: list[str]) -> Violation:
    expected = f"one of {', '.join(members)}"
    return Violation(f"/{name}", expected, "a member that no response has")


def _violations(
    record: Record, schemas: list[ResponseSchema], lifecycle: Lifecycle | None, now: str
) -> Iterator[Violation]:
    pointers: set[str] = set()
    for validator, properties in schemas:
        members = {name: value for name, value in record.items() if name in properties}
        for violation in validator.violations(members):
            pointers.add(violation.pointer)
            yield violation
    if lifecycle:
        for violation in lifecycle.violations(record, now):
            if violation.pointer not in pointers:
                yield violation


def key_errors(collection: Collection, rule: RecordLocator) -> Iterator[FileMessage]:
    """Yield an error for each record without a key, and for each duplicate key."""
    document = collection.document
    first_index: dict[str, int] = {}
    for index, record in enumerate(collection.records):
        invalid = _invalid_keys(rule, record)
        for name in invalid:
            message = f"/{index}/{name}: expected {_KEY}"
            yield document.file_error((index, name), message)
        if invalid:
            continue
        key = rule.key_of(record)
        first = first_index.setdefault(key, index)
        if first != index:
            message = f"/{index}/{rule.id_field}: duplicate key '{key}' (first used by /{first})"
            yield document.file_error((index, rule.id_field), message)


def _invalid_keys(rule: RecordLocator, record: Record) -> list[str]:
    """Return the members that identify the record and have no valid value."""
    return [name for name in rule.members.values() if not isinstance(record.get(name), str | int)]


def record_response_violations(
    contract: Contract, collection: str, record: Record
) -> list[Violation]:
    """Return every violation of the contract by one record.

    The members that identify the record are checked too.

    Args:
        contract: The contract.
        collection: `API/COLLECTION`.
        record: The record.
    """
    item_schemas: list[Mapping[str, Any]] = []
    for served in contract.served:
        if served.collection == collection and served.envelope:
            item_schemas.append(served.envelope.item_schema)
    schemas = _response_schemas(item_schemas)
    lifecycle = contract.lifecycles.get(collection)
    violations = list(dict.fromkeys(_violations(record, schemas, lifecycle, "")))
    pointers = {violation.pointer for violation in violations}
    key_members = set(contract.members_of(collection).values())
    for name in sorted(key_members):
        value = record.get(name)
        if f"/{name}" not in pointers and not isinstance(value, str | int):
            violations.append(Violation(f"/{name}", _KEY, abbreviated_json(value)))
    members = _shown_members(schemas) | key_members
    for name in sorted(record.keys() - members):
        violations.append(_unknown_member(name, sorted(members)))
    return violations
