"""What is counted of each exchange, and the text in which Prometheus reads it (its text format, version 0.0.4).

A request that no operation was found for counts under `none`: labels are names of the contract's own, never what a client
sent, so that there are only so many.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from mockserver.sandbox.journal import JournalEntry
from mockserver.telemetry.shared_counters import Key, SharedCounters

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NO_OPERATION = "none"
"""The operation of a request that has none."""
BOUNDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds, the upper bounds of the histogram: an answer takes some microseconds, a delay up to half a minute."""
REQUESTS, VIOLATIONS, SCENARIOS, FAULTS, LOST = "requests", "violations", "scenario_hits", "faults", "journal_lost"
DURATION, NANOSECONDS = "request_duration", "request_nanoseconds"
"""The exchanges below each bound of the histogram, by its number; and how long all of them took."""


@dataclass(frozen=True, slots=True)
class CounterSpec:
    """One metric that only grows: a row of `COUNTERS`."""

    name: str
    """What it is counted under."""
    labels: tuple[str, ...]
    """The labels, in the order in which the key has their values."""
    help: str
    """One sentence."""


COUNTERS = (
    CounterSpec(REQUESTS, ("operation", "status"), "Requests to the API that were answered."),
    CounterSpec(VIOLATIONS, ("operation",), "Ways in which requests, or responses, broke the contract."),
    CounterSpec(SCENARIOS, ("scenario",), "Answers that a scenario chose."),
    CounterSpec(FAULTS, ("fault",), "Answers that were broken on the wire."),
    CounterSpec(LOST, (), "Exchanges that the journal could not keep, since the store took nothing."),
)
"""Every counter."""


class Metrics:
    """The counts of one server, in all its processes. Safe for threads, greenlets and forks."""

    def __init__(self) -> None:
        """Raises `StartError` where no file can be made."""
        self._counts = SharedCounters()

    def count(self, entry: JournalEntry) -> None:
        """Count one exchange. Costs next to nothing, and raises nothing."""
        operation, add = entry.operation or NO_OPERATION, self._counts.add
        self.count_response(operation, entry.status, entry.duration)
        if entry.violations:
            add((VIOLATIONS, operation), len(entry.violations))
        if entry.explanation.scenario:
            add((SCENARIOS, entry.explanation.scenario))
        if entry.fault:
            add((FAULTS, entry.fault))

    def count_response(self, operation: str, status: int, seconds: float) -> None:
        """Count one answer."""
        add = self._counts.add
        add((REQUESTS, operation, status))
        add((DURATION, operation, bisect_left(BOUNDS, seconds)))
        add((NANOSECONDS, operation), int(seconds * 1e9))

    def count_lost(self, count: int) -> None:
        """Count exchanges that the journal could not keep."""
        self._counts.add((LOST,), count)

    def total_lost(self) -> int:
        """How many these were so far."""
        return self._counts.totals()[(LOST,)]

    def exposition(self, sandboxes: int | None) -> str:
        """All that was counted, and how many sandboxes are kept; `None` where that cannot be said now."""
        counts = self._counts.totals()
        lines = [line for family in COUNTERS for line in _counter(family, counts)]
        lines += _histogram(counts)
        if sandboxes is not None:
            lines += [*_head("mockserver_sandboxes", "gauge", "Sandboxes that are kept."), f"mockserver_sandboxes {sandboxes}"]
        return "\n".join([*lines, ""])


def _counter(family: CounterSpec, counts: Counter[Key]) -> Iterator[str]:
    name = f"mockserver_{family.name}_total"
    yield from _head(name, "counter", family.help)
    for key in _of(family.name, counts) if family.labels else [(family.name,)]:
        yield f"{name}{_labels(zip(family.labels, key[1:], strict=True))} {counts[key]}"


def _histogram(counts: Counter[Key]) -> Iterator[str]:
    """A bucket holds what is at or below its bound, so each holds those before it as well."""
    name = "mockserver_request_duration_seconds"
    yield from _head(name, "histogram", "Seconds from a request's arrival to its answer, a delay that was asked for among them.")
    for operation in dict.fromkeys(key[1] for key in _of(DURATION, counts)):
        told = list(accumulate(counts[DURATION, operation, number] for number in range(len(BOUNDS) + 1)))
        for bound, count in zip((*BOUNDS, "+Inf"), told, strict=True):
            yield f"{name}_bucket{_labels([('operation', operation), ('le', bound)])} {count}"
        labels = _labels([("operation", operation)])
        yield f"{name}_sum{labels} {counts[NANOSECONDS, operation] / 1e9!r}"
        yield f"{name}_count{labels} {told[-1]}"


def _head(name: str, kind: str, said: str) -> tuple[str, str]:
    return f"# HELP {name} {said}", f"# TYPE {name} {kind}"


def _of(name: str, counts: Counter[Key]) -> list[Key]:
    return sorted((key for key in counts if key[0] == name), key=str)


def _labels(labels: Iterable[tuple[str, object]]) -> str:
    told = [f'{name}="{_escaped(str(value))}"' for name, value in labels]
    return f"{{{','.join(told)}}}" if told else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
