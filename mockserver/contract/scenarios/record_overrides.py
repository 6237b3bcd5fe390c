"""Apply a scenario's `records`: replace members of a record, and force a state with its history."""

from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from mockserver.contract.lifecycles import Lifecycle, get_path, set_path
from mockserver.contract.record_types import Record


def apply_overrides(
    record: Record, members: Mapping[str, Any], lifecycle: Lifecycle | None, timestamp: str
) -> Record:
    """Return a copy of the record with these members.

    A new state changes history and counts too, as if the record had moved there at `timestamp`. If
    the record has a later timestamp, that one is used.

    Args:
        record: The record. It is not changed.
        members: Member to value. `stats.sent` is a member of another one.
        lifecycle: The lifecycle of its collection, if there is one.
        timestamp: When the overrides start.
    """
    for name, value in members.items():
        field_path = tuple(name.split("."))
        if lifecycle and field_path == lifecycle.state and value in lifecycle.states:
            record = _force_state(record, lifecycle, value, timestamp)
        else:
            record = set_path(record, field_path, value)
    return record


def _force_state(record: Record, lifecycle: Lifecycle, state: str, timestamp: str) -> Record:
    """Return the record in another state.

    It goes back on its path as far as needed, and then makes the transitions to the state.
    """
    present = lifecycle.state_of(record)
    if present == state:
        return record
    path: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    for candidate in lifecycle.paths_to(state):
        candidate_prefix = _common_prefix(candidate, record, lifecycle)
        if len(candidate_prefix) > len(prefix):
            path, prefix = candidate, candidate_prefix
    if prefix[-1] != present:
        record = _back_in_state(record, lifecycle, prefix, timestamp)
    timestamp = lifecycle.timestamp_after(record, timestamp)
    for next_state in path[len(prefix) :]:
        record = lifecycle.transitioned(record, next_state, timestamp)
    return record


def _back_in_state(
    record: Record, lifecycle: Lifecycle, prefix: tuple[str, ...], timestamp: str
) -> Record:
    """Return the record in the last state of `prefix`. In the first state its counts are 0."""
    record = set_path(record, lifecycle.state, prefix[-1])
    if lifecycle.history:
        history = get_path(record, lifecycle.history) or {}
        timestamps = {state: history.get(state, timestamp) for state in prefix}
        record = set_path(record, lifecycle.history, timestamps)
    if lifecycle.counts and len(prefix) == 1:
        for part in lifecycle.counts.parts:
            record = set_path(record, part, 0)
    return record


def _common_prefix(path: tuple[str, ...], record: Record, lifecycle: Lifecycle) -> tuple[str, ...]:
    """Return the beginning of a path that is in the record's history; at least the first state."""
    if lifecycle.history:
        history = get_path(record, lifecycle.history) or {}
        return tuple(takewhile(history.__contains__, path)) or path[:1]
    present = lifecycle.state_of(record)
    if present not in path:
        return path[:1]
    return path[: path.index(present) + 1]
