"""Records written by requests: created from a request body, or updated by one."""

from collections.abc import Container, Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from mockserver.contract.examples import example
from mockserver.contract.lifecycles import Lifecycle
from mockserver.contract.model import ServedOperation
from mockserver.contract.record_checks import record_response_violations
from mockserver.contract.record_types import Record
from mockserver.errors import RequestBreaksContract, ResponseBreaksContract, TransitionNotAllowed
from mockserver.formats.exact_json import MOST_INTEGER, is_exact
from mockserver.formats.merge_patch import merge_patch
from mockserver.sandbox.journal import Transition
from mockserver.sandbox.snapshot import Snapshot


class ResponseField(NamedTuple):
    """A field of a record that some response contains."""

    schema: Mapping[str, Any]
    required: bool
    """Whether some response requires it."""


Fields = Mapping[str, ResponseField]
"""The fields of a record, by name."""


def create_record(
    snapshot: Snapshot, served: ServedOperation, arguments: Mapping[str, Any], body: Any
) -> Record:
    """Return the record that a request creates.

    A field that the body lacks is null if responses allow null, left out if responses do not
    require it, and otherwise as in the documented examples.

    Raises:
        RequestBreaksContract: a response could not show the record, because of a field of the body.
        ResponseBreaksContract: a response could not show the record, for another reason.
    """
    fields, locator = _response_fields(snapshot, served), served.rule
    sent = {name: value for name, value in _body_fields(served, body).items() if name in fields}
    record = {**_default_fields(fields, _example_record(snapshot, served)), **sent}
    if served.lifecycle:
        record = served.lifecycle.started(record, snapshot.now)
    record |= _timestamps(snapshot, served, fields)
    if locator and locator.parent:
        schema = _schema_of(fields, locator.parent)
        record[locator.parent] = _to_field_type(arguments[locator.parent], schema)
    if locator and locator.id_field not in sent:
        schema = _schema_of(fields, locator.id_field)
        record[locator.id_field] = _next_key(snapshot, served.collection, schema)
    return _ensure_valid(snapshot, served, record, sent)


def update_record(
    snapshot: Snapshot, served: ServedOperation, record: Record, body: Any
) -> tuple[Record, Transition | None]:
    """Return the updated record, and the change of its lifecycle state, if there is one.

    Raises:
        TransitionNotAllowed: the current state does not lead to the requested one.
        RequestBreaksContract, ResponseBreaksContract: a response could not show the record.
    """
    fields, locator = _response_fields(snapshot, served), served.rule
    key_fields = set(locator.members.values()) if locator else set()
    sent = {}
    for name, value in _body_fields(served, body).items():
        if name in fields and name not in key_fields:
            sent[name] = value
    apply = merge_patch if served.operation.method == "PATCH" else _replace_fields
    updated, transition = apply(record, sent), None
    lifecycle = served.lifecycle
    if lifecycle and lifecycle.state_of(updated) != lifecycle.state_of(record):
        to_state = lifecycle.state_of(updated)
        transitioned = _transitioned(lifecycle, record, to_state, snapshot.now)
        updated = apply(transitioned, sent)
        key = locator.key_of(record) if locator else ""
        transition = Transition(
            f"{served.collection}/{key}", str(lifecycle.state_of(record)), str(to_state)
        )
    updated = {**updated, **_timestamps(snapshot, served, fields)}
    # The record was valid before, so the request is to blame for any violation.
    return _ensure_valid(snapshot, served, updated, updated.keys()), transition


def _transitioned(lifecycle: Lifecycle, record: Record, to_state: Any, now_text: str) -> Record:
    next_states = list(lifecycle.next_of(record))
    if to_state not in next_states:
        state = lifecycle.state_of(record)
        expected = " or ".join(next_states) or f"none, since {state} is a final state"
        detail = f"the transition from {state} to {to_state} is not allowed; expected {expected}"
        raise TransitionNotAllowed(detail, {"next_states": next_states})
    return lifecycle.transitioned(record, to_state, lifecycle.timestamp_after(record, now_text))


def record_url(snapshot: Snapshot, served: ServedOperation, record: Record) -> str | None:
    """Return the path of a record, from the server's root; `None` if no operation retrieves it."""
    for operation in snapshot.contract.served:
        if operation.collection != served.collection or operation.effect.kind != "retrieve":
            continue
        if operation.rule is None:
            continue
        members = operation.rule.members
        if not members.keys() >= set(operation.template.path):
            return None
        values = {variable: record[member] for variable, member in members.items()}
        return operation.api.base_path + operation.template.expand(values)
    return None


