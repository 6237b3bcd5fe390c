"""The admin API of records.

A collection is called `API/COLLECTION`, and a key contains a slash where a record has a parent. So both are query parameters and
not segments of the path: clients and proxies change paths with encoded slashes, empty segments and dots.
"""

from collections.abc import Callable
from typing import Any

from mockserver.contract.lifecycles import Lifecycle
from mockserver.contract.model import ServedOperation
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
"""The query parameters that name one record."""
RECORD_REQUEST = Validator(OBJECT)
"""The body of `put_record` and `patch_record`: a record, or a merge patch."""
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
    """Return all collections with their current records, and what a table of them needs; deleted records are included.

    `collection` selects one of them; `limit` and `offset` page the records of each. Raises `RecordNotFound`.
    """
    params = call.query_params(LIST_QUERY)
    snapshot = call.server.sandboxes.snapshot(call.sandbox)
    offset = params.get("offset", 0)
    page = slice(offset, offset + params.get("limit", MAX_RECORDS))
    names = (
        [params["collection"]] if "collection" in params else list(snapshot.contract.collections)
    )
    collections = [_collection_json(snapshot, name, page) for name in names]
    return {"sandbox": call.sandbox, "now": snapshot.now, "collections": collections}


def put_record(call: AdminCall) -> Json:
    """Create or replace a record; a new one comes last.

    Raises `RecordNotFound` for an unknown collection, and `AdminRequestInvalid` for a record that has another key, or that no
    response could contain.
    """

    def record(snapshot: Snapshot, key: RecordKey) -> Record:
        record_edits.shipped_records(snapshot, key[0])
        return dict(call.body)

    return _write(call, record)


def patch_record(call: AdminCall) -> Json:
    """Change fields of a record (JSON Merge Patch, RFC 7396). Raises as `put_record`."""

    def record(snapshot: Snapshot, key: RecordKey) -> Record:
        return record_edits.patch_record(snapshot, key, call.body)

    return _write(call, record)


def delete_record(call: AdminCall) -> Json:
    """Delete a record, and return it as it was. Raises `RecordNotFound`."""
    key = _key_of_query(call)

    def step(snapshot: Snapshot) -> tuple[SandboxState, Json]:
        state = record_edits.delete_record(snapshot, key)
        return state, {
            **_record_json(snapshot, key),
            "modified": True,
            "deleted": True,
            "next_states": [],
        }

    return call.server.sandboxes.change(call.sandbox, step)


def transition_record(call: AdminCall) -> Json:
    """Move a record to another state of its lifecycle. Raises `RecordNotFound` and `TransitionNotAllowed`."""
    key, to = _key_of_body(call), call.body["to"]

    def step(snapshot: Snapshot) -> tuple[SandboxState, Json]:
        state, transition = record_edits.transition_record(snapshot, key, to)
        after = _record_json(Snapshot(snapshot.contract, state), key)
        return state, {**after, "transition": transition.as_json()}

    return call.server.sandboxes.change(call.sandbox, step)


def restore_record(call: AdminCall) -> Json:
    """Restore a record as shipped. Raises `RecordNotFound`."""
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
    """Write the record that `new_record` returns, in one step, and return its JSON."""
    key = _key_of_query(call)

    def step(snapshot: Snapshot) -> tuple[SandboxState, Json]:
        contract = snapshot.contract
        record = new_record(snapshot, key)
        actual_key = record_edits.record_key(contract, key[0], record)
        raise_invalid(list(record_response_violations(contract, key[0], record)))
        if actual_key != key[1]:
            raise_invalid([Violation("query/key", f"{actual_key}, the key of the record", key[1])])
        state = snapshot.state_after({key: record})
        return state, _record_json(Snapshot(contract, state), key)

    return call.server.sandboxes.change(call.sandbox, step)


def _collection_json(snapshot: Snapshot, name: str, page: slice) -> Json:
    shipped = record_edits.shipped_records(snapshot, name)
    operations = [served for served in snapshot.contract.served if served.collection == name]
    keys = list({**shipped, **snapshot.records(name)})
    label = label_of(shipped.values())
    paths = _lifecycle_paths(snapshot.contract.lifecycles.get(name))
    excluded = [label, paths["state"], paths["history"], *_id_fields(operations)]
    return {
        "name": name,
        "title": name.rpartition("/")[2],
        "operations": [served.operation.id for served in operations],
        "key": _key_variable(operations),
        "label": label,
        **paths,
        "columns": columns_of(shipped.values(), [path for path in excluded if path]),
        "total": len(keys),
        "records": [_record_json(snapshot, (name, key)) for key in keys[page]],
    }


def _key_variable(operations: list[ServedOperation]) -> str | None:
    """Return the variable of the URI templates that contains the key."""
    rule = operations[0].rule if operations else None
    return rule.key if rule else None


def _id_fields(operations: list[ServedOperation]) -> list[str | None]:
    rule = operations[0].rule if operations else None
    return [rule.id_field, rule.parent] if rule else []


def _lifecycle_paths(lifecycle: Lifecycle | None) -> Json:
    """Return the fields that a lifecycle uses, dotted, and its states in order; `None` for fields that it does not use."""
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
    increments = [state.increments for state in lifecycle.states.values() if state.increments]
    return {
        "total": ".".join(lifecycle.counts.total),
        "parts": [".".join(part) for part in lifecycle.counts.parts],
        "increments": ".".join(increments[0]) if increments else None,
    }


def _record_json(snapshot: Snapshot, key: RecordKey) -> Json:
    collection, name = key
    shipped = snapshot.contract.collections[collection].get(name)
    current = snapshot.records(collection).get(name)
    lifecycle = snapshot.contract.lifecycles.get(collection)
    record: Any = shipped if current is None else current
    next_states: list[str] = []
    if lifecycle and current is not None:
        next_states = list(lifecycle.next_of(record))
    return {
        "key": name,
        "state": lifecycle.state_of(record) if lifecycle else None,
        "modified": current != shipped,
        "deleted": current is None,
        "next_states": next_states,
        "record": record,
    }
