"""The clock of one sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from apib_mockserver.types import Clock, Progression

__tracebackhide__ = True  # see connection.py
Call = Callable[..., Any]
"""Calls one route of the admin API of one sandbox, with method, path and body."""


class SandboxClock:
    """A sandbox's clock. It is frozen at the fixtures' date at first.

    Each call returns its state afterwards.
    """

    def __init__(self, call: Call) -> None:
        self._call = call

    def get(self) -> Clock:
        """Return the state of the clock."""
        return self._put("GET")

    def freeze(self) -> Clock:
        """Stop the clock at its current time."""
        return self._put("PUT", mode="frozen")

    def run(self) -> Clock:
        """Let the clock run in real time."""
        return self._put("PUT", mode="running")

    def set(self, now: str) -> Clock:
        """Set the clock to a timestamp, `YYYY-MM-DD HH:MM:SS`, not before the fixtures' date."""
        return self._put("PUT", now=now)

    def advance(self, seconds: float) -> Clock:
        """Advance the clock."""
        clock: Clock = self._call("POST", "/clock/advance", {"seconds": seconds})
        return clock

    def progression(self, kind: Progression) -> Clock:
        """Choose what advances records."""
        return self._put("PUT", progression=kind)

    def _put(self, method: str, **members: str) -> Clock:
        clock: Clock = self._call(method, "/clock", members or None)
        return clock
