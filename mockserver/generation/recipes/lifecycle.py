"""Kinds of recipe for what a lifecycle rules: the history of a record, and the counts that add up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from mockserver.contract.lifecycles import CountRule, FieldPath, Lifecycle
from mockserver.formats.json_text import abbreviated_json
from mockserver.formats.strict_yaml import Pointer
from mockserver.generation.recipes.basic import parse_range
from mockserver.generation.recipes.reader import Kind, Reader
from mockserver.generation.recipes.recipe import Constant, Recipe, ValueSeed
from mockserver.generation.recipes.timestamps import FORMATS, SPAN, Span, parse_timestamp, span

_LEAST = 2
"""What a part that grows has at least in the end: so it can be more than nothing and less than all on its way."""


def _state(draw: ValueSeed, lifecycle: Lifecycle) -> str:
    """The state of the record. Raises `ValueError` for one that there is not."""
    state = draw.record.resolve(lifecycle.state)
    if not isinstance(state, str) or state not in lifecycle.states:
        raise ValueError(f"there is no state {abbreviated_json(state)}; expected one of {', '.join(lifecycle.states)}")
    return state


@dataclass(frozen=True, slots=True)
class History(Recipe):
    """The states that a record was in, each with its stamp: a way to its present one."""

    lifecycle: Lifecycle
    steps: Span

    def make(self, draw: ValueSeed) -> dict[str, str]:
        """The first state is entered when the record is created, each other after one step more; none after now."""
        ways = self.lifecycle.paths_to(_state(draw, self.lifecycle))
        at, now = parse_timestamp(draw.record.resolve(self.lifecycle.created_at)), parse_timestamp(draw.record.run.now)
        stamps = {}
        for name in draw.random().choice(ways):
            stamps[name] = FORMATS["stamp"](at)
            at = min(at + self.steps.draw(draw.derive(name)), now)
        return stamps

    def child(self, step: str) -> Recipe | None:
        """Only the first state is in each history."""
        return Constant("") if step == self.lifecycle.first else None


def _history(reader: Reader, at: Pointer, entry: Mapping[str, Any]) -> Recipe:
    lifecycle = _lifecycle(reader, (*at, "history"))
    if lifecycle is None:
        return Constant(None)
    if not lifecycle.history or not lifecycle.created_at:
        return reader.file_error(
            (*at, "history"), f"the lifecycle of {lifecycle.collection} has no history, or no created; expected both"
        )
    _refer(reader, (*at, "history"), lifecycle.state, lifecycle.created_at)
    return History(lifecycle, span(reader, (*at, "history"), entry["history"]))


@dataclass(frozen=True, slots=True)
class CountsRecipe(Recipe):
    """An object with a total and its parts."""

    lifecycle: Lifecycle
    counts: CountRule
    low: int
    high: int
    weights: tuple[float, ...]
    """Of each part, in the order of the counts."""

    def make(self, draw: ValueSeed) -> dict[str, int]:
        """The parts are nothing before anything has grown, not all of it while something grows, and all of it when complete."""
        random, state = draw.random(), _state(draw, self.lifecycle)
        total = random.randint(self.low, self.high)
        parts = self._complete(random, total)
        if state not in self.counts.complete:
            growing = {each.increments for name, each in self.lifecycle.states.items() if name in self._path(draw, state)}
            parts = {part: self._so_far(random, part, n, growing) for part, n in parts.items()}
        return {self.counts.total[-1]: total, **{part[-1]: n for part, n in parts.items()}}

    def _complete(self, random: Random, total: int) -> dict[FieldPath, int]:
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

    def _so_far(self, random: Random, part: FieldPath, complete: int, growing: set[FieldPath]) -> int:
        if part in growing:
            return random.randint(1, complete - 1)
        return complete if growing - {()} and not self._grows(part) else 0

    def _grows(self, part: FieldPath) -> bool:
        return any(state.increments == part for state in self.lifecycle.states.values())

    def _path(self, draw: ValueSeed, state: str) -> Sequence[str]:
        if self.lifecycle.history:
            history = draw.record.resolve(self.lifecycle.history)
            return list(history) if isinstance(history, dict) else ()
        return self.lifecycle.paths_to(state)[0]

    def child(self, step: str) -> Recipe | None:
        """The total and the parts are in each."""
        names = [members[-1] for members in (self.counts.total, *self.counts.parts)]
        return Constant(0) if step in names else None


def _counts(reader: Reader, at: Pointer, entry: Mapping[str, Any]) -> Recipe:
    lifecycle = _lifecycle(reader, (*at, "counts"))
    counts = lifecycle.counts if lifecycle else None
    if lifecycle is None:
        return Constant(None)
    if counts is None:
        return reader.file_error((*at, "counts"), f"the lifecycle of {lifecycle.collection} has no counts; expected some")
    _refer(reader, (*at, "counts"), lifecycle.state, lifecycle.history)
    low, high = parse_range(reader, (*at, "counts"), entry["counts"])
    least = 2 * _LEAST * len(counts.parts)
    if low < least:
        reader.file_error(
            (*at, "counts"), f"a total of {low} is too small for {len(counts.parts)} parts; expected at least {least}"
        )
    names, weights = [part[-1] for part in counts.parts], entry.get("weights", {})
    if weights and set(weights) != set(names):
        reader.file_error((*at, "weights"), f"expected a weight for each part: {', '.join(names)}; got {', '.join(weights)}")
    elif weights and not any(weights.values()):
        reader.file_error((*at, "weights"), "every weight is 0; expected one that is more")
    return CountsRecipe(lifecycle, counts, low, high, tuple(weights.get(name, 1) for name in names))


def _lifecycle(reader: Reader, at: Pointer) -> Lifecycle | None:
    if reader.lifecycle is None:
        reader.file_error(at, f"lifecycles.yaml has no lifecycle of {reader.within[0]}; expected one")
    return reader.lifecycle


def _refer(reader: Reader, at: Pointer, *uses: FieldPath) -> None:
    for members in filter(None, uses):
        reader.add_reference(at, ".".join(members))


_WEIGHTS = {"type": "object", "minProperties": 1, "additionalProperties": {"type": "number", "minimum": 0}}
_TOTAL = {"type": ["string", "integer"], "pattern": r"^[0-9]{1,9}(-[0-9]{1,9})?$", "minimum": 0}

LIVING: dict[str, Kind] = {
    "history": Kind(SPAN, _history),
    "counts": Kind(_TOTAL, _counts, {"weights": _WEIGHTS}),
}
"""The kinds of recipe that follow the collection's lifecycle."""
