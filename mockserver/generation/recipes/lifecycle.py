"""The kinds of recipe that follow a lifecycle: a record's history, and counts that add up."""

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
from mockserver.generation.recipes.timestamps import (
    FORMATS,
    SPAN,
    Span,
    parse_span,
    parse_timestamp,
)

_MIN_PART = 2
"""The minimum of a complete part. While the part grows it is at least 1 and less than complete."""


def _state(seed: ValueSeed, lifecycle: Lifecycle) -> str:
    """Return the state of the record. Raises `ValueError` for an unknown one."""
    state = seed.record.resolve(lifecycle.state)
    if not isinstance(state, str) or state not in lifecycle.states:
        expected = ", ".join(lifecycle.states)
        raise ValueError(f"unknown state {abbreviated_json(state)}; expected one of {expected}")
    return state


@dataclass(frozen=True, slots=True)
class History(Recipe):
    """The past states of a record with their timestamps: a path to its present state."""

    lifecycle: Lifecycle
    span: Span
    """The time from one state to the next."""

    def make(self, seed: ValueSeed) -> dict[str, str]:
        """Return a history from the creation of the record to its present state.

        No timestamp is after the fixtures' date.
        """
        paths = self.lifecycle.paths_to(_state(seed, self.lifecycle))
        moment = parse_timestamp(seed.record.resolve(self.lifecycle.created_at))
        now = parse_timestamp(seed.record.run.now)
        timestamps = {}
        for state in seed.random().choice(paths):
            timestamps[state] = FORMATS["timestamp"](moment)
            moment = min(moment + self.span.random(seed.derive(state)), now)
        return timestamps

    def child(self, step: str) -> Recipe | None:
        """Return a recipe for the first state, the only one in every history."""
        return Constant("") if step == self.lifecycle.first else None


def _history(reader: Reader, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
    pointer = (*pointer, "history")
    lifecycle = _lifecycle(reader, pointer)
    if lifecycle is None:
        return Constant(None)
    if not lifecycle.history or not lifecycle.created_at:
        needs = "needs `history` and `created_at` for this recipe"
        message = f"the lifecycle of '{lifecycle.collection}' {needs}"
        return reader.file_error(pointer, message)
    _add_references(reader, pointer, lifecycle.state, lifecycle.created_at)
    return History(lifecycle, parse_span(reader, pointer, entry["history"]))


@dataclass(frozen=True, slots=True)
class CountsRecipe(Recipe):
    """An object with a total and its parts."""

    lifecycle: Lifecycle
    counts: CountRule
    low: int
    high: int
    weights: tuple[float, ...]
    """The weight of each part, in the order of the counts."""

    def make(self, seed: ValueSeed) -> dict[str, int]:
        """Return the counts.

        The parts are 0 before one grows. While one grows their sum is below the total, then equal.
        """
        random, state = seed.random(), _state(seed, self.lifecycle)
        total = random.randint(self.low, self.high)
        parts = self._complete(random, total)
        if state not in self.counts.complete:
            growing = {self.lifecycle.states[name].increments for name in self._path(seed, state)}
            for part, count in parts.items():
                parts[part] = self._partial(random, part, count, growing)
        counts = {self.counts.total[-1]: total}
        for part, count in parts.items():
            counts[part[-1]] = count
        return counts

    def _complete(self, random: Random, total: int) -> dict[FieldPath, int]:
        """Split a total into its parts, roughly by weight.

        The part that grows gets the rest; the first part if none grows.
        """
        growing = filter(self._grows, self.counts.parts)
        last = next(growing, self.counts.parts[0])
        rest = total - _MIN_PART * len(self.counts.parts)
        parts = dict.fromkeys(self.counts.parts, _MIN_PART)
        for part, weight in zip(self.counts.parts, self.weights, strict=True):
            if part != last:
                share = min(rest, int(rest * weight / sum(self.weights) * random.uniform(0.5, 1.5)))
                parts[part] += share
                rest -= share
        parts[last] += rest
        return parts

    def _partial(
        self, random: Random, part: FieldPath, complete: int, growing: set[FieldPath]
    ) -> int:
        """Return a part of a record whose counts are not complete."""
        if part in growing:
            return random.randint(1, complete - 1)
        if growing - {()} and not self._grows(part):
            return complete
        return 0

    def _grows(self, part: FieldPath) -> bool:
        return any(state.increments == part for state in self.lifecycle.states.values())

    def _path(self, seed: ValueSeed, state: str) -> Sequence[str]:
        """Return the states up to this one: those of the history, if the lifecycle has one."""
        if not self.lifecycle.history:
            return self.lifecycle.paths_to(state)[0]
        history = seed.record.resolve(self.lifecycle.history)
        if not isinstance(history, dict):
            return ()
        return [name for name in history if name in self.lifecycle.states]

    def child(self, step: str) -> Recipe | None:
        """Return a recipe for the total and for each part."""
        names = [field_path[-1] for field_path in (self.counts.total, *self.counts.parts)]
        return Constant(0) if step in names else None


def _counts(reader: Reader, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
    counts_pointer = (*pointer, "counts")
    lifecycle = _lifecycle(reader, counts_pointer)
    if lifecycle is None:
        return Constant(None)
    counts = lifecycle.counts
    if counts is None:
        message = f"the lifecycle of '{lifecycle.collection}' needs `counts` for this recipe"
        return reader.file_error(counts_pointer, message)
    _add_references(reader, counts_pointer, lifecycle.state, lifecycle.history)
    low, high = parse_range(reader, counts_pointer, entry["counts"])
    minimum = 2 * _MIN_PART * len(counts.parts)
    if low < minimum:
        message = f"a total of {low} is too small for {len(counts.parts)} parts"
        reader.file_error(counts_pointer, f"{message}; expected at least {minimum}")
    names, weights = [part[-1] for part in counts.parts], entry.get("weights", {})
    weights_message = _weights_error(names, weights)
    if weights_message:
        reader.file_error((*pointer, "weights"), weights_message)
    return CountsRecipe(lifecycle, counts, low, high, tuple(weights.get(name, 1) for name in names))


def _weights_error(names: list[str], weights: Mapping[str, float]) -> str:
    if weights and set(weights) != set(names):
        return f"expected a weight for each part: {', '.join(names)}; got {', '.join(weights)}"
    if weights and not any(weights.values()):
        return "all weights are 0; expected at least one above 0"
    return ""


def _lifecycle(reader: Reader, pointer: Pointer) -> Lifecycle | None:
    if reader.lifecycle is None:
        message = f"collection '{reader.current[0]}' has no lifecycle in lifecycles.yaml"
        reader.file_error(pointer, f"{message}; this recipe needs one")
    return reader.lifecycle


def _add_references(reader: Reader, pointer: Pointer, *field_paths: FieldPath) -> None:
    for field_path in field_paths:
        if field_path:
            reader.add_reference(pointer, ".".join(field_path))


_WEIGHTS = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": {"type": "number", "minimum": 0},
}
_TOTAL = {"type": ["string", "integer"], "pattern": r"^[0-9]{1,9}(-[0-9]{1,9})?$", "minimum": 0}

LIFECYCLE_KINDS: dict[str, Kind] = {
    "history": Kind(SPAN, _history),
    "counts": Kind(_TOTAL, _counts, {"weights": _WEIGHTS}),
}
"""The kinds of recipe that follow the collection's lifecycle."""
