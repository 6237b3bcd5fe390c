"""The clock of a sandbox.

It starts frozen at the date of the fixtures, so that every run is the same.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mockserver.contract.timestamps import later


@dataclass(frozen=True, slots=True)
class Clock:
    """The offset of a sandbox's clock from the fixtures' date. Immutable."""

    offset_seconds: float = 0.0
    """Seconds after the fixtures' date at which the clock was last set, stopped or started."""
    running_since: float | None = None
    """The Unix time at which the clock was started; `None` while it is frozen."""
    progression: str = "manual"
    """One of `PROGRESSIONS`."""
    progression_started_at: float = 0.0
    """The clock's seconds when the clock, or a scenario, chose the progression.

    Records advance from then on.
    """

    def seconds(self) -> float:
        """Return the seconds after the fixtures' date that the clock shows now."""
        if self.running_since is None:
            return self.offset_seconds
        return self.offset_seconds + max(0.0, time.time() - self.running_since)

    def frozen(self) -> "Clock":
        """Return this clock, stopped now."""
        return replace(self, offset_seconds=self.seconds(), running_since=None)

    def now(self, start: str) -> str:
        """Return the time that the clock shows, as `YYYY-MM-DD HH:MM:SS`.

        `start` is the fixtures' date.
        """
        return later(start, self.seconds())

    def as_json(self) -> dict[str, Any]:
        """Return the clock as JSON, for `from_json`."""
        return {
            "offset_seconds": self.offset_seconds,
            "running_since": self.running_since,
            "progression": self.progression,
            "progression_started_at": self.progression_started_at,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Clock":
        """Return the clock that `as_json` was called on."""
        return cls(
            value["offset_seconds"],
            value["running_since"],
            value["progression"],
            value["progression_started_at"],
        )
