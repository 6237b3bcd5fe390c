"""The admin API of records.

The name of a collection is `API/COLLECTION`, and the key of a record with a parent contains a
slash. Both are query parameters, because clients and proxies change paths with encoded slashes,
empty segments and dots.
"""

from collections.abc import Callable
from typing import Any

from mockserver.contract.effects import RecordLocator
from mockserver.contract.lifecycles import Lifecycle
from mockserver.contract.record_checks import record_response_violations
from mockserver.contract.record_types import Record, RecordKey
from mockserver.contract.records import label_of
from mockserver.errors import Violation
from mockserver.formats.json_schema import Schema, Validator
from mockserver.sandbox import record_edits
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.state import SandboxState
from mockserver.web.admin.call import AdminCall
from mockserver.web.admin.columns import columns_of
from mockserver.web.admin.schemas import (
    BOOLEAN,
    COUNT,
    OBJECT,
    SMALL_COUNT,
    TEXT,
    TEXTS,
    Json,
    array_of,
    nullable,
    object_of,
)
from mockserver.web.admin.violations import raise_invalid

MAX_RECORDS = 1000
"""The maximum number of records of one collection in one response."""

LIST_QUERY = object_of(
    {"collection": TEXT, "offset": SMALL_COUNT, "limit": {**COUNT, "maximum": MAX_RECORDS}}
)
"""The query parameters of `list_records`."""
RECORD_QUERY = object_of(collection=TEXT, key=TEXT)
"""The query parameters that select one record."""
RECORD_REQUEST = Validator(OBJECT)
"""The body: a record for `put_record`, a merge patch for `patch_record`."""
TRANSITION = Validator(object_of(collection=TEXT, key=TEXT, to=TEXT))
RESTORE = Validator(object_of(collection=TEXT, key=TEXT))
_RECORD: dict[str, Schema] = {
    "key": TEXT,
    "state": nullable(TEXT),
    "modified": BOOLEAN,
    "deleted": BOOLEAN,
    "next_states": TEXTS,
    "record": OBJECT,
}
RECORD = object_of(**_RECORD)
TRANSITIONED = object_of(**_RECORD, transition=object_of(record=TEXT, **{"from": TEXT, "to": TEXT}))
_COLLECTION = object_of(
    name=TEXT,
    title=TEXT,
    operations=TEXTS,
    key=nullable(TEXT),
    label=nullable(TEXT),
    state=nullable(TEXT),
    history=nullable(TEXT),
    counts=nullable(object_of(total=TEXT, parts=TEXTS, increments=nullable(TEXT))),
    states=TEXTS,
    columns=TEXTS,
    total=COUNT,
    records=array_of(RECORD),
)
COLLECTIONS = object_of(sandbox=TEXT, now=TEXT, collections=array_of(_COLLECTION))


def list_records(call: AdminCall) -> Json:
    """Return the collections with their current records, and the columns of a table of them.

    Deleted records are included. The query parameter `collection` selects one collection. `limit`
    and `offset` select records of each collection.

    Raises:
        RecordNotFound: the collection is unknown.
    """
    params = call.query_params(LIST_QUERY)
    snapshot = call.server.sandboxes.snapshot(call.sandbox)
    offset = params.get("offset", 0)
    page = slice(offset, offset + params.get("limit", MAX_RECORDS))
    names = list(snapshot.contract.collections)
    if "collection" in params:
        names = [params["collection"]]
    collections = [_collection_json(snapshot, name, page) for name in names]
    return {"sandbox": call.sandbox, "now": snapshot.now, "collections": collections}


def put_record(call: AdminCall) -> Json:
    """Create or replace a record. A new record is the last of its collection.

    Raises:
        RecordNotFound: the collection is unknown.
        AdminRequestInvalid: the record has another key, or no response can contain it.
    """

    def new_record(snapshot: Snapshot, key: RecordKey) -> Record:
        record_edits.shipped_records(snapshot, key[0])
        return dict(call.body)

    return _write(call, new_record)


def patch_record(call: AdminCall) -> Json:
    """Change fields of a record (JSON Merge Patch, RFC 7396).

    Raises:
        RecordNotFound: the collection or the record is unknown.
        AdminRequestInvalid: the record has another key, or no response can contain it.
    """

    def new_record(snapshot: Snapshot, key: RecordKey) -> Record:
        return record_edits.patch_record(snapshot, key, call.body)

    return _write(call, new_record)


def delete_record(call: AdminCall) -> Json:
    """Delete a record, and return its last content.

    Raises:
        RecordNotFound: the collection or the record is unknown.
    """
    key = _key_of_query(call)

    def step(snapshot: Snapshot) -> tuple[SandboxState, Json]:
        state = record_edits.delete_record(snapshot, key)
        record_json = _record_json(snapshot, key)
        return state, {**record_json, "modified": True, "deleted": True, "next_states": []}

    return call.server.sandboxes.change(call.sandbox, step)


