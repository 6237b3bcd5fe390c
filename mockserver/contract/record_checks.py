"""Check records against the contract: the schemas of the responses that contain them, their keys, their lifecycle."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mockserver.contract.effects import RecordLocator
from mockserver.contract.lifecycles import Lifecycle
from mockserver.contract.model import Contract
from mockserver.contract.record_types import Record
from mockserver.contract.records import Collection
from mockserver.contract.scenarios.record_overrides import apply_overrides
from mockserver.contract.scenarios.scenario import Scenario
from mockserver.errors import FileError, Position, Violation
from mockserver.formats.json_schema import Validator
from mockserver.formats.json_text import abbreviated_json

ResponseSchema = tuple[Validator, Mapping[str, Any]]
"""The validator of a record in a response, and the members that the response has."""


class RecordCheck:
    """The checks of one collection, from every response that contains its records."""

    def __init__(self, rule: RecordLocator, item_schemas: Iterable[Mapping[str, Any]]) -> None:
        self.rule = rule
        self._schemas = _response_schemas(item_schemas)
        self._members = sorted(_members(rule, self._schemas))

    def violations(self, record: Record) -> Iterator[Violation]:
        """Yield every violation of a schema, and every member that no response has."""
        yield from _violations(record, self._schemas, None, "")
        for name in record:
            if self._schemas and name not in self._members:
                yield Violation(
                    f"/{name}",
                    f"one of {', '.join(self._members)}",
                    "a member that no response has",
                )


def record_errors(
    collection: Collection,
    rule: RecordLocator,
    item_schemas: Iterable[Mapping[str, Any]],
    lifecycle: Lifecycle | None,
    now: str,
) -> Iterator[FileError]:
    """Yield every violation of the contract by a record, with its position in the file."""
    schemas = _response_schemas(item_schemas)
    members = _members(rule, schemas)
    for index, record in enumerate(collection.records):
        yield from collection.document.file_errors(
            _violations(record, schemas, lifecycle, now), (index,)
        )
        for name in record.keys() - members if schemas else ():
            position = collection.document.key_position((index, name))
            message = f"/{index}/{name}: no response has this member; expected one of {', '.join(sorted(members))}"
            yield FileError(position, message)


def override_errors(
    scenario: Scenario,
    members: Mapping[str, Any],
    collection: Collection,
    rule: RecordLocator,
    item_schemas: Iterable[Mapping[str, Any]],
    lifecycle: Lifecycle | None,
    now: str,
) -> Iterator[FileError]:
    """Yield an error if a scenario's `records` sets a key or an unknown member, or makes invalid records.

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
    allowed = {name for _, properties in schemas for name in properties} - {
        rule.id_field,
        rule.parent,
    }
    for name in members:
        if name.partition(".")[0] not in allowed:
            message = f"'records' cannot set '{name}' of '{collection.name}'; expected one of {', '.join(sorted(allowed))}"
            yield FileError(position, message)
            return
    reported = set()
    for record in collection.records:
        if not scenario.match.matches_record(record, rule.members):
            continue
        overridden = apply_overrides(record, members, lifecycle, now)
        for violation in _violations(overridden, schemas, lifecycle, now):
            if violation.pointer not in reported:
                reported.add(violation.pointer)
                yield FileError(
                    position,
                    f"'records' makes an invalid record of '{collection.name}': {violation}",
                )


def record_violations(
    record: Record, item_schemas: Iterable[Mapping[str, Any]], lifecycle: Lifecycle | None
) -> Iterator[Violation]:
    """Yield every violation of the contract by one record."""
    return _violations(record, _response_schemas(item_schemas), lifecycle, "")


def _response_schemas(item_schemas: Iterable[Mapping[str, Any]]) -> list[ResponseSchema]:
    distinct: list[Mapping[str, Any]] = []
    for schema in item_schemas:
        if schema not in distinct:
            distinct.append(schema)
    return [(Validator(dict(schema)), schema.get("properties", {})) for schema in distinct]


def _members(rule: RecordLocator, schemas: list[ResponseSchema]) -> set[str]:
    """Return the members that a record may have: those of a response, and those that identify it."""
    members = {name for _, properties in schemas for name in properties}
    return members | set(rule.members.values())


def _violations(
    record: Record, schemas: list[ResponseSchema], lifecycle: Lifecycle | None, now: str
) -> Iterator[Violation]:
    pointers = set()
    for validator, properties in schemas:
        members = {name: value for name, value in record.items() if name in properties}
        for violation in validator.violations(members):
            pointers.add(violation.pointer)
            yield violation
    if lifecycle:
        yield from (
            violation
            for violation in lifecycle.violations(record, now)
            if violation.pointer not in pointers
        )


def key_errors(collection: Collection, rule: RecordLocator) -> Iterator[FileError]:
    """Yield an error for each record without a key, and for each duplicate key."""
    first_index: dict[str, int] = {}
    for index, record in enumerate(collection.records):
        invalid = [
            name for name in rule.members.values() if not isinstance(record.get(name), str | int)
        ]
        for name in invalid:
            message = (
                f"/{index}/{name}: expected a string or an integer, which identifies the record"
            )
            yield collection.document.file_error((index, name), message)
        key = rule.key_of(record)
        if not invalid and first_index.setdefault(key, index) != index:
            message = (
                f"/{index}/{rule.id_field}: duplicate key {key} (first used by /{first_index[key]})"
            )
            yield collection.document.file_error((index, rule.id_field), message)


def record_response_violations(
    contract: Contract, collection: str, record: Record
) -> list[Violation]:
    """Return every violation of the contract by one record, also of the members that identify it.

    Args:
        contract: The contract.
        collection: `API/COLLECTION`.
        record: The record.
    """
    schemas = [
        served.envelope.item_schema
        for served in contract.served
        if served.collection == collection and served.envelope
    ]
    violations = list(
        dict.fromkeys(record_violations(record, schemas, contract.lifecycles.get(collection)))
    )
    pointers = {violation.pointer for violation in violations}
    key_members = set(contract.members_of(collection).values())
    for name in sorted(key_members):
        if f"/{name}" not in pointers and not isinstance(record.get(name), str | int):
            actual = abbreviated_json(record.get(name))
            violations.append(
                Violation(f"/{name}", "a string or an integer, which identifies the record", actual)
            )
    members = {name for schema in schemas for name in schema.get("properties", {})} | key_members
    for name in sorted(record.keys() - members):
        violations.append(
            Violation(
                f"/{name}", f"one of {', '.join(sorted(members))}", "a member that no response has"
            )
        )
    return violations
