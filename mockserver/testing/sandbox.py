"""The sandbox that belongs to one test: what the pytest fixture `mockserver` is."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2s
from typing import Any
from urllib.parse import quote

from mockserver.cli.admin_client import call
from mockserver.errors import MockServerError, StartError, UsageError
from mockserver.testing.journal_report import format_journal

__tracebackhide__ = True  # see control_client


@dataclass(frozen=True, slots=True)
class ScenarioHandle:
    """A scenario that was switched on; as a context manager it is switched off at the end."""

    url: str
    """The sandbox's base URL."""
    name: str

    def __enter__(self) -> "ScenarioHandle":
        return self

    def __exit__(self, *_: object) -> None:
        self.off()

    def off(self) -> None:
        """Switch it off."""
        call(self.url, "DELETE", self._path)

    @classmethod
    def switched(cls, url: str, name: str, overrides: Mapping[str, Any]) -> "ScenarioHandle":
        """Switch it on. Raises `StartError` that names the scenarios there are, or what an override has to be."""
        scenario = cls(url, name)
        call(url, "PUT", scenario._path, sent=overrides)
        return scenario

    @property
    def _path(self) -> str:
        return f"/scenarios/{quote(self.name, safe='')}"


class SandboxClock:
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


__tracebackhide__ = True  # see control_client
_RUN = secrets.token_hex(8)
"""This process: workers, and runs, that share a server have no sandbox in common."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """One test's world on a running server. What is refused raises `StartError` with the server's words."""

    server: str
    """Where the server is: `http://127.0.0.1:8080`."""
    sandbox: str
    """The sandbox's name."""

    @classmethod
    def of_test(cls, server: str, nodeid: str) -> "Sandbox":
        """That of a test of this run; its name tells which test it is."""
        words = re.sub(r"[^A-Za-z0-9]+", "-", nodeid.rpartition("::")[2]).strip("-")[:45].strip("-")
        unique = blake2s(f"{_RUN} {nodeid}".encode(), digest_size=8).hexdigest()
        return cls(server, f"{words or 'test'}-{unique}")

    @property
    def url(self) -> str:
        """The base URL to give to the app under test: the server, with this sandbox. The API's own path follows it."""
        return f"{self.server}/~{self.sandbox}"

    @property
    def clock(self) -> SandboxClock:
        """The sandbox's clock."""
        return SandboxClock(self.url)

    def scenario(self, name: str, **overrides: Any) -> ScenarioHandle:
        """Switch a scenario on, until it is switched off or, in a `with` statement, until its end.

        `overrides` are what `PUT /__admin/scenarios/NAME` takes: `times=1`, `after=2`, `delay="1 s"`.
        """
        return ScenarioHandle.switched(self.url, name, overrides)

    def requests(self, **filters: Any) -> list[dict[str, Any]]:
        """The exchanges of the journal, the first first.

        `filters` are what `POST /__admin/requests/find` takes: `operation=`, `method=`, `path=`, `status=`, `violations=True`.
        """
        answer = call(self.url, "POST", "/requests/find", sent=filters)
        if answer["requestJournalDisabled"]:
            raise StartError(f"the journal of the server at {self.server} is disabled; start it with --journal-size above 0")
        return list(answer["requests"])

    def reset(self) -> None:
        """Put records, scenarios, clock and journal back to how the server started."""
        call(self.url, "POST", "/reset")

    def journal(self) -> str:
        """The whole journal as text, the last exchanges of it where it is long; or why it cannot be read."""
        try:
            return format_journal(self.requests())
        except MockServerError as error:
            return f"cannot read the journal: {error}"

    def assert_called(self, operation: str, times: int | None = None, **filters: Any) -> None:
        """That an operation was called, so many times, or at least once; counting what fits the filters too.

        Raises `AssertionError` with the journal, and `UsageError` for an operation that the server does not have.
        """
        found = len(self.requests(operation=operation, **filters))
        if not found:
            self._check_operation(operation)  # or a slip of the pen would be as good as an operation that nobody called
        if found == times or (times is None and found):
            return
        such = "".join(f" with {name}={value!r}" for name, value in filters.items())
        expected = "at least once" if times is None else _times(times)
        raise AssertionError(f"expected {operation} to be called {expected}{such}, got {_times(found)}\n\n{self.journal()}")

    def assert_no_violations(self) -> None:
        """That no request, and no response, broke the contract. Raises `AssertionError` with those that did."""
        self._assert_none("exchange that violates the contract", violations=True)

    def assert_no_unmatched(self) -> None:
        """That an operation was found for each request. Raises `AssertionError` that tells their near misses."""
        self._assert_none("request without an operation", unmatched=True)

    def _assert_none(self, what: str, **filters: Any) -> None:
        if found := self.requests(**filters):
            raise AssertionError(f"expected no {what}, got {len(found)}:\n\n{format_journal(found)}")

    def _check_operation(self, name: str) -> None:
        operations = call(self.server, "GET", "/health")["operations"]
        if name not in operations:
            raise UsageError(f"unknown operation {name}; expected one of {', '.join(operations)}")


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
