"""One lifecycle: the rules that a record satisfies in each state, and its transitions.

docs/fixtures.md describes the rules:

- The history has exactly the states on a path to the present state, in order of time.
- No timestamp is before `created_at` or after the fixtures' date.
- The counts add up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from mockserver.contract.record_types import Record
from mockserver.contract.timestamps import is_timestamp
from mockserver.errors import Violation
from mockserver.formats.json_pointer import to_pointer
from mockserver.formats.json_text import abbreviated_json

FieldPath = tuple[str, ...]
"""The steps from a record to one of its members. In the file: `stats.statuses_history`."""

_OBJECT = (dict, Mapping)
"""`dict` first, because the test of an abstract class is ten times slower."""


@dataclass(frozen=True, slots=True)
class LifecycleState:
    """One state of a lifecycle."""

    name: str
    next_states: tuple[str, ...] = ()
    """The states that can follow; empty for a final state."""
    increments: FieldPath = ()
    """The count that grows while a record is in the state."""
    duration: float = 0.0
    """Seconds after which a record moves to the first of `next_states`; 0 for no time limit."""


@dataclass(frozen=True, slots=True)
class CountRule:
    """Members of a record that add up."""

    total: FieldPath
    parts: tuple[FieldPath, ...]
    complete: frozenset[str] = frozenset()
    """The states in which the parts equal the total. In other states they are at most the total."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The states of the records of one collection."""

    collection: str
    state: FieldPath
    """The member with the state."""
    states: Mapping[str, LifecycleState]
    """By name. A record starts in the first."""
    history: FieldPath = ()
    """The member that maps each past state to its timestamp; empty if records have none."""
    created_at: FieldPath = ()
    """The member with the earliest timestamp of the record; empty if records have none."""
    counts: CountRule | None = None
    paths: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    """State to all paths that lead to it."""

    @property
    def first(self) -> str:
        """Return the state in which a record starts."""
        return next(iter(self.states))

    def state_of(self, record: Record) -> Any:
        """Return the state of a record; `None` if it has none."""
        return get_path(record, self.state)

    def next_of(self, record: Record) -> tuple[str, ...]:
        """Return the states that can follow the record's state."""
        present = self.states.get(self.state_of(record))
        if present is None:
            return ()
        return present.next_states

    def timestamps_of(self, record: Record) -> Mapping[str, Any]:
        """Map each past state to the timestamp at which the record entered it.

        The timestamps are those of the history. `created_at` is that of the first state, if the
        history has none.
        """
        timestamps: dict[str, Any] = {}
        if self.created_at:
            created_at = get_path(record, self.created_at)
            if created_at:
                timestamps[self.first] = created_at
        if self.history:
            history = get_path(record, self.history)
            if isinstance(history, Mapping):
                timestamps |= history
        return timestamps

    def timestamp_after(self, record: Record, now: str) -> str:
        """Return the timestamp of a transition at `now`.

        If the clock was set back, this is the record's latest timestamp.
        """
        return max([now, *map(str, self.timestamps_of(record).values())])

    def paths_to(self, state: str) -> tuple[tuple[str, ...], ...]:
        """Return all paths from the first state to this one, both included.

        An unknown state has none.
        """
        return self.paths.get(state, ())

    def started(self, record: Record, timestamp: str) -> dict[str, Any]:
        """Return a copy of the record in the first state, created at `timestamp`.

        Its counts are 0.
        """
        new_record = set_path(record, self.state, self.first)
        if self.counts:
            for part in self.counts.parts:
                new_record = set_path(new_record, part, 0)
            if self.first in self.counts.complete:
                new_record = set_path(new_record, self.counts.total, 0)
        if self.history:
            new_record = set_path(new_record, self.history, {self.first: timestamp})
        if self.created_at:
            new_record = set_path(new_record, self.created_at, timestamp)
        return new_record

    def transitioned(self, record: Record, to: str, timestamp: str) -> dict[str, Any]:
        """Return a copy of the record after its transition to the state `to` at `timestamp`.

        In a state with complete counts, the count that was growing takes the rest of the total.

        Raises:
            ValueError: The record's state does not lead to `to`.
        """
        present = self.states.get(self.state_of(record))
        if present is None or to not in present.next_states:
            state = abbreviated_json(self.state_of(record))
            raise ValueError(f"{self.collection}: no transition from {state} to '{to}'")
        new_record = set_path(record, self.state, to)
        if self.history:
            new_record = set_path(new_record, (*self.history, to), timestamp)
        if self.counts and to in self.counts.complete:
            new_record = _completed(
                new_record, self.counts, present.increments or self.counts.parts[0]
            )
        return new_record

    def violations(self, record: Record, now: str = "") -> list[Violation]:
        """Return every violation of the lifecycle's rules.

        Args:
            record: The record.
            now: The latest valid timestamp; empty for no limit.
        """
        state = self.state_of(record)
        if not isinstance(state, str) or state not in self.states:
            expected = f"one of {', '.join(self.states)}"
            return [Violation(to_pointer(self.state), expected, abbreviated_json(state))]
        violations: list[Violation] = []
        timestamps: list[tuple[FieldPath, Any]] = []
        if self.created_at:
            timestamps.append((self.created_at, get_path(record, self.created_at)))
        if self.history:
            history = get_path(record, self.history)
            path = self._path_of(state, history)
            if path is None:
                violations.append(self._history_violation(state, history))
            else:
                timestamps += [((*self.history, name), history[name]) for name in path]
        violations += _timestamp_violations(timestamps, now)
        if self.counts:
            violations += _count_violations(self.counts, state, record)
        return violations

    def _path_of(self, state: str, history: Any) -> tuple[str, ...] | None:
        """Return the path that a history records; `None` if it records none.

        If several paths have the same states, one in order of time is preferred.
        """
        if not isinstance(history, Mapping):
            return None
        paths = [path for path in self.paths[state] if history.keys() == set(path)]
        for path in paths:
            if _is_in_order(path, history):
                return path
        return next(iter(paths), None)

    def _history_violation(self, state: str, history: Any) -> Violation:
        paths = ", or ".join(" > ".join(path) for path in self.paths[state])
        expected = f"the states on a path to {state}: {paths}"
        return Violation(to_pointer(self.history), expected, _keys(history))


