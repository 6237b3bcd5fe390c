"""Kinds of recipe for what a lifecycle rules: the history of a record, and the counts that add up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from mockserver.contract.lifecycles import Counts, Lifecycle, Members
from mockserver.formats.json_text import show
from mockserver.formats.strict_yaml import Pointer
from mockserver.generation.recipes.basic import many
from mockserver.generation.recipes.reader import Kind, Reader
from mockserver.generation.recipes.recipe import Constant, Draw, Recipe
from mockserver.generation.recipes.timestamps import FORMATS, SPAN, Span, moment, span

_LEAST = 2
"""What a part that grows has at least in the end: so it can be more than nothing and less than all on its way."""


def _state(draw: Draw, lifecycle: Lifecycle) -> str:
    """The state of the record. Raises `ValueError` for one that there is not."""
    state = draw.record.value(lifecycle.state)
    if not isinstance(state, str) or state not in lifecycle.states:
        raise ValueError(f"there is no state {show(state)}; expected one of {', '.join(lifecycle.states)}")
    return state


@dataclass(frozen=True, slots=True)
class History(Recipe):
    """The states that a record was in, each with its stamp: a way to its present one."""

    lifecycle: Lifecycle
    steps: Span

    def make(self, draw: Draw) -> dict[str, str]:
        """The first state is entered when the record is created, each other after one step more; none after now."""
        ways = self.lifecycle.ways_to(_state(draw, self.lifecycle))
        at, now = moment(draw.record.value(self.lifecycle.created)), moment(draw.record.world.now)
        stamps = {}
        for name in draw.random().choice(ways):
            stamps[name] = FORMATS["stamp"](at)
            at = min(at + self.steps.draw(draw.of(name)), now)
        return stamps

    def inner(self, step: str) -> Recipe | None:
        """Only the first state is in each history."""
        return Constant("") if step == self.lifecycle.first else None


def _history(reader: Reader, at: Pointer, entry: Mapping[str, Any]) -> Recipe:
    lifecycle = _lifecycle(reader, (*at, "history"))
    if lifecycle is None:
        return Constant(None)
    if not lifecycle.history or not lifecycle.created:
        return reader.fault(
            (*at, "history"), f"the lifecycle of {lifecycle.collection} has no history, or no created; expected both"
        )
    _refer(reader, (*at, "history"), lifecycle.state, lifecycle.created)
    return History(lifecycle, span(reader, (*at, "history"), entry["history"]))


@dataclass(frozen=True, slots=True)
class AddedUp(Recipe):
    """An object with a total and its parts."""

    lifecycle: Lifecycle
    counts: Counts
    low: int
    high: int
    weights: tuple[float, ...]
    """Of each part, in the order of the counts."""

    def make(self, draw: Draw) -> dict[str, int]:
        """The parts are nothing before anything has grown, not all of it while something grows, and all of it when complete."""
        random, state = draw.random(), _state(draw, self.lifecycle)
        total = random.randint(self.low, self.high)
        parts = self._complete(random, total)
        if state not in self.counts.complete:
            growing = {each.grows for name, each in self.lifecycle.states.items() if name in self._way(draw, state)}
            parts = {part: self._so_far(random, part, n, growing) for part, n in parts.items()}
        return {self.counts.total[-1]: total, **{part[-1]: n for part, n in parts.items()}}

    def _complete(self, random: Random, total: int) -> dict[Members, int]:
        """The parts of a total, each near its weight; the one that grows, or else the first, takes the rest."""
        last = next((part for part in self.counts.parts if self._grows(part)), self.counts.parts[0])
        spare = total - _LEAST * len(self.counts.parts)
        found = dict.fromkeys(self.counts.parts, _LEAST)
        for part, weight in zip(self.counts.parts, self.weights, strict=True):
            if part != last:
                more = min(spare, int(spare * weight / sum(self.weights) * random.uniform(0.5, 1.5)))
                found[part] += more
                spare -= more
        found[last] += spare
        return found

    def _so_far(self, random: Random, part: Members, complete: int, growing: set[Members]) -> int:
        if part in growing:
            return random.randint(1, complete - 1)
        return complete if growing - {()} and not self._grows(part) else 0

    def _grows(self, part: Members) -> bool:
        return any(state.grows == part for state in self.lifecycle.states.values())

    def _way(self, draw: Draw, state: str) -> Sequence[str]:
        if self.lifecycle.history:
            history = draw.record.value(self.lifecycle.history)
            return list(history) if isinstance(history, dict) else ()
        return self.lifecycle.ways_to(state)[0]

    def inner(self, step: str) -> Recipe | None:
        """The total and the parts are in each."""
        names = [members[-1] for members in (self.counts.total, *self.counts.parts)]
        return Constant(0) if step in names else None


def _counts(reader: Reader, at: Pointer, entry: Mapping[str, Any]) -> Recipe:
    lifecycle = _lifecycle(reader, (*at, "counts"))
    counts = lifecycle.counts if lifecycle else None
    if lifecycle is None:
        return Constant(None)
    if counts is None:
        return reader.fault((*at, "counts"), f"the lifecycle of {lifecycle.collection} has no counts; expected some")
    _refer(reader, (*at, "counts"), lifecycle.state, lifecycle.history)
    low, high = many(reader, (*at, "counts"), entry["counts"])
    least = 2 * _LEAST * len(counts.parts)
    if low < least:
        reader.fault((*at, "counts"), f"a total of {low} is too small for {len(counts.parts)} parts; expected at least {least}")
    names, weights = [part[-1] for part in counts.parts], entry.get("weights", {})
    if weights and set(weights) != set(names):
        reader.fault((*at, "weights"), f"expected a weight for each part: {', '.join(names)}; got {', '.join(weights)}")
    elif weights and not any(weights.values()):
        reader.fault((*at, "weights"), "every weight is 0; expected one that is more")
    return AddedUp(lifecycle, counts, low, high, tuple(weights.get(name, 1) for name in names))


def _lifecycle(reader: Reader, at: Pointer) -> Lifecycle | None:
    if reader.lifecycle is None:
        reader.fault(at, f"lifecycles.yaml has no lifecycle of {reader.within[0]}; expected one")
    return reader.lifecycle


def _refer(reader: Reader, at: Pointer, *uses: Members) -> None:
    for members in filter(None, uses):
        reader.refer(at, ".".join(members))


_WEIGHTS = {"type": "object", "minProperties": 1, "additionalProperties": {"type": "number", "minimum": 0}}
_TOTAL = {"type": ["string", "integer"], "pattern": r"^[0-9]{1,9}(-[0-9]{1,9})?$", "minimum": 0}

LIVING: dict[str, Kind] = {
    "history": Kind(SPAN, _history),
    "counts": Kind(_TOTAL, _counts, {"weights": _WEIGHTS}),
}
"""The kinds of recipe that follow the collection's lifecycle."""
