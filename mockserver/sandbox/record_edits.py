"""Edit single records of a sandbox for a tester: transition, restore, delete, patch."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from mockserver.config.similar_names import similar_hint
from mockserver.contract.model import Contract
from mockserver.contract.record_types import Record, RecordKey, Records
from mockserver.contract.shipped_records import ShippedRecords
from mockserver.errors import RecordNotFound, TransitionNotAllowed
from mockserver.formats.merge_patch import merge_patch
from mockserver.sandbox.journal import Transition
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.transitions import check_transition


def transition_record(
    snapshot: Snapshot, key: RecordKey, to_state: str
) -> tuple[SandboxState, Transition]:
    """Return the state with the record moved to `to_state` at the current time, and the transition.

    Raises:
        RecordNotFound: the record does not exist.
        TransitionNotAllowed: the record's current state does not lead to `to_state`.
    """
    record, name = _existing(snapshot, key), "/".join(key)
    lifecycle = snapshot.contract.lifecycles.get(key[0])
    if lifecycle is None:
        raise TransitionNotAllowed(
            f"{name} has no lifecycle state: {key[0]} has no lifecycle", {"next_states": []}
        )
    check_transition(lifecycle, record, to_state, name)
    timestamp = lifecycle.timestamp_after(record, snapshot.now)
    updated = lifecycle.transitioned(record, to_state, timestamp)
    transition = Transition(name, str(lifecycle.state_of(record)), to_state)
    return snapshot.state_after({key: updated}), transition


def restore_record(snapshot: Snapshot, key: RecordKey) -> SandboxState:
    """Return the state with the record as shipped, even if it was deleted.

    Raises:
        RecordNotFound: the record was not shipped.
    """
    shipped = shipped_records(snapshot, key[0])
    if key[1] not in shipped:
        raise _not_found(key, "was not shipped", shipped)
    state = snapshot.state
    if key not in state.records and key not in state.overlay:
        return state
    return replace(
        state, records=_without(state.records, key), overlay=_without(state.overlay, key)
    )


def delete_record(snapshot: Snapshot, key: RecordKey) -> SandboxState:
    """Return the state without the record.

    Raises:
        RecordNotFound: the record does not exist.
    """
    _existing(snapshot, key)
    return snapshot.state_after({key: None})


def patch_record(snapshot: Snapshot, key: RecordKey, patch: Mapping[str, Any]) -> Record:
    """Return the record with a JSON merge patch (RFC 7396) applied.

    Raises:
        RecordNotFound: the record does not exist.
    """
    return dict(merge_patch(_existing(snapshot, key), patch))


def record_key(contract: Contract, collection: str, record: Record) -> str:
    """Return the key of a record in a collection.

    Raises:
        RecordNotFound: no operation uses the collection, so that its records have no key.
    """
    for operation in contract.served:
        if operation.collection == collection and operation.rule:
            return operation.rule.key_of(record)
    raise RecordNotFound(
        f"collection {collection!r} is not used by any operation", {"collection": collection}
    )


def shipped_records(snapshot: Snapshot, collection: str) -> ShippedRecords:
    """Return the shipped records of a collection, by key.

    Raises:
        RecordNotFound: the collection is unknown.
    """
    collections = snapshot.contract.collections
    if collection not in collections:
        raise RecordNotFound(
            f"unknown collection {collection!r}; expected one of {', '.join(collections)}"
            f"{similar_hint(collection, collections)}"
        )
    return collections[collection]


def _existing(snapshot: Snapshot, key: RecordKey) -> Record:
    collection = key[0]
    shipped_records(snapshot, collection)
    records = snapshot.records(collection)
    record: Record | None = records.get(key[1])
    if record is None:
        raise _not_found(key, "does not exist", records)
    return record


def _not_found(key: RecordKey, reason: str, existing: Iterable[str]) -> RecordNotFound:
    """Return the problem for a key that is not one of the existing keys of its collection.

    Often the key of the parent is missing: `102` in place of `PARENT/102`.
    """
    advice = "GET /__admin/records lists the keys"
    for candidate in existing:
        if candidate.endswith(f"/{key[1]}"):
            advice = f"did you mean '{candidate}'?"
            break
    text = f"record '{'/'.join(key)}' {reason}; {advice}"
    return RecordNotFound(text, {"collection": key[0]})


def _without(records: Records, key: RecordKey) -> Records:
    return {other: record for other, record in records.items() if other != key}
