"""What a tester does to single records by hand: moves, writes, takes away, and puts back as shipped."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mockserver.contract.model import Contract
from mockserver.contract.record_checks import record_violations
from mockserver.errors import NotInCollection, TransitionRefused, Violation
from mockserver.formats.json_schema import show
from mockserver.sandbox.journal import Move
from mockserver.sandbox.sandboxes import World
from mockserver.sandbox.stores import Record, RecordKey, Records, State


def moved(world: World, key: RecordKey, to: str) -> tuple[State, Move]:
    """The state in which the record has moved to `to`, stamped with the sandbox's clock, and the move.

    Raises `NotInCollection`, and `TransitionRefused` where the record's present state does not lead there.
    """
    record, lifecycle, name = _present(world, key), world.contract.lifecycles.get(key[0]), "/".join(key)
    if lifecycle is None:
        raise TransitionRefused(f"{name} does not move: {key[0]} has no lifecycle", {"moves": []})
    state, moves = str(lifecycle.state_of(record)), lifecycle.next_of(record)
    if to not in moves:
        expected = f"expected {' or '.join(moves)}" if moves else "nothing follows it"
        raise TransitionRefused(f"{name} is {state}, which does not lead to {to}; {expected}", {"moves": list(moves)})
    after = lifecycle.moved(record, to, lifecycle.stamp_after(record, world.now))
    return world.after({key: after}), Move(name, state, to)


def restored(world: World, key: RecordKey) -> State:
    """The state in which the record is as shipped again, also one that is gone. Raises `NotInCollection`."""
    if key[1] not in shipped_in(world, key[0]):
        raise NotInCollection(f"no record {'/'.join(key)} was shipped", {"collection": key[0]})
    state = world.state
    if key not in state.records and key not in state.overlaid:
        return state
    return replace(state, records=_without(state.records, key), overlaid=_without(state.overlaid, key))


def removed(world: World, key: RecordKey) -> State:
    """The state in which the record is gone. Raises `NotInCollection`."""
    _present(world, key)
    return world.after({key: None})


def patched(world: World, key: RecordKey, patch: Mapping[str, Any]) -> Record:
    """The record with a JSON merge patch (RFC 7396) applied. Raises `NotInCollection`."""
    return dict(merged(_present(world, key), patch))


def key_in(contract: Contract, collection: str, record: Record) -> str:
    """The key that a record has in a collection. Raises `NotInCollection` for one that no operation serves."""
    for each in contract.served:
        if each.collection == collection and each.rule:
            return each.rule.key_of(record)
    raise NotInCollection(f"no operation serves {collection}", {"collection": collection})


def unanswerable(contract: Contract, collection: str, record: Record) -> list[Violation]:
    """Every way in which a record could not be found, or be answered truthfully; for a collection that is served."""
    schemas = [each.envelope.item_schema for each in contract.served if each.collection == collection and each.envelope]
    found = list(dict.fromkeys(record_violations(record, schemas, contract.lifecycles.get(collection))))
    told = {each.pointer for each in found}
    members = set(contract.members_of(collection).values())
    for name in sorted(members):
        if f"/{name}" not in told and not isinstance(record.get(name), str | int):
            found.append(Violation(f"/{name}", "a string or an integer, by which the record is found", show(record.get(name))))
    shown = {name for schema in schemas for name in schema.get("properties", {})} | members
    for name in sorted(record.keys() - shown):
        found.append(Violation(f"/{name}", f"one of {', '.join(sorted(shown))}", "a member that no answer has"))
    return found


def shipped_in(world: World, collection: str) -> dict[str, Record]:
    """The shipped records of a collection, by key. Raises `NotInCollection` for one that does not exist."""
    collections = world.contract.collections
    if collection not in collections:
        raise NotInCollection(f"no collection {collection}; expected one of {', '.join(collections)}")
    return dict(collections[collection])


def _present(world: World, key: RecordKey) -> Record:
    record = world.records(key[0]).get(key[1]) if shipped_in(world, key[0]) else None
    if record is None:
        raise NotInCollection(f"there is no record {'/'.join(key)}", {"collection": key[0]})
    return record


def merged(target: Any, patch: Any) -> Any:
    """A value with a JSON merge patch applied (RFC 7396, section 2)."""
    if not isinstance(patch, Mapping):
        return patch
    before = target if isinstance(target, Mapping) else {}
    after = {**before, **{name: merged(before.get(name), value) for name, value in patch.items()}}
    return {name: value for name, value in after.items() if name not in patch or patch[name] is not None}


def _without(records: Records, key: RecordKey) -> Records:
    return {each: record for each, record in records.items() if each != key}
