"""A sandbox's clock: it starts at the fixtures' date, frozen, so that every run is the same."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mockserver.contract.timestamps import later


@dataclass(frozen=True, slots=True)
class Clock:
    """How far a sandbox's clock is from the fixtures' date. Never changed: a change makes a new one."""

    offset_seconds: float = 0.0
    """Seconds that it was ahead of the fixtures' date when it was last set, stopped or started."""
    running_since: float | None = None
    """The real time (Unix) at which it was started; `None` while it is frozen."""
    progression: str = "manual"
    """A word of `PROGRESSIONS`."""
    progression_started_at: float = 0.0
    """What `ahead` was when the progression was chosen, by the clock or a scenario: no record had lived before."""

    def seconds(self) -> float:
        """Seconds that it is ahead of the fixtures' date now."""
        return (
            self.offset_seconds
            if self.running_since is None
            else self.offset_seconds + max(0.0, time.time() - self.running_since)
        )

    def frozen(self) -> "Clock":
        """This clock, stopped now."""
        return replace(self, offset_seconds=self.seconds(), running_since=None)

    def now(self, start: str) -> str:
        """The stamp, `YYYY-MM-DD HH:MM:SS`, that it shows where the fixtures' date is `start`."""
        return later(start, self.seconds())

    def as_json(self) -> dict[str, Any]:
        """The clock as JSON, for `from_json`."""
        return {
            "ahead": self.offset_seconds,
            "since": self.running_since,
            "progression": self.progression,
            "progresses_from": self.progression_started_at,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Clock":
        """The clock that `as_json` told."""
        return cls(value["ahead"], value["since"], value["progression"], value["progresses_from"])
