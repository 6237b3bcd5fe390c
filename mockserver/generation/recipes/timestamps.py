"""Stamps: kinds of recipe for points in time, reckoned from the fixtures' date and never from the clock."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mockserver.formats.strict_yaml import Pointer
from mockserver.generation.recipes.reader import Kind, Members, Reader
from mockserver.generation.recipes.recipe import Recipe, ValueSeed

UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
"""Unit of a span of time to its seconds."""
FORMATS: dict[str, Callable[[datetime], str]] = {
    "stamp": lambda moment: moment.isoformat(" "),
    "iso": lambda moment: f"{moment.isoformat()}Z",
}
"""How a point in time is written: `2026-11-02 09:00:00`, or `2026-11-02T09:00:00Z`."""
SPAN = {"type": "string", "pattern": rf"^[0-9]{{1,5}}(-[0-9]{{1,5}})? ({'|'.join(UNITS)})$"}
"""JSON Schema of a span: `5 s`, `1-90 d`."""

_TIMESTAMP = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}:[0-9]{2})Z?")


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time between two bounds, in seconds."""

    low: int
    high: int

    def draw(self, draw: ValueSeed) -> timedelta:
        """One length, to the second."""
        return timedelta(seconds=draw.random().randint(self.low, self.high))


def span(reader: Reader, at: Pointer, text: str) -> Span:
    """What `1-90 d` says; its shape is known to fit."""
    numbers, unit = text.split(" ")
    low, _, high = numbers.partition("-")
    if int(high or low) < int(low):
        reader.file_error(at, f"{text} is no span; expected the shorter one first")
    return Span(int(low) * UNITS[unit], int(high or low) * UNITS[unit])


def parse_timestamp(value: Any) -> datetime:
    """The point in time that a stamp names, in either format. Raises `ValueError` for what is no stamp."""
    found = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"{value!r} is no stamp; expected YYYY-MM-DD HH:MM:SS, or YYYY-MM-DDTHH:MM:SSZ")
    return datetime.fromisoformat(f"{found[1]} {found[2]}")


def future_timestamps(value: Any, now: str) -> list[str]:
    """Every stamp in a value that is after `now`."""
    if isinstance(value, dict | list):
        items = value.values() if isinstance(value, dict) else value
        return [stamp for item in items for stamp in future_timestamps(item, now)]
    try:
        return (
            [value]
            if isinstance(value, str) and _TIMESTAMP.fullmatch(value) and parse_timestamp(value) > parse_timestamp(now)
            else []
        )
    except ValueError:
        return []


@dataclass(frozen=True, slots=True)
class Time(Recipe):
    """A stamp at some distance from the fixtures' date, or from another member's stamp; never after the fixtures' date."""

    start: Members
    """The member that it is reckoned from; empty for the fixtures' date."""
    sign: int
    """1 for after it, -1 for before it."""
    span: Span
    format: str

    def make(self, draw: ValueSeed) -> str:
        """In the format given."""
        now = parse_timestamp(draw.record.run.now)
        start = parse_timestamp(draw.record.resolve(self.start)) if self.start else now
        try:
            return FORMATS[self.format](min(start + self.sign * self.span.draw(draw), now))
        except OverflowError as error:
            raise ValueError("the stamp would be before the year 1; expected a shorter span") from error


def _time(reader: Reader, at: Pointer, entry: Mapping[str, Any]) -> Recipe:
    time, at = entry["time"], (*at, "time")
    start = [name for name in ("before_now", "before", "after") if name in time]
    if len(start) != 1 or ("by" in time) == ("before_now" in time):
        return reader.file_error(at, "expected before_now with a span, or before or after with a member and by with a span")
    sign, form = 1 if start == ["after"] else -1, time.get("format", "stamp")
    if start == ["before_now"]:
        return Time((), sign, span(reader, (*at, "before_now"), time["before_now"]), form)
    member = reader.add_reference((*at, start[0]), time[start[0]])
    return Time(member, sign, span(reader, (*at, "by"), time["by"]), form)


_MEMBER = {"type": "string", "minLength": 1}
_KEYS = {"before_now": SPAN, "before": _MEMBER, "after": _MEMBER, "by": SPAN, "format": {"enum": list(FORMATS)}}

TIMES: dict[str, Kind] = {"time": Kind({"type": "object", "properties": _KEYS, "additionalProperties": False}, _time)}
"""The kinds of recipe that give stamps."""
