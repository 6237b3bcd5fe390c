"""Advance records by themselves: with the clock, or each time one is retrieved."""

from collections.abc import Iterator
from typing import Any

from mockserver.contract.lifecycles.lifecycle import Lifecycle, LifecycleState, get_path, set_path
from mockserver.contract.record_types import Record
from mockserver.contract.timestamps import between, later

PROGRESSIONS = ("manual", "time", "polls")
"""The causes that advance records: only the operations, the clock, or each retrieve."""


def advance_to(record: Record, lifecycle: Lifecycle, now: str, since: str) -> Record:
    """Return the record after the transitions that the clock causes.

    In a state with `duration` the record stays for that time. Then it moves to the first of the
    state's `next`. The count in `increments` grows in proportion to the time.

    The argument is not changed. If nothing happens, the result is the argument itself.

    Args:
        record: The record as it was at `since`.
        lifecycle: The lifecycle of its collection.
        now: The timestamp to advance to.
        since: The timestamp at which the clock started to advance the record.
    """
    state, entered_at = _entered(record, lifecycle, since)
    for next_state, due in _transitions(lifecycle, state, entered_at, now):
        record = lifecycle.transitioned(record, next_state.name, due)
        state, entered_at = next_state, due
    if state and state.duration and state.next_states:
        return _incremented(record, lifecycle, state, between(entered_at, now) / state.duration)
    return record


def state_at(record: Record, lifecycle: Lifecycle, now: str, since: str) -> Any:
    """Return the state that `advance_to` would give the record, for the same arguments."""
    state, entered_at = _entered(record, lifecycle, since)
    if state is None:
        return lifecycle.state_of(record)
    for next_state, _ in _transitions(lifecycle, state, entered_at, now):
        state = next_state
    return state.name


def _entered(record: Record, lifecycle: Lifecycle, since: str) -> tuple[LifecycleState | None, str]:
    """Return the state of a record, and the time from which the clock counts in this state."""
    state = lifecycle.states.get(lifecycle.state_of(record))
    if state is None or not state.duration or not state.next_states:
        return state, since
    return state, max(since, str(lifecycle.timestamps_of(record).get(state.name, since)))


def _transitions(
    lifecycle: Lifecycle, state: LifecycleState | None, entered_at: str, now: str
) -> Iterator[tuple[LifecycleState, str]]:
    """Yield the states that the clock has moved a record to, each with its time."""
    while state and state.duration and state.next_states:
        due = later(entered_at, state.duration)
        if due > now:
            return
        state = lifecycle.states[state.next_states[0]]
        entered_at = due
        yield state, due


def advance_once(record: Record, lifecycle: Lifecycle, now: str) -> tuple[Record, str] | None:
    """Return the record after the transition that one retrieve makes, and its new state.

    The count that grows in the new state gets half of the rest, so that a polling client sees it
    grow. In a state that does not end by itself the result is `None`.
    """
    state = lifecycle.states.get(lifecycle.state_of(record))
    if not state or not state.duration or not state.next_states:
        return None
    next_state = lifecycle.states[state.next_states[0]]
    timestamp = lifecycle.timestamp_after(record, now)
    new_record = lifecycle.transitioned(record, next_state.name, timestamp)
    return _incremented(new_record, lifecycle, next_state, 0.5), next_state.name


def _incremented(
    record: Record, lifecycle: Lifecycle, state: LifecycleState, share: float
) -> Record:
    """Return the record with this share (0 to 1) of the missing count added to `increments`."""
    if not state.increments or lifecycle.counts is None:
        return record
    parts: list[Any] = [get_path(record, part) for part in lifecycle.counts.parts]
    rest = get_path(record, lifecycle.counts.total) - sum(parts)
    increment = int(rest * min(1.0, max(0.0, share)))
    if increment <= 0:
        return record
    return set_path(record, state.increments, get_path(record, state.increments) + increment)