def get_path(record: Any, field_path: FieldPath) -> Any:
    """Return the value of a member of a record; `None` if it is missing."""
    for name in field_path:
        if not isinstance(record, _OBJECT):
            return None
        record = record.get(name)
    return record


def set_path(record: Record, field_path: FieldPath, value: Any) -> dict[str, Any]:
    """Return a copy of a record with another value for one member.

    Only the objects on the path are copied.
    """
    name, *rest = field_path
    if rest:
        inner = record.get(name)
        if not isinstance(inner, Mapping):
            inner = {}
        value = set_path(inner, tuple(rest), value)
    return {**record, name: value}


def _is_in_order(path: tuple[str, ...], history: Mapping[str, Any]) -> bool:
    return all(
        str(history[state]) <= str(history[next_state]) for state, next_state in pairwise(path)
    )


def _completed(record: dict[str, Any], counts: CountRule, growing: FieldPath) -> dict[str, Any]:
    """Return a copy of the record in which the count `growing` has the rest of the total."""
    others = sum(get_path(record, part) for part in counts.parts if part != growing)
    return set_path(record, growing, get_path(record, counts.total) - others)


def _timestamp_violations(timestamps: list[tuple[FieldPath, Any]], now: str) -> Iterator[Violation]:
    """Yield the violations of timestamps that must be in order of time and not after `now`."""
    earliest = ""
    earliest_path: FieldPath = ()
    for field_path, timestamp in timestamps:
        pointer = to_pointer(field_path)
        if not is_timestamp(timestamp):
            expected = "a timestamp, YYYY-MM-DD HH:MM:SS"
            yield Violation(pointer, expected, abbreviated_json(timestamp))
            continue
        if timestamp < earliest:
            expected = f"a timestamp not before {to_pointer(earliest_path)} ({earliest})"
            yield Violation(pointer, expected, timestamp)
        if now and timestamp > now:
            expected = f"a timestamp not after the fixtures' date ({now})"
            yield Violation(pointer, expected, timestamp)
        earliest, earliest_path = timestamp, field_path


def _count_violations(counts: CountRule, state: str, record: Record) -> Iterator[Violation]:
    invalid = list(_invalid_counts(counts, record))
    if invalid:
        yield from invalid
        return
    total = get_path(record, counts.total)
    part_sum = sum(get_path(record, part) for part in counts.parts)
    names = " + ".join(".".join(part) for part in counts.parts)
    if state in counts.complete and total != part_sum:
        expected = f"{part_sum} in the state {state}, the sum of {names}"
        yield Violation(to_pointer(counts.total), expected, str(total))
    elif total < part_sum:
        expected = f"at least {part_sum}, the sum of {names}"
        yield Violation(to_pointer(counts.total), expected, str(total))


def _invalid_counts(counts: CountRule, record: Record) -> Iterator[Violation]:
    """Yield a violation for each count that is not an integer or is negative."""
    for field_path in (counts.total, *counts.parts):
        value = get_path(record, field_path)
        if not _is_count(value):
            expected = "an integer, at least 0"
            yield Violation(to_pointer(field_path), expected, abbreviated_json(value))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _keys(history: Any) -> str:
    """Return the states of a history, for a message."""
    if not isinstance(history, Mapping):
        return abbreviated_json(history)
    return ", ".join(map(str, history)) or "none"
