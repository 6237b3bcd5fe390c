"""Find the operations closest to an unmatched request, and how the request differs from each.

The segments of the path are aligned with the segments of each URI template, at the lowest cost. One
mistake, such as a missing base path or an extra slash, is therefore one difference. It does not
shift the segments after it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest
from itertools import chain, groupby
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from mockserver.contract.model import ServedOperation
from mockserver.formats.uri_segment import MixedForm
from mockserver.formats.uri_template import is_below
from mockserver.pipeline.path_alignment import (
    Edit,
    Literals,
    Row,
    SegmentCosts,
    Step,
    StepCosts,
    edits_of,
)
from mockserver.pipeline.router import served_methods

MAX_REPORTED = 3
MAX_SEGMENTS = 16
"""Segments of a path that are compared; the rest of a longer path is ignored."""
MAX_CHARACTERS = 80
"""Characters of a sent text that a difference shows."""
MAX_CACHED_REQUESTS = 256
"""Requests whose near misses are cached. A frontend repeats its mistake with each request."""
MAX_HINT_DISTANCE = 0.6
"""The greatest distance at which a message names an operation as the closest."""

_OTHER_METHOD, _OTHER_QUERY = 50, 50
"""The costs of another method and of a missing query literal, in the unit of `path_alignment`."""

_Pairs = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """One operation that is close to the request."""

    operation: str
    method: str
    uri_template: str
    """With the API's base path."""
    distance: float
    """From 0 (equal) to 1 (nothing in common)."""
    differences: tuple[str, ...]
    """The parts that differ, each with expected and actual."""

    def __str__(self) -> str:
        return f"{self.method} {self.uri_template} ({'; '.join(self.differences)})"

    def as_json(self) -> dict[str, Any]:
        """Return the near miss as JSON, for problems and the journal."""
        return {
            "operation": self.operation,
            "method": self.method,
            "uri_template": self.uri_template,
            "distance": round(self.distance, 3),
            "differences": list(self.differences),
        }


class NearMisses:
    """The operations of a contract, to compare with requests that match none of them."""

    def __init__(self, served: Iterable[ServedOperation]) -> None:
        served = tuple(served)
        self._base_paths = tuple(dict.fromkeys(operation.api.base_path for operation in served))
        fixed_parts = (operation.template.fixed for operation in served)
        self._fixed_pairs: _Pairs = frozenset(chain.from_iterable(fixed_parts))
        self._prefixes: list[tuple[int, int]] = [(0, 0)]
        """For each distinct prefix, the index of the prefix that is one step shorter, and the index
        of its last step. The first prefix is empty.
        """
        self._templates: list[_Template] = []
        step_indexes: dict[Step, int] = {}
        prefix_indexes: dict[tuple[int, int], int] = {}
        for operation in served:
            prefix = 0
            for step in _steps(operation):
                key = (prefix, step_indexes.setdefault(step, len(step_indexes)))
                if key not in prefix_indexes:
                    prefix_indexes[key] = len(self._prefixes)
                    self._prefixes.append(key)
                prefix = prefix_indexes[key]
            method, has_fixed_query = operation.operation.method, bool(operation.template.fixed)
            self._templates.append(_Template(operation, method, prefix, has_fixed_query))
        self._steps = list(step_indexes)
        """The distinct steps of all templates."""
        self._literals = Literals(step.text for step in self._steps if not step.is_variable)
        self._cached_nearest = lru_cache(maxsize=MAX_CACHED_REQUESTS)(self._nearest)

    def nearest(self, method: str, path: str, query: str = "") -> tuple[NearMiss, ...]:
        """Return the nearest operations, at most `MAX_REPORTED`, the nearest first."""
        pairs = self._fixed_pairs
        if pairs:
            pairs = pairs.intersection(parse_qsl(query, keep_blank_values=True))
        return self._cached_nearest(method, path, pairs)

    def hint(self, path: str, nearest: Iterable[NearMiss]) -> str:
        """Return a hint at the correct path, as the end of a sentence; empty for none."""
        hints = []
        if not any(is_below(path, base_path) for base_path in self._base_paths):
            label = "base path is"
            if len(self._base_paths) > 1:
                label = "base paths are"
            hints.append(f"; the {label} {', '.join(self._base_paths)}")
        close = [near for near in nearest if near.distance <= MAX_HINT_DISTANCE]
        if close:
            hints.append(f"; the closest operation is {close[0]}")
        return "".join(hints)

    def _nearest(self, method: str, path: str, pairs: _Pairs) -> tuple[NearMiss, ...]:
        segments = tuple(path.split("/")[1 : MAX_SEGMENTS + 1])
        rows = self._rows(SegmentCosts(segments, self._literals))
        last_costs = [row.costs[-1] for row in rows]
        methods = served_methods(method)
        costs = []
        for template in self._templates:
            cost = last_costs[template.prefix]
            if template.method not in methods:
                cost += _OTHER_METHOD
            if template.has_fixed_query:
                cost += _OTHER_QUERY * len(_missing_query(template.served, pairs))
            costs.append(cost)
        nearest = nsmallest(MAX_REPORTED, range(len(costs)), key=costs.__getitem__)
        near_misses = []
        for index in nearest:
            template = self._templates[index]
            edits = self._edits(template, rows, segments)
            near_misses.append(_near_miss(method, pairs, costs[index], template.served, edits))
        return tuple(near_misses)

    def _rows(self, segment_costs: SegmentCosts) -> list[Row]:
        """Return the row of each prefix. Prefixes whose steps have equal costs share one row."""
        distinct: dict[StepCosts, StepCosts] = {}
        step_costs = []
        for step in self._steps:
            costs = segment_costs.of_step(step)
            step_costs.append(distinct.setdefault(costs, costs))
        rows = [segment_costs.first_row()]
        # The lists keep rows and costs alive, so an identity is not used again.
        shared: dict[tuple[int, int], Row] = {}
        for shorter, step_index in self._prefixes[1:]:
            above, costs = rows[shorter], step_costs[step_index]
            key = (id(above), id(costs))
            if key not in shared:
                shared[key] = segment_costs.next_row(above, costs)
            rows.append(shared[key])
        return rows

    def _edits(
        self, template: "_Template", rows: list[Row], segments: tuple[str, ...]
    ) -> list[Edit]:
        steps, rows_of_template, prefix = [], [rows[template.prefix]], template.prefix
        while prefix:
            prefix, step = self._prefixes[prefix]
            steps.append(self._steps[step])
            rows_of_template.append(rows[prefix])
        return edits_of(rows_of_template[::-1], steps[::-1], segments)


