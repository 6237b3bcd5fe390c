"""Control operations on the records of a sandbox's world."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mockserver.contract.lifecycles import Lifecycle
from mockserver.contract.record_checks import unanswerable
from mockserver.contract.records import Record, RecordKey, label_of
from mockserver.errors import Violation
from mockserver.formats.json_schema import Validator
from mockserver.sandbox.record_edits import key_in, moved, patched, removed, restored, shipped_in
from mockserver.sandbox.snapshot import World
from mockserver.sandbox.state import State
from mockserver.web.admin.call import Call, Json, refuse
from mockserver.web.admin.columns import columns_of
from mockserver.web.admin.schemas import BOOLEAN, COUNT, SMALL_COUNT, TEXT, TEXTS, Schema, a_list, an_object, or_null

MOST = 1000
"""The most records of one collection in one answer."""


VARIABLES: dict[str, Schema] = {"collection": TEXT, "offset": SMALL_COUNT, "limit": {**COUNT, "maximum": MOST}}
"""The query variables of `every`."""
_ANY_RECORD: Schema = {"type": "object"}
MOVE = Validator(an_object(collection=TEXT, key=TEXT, to=TEXT))
RESTORE = Validator(an_object(collection=TEXT, key=TEXT))
REMOVE = RESTORE
PUT = Validator(an_object(collection=TEXT, record=_ANY_RECORD))
PATCH = Validator(an_object(collection=TEXT, key=TEXT, record=_ANY_RECORD))
_RECORD = {"key": TEXT, "state": or_null(TEXT), "changed": BOOLEAN, "gone": BOOLEAN, "moves": TEXTS, "record": _ANY_RECORD}
RECORD = an_object(**_RECORD)
MOVED = an_object(**_RECORD, transition=an_object(record=TEXT, **{"from": TEXT, "to": TEXT}))
_COLLECTION = an_object(
    name=TEXT,
    title=TEXT,
    operations=TEXTS,
    key=or_null(TEXT),
    label=or_null(TEXT),
    state=or_null(TEXT),
    history=or_null(TEXT),
    counts=or_null(an_object(total=TEXT, parts=TEXTS, grows=or_null(TEXT))),
    states=TEXTS,
    columns=TEXTS,
    total=COUNT,
    records=a_list(RECORD),
)
LISTED = an_object(sandbox=TEXT, now=TEXT, collections=a_list(_COLLECTION))


def every(call: Call) -> Json:
    """All collections with what a table of them needs, and their records as they are now; those that are gone are listed too.

    `collection` names one of them; `limit` and `offset` page the records of each. Raises `NotInCollection`.
    """
    world, asked = call.server.sandboxes.open(call.sandbox), call.asked(VARIABLES)
    page = slice(asked.get("offset", 0), asked.get("offset", 0) + asked.get("limit", MOST))
    names = [asked["collection"]] if "collection" in asked else list(world.contract.collections)
    collections = [_collection(world, name, page) for name in names]
    return {"sandbox": call.sandbox, "now": world.now, "collections": collections}


def move(call: Call) -> Json:
    """Move one record along its lifecycle. Raises `NotInCollection` and `TransitionRefused`."""
    to = call.body["to"]

    def step(world: World, key: RecordKey) -> tuple[State, Json]:
        state, made = moved(world, key, to)
        return state, {"transition": made.as_json()}

    return _changed(call, step)


def restore(call: Call) -> Json:
    """Put one record back as shipped. Raises `NotInCollection`."""
    return _changed(call, lambda world, key: (restored(world, key), {}))


def put(call: Call) -> Json:
    """Put a record there whole: in the place of that of its key, or behind the others.

    Raises `NotInCollection`, and `ControlRequestInvalid` for a record that no answer could tell.
    """
    collection, record = call.body["collection"], dict(call.body["record"])

    def step(world: World) -> tuple[State, Json]:
        shipped_in(world, collection)
        return _written(world, collection, None, record)

    return call.server.sandboxes.change(call.sandbox, step)


def patch(call: Call) -> Json:
    """Change some members of one record (RFC 7396). Raises as `put` does, and for a record of another key."""

    def step(world: World) -> tuple[State, Json]:
        collection, key = _named(call)
        return _written(world, collection, key, patched(world, (collection, key), call.body["record"]))

    return call.server.sandboxes.change(call.sandbox, step)


def remove(call: Call) -> Json:
    """Take one record away; it is told as it was. Raises `NotInCollection`."""

    def step(world: World) -> tuple[State, Json]:
        key = _named(call)
        return removed(world, key), {**_record(world, *key), "changed": True, "gone": True, "moves": []}

    return call.server.sandboxes.change(call.sandbox, step)


def _written(world: World, collection: str, key: str | None, record: Record) -> tuple[State, Json]:
    own = key_in(world.contract, collection, record)
    found = unanswerable(world.contract, collection, record)
    refuse([replace(each, pointer=f"/record{each.pointer}") for each in found])
    if key not in (None, own):
        refuse([Violation("/record", f"a record of the key {key}", own)])
    state = world.after({(collection, own): record})
    return state, _record(World(world.contract, state), collection, own)


def _changed(call: Call, change: Callable[[World, RecordKey], tuple[State, Json]]) -> Json:
    """Change the record that the body names, in one step; it is told as it is afterwards."""
    key = _named(call)

    def step(world: World) -> tuple[State, Json]:
        state, more = change(world, key)
        return state, {**_record(World(world.contract, state), *key), **more}

    return call.server.sandboxes.change(call.sandbox, step)


def _named(call: Call) -> RecordKey:
    return call.body["collection"], call.body["key"]


def _collection(world: World, name: str, page: slice) -> Json:
    shipped = shipped_in(world, name)
    served = [each for each in world.contract.served if each.collection == name]
    rule, lifecycle = next((each.rule for each in served), None), world.contract.lifecycles.get(name)
    label, paths = label_of(shipped.values()), _paths(lifecycle)
    known = [each for each in (label, rule and rule.member, rule and rule.within, paths["state"], paths["history"]) if each]
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
    grows = next((state.grows for state in lifecycle.states.values() if state.grows), ())
    counts = lifecycle.counts and {
        "total": ".".join(lifecycle.counts.total),
        "parts": [".".join(part) for part in lifecycle.counts.parts],
        "grows": ".".join(grows) or None,
    }
    history = ".".join(lifecycle.history) or None
    return {"state": ".".join(lifecycle.state), "history": history, "counts": counts, "states": list(lifecycle.states)}


def _record(world: World, collection: str, key: str) -> Json:
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
