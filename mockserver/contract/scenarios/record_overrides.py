"""What a scenario's cause makes of a record: members replaced, and a state that was truly come to."""

from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from mockserver.contract.lifecycles import Lifecycle, get_path, set_path
from mockserver.contract.record_types import Record


def apply_overrides(record: Record, members: Mapping[str, Any], lifecycle: Lifecycle | None, stamp: str) -> Record:
    """The record with these members (`stats.sent` names one within another); the record given stays as it is.

    The member that holds the state takes history and counts along, as if the record had moved there at `stamp`, or at the
    latest stamp that it has, where that is later.
    """
    for name, value in members.items():
        steps = tuple(name.split("."))
        if lifecycle and steps == lifecycle.state and value in lifecycle.states:
            record = _force_state(record, lifecycle, value, stamp)
        else:
            record = set_path(record, steps, value)
    return record


def _force_state(record: Record, lifecycle: Lifecycle, to: str, stamp: str) -> Record:
    """The record in another state: its history as far as it leads there, then the moves that are left."""
    present = lifecycle.state_of(record)
    if present == to:
        return record
    way = max(lifecycle.paths_to(to), key=lambda way: len(_common_prefix(way, record, lifecycle)))
    kept = _common_prefix(way, record, lifecycle)
    if kept[-1] != present:
        record = _back_in_state(record, lifecycle, kept, stamp)
    stamp = lifecycle.timestamp_after(record, stamp)
    for following in way[len(kept) :]:
        record = lifecycle.transitioned(record, following, stamp)
    return record


def _back_in_state(record: Record, lifecycle: Lifecycle, kept: tuple[str, ...], stamp: str) -> Record:
    """The record as it was in the last of these states; in the first one nothing was counted yet."""
    record = set_path(record, lifecycle.state, kept[-1])
    if lifecycle.history:
        history = get_path(record, lifecycle.history) or {}
        stamps = {name: history.get(name, stamp) for name in kept}
        record = set_path(record, lifecycle.history, stamps)
    if lifecycle.counts and len(kept) == 1:
        for part in lifecycle.counts.parts:
            record = set_path(record, part, 0)
    return record


def _common_prefix(way: tuple[str, ...], record: Record, lifecycle: Lifecycle) -> tuple[str, ...]:
    """The beginning of a way that a record has come already; at least the first state."""
    if lifecycle.history:
        history = get_path(record, lifecycle.history) or {}
        return tuple(takewhile(history.__contains__, way)) or way[:1]
    present = lifecycle.state_of(record)
    end = way.index(present) + 1 if present in way else 1
    return way[:end]
