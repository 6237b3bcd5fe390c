"""Control operations on the records of a sandbox's world."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mockserver.contract.lifecycles import Lifecycle
from mockserver.contract.record_checks import record_response_violations
from mockserver.contract.record_types import Record, RecordKey
from mockserver.contract.records import label_of
from mockserver.errors import Violation
from mockserver.formats.json_schema import Schema, Validator
from mockserver.sandbox.record_edits import (
    delete_record,
    patch_record,
    record_key,
    restore_record,
    shipped_records,
    transition_record,
)
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.state import SandboxState
from mockserver.web.admin.call import AdminCall, Json, raise_invalid
from mockserver.web.admin.columns import columns_of
from mockserver.web.admin.schemas import BOOLEAN, COUNT, SMALL_COUNT, TEXT, TEXTS, array_of, nullable, object_of

MAX_RECORDS = 1000
"""The most records of one collection in one answer."""


VARIABLES: dict[str, Schema] = {"collection": TEXT, "offset": SMALL_COUNT, "limit": {**COUNT, "maximum": MAX_RECORDS}}
"""The query variables of `every`."""
_ANY_RECORD: Schema = {"type": "object"}
TRANSITION = Validator(object_of(collection=TEXT, key=TEXT, to=TEXT))
RESTORE = Validator(object_of(collection=TEXT, key=TEXT))
REMOVE = RESTORE
RECORD_REQUEST = Validator(object_of(collection=TEXT, record=_ANY_RECORD))
PATCH = Validator(object_of(collection=TEXT, key=TEXT, record=_ANY_RECORD))
_RECORD = {"key": TEXT, "state": nullable(TEXT), "changed": BOOLEAN, "gone": BOOLEAN, "moves": TEXTS, "record": _ANY_RECORD}
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
    counts=nullable(object_of(total=TEXT, parts=TEXTS, grows=nullable(TEXT))),
    states=TEXTS,
    columns=TEXTS,
    total=COUNT,
    records=array_of(RECORD),
)
LISTED = object_of(sandbox=TEXT, now=TEXT, collections=array_of(_COLLECTION))


def list_records(call: AdminCall) -> Json:
    """All collections with what a table of them needs, and their records as they are now; those that are gone are listed too.

    `collection` names one of them; `limit` and `offset` page the records of each. Raises `NotInCollection`.
    """
    world, asked = call.server.sandboxes.snapshot(call.sandbox), call.query_params(VARIABLES)
    page = slice(asked.get("offset", 0), asked.get("offset", 0) + asked.get("limit", MAX_RECORDS))
    names = [asked["collection"]] if "collection" in asked else list(world.contract.collections)
    collections = [_collection(world, name, page) for name in names]
    return {"sandbox": call.sandbox, "now": world.now, "collections": collections}


def transition(call: AdminCall) -> Json:
    """Move one record along its lifecycle. Raises `NotInCollection` and `TransitionRefused`."""
    to = call.body["to"]

    def step(world: Snapshot, key: RecordKey) -> tuple[SandboxState, Json]:
        state, made = transition_record(world, key, to)
        return state, {"transition": made.as_json()}

    return _changed(call, step)


def restore(call: AdminCall) -> Json:
    """Put one record back as shipped. Raises `NotInCollection`."""
    return _changed(call, lambda world, key: (restore_record(world, key), {}))


def put(call: AdminCall) -> Json:
    """Put a record there whole: in the place of that of its key, or behind the others.

    Raises `NotInCollection`, and `ControlRequestInvalid` for a record that no answer could tell.
    """
    collection, record = call.body["collection"], dict(call.body["record"])

    def step(world: Snapshot) -> tuple[SandboxState, Json]:
        shipped_records(world, collection)
        return _written(world, collection, None, record)

    return call.server.sandboxes.change(call.sandbox, step)


def patch(call: AdminCall) -> Json:
    """Change some members of one record (RFC 7396). Raises as `put` does, and for a record of another key."""

    def step(world: Snapshot) -> tuple[SandboxState, Json]:
        collection, key = _named(call)
        return _written(world, collection, key, patch_record(world, (collection, key), call.body["record"]))

    return call.server.sandboxes.change(call.sandbox, step)


def remove(call: AdminCall) -> Json:
    """Take one record away; it is told as it was. Raises `NotInCollection`."""

    def step(world: Snapshot) -> tuple[SandboxState, Json]:
        key = _named(call)
        return delete_record(world, key), {**_record(world, *key), "changed": True, "gone": True, "moves": []}

    return call.server.sandboxes.change(call.sandbox, step)


def _written(world: Snapshot, collection: str, key: str | None, record: Record) -> tuple[SandboxState, Json]:
    own = record_key(world.contract, collection, record)
    found = record_response_violations(world.contract, collection, record)
    raise_invalid([replace(each, pointer=f"/record{each.pointer}") for each in found])
    if key not in (None, own):
        raise_invalid([Violation("/record", f"a record of the key {key}", own)])
    state = world.state_after({(collection, own): record})
    return state, _record(Snapshot(world.contract, state), collection, own)


def _changed(call: AdminCall, change: Callable[[Snapshot, RecordKey], tuple[SandboxState, Json]]) -> Json:
    """Change the record that the body names, in one step; it is told as it is afterwards."""
    key = _named(call)

    def step(world: Snapshot) -> tuple[SandboxState, Json]:
        state, more = change(world, key)
        return state, {**_record(Snapshot(world.contract, state), *key), **more}

    return call.server.sandboxes.change(call.sandbox, step)


def _named(call: AdminCall) -> RecordKey:
    return call.body["collection"], call.body["key"]


def _collection(world: Snapshot, name: str, page: slice) -> Json:
    shipped = shipped_records(world, name)
    served = [each for each in world.contract.served if each.collection == name]
    rule, lifecycle = next((each.rule for each in served), None), world.contract.lifecycles.get(name)
    label, paths = label_of(shipped.values()), _paths(lifecycle)
    known = [each for each in (label, rule and rule.id_field, rule and rule.parent, paths["state"], paths["history"]) if each]
    keys = list({**shipped, **world.records(name)})
    return {
        "name": name,
        "title": name.rpartition("/")[2],
        "operations": [each.operation.id for each in served],
        "key": rule.key if rule else None,
        "label": label,
        **paths,
        "columns": columns_of(shipped.values(), known),
        "total": len(keys),
        "records": [_record(world, name, key) for key in keys[page]],
    }


def _paths(lifecycle: Lifecycle | None) -> Json:
    """The members that a lifecycle speaks of, dotted, and its states in their order; `None` for what there is not."""
    if lifecycle is None:
        return {"state": None, "history": None, "counts": None, "states": []}
    grows = next((state.increments for state in lifecycle.states.values() if state.increments), ())
    counts = lifecycle.counts and {
        "total": ".".join(lifecycle.counts.total),
        "parts": [".".join(part) for part in lifecycle.counts.parts],
        "grows": ".".join(grows) or None,
    }
    history = ".".join(lifecycle.history) or None
    return {"state": ".".join(lifecycle.state), "history": history, "counts": counts, "states": list(lifecycle.states)}


def _record(world: Snapshot, collection: str, key: str) -> Json:
    shipped, lifecycle = world.contract.collections[collection].get(key), world.contract.lifecycles.get(collection)
    present = world.records(collection).get(key)
    record: Any = shipped if present is None else present
    return {
        "key": key,
        "state": lifecycle.state_of(record) if lifecycle else None,
        "changed": present != shipped,
        "gone": present is None,
        "moves": list(lifecycle.next_of(record)) if lifecycle and present is not None else [],
        "record": record,
    }