class _Template(NamedTuple):
    """The URI template of an operation."""

    served: ServedOperation
    method: str
    prefix: int
    """The index of its longest prefix, the whole template."""
    has_fixed_query: bool


def _steps(served: ServedOperation) -> tuple[Step, ...]:
    base = tuple(Step(part, False, True) for part in served.api.base_path.split("/")[1:])
    rest = []
    for segment in served.template.segments:
        step = Step(segment.display_text, segment.variable is not None, False)
        if isinstance(segment.form, MixedForm):
            step = step._replace(form=segment.form, is_rest=segment.is_rest)
        rest.append(step)
    return (*base, *rest)


def _missing_query(served: ServedOperation, pairs: _Pairs) -> list[str]:
    """Return the literal parts of the operation's query that the request lacks."""
    missing = []
    for name, value in served.template.fixed:
        if (name, value) not in pairs:
            missing.append(f"{name}={value}")
    return missing


def _near_miss(
    method: str, pairs: _Pairs, cost: int, served: ServedOperation, edits: list[Edit]
) -> NearMiss:
    operation = served.operation
    differences = []
    if operation.method not in served_methods(method):
        differences.append(f"method: expected {operation.method}, got {_truncate(method)}")
    differences += _base_differences(edits)
    differences += _segment_differences(edits)
    differences += [f"query: expected {pair}" for pair in _missing_query(served, pairs)]
    return NearMiss(
        operation.id, operation.method, served.route, cost / (100 + cost), tuple(differences)
    )


def _base_differences(edits: Iterable[Edit]) -> Iterator[str]:
    """Yield one difference for the whole base path, if there is any."""
    expected, actual = "", ""
    for edit in edits:
        if not edit.in_base or edit.segment == "":
            continue
        if edit.step:
            expected += f"/{edit.step.text}"
        if edit.segment:
            actual += f"/{edit.segment}"
    if expected != actual:
        yield f"base path: expected {expected or 'none'}, got {_truncate(actual) or 'none'}"


def _segment_differences(edits: list[Edit]) -> Iterator[str]:
    """Yield the differences in slashes, and in the segments after the base path.

    Empty segments have no number.
    """
    number, remaining = 1, len(edits)
    for kind, group in groupby(edits, _kind):
        pairs = list(group)
        remaining -= len(pairs)
        report = _DIFFERENCES.get(kind, _no_difference)
        yield from report(number, pairs, remaining == 0)
        for pair in pairs:
            if pair.segment:
                number += 1


def _kind(edit: Edit) -> str:
    if edit.segment == "" and edit.step is None:
        return "slash"
    if edit.in_base:
        return "base"
    if edit.step is None:
        return "extra"
    if edit.segment and edit.step.matches(edit.segment):
        return "same"
    if edit.segment:
        return "other"
    return "missing"


def _no_difference(number: int, edits: list[Edit], at_end: bool) -> Iterator[str]:
    yield from ()


def _slashes(number: int, edits: list[Edit], at_end: bool) -> Iterator[str]:
    slashes = "/" * len(edits)
    if at_end:
        yield f"at the end: expected no slash, got {_truncate(slashes)}"
    else:
        yield f"before segment {number}: expected /, got {_truncate('/' + slashes)}"


def _extra_segments(number: int, edits: list[Edit], at_end: bool) -> Iterator[str]:
    segments = "/".join(edit.segment or "" for edit in edits)
    expected = "nothing"
    if at_end:
        expected = "the end"
    yield f"segment {number}: expected {expected}, got {_truncate(segments)}"


def _missing_segments(number: int, edits: list[Edit], at_end: bool) -> Iterator[str]:
    texts = "/".join(edit.step.text for edit in edits if edit.step)
    location = "before segment"
    if at_end:
        location = "segment"
    yield f"{location} {number}: expected {texts or '/'}, got nothing"


def _other_segments(number: int, edits: list[Edit], at_end: bool) -> Iterator[str]:
    for count, edit in enumerate(edits, number):
        expected = edit.step.text if edit.step else ""
        actual = edit.segment or ""
        note = ""
        if expected.casefold() == actual.casefold():
            note = " (letter case)"
        yield f"segment {count}: expected {expected}, got {_truncate(actual)}{note}"


_DIFFERENCES: dict[str, Callable[[int, list[Edit], bool], Iterator[str]]] = {
    "slash": _slashes,
    "extra": _extra_segments,
    "missing": _missing_segments,
    "other": _other_segments,
}
"""Kind of an edit to the report on consecutive edits of this kind.

The other kinds match, or belong to the base path.
"""


def _truncate(text: str) -> str:
    if len(text) <= MAX_CHARACTERS:
        return text
    return f"{text[:MAX_CHARACTERS]}…"
