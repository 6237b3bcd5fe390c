"""Advance records by themselves: with the clock, or each time one is retrieved."""

from typing import Any

from mockserver.contract.lifecycles.lifecycle import Lifecycle, LifecycleState, get_path, set_path
from mockserver.contract.record_types import Record
from mockserver.contract.timestamps import between, later

PROGRESSIONS = ("manual", "time", "polls")
"""What advances records: only the operations, the clock, or each retrieve of a record."""


def advance_to(record: Record, lifecycle: Lifecycle, now: str, since: str) -> Record:
    """Return the record as the clock has made it.

    In a state with `duration` the record stays for that time. Then it moves to the first of the state's `next`.
    The count in `increments` grows in proportion to the time. The argument is not changed; without any change it is returned.

    Args:
        record: The record as it was at `since`.
        lifecycle: The lifecycle of its collection.
        now: The timestamp to advance to.
        since: The timestamp at which the clock started to advance the record.
    """
    state = lifecycle.states.get(lifecycle.state_of(record))
    entered = since
    if state:
        entered = max(since, str(lifecycle.timestamps_of(record).get(state.name, since)))
    while state and state.duration and state.next_states:
        due = later(entered, state.duration)
        if due > now:
            return _incremented(record, lifecycle, state, between(entered, now) / state.duration)
        record = lifecycle.transitioned(record, state.next_states[0], due)
        state = lifecycle.states[state.next_states[0]]
        entered = due
    return record


def advance_once(record: Record, lifecycle: Lifecycle, now: str) -> tuple[Record, str] | None:
    """Return the record after the transition that one retrieve makes, and its new state; `None` in a final state.

    The count that grows in the new state gets half of the rest, so that a client that polls sees it grow.
    """
    state = lifecycle.states.get(lifecycle.state_of(record))
    if not state or not state.duration or not state.next_states:
        return None
    following = lifecycle.states[state.next_states[0]]
    advanced = lifecycle.transitioned(record, following.name, lifecycle.timestamp_after(record, now))
    return _incremented(advanced, lifecycle, following, 0.5), following.name


def _incremented(record: Record, lifecycle: Lifecycle, state: LifecycleState, share: float) -> Record:
    """Return the record with this share (0 to 1) of the missing count added to `increments`."""
    if not state.increments or lifecycle.counts is None:
        return record
    parts: list[Any] = [get_path(record, part) for part in lifecycle.counts.parts]
    rest = get_path(record, lifecycle.counts.total) - sum(parts)
    increment = int(rest * min(1.0, max(0.0, share)))
    if increment <= 0:
        return record
    return set_path(record, state.increments, get_path(record, state.increments) + increment)
