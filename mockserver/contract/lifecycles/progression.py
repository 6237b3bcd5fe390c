"""How records move on by themselves: with the clock, or each time they are looked at."""

from typing import Any

from mockserver.contract.lifecycles.lifecycle import Lifecycle, LifecycleState, Record, get_path, set_path
from mockserver.contract.timestamps import between, later


def advance_to(record: Record, lifecycle: Lifecycle, now: str, since: str) -> Record:
    """The record as it is at `now`, a stamp, if it had lived since `since` and nobody had touched it.

    In a state with `after` it stays for that long, then moves to the first of the state's `next`; what grows in a state has
    grown in proportion. The record given stays as it is; without anything to do, it is what is returned.
    """
    state = lifecycle.states.get(lifecycle.state_of(record))
    entered = max(since, str(lifecycle.timestamps_of(record).get(state.name, since))) if state else since
    while state and state.duration and state.next_states:
        due = later(entered, state.duration)
        if due > now:
            return _incremented(record, lifecycle, state, between(entered, now) / state.duration)
        record = lifecycle.transitioned(record, state.next_states[0], due)
        state, entered = lifecycle.states[state.next_states[0]], due
    return record


def advance_once(record: Record, lifecycle: Lifecycle, now: str) -> tuple[Record, str] | None:
    """The record after the move that a look at it makes, and its new state; `None` where it has come to its end.

    What grows in the new state is half there at once, so that who looks at each state sees it grow.
    """
    state = lifecycle.states.get(lifecycle.state_of(record))
    if not state or not state.duration or not state.next_states:
        return None
    following = lifecycle.states[state.next_states[0]]
    moved = lifecycle.transitioned(record, following.name, lifecycle.timestamp_after(record, now))
    return _incremented(moved, lifecycle, following, 0.5), following.name


def _incremented(record: Record, lifecycle: Lifecycle, state: LifecycleState, share: float) -> Record:
    """The record with a share of what is left to grow grown."""
    if not state.increments or lifecycle.counts is None:
        return record
    parts: list[Any] = [get_path(record, part) for part in lifecycle.counts.parts]
    left = get_path(record, lifecycle.counts.total) - sum(parts)
    grown = int(left * min(1.0, max(0.0, share)))
    return set_path(record, state.increments, get_path(record, state.increments) + grown) if grown > 0 else record


PROGRESSIONS = ("manual", "time", "polls")
"""What moves records on: nothing but the operations; the clock; or each retrieve of a record."""
