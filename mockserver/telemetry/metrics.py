"""Count exchanges, and return the metrics in the text format of Prometheus (version 0.0.4).

Labels are names of the contract, never texts sent by a client, so that their number is limited. An
unmatched request has the operation `none`.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mockserver.sandbox.journal import JournalEntry
from mockserver.telemetry.shared_counters import Key, SharedCounters

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NO_OPERATION = "none"
"""The label of an unmatched request."""
BOUNDS = (
    0.0001,
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.05,
    0.1,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
)
"""Upper bounds of the histogram in seconds: from microseconds to the longest delay."""
REQUESTS, VIOLATIONS, SCENARIOS, FAULTS, LOST = (
    "requests",
    "violations",
    "scenario_hits",
    "faults",
    "journal_lost",
)
DURATION, NANOSECONDS = "request_duration", "request_nanoseconds"
"""Exchanges by the index of their bound, and their total duration in nanoseconds."""


@dataclass(frozen=True, slots=True)
class CounterSpec:
    """One counter: a row of `COUNTERS`."""

    name: str
    """The first item of its keys."""
    labels: tuple[str, ...]
    """The names of the other items of its keys."""
    help: str
    """One sentence, for `# HELP`."""


COUNTERS = (
    CounterSpec(REQUESTS, ("operation", "status"), "Requests to the API."),
    CounterSpec(VIOLATIONS, ("operation",), "Contract violations in requests and responses."),
    CounterSpec(SCENARIOS, ("scenario",), "Responses that a scenario chose."),
    CounterSpec(FAULTS, ("fault",), "Responses with a network fault."),
    CounterSpec(
        LOST,
        (),
        "Exchanges that the journal could not keep: "
        "the store was unavailable, or a worker was killed.",
    ),
)
"""Every counter."""


class Metrics:
    """The metrics of one server, counted in all its processes. Safe for threads and forks."""

    def __init__(self) -> None:
        """Create the counters. Call it before the fork.

        Raises:
            StartError: no temporary file can be created.
        """
        self._counts = SharedCounters(killed=(LOST,))
        self.publish_unwritten = self._counts.hold
        """Publishes the number of journal entries that a kill of this process would lose now."""
        self._response_counters: dict[tuple[str, int], Callable[[float], None]] = {}

    def count(self, entry: JournalEntry) -> None:
        """Count one exchange. Fast, and raises nothing."""
        operation, add = entry.operation or NO_OPERATION, self._counts.add
        self.count_response(operation, entry.status, entry.duration)
        if entry.violations:
            add((VIOLATIONS, operation), len(entry.violations))
        if entry.explanation.scenario:
            add((SCENARIOS, entry.explanation.scenario))
        if entry.fault:
            add((FAULTS, entry.fault))

    def count_response(self, operation: str, status: int, seconds: float) -> None:
        """Count one response, with its duration in seconds."""
        count = self._response_counters.get((operation, status))
        if count is None:
            count = self.response_counter(operation, status)
            self._response_counters[operation, status] = count
        count(seconds)

    def response_counter(self, operation: str, status: int) -> Callable[[float], None]:
        """Return a function that counts one response of an operation, with its duration in seconds.

        The function is faster than `count_response`, because it computes the places in memory
        once. Create it before or after a fork.
        """
        durations = [(DURATION, operation, index) for index in range(len(BOUNDS) + 1)]
        count = self._counts.event_counter(
            (REQUESTS, operation, status), (NANOSECONDS, operation), durations
        )

        def count_response(seconds: float) -> None:
            count(bisect_left(BOUNDS, seconds), int(seconds * 1e9))

        return count_response

    def count_lost(self, count: int) -> None:
        """Count exchanges that the journal could not keep."""
        self._counts.add((LOST,), count)

    def total_lost(self) -> int:
        """Return the number of exchanges that the journal could not keep."""
        return self._counts.totals()[(LOST,)]

    def exposition(self, sandboxes: int | None) -> str:
        """Return the metrics as text.

        `sandboxes` is their number; `None` if the store does not respond.
        """
        counts = self._counts.totals()
        lines: list[str] = []
        for spec in COUNTERS:
            lines += _counter(spec, counts)
        lines += _histogram(counts)
        if sandboxes is not None:
            lines += _head("mockserver_sandboxes", "gauge", "Sandboxes in the store.")
            lines.append(f"mockserver_sandboxes {sandboxes}")
        return "\n".join([*lines, ""])


def _counter(spec: CounterSpec, counts: Counter[Key]) -> Iterator[str]:
    name = f"mockserver_{spec.name}_total"
    yield from _head(name, "counter", spec.help)
    # A counter without labels has exactly one sample, even if nothing was counted.
    keys: list[Key] = [(spec.name,)]
    if spec.labels:
        keys = _keys_of(spec.name, counts)
    for key in keys:
        labels = _labels(zip(spec.labels, key[1:], strict=True))
        yield f"{name}{labels} {counts[key]}"


def _histogram(counts: Counter[Key]) -> Iterator[str]:
    """Yield the lines of the histogram. Each bucket includes the buckets below it."""
    name = "mockserver_request_duration_seconds"
    yield from _head(
        name,
        "histogram",
        "Seconds from the arrival of a request to its response, including delays.",
    )
    bounds = (*BOUNDS, "+Inf")
    operations = dict.fromkeys(key[1] for key in _keys_of(DURATION, counts))
    for operation in operations:
        total = 0
        for index, bound in enumerate(bounds):
            total += counts[DURATION, operation, index]
            yield f"{name}_bucket{_labels([('operation', operation), ('le', bound)])} {total}"
        labels = _labels([("operation", operation)])
        yield f"{name}_sum{labels} {counts[NANOSECONDS, operation] / 1e9!r}"
        yield f"{name}_count{labels} {total}"


def _head(name: str, kind: str, text: str) -> tuple[str, str]:
    return f"# HELP {name} {text}", f"# TYPE {name} {kind}"


def _keys_of(name: str, counts: Counter[Key]) -> list[Key]:
    keys = [key for key in counts if key[0] == name]
    return sorted(keys, key=str)


def _labels(labels: Iterable[tuple[str, object]]) -> str:
    pairs = [f'{name}="{_escaped(str(value))}"' for name, value in labels]
    if not pairs:
        return ""
    return f"{{{','.join(pairs)}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
