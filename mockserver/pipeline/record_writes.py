"""Records written by requests: created from a request body, or updated by one."""

from collections.abc import Callable, Container, Iterator, Mapping, Set
from typing import Any, NamedTuple

from mockserver.contract.examples import example
from mockserver.contract.model import ServedOperation
from mockserver.contract.record_checks import record_response_violations
from mockserver.contract.record_links import split_link, with_links
from mockserver.contract.record_types import Record
from mockserver.contract.text_keys import next_text_key
from mockserver.errors import RequestBreaksContract, ResponseBreaksContract
from mockserver.formats.exact_json import MOST_INTEGER, is_exact
from mockserver.formats.merge_patch import merge_patch
from mockserver.sandbox.journal import Transition
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.transitions import check_transition


class ResponseField(NamedTuple):
    """A field of a record, as the responses contain it."""

    schema: Mapping[str, Any]
    required: bool
    """Whether some response requires the field."""


Fields = Mapping[str, ResponseField]
"""The fields of a record, by name."""


def create_record(
    snapshot: Snapshot, served: ServedOperation, arguments: Mapping[str, Any], body: Any
) -> Record:
    """Return the record that a request creates.

    A field that the body lacks is left out if no response requires it. A required field is null if
    responses allow null, and otherwise as in the documented examples.

    Raises:
        RequestBreaksContract: a response could not show the record, because of a field of the body.
        ResponseBreaksContract: a response could not show the record, for another reason.
    """
    fields, locator = _response_fields(snapshot, served), served.rule
    sent = _sent_fields(served, body, fields.keys())
    example_record = _example_record(snapshot, served)
    record = {**_default_fields(fields, example_record), **sent}
    if served.lifecycle:
        record = served.lifecycle.started(record, snapshot.now)
    record |= _timestamps(snapshot, served, fields)
    if locator and locator.parent and locator.parent_member:
        schema = _schema_of(fields, locator.parent_member)
        record[locator.parent_member] = _to_field_type(arguments[locator.parent], schema)
    if locator and locator.id_field not in sent:
        schema = _schema_of(fields, locator.id_field)
        record[locator.id_field] = _next_key(snapshot, served.collection, schema)
    if locator and locator.id_field in example_record:
        key, new_key = example_record[locator.id_field], record[locator.id_field]
        for name in record.keys() - sent.keys() - {locator.id_field}:
            record[name] = with_links(record[name], key, new_key)
    return _ensure_valid(snapshot, served, record, sent)


def update_record(
    snapshot: Snapshot, served: ServedOperation, record: Record, body: Any
) -> tuple[Record, Transition | None]:
    """Return the updated record, and the change of its lifecycle state, if there is one.

    Raises:
        TransitionNotAllowed: the current state does not lead to the requested one.
        RequestBreaksContract, ResponseBreaksContract: a response could not show the record.
    """
    fields, lifecycle = _response_fields(snapshot, served), served.lifecycle
    sent = _sent_fields(served, body, fields.keys() - _key_fields(served))
    apply: Callable[[Any, Any], Any] = _replace_fields
    if served.operation.method == "PATCH":
        apply = merge_patch
    updated, transition = apply(record, sent), None
    if lifecycle and lifecycle.state_of(updated) != lifecycle.state_of(record):
        to_state = lifecycle.state_of(updated)
        name = _record_name(served, record)
        check_transition(lifecycle, record, to_state, name)
        timestamp = lifecycle.timestamp_after(record, snapshot.now)
        updated = apply(lifecycle.transitioned(record, to_state, timestamp), sent)
        transition = Transition(name, str(lifecycle.state_of(record)), str(to_state))
    updated = {**updated, **_timestamps(snapshot, served, fields)}
    # The record was valid before, so every violation is an error of the request.
    return _ensure_valid(snapshot, served, updated, updated.keys()), transition


def _key_fields(served: ServedOperation) -> Set[str]:
    """Return the fields that the path determines, and a request body cannot change."""
    if served.rule is None:
        return frozenset()
    return frozenset(served.rule.members.values())


def _record_name(served: ServedOperation, record: Record) -> str:
    """Return collection and key of a record, for transitions and errors."""
    if served.rule is None:
        return f"{served.collection}/"
    return f"{served.collection}/{served.rule.key_of(record)}"


