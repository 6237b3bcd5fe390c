"""What an unmatched request came closest to, and where it differs."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any
from urllib.parse import parse_qsl

from mockserver.contract import Served

_MOST = 3


@dataclass(frozen=True, slots=True)
class NearMiss:
    """One operation that the request could have meant."""

    operation: str
    method: str
    uri_template: str
    """With the API's base path."""
    distance: float
    """0 for the same, 1 for nothing in common."""
    differences: tuple[str, ...]
    """The parts at fault, each with expected and actual."""

    def as_json(self) -> dict[str, Any]:
        """As problems and the journal tell it."""
        return {
            "operation": self.operation,
            "method": self.method,
            "uri_template": self.uri_template,
            "distance": round(self.distance, 3),
            "differences": list(self.differences),
        }


def near_misses(served: Iterable[Served], method: str, path: str, query: str = "") -> list[NearMiss]:
    """The nearest operations, at most three, the nearest first."""
    wanted = path.split("/")[1:]
    pairs = parse_qsl(query, keep_blank_values=True)
    found = [_compared(each, method, wanted, pairs) for each in served]
    return sorted(found, key=lambda near: near.distance)[:_MOST]


def _compared(served: Served, method: str, wanted: list[str], query: list[tuple[str, str]]) -> NearMiss:
    operation = served.operation
    pattern = served.route.split("/")[1:]
    differences, cost = [], 0.0
    if method != operation.method:
        differences.append(f"method: expected {operation.method}, got {method}")
        cost += 0.5
    for number, (expected, actual) in enumerate(zip_longest(pattern, wanted), 1):
        part = _unlike(expected, actual)
        if part:
            differences.append(f"segment {number}: expected {expected or 'the end'}, got {actual or 'nothing'}")
            cost += part
    for name, value in served.template.fixed:
        if (name, value) not in query:
            differences.append(f"query: expected {name}={value}")
            cost += 0.5
    return NearMiss(operation.id, operation.method, served.route, cost / (len(pattern) + 0.5), tuple(differences))


def _unlike(expected: str | None, actual: str | None) -> float:
    """How far one segment is from what was expected: 0 for right, 1 for nothing like it."""
    if expected is None or actual is None:
        return 1.0
    if expected.startswith("{"):
        return 0.0 if actual else 1.0
    return 0.0 if expected == actual else 1.0 - SequenceMatcher(None, expected, actual).ratio() * 0.9
