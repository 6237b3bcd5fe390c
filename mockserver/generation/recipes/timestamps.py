"""The kind of recipe for timestamps. They depend on the fixtures' date, never on the clock."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mockserver.contract.lifecycles import FieldPath
from mockserver.contract.timestamps import UNITS
from mockserver.formats.json_schema import NAME, closed_object
from mockserver.formats.strict_yaml import Pointer
from mockserver.generation.recipes.reader import Kind, Reader, parse_bounds
from mockserver.generation.recipes.recipe import Recipe, ValueSeed

FORMATS: dict[str, Callable[[datetime], str]] = {
    "timestamp": lambda moment: moment.isoformat(" "),
    "iso": lambda moment: f"{moment.isoformat()}Z",
}
"""The formats of a point in time: `2026-11-02 09:00:00` and `2026-11-02T09:00:00Z`."""
SPAN = {"type": "string", "pattern": rf"^[0-9]{{1,5}}(-[0-9]{{1,5}})? ({'|'.join(UNITS)})$"}
"""JSON Schema of a time span: `5 s`, `1-90 d`."""

_TIMESTAMP = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}:[0-9]{2})Z?")


@dataclass(frozen=True, slots=True)
class Span:
    """A time span between two bounds, in seconds."""

    low: int
    high: int

    def random(self, seed: ValueSeed) -> timedelta:
        """Return a random time between the bounds, in whole seconds."""
        return timedelta(seconds=seed.random().randint(self.low, self.high))


def parse_span(reader: Reader, pointer: Pointer, text: str) -> Span:
    """Return the time span of a text such as `1-90 d`, which fits `SPAN`."""
    numbers, unit = text.split(" ")
    low, high = parse_bounds(numbers)
    if high < low:
        reader.file_error(pointer, f"invalid time span '{text}'; expected the shorter time first")
    return Span(low * UNITS[unit], high * UNITS[unit])


def parse_timestamp(value: Any) -> datetime:
    """Return the point in time of a timestamp, in either format.

    Raises:
        ValueError: The value is not a timestamp.
    """
    match = None
    if isinstance(value, str):
        match = _TIMESTAMP.fullmatch(value)
    if match is None:
        raise ValueError(
            f"invalid timestamp {value!r}; expected YYYY-MM-DD HH:MM:SS or YYYY-MM-DDTHH:MM:SSZ"
        )
    return datetime.fromisoformat(f"{match[1]} {match[2]}")


def future_timestamps(value: Any, now: str) -> list[str]:
    """Return every timestamp in a value that is after `now`."""
    if isinstance(value, str) and _is_after(value, now):
        return [value]
    items: Iterable[Any] = ()
    if isinstance(value, dict):
        items = value.values()
    elif isinstance(value, list):
        items = value
    timestamps = []
    for item in items:
        timestamps += future_timestamps(item, now)
    return timestamps


def _is_after(text: str, now: str) -> bool:
    try:
        return parse_timestamp(text) > parse_timestamp(now)
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Time(Recipe):
    """A timestamp before or after the fixtures' date or another member's timestamp."""

    start: FieldPath
    """The member that the time is counted from; empty for the fixtures' date."""
    sign: int
    """1 for after it, -1 for before it."""
    span: Span
    format: str

    def make(self, seed: ValueSeed) -> str:
        """Return the timestamp, at the latest the fixtures' date."""
        now = start = parse_timestamp(seed.record.run.now)
        if self.start:
            start = parse_timestamp(seed.record.resolve(self.start))
        try:
            moment = start + self.sign * self.span.random(seed)
            return FORMATS[self.format](min(moment, now))
        except OverflowError as error:
            raise ValueError(
                "the timestamp would be before the year 1; use a shorter time span"
            ) from error


def _time(reader: Reader, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
    pointer, time = (*pointer, "time"), entry["time"]
    starts = [key for key in ("before_now", "before", "after") if key in time]
    if len(starts) != 1 or ("by" in time) == ("before_now" in time):
        return reader.file_error(
            pointer, "expected `before_now`, or one of `before` and `after` with `by`"
        )
    (start,) = starts
    time_format = time.get("format", "timestamp")
    if start == "before_now":
        return Time((), -1, parse_span(reader, (*pointer, start), time[start]), time_format)
    field_path = reader.add_reference((*pointer, start), time[start])
    sign = 1 if start == "after" else -1
    return Time(field_path, sign, parse_span(reader, (*pointer, "by"), time["by"]), time_format)


_KEYS = {
    "before_now": SPAN,
    "before": NAME,
    "after": NAME,
    "by": SPAN,
    "format": {"enum": list(FORMATS)},
}

TIMESTAMP_KINDS: dict[str, Kind] = {"time": Kind(closed_object([], **_KEYS), _time)}
"""The kind of recipe for timestamps."""
