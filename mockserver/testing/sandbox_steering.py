"""What a test steers in its sandbox: scenarios and the clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from mockserver.cli.admin_client import call

__tracebackhide__ = True  # see control_client


@dataclass(frozen=True, slots=True)
class ScenarioOn:
    """A scenario that was switched on; as a context manager it is switched off at the end."""

    url: str
    """The sandbox's base URL."""
    name: str

    def __enter__(self) -> "ScenarioOn":
        return self

    def __exit__(self, *_: object) -> None:
        self.off()

    def off(self) -> None:
        """Switch it off."""
        call(self.url, "DELETE", self._path)

    @classmethod
    def switched(cls, url: str, name: str, overrides: Mapping[str, Any]) -> "ScenarioOn":
        """Switch it on. Raises `StartError` that names the scenarios there are, or what an override has to be."""
        scenario = cls(url, name)
        call(url, "PUT", scenario._path, sent=overrides)
        return scenario

    @property
    def _path(self) -> str:
        return f"/scenarios/{quote(self.name, safe='')}"


class OwnClock:
    """The clock of one sandbox. It stands still at the fixtures' date until it is put forward or runs."""

    __slots__ = ("_url",)

    def __init__(self, url: str) -> None:
        self._url = url

    @property
    def now(self) -> str:
        """What it shows, `YYYY-MM-DD HH:MM:SS`; can be set."""
        return str(call(self._url, "GET", "/clock")["now"])

    @now.setter
    def now(self, stamp: str) -> None:
        self._put(now=stamp)

    @property
    def progression(self) -> str:
        """What moves records on: `manual`, `time` or `polls`; can be set."""
        return str(call(self._url, "GET", "/clock")["progression"])

    @progression.setter
    def progression(self, word: str) -> None:
        self._put(progression=word)

    def advance(self, seconds: float) -> str:
        """Put it forward; what it shows then."""
        return str(call(self._url, "POST", "/clock/advance", sent={"seconds": seconds})["now"])

    def run(self) -> None:
        """Let it run with the real time."""
        self._put(mode="running")

    def freeze(self) -> None:
        """Stop it where it is."""
        self._put(mode="frozen")

    def _put(self, **members: str) -> None:
        call(self._url, "PUT", "/clock", sent=members)
