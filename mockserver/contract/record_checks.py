"""Records held against the contract: the schemas of the answers that show them, their keys, their lifecycle."""

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
"""What holds a record as an answer shows it, and the members that the answer shows."""


class RecordCheck:
    """What every response that shows a record of one collection asks of it."""

    def __init__(self, rule: RecordLocator, item_schemas: Iterable[Mapping[str, Any]]) -> None:
        self.rule = rule
        self._response_validators = _answers(item_schemas)
        shown = {name for _, members in self._response_validators for name in members}
        self._valid_records = sorted({rule.id_field, *filter(None, [rule.parent]), *shown}) if self._response_validators else []

    def violations(self, record: Record) -> Iterator[Violation]:
        """Every way in which a record breaks a schema, or has a member that no response shows."""
        yield from _violations(record, self._response_validators, None, "")
        for name in record:
            if self._valid_records and name not in self._valid_records:
                yield Violation(f"/{name}", f"one of {', '.join(self._valid_records)}", "a member that no response contains")


def record_errors(
    collection: Collection,
    rule: RecordLocator,
    item_schemas: Iterable[Mapping[str, Any]],
    lifecycle: Lifecycle | None,
    now: str,
) -> Iterator[FileError]:
    """Every way in which a record could not be answered truthfully, at its place in the file."""
    answers = _answers(item_schemas)
    known = {rule.id_field, *filter(None, [rule.parent]), *(name for _, members in answers for name in members)}
    for index, record in enumerate(collection.records):
        yield from collection.document.file_errors(_violations(record, answers, lifecycle, now), (index,))
        for name in record.keys() - known if answers else ():
            at = collection.document.key_position((index, name))
            yield FileError(at, f"/{index}/{name}: no response contains this member; expected one of {', '.join(sorted(known))}")


def override_errors(
    scenario: Scenario,
    members: Mapping[str, Any],
    collection: Collection,
    rule: RecordLocator,
    item_schemas: Iterable[Mapping[str, Any]],
    lifecycle: Lifecycle | None,
    now: str,
) -> Iterator[FileError]:
    """A cause that changes nothing that is shown, or the key, or makes records which could not be answered."""
    answers, told = _answers(item_schemas), set()
    at = scenario.position or Position(scenario.name)
    known = {name for _, shown in answers for name in shown} - {rule.id_field, rule.parent}
    for name in members:
        if name.partition(".")[0] not in known:
            message = f"'records' names the unknown member {name} of {collection.name}"
            yield FileError(at, f"{message}; expected one of {', '.join(sorted(known))}")
            return
    for record in collection.records:
        if not scenario.match.matches_record(record, rule.members):
            continue
        after = apply_overrides(record, members, lifecycle, now)
        for violation in _violations(after, answers, lifecycle, now):
            if violation.pointer not in told:
                told.add(violation.pointer)
                yield FileError(at, f"'records' makes {collection.name} invalid: {violation}")


def record_violations(
    record: Record, item_schemas: Iterable[Mapping[str, Any]], lifecycle: Lifecycle | None
) -> Iterator[Violation]:
    """Every way in which one record could not be answered truthfully."""
    return _violations(record, _answers(item_schemas), lifecycle, "")


def _answers(item_schemas: Iterable[Mapping[str, Any]]) -> list[OperationSchemas]:
    distinct = {id(schema): schema for schema in item_schemas}.values()
    return [(Validator(dict(schema)), schema.get("properties", {})) for schema in distinct]


def _violations(record: Record, answers: list[OperationSchemas], lifecycle: Lifecycle | None, now: str) -> Iterator[Violation]:
    told = set()
    for validator, members in answers:
        for violation in validator.violations({name: value for name, value in record.items() if name in members}):
            told.add(violation.pointer)
            yield violation
    if lifecycle:
        yield from (violation for violation in lifecycle.violations(record, now) if violation.pointer not in told)


def key_errors(collection: Collection, rule: RecordLocator) -> Iterator[FileError]:
    """Records that cannot be told apart, or cannot be found at all."""
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
    """Every way in which a record could not be found, or be answered truthfully; for a collection that is served."""
    schemas = [each.envelope.item_schema for each in contract.served if each.collection == collection and each.envelope]
    found = list(dict.fromkeys(record_violations(record, schemas, contract.lifecycles.get(collection))))
    told = {each.pointer for each in found}
    members = set(contract.members_of(collection).values())
    for name in sorted(members):
        if f"/{name}" not in told and not isinstance(record.get(name), str | int):
            found.append(Violation(f"/{name}", "a string or an integer as key", abbreviated_json(record.get(name))))
    shown = {name for schema in schemas for name in schema.get("properties", {})} | members
    for name in sorted(record.keys() - shown):
        found.append(Violation(f"/{name}", f"one of {', '.join(sorted(shown))}", "a member that no response contains"))
    return found
