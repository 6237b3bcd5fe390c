"""Validate records: against the schemas of the responses that contain them, their keys and their lifecycle."""

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

OperationSchemas = tuple[Validator, Mapping[str, Any]]
"""A validator for a record in a response, and the members that the response contains."""


class RecordCheck:
    """The checks for records of one collection."""

    def __init__(self, rule: RecordLocator, item_schemas: Iterable[Mapping[str, Any]]) -> None:
        self.rule = rule
        self._validators = _response_validators(item_schemas)
        members = {name for _, members in self._validators for name in members}
        self._known_members = sorted({rule.id_field, *filter(None, [rule.parent]), *members}) if self._validators else []

    def violations(self, record: Record) -> Iterator[Violation]:
        """Yield a violation for each error of a record in a schema, and for each member that no response contains."""
        yield from _violations(record, self._validators, None, "")
        for name in record:
            if self._known_members and name not in self._known_members:
                yield Violation(f"/{name}", f"one of {', '.join(self._known_members)}", "a member that no response contains")


def record_errors(
    collection: Collection,
    rule: RecordLocator,
    item_schemas: Iterable[Mapping[str, Any]],
    lifecycle: Lifecycle | None,
    now: str,
) -> Iterator[FileError]:
    """Yield every violation of the records, at its position in the file."""
    validators = _response_validators(item_schemas)
    known = {rule.id_field, *filter(None, [rule.parent]), *(name for _, members in validators for name in members)}
    for index, record in enumerate(collection.records):
        yield from collection.document.file_errors(_violations(record, validators, lifecycle, now), (index,))
        for name in record.keys() - known if validators else ():
            position = collection.document.key_position((index, name))
            message = f"/{index}/{name}: no response contains this member"
            yield FileError(position, f"{message}; expected one of {', '.join(sorted(known))}")


def override_errors(
    scenario: Scenario,
    members: Mapping[str, Any],
    collection: Collection,
    rule: RecordLocator,
    item_schemas: Iterable[Mapping[str, Any]],
    lifecycle: Lifecycle | None,
    now: str,
) -> Iterator[FileError]:
    """Yield errors of record overrides: unknown or key members, and overrides that make records invalid."""
    validators = _response_validators(item_schemas)
    reported = set()
    position = scenario.position or Position(scenario.name)
    known = {name for _, shown in validators for name in shown} - {rule.id_field, rule.parent}
    for name in members:
        if name.partition(".")[0] not in known:
            message = f"'records' names the unknown member {name} of {collection.name}"
            yield FileError(position, f"{message}; expected one of {', '.join(sorted(known))}")
            return
    for record in collection.records:
        if not scenario.match.matches_record(record, rule.members):
            continue
        overridden = apply_overrides(record, members, lifecycle, now)
        for violation in _violations(overridden, validators, lifecycle, now):
            if violation.pointer not in reported:
                reported.add(violation.pointer)
                yield FileError(position, f"'records' makes {collection.name} invalid: {violation}")


def record_violations(
    record: Record, item_schemas: Iterable[Mapping[str, Any]], lifecycle: Lifecycle | None
) -> Iterator[Violation]:
    """Return every violation of one record."""
    return _violations(record, _response_validators(item_schemas), lifecycle, "")


def _response_validators(item_schemas: Iterable[Mapping[str, Any]]) -> list[OperationSchemas]:
    distinct = {id(schema): schema for schema in item_schemas}.values()
    return [(Validator(dict(schema)), schema.get("properties", {})) for schema in distinct]


def _violations(record: Record, validators: list[OperationSchemas], lifecycle: Lifecycle | None, now: str) -> Iterator[Violation]:
    reported = set()
    for validator, members in validators:
        for violation in validator.violations({name: value for name, value in record.items() if name in members}):
            reported.add(violation.pointer)
            yield violation
    if lifecycle:
        yield from (violation for violation in lifecycle.violations(record, now) if violation.pointer not in reported)


def key_errors(collection: Collection, rule: RecordLocator) -> Iterator[FileError]:
    """Yield an error for each record with a missing or duplicate key."""
    first: dict[str, int] = {}
    for index, record in enumerate(collection.records):
        absent = [name for name in (rule.id_field, rule.parent) if name and not isinstance(record.get(name), str | int)]
        for name in absent:
            message = f"/{index}/{name}: expected a string or an integer as key"
            yield collection.document.file_error((index, name), message)
        key = rule.key_of(record)
        if not absent and first.setdefault(key, index) != index:
            message = f"/{index}/{rule.id_field}: duplicate key {key} (first used by /{first[key]}); expected another key"
            yield collection.document.file_error((index, rule.id_field), message)


def record_response_violations(contract: Contract, collection: str, record: Record) -> list[Violation]:
    """Return every violation of a record of a served collection, its key included."""
    schemas = [each.envelope.item_schema for each in contract.served if each.collection == collection and each.envelope]
    violations = list(dict.fromkeys(record_violations(record, schemas, contract.lifecycles.get(collection))))
    reported = {each.pointer for each in violations}
    members = set(contract.members_of(collection).values())
    for name in sorted(members):
        if f"/{name}" not in reported and not isinstance(record.get(name), str | int):
            violations.append(Violation(f"/{name}", "a string or an integer as key", abbreviated_json(record.get(name))))
    shown = {name for schema in schemas for name in schema.get("properties", {})} | members
    for name in sorted(record.keys() - shown):
        violations.append(Violation(f"/{name}", f"one of {', '.join(sorted(shown))}", "a member that no response contains"))
    return violations