def transition_record(call: AdminCall) -> Json:
    """Move a record to another state of its lifecycle.

    Raises:
        RecordNotFound: the collection or the record is unknown.
        TransitionNotAllowed: the lifecycle does not allow the transition.
    """
    key, to = _key_of_body(call), call.body["to"]

    def step(snapshot: Snapshot) -> tuple[SandboxState, Json]:
        state, transition = record_edits.transition_record(snapshot, key, to)
        record_json = _record_json(Snapshot(snapshot.contract, state), key)
        return state, {**record_json, "transition": transition.as_json()}

    return call.server.sandboxes.change(call.sandbox, step)


def restore_record(call: AdminCall) -> Json:
    """Restore a record as shipped.

    Raises:
        RecordNotFound: the collection or the record is unknown.
    """
    key = _key_of_body(call)

    def step(snapshot: Snapshot) -> tuple[SandboxState, Json]:
        state = record_edits.restore_record(snapshot, key)
        return state, _record_json(Snapshot(snapshot.contract, state), key)

    return call.server.sandboxes.change(call.sandbox, step)


def _key_of_query(call: AdminCall) -> RecordKey:
    params = call.query_params(RECORD_QUERY)
    return params["collection"], params["key"]


def _key_of_body(call: AdminCall) -> RecordKey:
    return call.body["collection"], call.body["key"]


def _write(call: AdminCall, new_record: Callable[[Snapshot, RecordKey], Record]) -> Json:
    """Write the record that `new_record` returns, in one transaction, and return its JSON."""
    key = _key_of_query(call)

    def step(snapshot: Snapshot) -> tuple[SandboxState, Json]:
        contract = snapshot.contract
        record = new_record(snapshot, key)
        own_key = record_edits.record_key(contract, key[0], record)
        raise_invalid(list(record_response_violations(contract, key[0], record)))
        if own_key != key[1]:
            raise_invalid([Violation("query/key", f"{own_key}, the key of the record", key[1])])
        state = snapshot.state_after({key: record})
        return state, _record_json(Snapshot(contract, state), key)

    return call.server.sandboxes.change(call.sandbox, step)


def _collection_json(snapshot: Snapshot, name: str, page: slice) -> Json:
    """Return the JSON of a collection. `page` selects its records.

    Raises:
        RecordNotFound: the collection is unknown.
    """
    shipped_records = record_edits.shipped_records(snapshot, name)
    operations = [served for served in snapshot.contract.served if served.collection == name]
    rule = operations[0].rule if operations else None
    keys = list({**shipped_records, **snapshot.records(name)})
    label = label_of(shipped_records.values())
    paths = _lifecycle_paths(snapshot.contract.lifecycles.get(name))
    other_columns = [label, paths["state"], paths["history"], *_id_fields(rule)]
    return {
        "name": name,
        "title": name.rpartition("/")[2],
        "operations": [served.operation.id for served in operations],
        "key": rule.key if rule else None,
        "label": label,
        **paths,
        "columns": columns_of(shipped_records.values(), list(filter(None, other_columns))),
        "total": len(keys),
        "records": [_record_json(snapshot, (name, key)) for key in keys[page]],
    }


def _id_fields(rule: RecordLocator | None) -> list[str | None]:
    """Return the fields with the id of a record and of its parent."""
    if rule is None:
        return []
    return [rule.id_field, rule.parent_member]


def _lifecycle_paths(lifecycle: Lifecycle | None) -> Json:
    """Return the dotted fields that a lifecycle uses, and its states in order.

    A field that it does not use is `None`.
    """
    if lifecycle is None:
        return {"state": None, "history": None, "counts": None, "states": []}
    return {
        "state": ".".join(lifecycle.state),
        "history": ".".join(lifecycle.history) or None,
        "counts": _counts_json(lifecycle),
        "states": list(lifecycle.states),
    }


def _counts_json(lifecycle: Lifecycle) -> Json | None:
    if not lifecycle.counts:
        return None
    increments = None
    for state in lifecycle.states.values():
        if state.increments:
            increments = ".".join(state.increments)
            break
    return {
        "total": ".".join(lifecycle.counts.total),
        "parts": [".".join(part) for part in lifecycle.counts.parts],
        "increments": increments,
    }


def _record_json(snapshot: Snapshot, key: RecordKey) -> Json:
    """Return the JSON of a record. A deleted record has its shipped content."""
    collection, name = key
    shipped_record = snapshot.contract.collections[collection].get(name)
    current_record = snapshot.records(collection).get(name)
    record: Any = current_record
    if current_record is None:
        record = shipped_record
    lifecycle = snapshot.contract.lifecycles.get(collection)
    state: str | None = None
    next_states: list[str] = []
    if lifecycle:
        state = lifecycle.state_of(record)
    if lifecycle and current_record is not None:
        next_states = list(lifecycle.next_of(record))
    return {
        "key": name,
        "state": state,
        "modified": current_record != shipped_record,
        "deleted": current_record is None,
        "next_states": next_states,
        "record": record,
    }
