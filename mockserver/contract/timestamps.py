"""Timestamps `YYYY-MM-DD HH:MM:SS`, as records and clocks have them: what they are, and the time between two."""

from datetime import datetime, timedelta
from typing import Any

LATEST = "2999-12-31 23:59:59"
"""The latest stamp that a clock can show, and so the latest fixtures' date: beyond the year 9999 there are no stamps."""

UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
"""The units of durations, in seconds."""


def later(stamp: str, seconds: float) -> str:
    """A stamp some seconds later, cut to whole ones. Raises `OverflowError` beyond the year 9999."""
    return (datetime.fromisoformat(stamp) + timedelta(seconds=int(seconds))).isoformat(" ") if seconds else stamp


def between(earlier: str, stamp: str) -> float:
    """Seconds from one stamp to another."""
    return (datetime.fromisoformat(stamp) - datetime.fromisoformat(earlier)).total_seconds()


def is_timestamp(value: Any) -> bool:
    """Whether a value is a stamp: text, `YYYY-MM-DD HH:MM:SS`, of a day that there is."""
    if not isinstance(value, str) or len(value) != 19 or value[10] != " " or not value.isascii():
        return False
    try:
        # Of the many forms that it reads, only this one has a length of 19 and a space in the middle and is written so again.
        return datetime.fromisoformat(value).isoformat(" ") == value
    except ValueError:
        return False
