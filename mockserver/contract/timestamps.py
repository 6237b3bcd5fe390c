"""Timestamps `YYYY-MM-DD HH:MM:SS` of records and clocks, and arithmetic with them."""

from datetime import datetime, timedelta
from typing import Any

LATEST = "2999-12-31 23:59:59"
"""The latest time of a clock, and so the latest fixtures' date.

Timestamps end with the year 9999.
"""

UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
"""The units of durations, in seconds."""


def later(timestamp: str, seconds: float) -> str:
    """Return the timestamp plus `seconds`, without a fraction.

    Raises:
        OverflowError: The result is after the year 9999.
    """
    if not seconds:
        return timestamp
    return (datetime.fromisoformat(timestamp) + timedelta(seconds=int(seconds))).isoformat(" ")


def between(earlier: str, later: str) -> float:
    """Return the seconds from one timestamp to another."""
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def is_timestamp(value: Any) -> bool:
    """Return whether a value is a text `YYYY-MM-DD HH:MM:SS` with a valid date."""
    if not isinstance(value, str) or len(value) != 19 or value[10] != " " or not value.isascii():
        return False
    try:
        # fromisoformat() reads other forms too, but isoformat() writes only this one.
        return datetime.fromisoformat(value).isoformat(" ") == value
    except ValueError:
        return False