def _body_fields(served: ServedOperation, body: Any) -> Mapping[str, Any]:
    """Return the fields in a request body, which may have them in the response's container."""
    container = served.envelope.container if served.envelope else None
    if isinstance(body, dict) and container and body.keys() == {container}:
        body = body[container]
    return body if isinstance(body, dict) else {}


def _replace_fields(record: Record, fields: Mapping[str, Any]) -> Record:
    return {**record, **fields}


def _operations_showing(snapshot: Snapshot, served: ServedOperation) -> Iterator[ServedOperation]:
    """Yield the operations whose responses contain records of the collection, this one first."""
    if served.envelope:
        yield served
    for operation in snapshot.contract.served:
        if (
            operation.collection == served.collection
            and operation is not served
            and operation.envelope
        ):
            yield operation


def _response_fields(snapshot: Snapshot, served: ServedOperation) -> Fields:
    """Return each field of a record that some response contains."""
    fields: dict[str, ResponseField] = {}
    for operation in _operations_showing(snapshot, served):
        item_schema = operation.envelope.item_schema if operation.envelope else {}
        required = item_schema.get("required", ())
        for name, schema in item_schema.get("properties", {}).items():
            field = fields.get(name, ResponseField(schema, required=False))
            fields[name] = ResponseField(field.schema, field.required or name in required)
    return fields


def _schema_of(fields: Fields, name: str) -> Mapping[str, Any]:
    return fields[name].schema if name in fields else {}


def _example_record(snapshot: Snapshot, served: ServedOperation) -> dict[str, Any]:
    """Return a record with the fields of all documented examples."""
    record: dict[str, Any] = {}
    for operation in reversed(list(_operations_showing(snapshot, served))):
        content, _ = example(
            operation.operation.json_response(operation.operation.success_status or 200)
        )
        container = operation.envelope.container if operation.envelope else None
        if isinstance(content, dict) and container:
            content = content.get(container)
        if isinstance(content, list) and content:
            content = content[0]
        if isinstance(content, dict):
            record |= content
    return record


def _default_fields(fields: Fields, example_record: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {}
    for name, field in fields.items():
        if field.required:
            defaults[name] = None if _nullable(field.schema) else example_record.get(name)
    return defaults


def _nullable(schema: Mapping[str, Any]) -> bool:
    return "null" in schema.get("type", ()) or {"type": "null"} in schema.get("anyOf", ())


def _to_field_type(value: Any, schema: Mapping[str, Any]) -> Any:
    """Return a path variable in the type of its field. Untyped variables are strings."""
    text = str(value)
    is_decimal = text.isascii() and text.isdecimal()
    if schema.get("type") == "integer" and is_decimal and is_exact(text):
        return int(text)
    return value


def _timestamps(snapshot: Snapshot, served: ServedOperation, fields: Fields) -> dict[str, str]:
    """Return the current time for each timestamp field, in the format of its schema."""
    timestamps = {}
    for name in served.effect.timestamps:
        is_rfc3339 = _schema_of(fields, name).get("format") == "date-time"
        timestamps[name] = snapshot.now.replace(" ", "T") + "Z" if is_rfc3339 else snapshot.now
    return timestamps


def _next_key(snapshot: Snapshot, collection: str, schema: Mapping[str, Any]) -> Any:
    """Return a key that no record has or had: the next number, or a reproducible UUID."""
    shipped = snapshot.contract.collections[collection]
    new_keys = set()
    for name, key in (*snapshot.state.records, *snapshot.state.overlay):
        if name == collection and key not in shipped:
            new_keys.add(key)
    if schema.get("type") not in ("integer", "number"):
        return str(uuid5(NAMESPACE_URL, f"{collection}/{len(shipped) + len(new_keys)}"))
    last_parts = [key.rpartition("/")[2] for key in new_keys]
    new_numbers = {int(part) for part in last_parts if part.isdecimal()}
    following = max(shipped.greatest_number, *new_numbers, 0) + 1
    if following <= MOST_INTEGER:
        return following
    numbers = new_numbers.union(shipped.numbers())
    return next(number for number in count(1) if number not in numbers)


def _ensure_valid(
    snapshot: Snapshot, served: ServedOperation, record: Record, sent: Container[str]
) -> Record:
    """Return the record if every response can show it.

    Raises:
        RequestBreaksContract: a violation is in one of the fields `sent` by the client.
        ResponseBreaksContract: all violations are in other fields.
    """
    violations = record_response_violations(snapshot.contract, served.collection, record)
    if not violations:
        return record
    detail = f"{served.operation.name}: the record would violate the contract: {'; '.join(map(str, violations))}"
    extensions = {"violations": [violation.as_json() for violation in violations]}
    for violation in violations:
        if violation.pointer.strip("/").split("/")[0] in sent:
            raise RequestBreaksContract(detail, extensions)
    raise ResponseBreaksContract(detail, extensions)
