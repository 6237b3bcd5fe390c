"""One lifecycle: the rules that a record keeps in each state, and its moves.

The rules are those of docs/fixtures.md: the history holds exactly the states on a way to the present one, in order of time,
nothing is before `created` or after the fixtures' date, and the counts add up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from mockserver.contract.timestamps import is_timestamp
from mockserver.errors import Violation
from mockserver.formats.json_text import abbreviated_json

FieldPath = tuple[str, ...]
"""The steps from a record to one of its members: `stats.statuses_history` in the file."""
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LifecycleState:
    """One state of a lifecycle."""

    name: str
    next_states: tuple[str, ...] = ()
    """The states that it may move to; none for a state in which a record ends."""
    increments: FieldPath = ()
    """The count that grows while a record is in it."""
    duration: float = 0.0
    """Seconds after which a record moves to the first of `next` by itself; 0 for a state in which it stays."""


@dataclass(frozen=True, slots=True)
class CountRule:
    """Members of a record that add up."""

    total: FieldPath
    parts: tuple[FieldPath, ...]
    complete: frozenset[str] = frozenset()
    """The states in which the parts are the total; in any other they are never more."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """How the records of one collection live."""

    collection: str
    state: FieldPath
    """The member that names the state."""
    states: Mapping[str, LifecycleState]
    """By name; a record starts in the first."""
    history: FieldPath = ()
    """The member that maps each state that was to its stamp; empty where records have none."""
    created_at: FieldPath = ()
    """The member with the stamp that no other of the record is before; empty where records have none."""
    counts: CountRule | None = None
    paths: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    """State to each way that leads to it."""

    @property
    def first(self) -> str:
        """The state in which a record starts."""
        return next(iter(self.states))

    def state_of(self, record: Record) -> Any:
        """The state that a record is in; `None` where it names none."""
        return get_path(record, self.state)

    def next_of(self, record: Record) -> tuple[str, ...]:
        """The states that a record can move to from the one it is in."""
        present = self.states.get(self.state_of(record))
        return present.next_states if present else ()

    def timestamps_of(self, record: Record) -> Mapping[str, Any]:
        """State to the stamp at which the record came into it, as far as the record says: by its history, or by `created`."""
        history = get_path(record, self.history) if self.history else None
        created = get_path(record, self.created_at) if self.created_at else None
        return {**({self.first: created} if created else {}), **(history if isinstance(history, Mapping) else {})}

    def timestamp_after(self, record: Record, now: str) -> str:
        """The stamp of a move that happens at `now`: the clock may have been put back, and a history stays in order of time."""
        return max([now, *map(str, self.timestamps_of(record).values())])

    def paths_to(self, state: str) -> tuple[tuple[str, ...], ...]:
        """Each way from the first state to this one, both included; none for a state that there is not."""
        return self.paths.get(state, ())

    def started(self, record: Record, stamp: str) -> dict[str, Any]:
        """The record as one that begins to live at `stamp`: in the first state, with nothing counted; the given one stays."""
        after = set_path(record, self.state, self.first)
        counts = self.counts.parts if self.counts else ()
        if self.counts and self.first in self.counts.complete:
            counts = (*counts, self.counts.total)
        for members in counts:
            after = set_path(after, members, 0)
        for members, value in ((self.history, {self.first: stamp}), (self.created_at, stamp)):
            after = set_path(after, members, value) if members else after
        return after

    def transitioned(self, record: Record, to: str, stamp: str) -> dict[str, Any]:
        """The record after its move to the state `to` at `stamp`; the record given stays as it is.

        A move to a state in which the counts are complete completes them: what was growing takes what is left.
        Raises `ValueError` where the present state does not lead there.
        """
        present = self.states.get(self.state_of(record))
        if present is None or to not in present.next_states:
            raise ValueError(f"{self.collection}: {abbreviated_json(self.state_of(record))} does not lead to {to}")
        after = set_path(record, self.state, to)
        if self.history:
            after = set_path(after, (*self.history, to), stamp)
        if self.counts and to in self.counts.complete:
            after = _completed(after, self.counts, present.increments or self.counts.parts[0])
        return after

    def violations(self, record: Record, now: str = "") -> list[Violation]:
        """Every way in which a record does not live so. With `now`, a stamp, no stamp may be after it."""
        state = self.state_of(record)
        if not isinstance(state, str) or state not in self.states:
            return [Violation(_pointer(self.state), f"one of {', '.join(self.states)}", abbreviated_json(state))]
        found: list[Violation] = []
        stamps = [(self.created_at, get_path(record, self.created_at))] if self.created_at else []
        if self.history:
            history = get_path(record, self.history)
            way = self._path_of(state, history)
            if way is None:
                found.append(Violation(_pointer(self.history), self._expected_history(state), _keys(history)))
            else:
                stamps += [((*self.history, name), history[name]) for name in way]
        found += _timestamp_violations(stamps, now)
        return found + list(_count_violations(self.counts, state, record)) if self.counts else found

    def _path_of(self, state: str, history: Any) -> tuple[str, ...] | None:
        """The way that a history tells: the one in order of time, where there are several with the same states."""
        if not isinstance(history, Mapping):
            return None
        ways = [way for way in self.paths[state] if history.keys() == set(way)]
        in_order = (w for w in ways if all(str(history[a]) <= str(history[b]) for a, b in pairwise(w)))
        return next(in_order, ways[0] if ways else None)

    def _expected_history(self, state: str) -> str:
        return f"the states on a way to {state}: " + ", or ".join(" > ".join(way) for way in self.paths[state])


def get_path(record: Any, members: FieldPath) -> Any:
    """The value of a member of a record; `None` where there is none."""
    for name in members:
        record = record.get(name) if isinstance(record, Mapping) else None
    return record


def set_path(record: Record, members: FieldPath, value: Any) -> dict[str, Any]:
    """A copy of a record with another value for one member; what lies on the way to it is copied, the rest is shared."""
    name, *rest = members
    if rest:
        inner = record.get(name)
        value = set_path(inner if isinstance(inner, Mapping) else {}, tuple(rest), value)
    return {**record, name: value}


def _completed(record: dict[str, Any], counts: CountRule, growing: FieldPath) -> dict[str, Any]:
    rest = sum(get_path(record, part) for part in counts.parts if part != growing)
    return set_path(record, growing, get_path(record, counts.total) - rest)


def _timestamp_violations(stamps: list[tuple[FieldPath, Any]], now: str) -> Iterator[Violation]:
    earliest, before = "", ""
    for members, stamp in stamps:
        where = _pointer(members)
        if not is_timestamp(stamp):
            yield Violation(where, "a stamp, YYYY-MM-DD HH:MM:SS", abbreviated_json(stamp))
            continue
        if stamp < earliest:
            yield Violation(where, f"a stamp not before {before}, {earliest}", stamp)
        if now and stamp > now:
            yield Violation(where, f"a stamp not after the fixtures' date, {now}", stamp)
        earliest, before = stamp, where


def _count_violations(counts: CountRule, state: str, record: Record) -> Iterator[Violation]:
    values = {members: get_path(record, members) for members in (counts.total, *counts.parts)}
    wrong = [m for m, n in values.items() if not isinstance(n, int) or isinstance(n, bool) or n < 0]
    yield from (Violation(_pointer(members), "a count, at least 0", abbreviated_json(values[members])) for members in wrong)
    if wrong:
        return
    total, added = values[counts.total], sum(values[part] for part in counts.parts)
    names = " + ".join(".".join(part) for part in counts.parts)
    if state in counts.complete and total != added:
        yield Violation(_pointer(counts.total), f"{added}, the sum {names} of one that is {state}", str(total))
    elif total < added:
        yield Violation(_pointer(counts.total), f"at least {added}, the sum {names}", str(total))


def _keys(history: Any) -> str:
    return ", ".join(map(str, history)) or "none" if isinstance(history, Mapping) else abbreviated_json(history)


def _pointer(members: FieldPath) -> str:
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in members)
