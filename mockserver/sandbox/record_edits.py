"""What a tester does to single records by hand: moves, writes, takes away, and puts back as shipped."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mockserver.contract.model import Contract
from mockserver.contract.records import Record, RecordKey, Records
from mockserver.errors import RecordNotFound, TransitionNotAllowed
from mockserver.formats.merge_patch import merge_patch
from mockserver.sandbox.journal import Transition
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.state import SandboxState


def transition_record(world: Snapshot, key: RecordKey, to: str) -> tuple[SandboxState, Transition]:
    """The state in which the record has moved to `to`, stamped with the sandbox's clock, and the move.

    Raises `NotInCollection`, and `TransitionRefused` where the record's present state does not lead there.
    """
    record, lifecycle, name = _present(world, key), world.contract.lifecycles.get(key[0]), "/".join(key)
    if lifecycle is None:
        raise TransitionNotAllowed(f"{name} does not move: {key[0]} has no lifecycle", {"moves": []})
    state, moves = str(lifecycle.state_of(record)), lifecycle.next_of(record)
    if to not in moves:
        expected = f"expected {' or '.join(moves)}" if moves else "nothing follows it"
        raise TransitionNotAllowed(f"{name} is {state}, which does not lead to {to}; {expected}", {"moves": list(moves)})
    after = lifecycle.transitioned(record, to, lifecycle.timestamp_after(record, world.now))
    return world.state_after({key: after}), Transition(name, state, to)


def restore_record(world: Snapshot, key: RecordKey) -> SandboxState:
    """The state in which the record is as shipped again, also one that is gone. Raises `NotInCollection`."""
    if key[1] not in shipped_records(world, key[0]):
        raise RecordNotFound(f"no record {'/'.join(key)} was shipped", {"collection": key[0]})
    state = world.state
    if key not in state.records and key not in state.overlay:
        return state
    return replace(state, records=_without(state.records, key), overlay=_without(state.overlay, key))


def delete_record(world: Snapshot, key: RecordKey) -> SandboxState:
    """The state in which the record is gone. Raises `NotInCollection`."""
    _present(world, key)
    return world.state_after({key: None})


def patch_record(world: Snapshot, key: RecordKey, patch: Mapping[str, Any]) -> Record:
    """The record with a JSON merge patch (RFC 7396) applied. Raises `NotInCollection`."""
    return dict(merge_patch(_present(world, key), patch))


def record_key(contract: Contract, collection: str, record: Record) -> str:
    """The key that a record has in a collection. Raises `NotInCollection` for one that no operation serves."""
    for each in contract.served:
        if each.collection == collection and each.rule:
            return each.rule.key_of(record)
    raise RecordNotFound(f"no operation serves {collection}", {"collection": collection})


def shipped_records(world: Snapshot, collection: str) -> dict[str, Record]:
    """The shipped records of a collection, by key. Raises `NotInCollection` for one that does not exist."""
    collections = world.contract.collections
    if collection not in collections:
        raise RecordNotFound(f"no collection {collection}; expected one of {', '.join(collections)}")
    return dict(collections[collection])


def _present(world: Snapshot, key: RecordKey) -> Record:
    record = world.records(key[0]).get(key[1]) if shipped_records(world, key[0]) else None
    if record is None:
        raise RecordNotFound(f"there is no record {'/'.join(key)}", {"collection": key[0]})
    return record


def _without(records: Records, key: RecordKey) -> Records:
    return {each: record for each, record in records.items() if each != key}
