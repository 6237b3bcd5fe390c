"""Find the operations closest to an unmatched request, and how the request differs from each.

The segments of the path are aligned with those of each URI template, at the lowest cost. One
mistake (a missing base path, an extra slash) is therefore one difference, and does not shift the
segments after it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, groupby
from typing import Any
from urllib.parse import parse_qsl

from mockserver.contract.model import ServedOperation
from mockserver.formats.uri_template import is_below
from mockserver.pipeline.path_alignment import Alignment, Edit, Step, edits_of, first_row, next_row, unlikeness_of

MAX_REPORTED = 3
MAX_SEGMENTS = 16
"""Segments of a path that are compared; the rest of a longer path is ignored."""
MAX_CHARACTERS = 80
"""Characters of a sent text that a difference shows."""
MAX_CACHED_REQUESTS = 256
"""Requests whose near misses are cached: a frontend repeats its mistake with each request."""
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
        self._base_paths = tuple(dict.fromkeys(each.api.base_path for each in served))
        fixed_parts = (each.template.fixed for each in served)
        self._fixed_pairs: _Pairs = frozenset(chain.from_iterable(fixed_parts))
        self._steps: list[tuple[int, Step]] = []
        """Each distinct prefix: the index of the prefix that is one step shorter, and the last step."""
        self._templates: list[tuple[ServedOperation, int]] = []
        """Each operation, and the index of its full template."""
        indexes: dict[tuple[int, Step], int] = {}
        for operation in served:
            index = 0
            for step in _steps(operation):
                key = (index, step)
                if key not in indexes:
                    self._steps.append(key)
                    indexes[key] = len(self._steps)
                index = indexes[key]
            self._templates.append((operation, index))
        self._cached_nearest = lru_cache(maxsize=MAX_CACHED_REQUESTS)(self._nearest)

    def nearest(self, method: str, path: str, query: str = "") -> tuple[NearMiss, ...]:
        """Return the nearest operations, at most `MAX_REPORTED`, the nearest first."""
        pairs = (
            self._fixed_pairs.intersection(parse_qsl(query, keep_blank_values=True)) if self._fixed_pairs else self._fixed_pairs
        )
        return self._cached_nearest(method, path, pairs)

    def hint(self, path: str, nearest: Iterable[NearMiss]) -> str:
        """Return a hint at the correct path, as the end of a sentence; empty for none."""
        hints = []
        if not any(is_below(path, base_path) for base_path in self._base_paths):
            label = "base paths are" if len(self._base_paths) > 1 else "base path is"
            hints.append(f"; the {label} {', '.join(self._base_paths)}")
        close = [near for near in nearest if near.distance <= MAX_HINT_DISTANCE]
        if close:
            hints.append(f"; the closest operation is {close[0]}")
        return "".join(hints)

    def _nearest(self, method: str, path: str, pairs: _Pairs) -> tuple[NearMiss, ...]:
        segments = tuple(path.split("/")[1 : MAX_SEGMENTS + 1])
        unlikeness = lru_cache(maxsize=None)(unlikeness_of)
        rows = [first_row(segments)]
        for index, step in self._steps:
            rows.append(next_row(rows[index], step, segments, unlikeness))
        candidates = []
        for served, index in self._templates:
            alignment = rows[index][-1]
            method_cost = 0 if _is_method_of(method, served) else _OTHER_METHOD
            query_cost = _OTHER_QUERY * len(_missing_query(served, pairs))
            candidates.append((alignment.cost + method_cost + query_cost, served, alignment))
        candidates.sort(key=lambda candidate: candidate[0])
        return tuple(_near_miss(method, pairs, *candidate) for candidate in candidates[:MAX_REPORTED])


def _steps(served: ServedOperation) -> tuple[Step, ...]:
    base = tuple(Step(part, False, True) for part in served.api.base_path.split("/")[1:])
    rest = []
    for segment in served.template.segments:
        text = (segment.literal or "") if segment.variable is None else f"{{{segment.variable}}}"
        rest.append(Step(text, segment.variable is not None, False))
    return (*base, *rest)


def _is_method_of(method: str, served: ServedOperation) -> bool:
    """Return whether an operation has this method. GET operations respond to HEAD too."""
    methods = ("HEAD", "GET") if method == "HEAD" else (method,)
    return served.operation.method in methods


def _missing_query(served: ServedOperation, pairs: _Pairs) -> list[str]:
    return [f"{name}={value}" for name, value in served.template.fixed if (name, value) not in pairs]


def _near_miss(method: str, pairs: _Pairs, cost: int, served: ServedOperation, alignment: Alignment) -> NearMiss:
    operation = served.operation
    edits = edits_of(alignment)
    differences = []
    if not _is_method_of(method, served):
        differences.append(f"method: expected {operation.method}, got {_truncate(method)}")
    differences += _base_differences(edits)
    differences += _segment_differences(edits)
    differences += [f"query: expected {pair}" for pair in _missing_query(served, pairs)]
    return NearMiss(operation.id, operation.method, served.route, cost / (100 + cost), tuple(differences))


def _base_differences(edits: Iterable[Edit]) -> Iterator[str]:
    base = [edit for edit in edits if edit.in_base and edit.segment != ""]
    expected = "".join(f"/{edit.step.text}" for edit in base if edit.step)
    actual = "".join(f"/{edit.segment}" for edit in base if edit.segment)
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
        number += sum(1 for pair in pairs if pair.segment)


def _kind(edit: Edit) -> str:
    if edit.segment == "" and edit.step is None:
        return "slash"
    if edit.in_base:
        return "base"
    if edit.step is None:
        return "extra"
    if edit.step.text == edit.segment or (edit.step.is_variable and edit.segment):
        return "same"
    return "other" if edit.segment else "missing"


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
    yield f"segment {number}: expected {'the end' if at_end else 'nothing'}, got {_truncate(segments)}"


def _missing_segments(number: int, edits: list[Edit], at_end: bool) -> Iterator[str]:
    texts = "/".join(edit.step.text for edit in edits if edit.step)
    location = "segment" if at_end else "before segment"
    yield f"{location} {number}: expected {texts or '/'}, got nothing"


def _other_segments(number: int, edits: list[Edit], at_end: bool) -> Iterator[str]:
    for count, edit in enumerate(edits, number):
        expected = edit.step.text if edit.step else ""
        actual = edit.segment or ""
        note = " (letter case)" if expected.casefold() == actual.casefold() else ""
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
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…"