def record_url(snapshot: Snapshot, served: ServedOperation, record: Record) -> str | None:
    """Return the path of a record, from the server's root.

    If no operation retrieves it, the path is the documented `Location` with the key of the record.
    The result is `None` if this is not possible either.
    """
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
    return _documented_location(snapshot, served, record)


def _documented_location(snapshot: Snapshot, served: ServedOperation, record: Record) -> str | None:
    """Return the documented `Location` with the key of a record; `None` if it has no key."""
    id_field = served.rule.id_field if served.rule else ""
    key = _example_record(snapshot, served).get(id_field)
    if key is None or id_field not in record:
        return None
    status = served.operation.success_status or 201
    for name, value in served.operation.json_response(status).headers:
        parts = split_link(value, key)
        if name.lower() == "location" and parts:
            return f"{parts[0]}{record[id_field]}{parts[1]}"
    return None


def _body_fields(served: ServedOperation, body: Any) -> Mapping[str, Any]:
    """Return the fields in a request body, which may have them in the response's container."""
    if served.envelope:
        body = served.envelope.unwrap(body)
    if isinstance(body, dict):
        return body
    return {}


def _sent_fields(served: ServedOperation, body: Any, names: Set[str]) -> dict[str, Any]:
    """Return those fields of a request body that have one of these names."""
    fields = _body_fields(served, body)
    return {name: value for name, value in fields.items() if name in names}


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
        if operation.envelope is None:
            continue
        item_schema = operation.envelope.item_schema
        required = item_schema.get("required", ())
        for name, schema in item_schema.get("properties", {}).items():
            field = fields.get(name, ResponseField(schema, required=False))
            fields[name] = ResponseField(field.schema, field.required or name in required)
    return fields


def _schema_of(fields: Fields, name: str) -> Mapping[str, Any]:
    if name not in fields:
        return {}
    return fields[name].schema


def _example_record(snapshot: Snapshot, served: ServedOperation) -> dict[str, Any]:
    """Return a record with the fields of all documented examples."""
    record: dict[str, Any] = {}
    for operation in reversed(list(_operations_showing(snapshot, served))):
        status = operation.operation.success_status or 200
        content, _ = example(operation.operation.json_response(status))
        if operation.envelope:
            content = operation.envelope.content_of(content)
        if isinstance(content, list) and content:
            content = content[0]
        if isinstance(content, dict):
            record |= content
    return record


def _default_fields(fields: Fields, example_record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of required fields that a request does not send."""
    defaults: dict[str, Any] = {}
    for name, field in fields.items():
        if not field.required:
            continue
        if _is_nullable(field.schema):
            defaults[name] = None
        else:
            defaults[name] = example_record.get(name)
    return defaults


def _is_nullable(schema: Mapping[str, Any]) -> bool:
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
        timestamps[name] = snapshot.now
        if _schema_of(fields, name).get("format") == "date-time":
            timestamps[name] = snapshot.now.replace(" ", "T") + "Z"
    return timestamps


def _next_key(snapshot: Snapshot, collection: str, schema: Mapping[str, Any]) -> Any:
    """Return a key that no record has or had: the next number, or the next text."""
    shipped = snapshot.contract.collections[collection]
    new_keys = set()
    for name, key in (*snapshot.state.records, *snapshot.state.overlay):
        if name == collection and key not in shipped:
            new_keys.add(key)
    if schema.get("type") not in ("integer", "number"):
        return _next_text_key(snapshot, collection, new_keys)
    new_numbers = set()
    for key in new_keys:
        last_part = key.rpartition("/")[2]
        if last_part.isdecimal():
            new_numbers.add(int(last_part))
    following = max(shipped.greatest_number, *new_numbers, 0) + 1
    if following <= MOST_INTEGER:
        return following
    numbers = new_numbers.union(shipped.numbers())
    number = 1
    while number in numbers:
        number += 1
    return number


def _next_text_key(snapshot: Snapshot, collection: str, new_keys: Set[str]) -> str:
    shipped = {key.rpartition("/")[2] for key in snapshot.contract.collections[collection]}
    added = {key.rpartition("/")[2] for key in new_keys}
    return next_text_key(shipped, added, collection)


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
    listed = "; ".join(map(str, violations))
    detail = f"{served.operation.name}: the record would violate the contract: {listed}"
    extensions = {"violations": [violation.as_json() for violation in violations]}
    for violation in violations:
        if violation.pointer.strip("/").split("/")[0] in sent:
            raise RequestBreaksContract(detail, extensions)
    raise ResponseBreaksContract(detail, extensions)
