"""The sandbox of one test: the value of the pytest fixture `mockserver`."""

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

__tracebackhide__ = True  # see admin_client


@dataclass(frozen=True, slots=True)
class ScenarioHandle:
    """A scenario that is on. As a context manager, it is switched off at the end."""

    url: str
    """The base URL of the sandbox."""
    name: str

    def __enter__(self) -> "ScenarioHandle":
        return self

    def __exit__(self, *_: object) -> None:
        self.off()

    def off(self) -> None:
        """Switch the scenario off."""
        call(self.url, "DELETE", self._path)

    @classmethod
    def switched(cls, url: str, name: str, overrides: Mapping[str, Any]) -> "ScenarioHandle":
        """Switch a scenario on.

        Raises:
            StartError: The scenario is unknown, or an override is invalid.
        """
        scenario = cls(url, name)
        call(url, "PUT", scenario._path, sent=overrides)
        return scenario

    @property
    def _path(self) -> str:
        return f"/scenarios/{quote(self.name, safe='')}"


class SandboxClock:
    """The clock of one sandbox. It is frozen at the fixtures' date until it is advanced or runs."""

    __slots__ = ("_url",)

    def __init__(self, url: str) -> None:
        self._url = url

    @property
    def now(self) -> str:
        """The current time, `YYYY-MM-DD HH:MM:SS`; writable."""
        return str(call(self._url, "GET", "/clock")["now"])

    @now.setter
    def now(self, timestamp: str) -> None:
        self._put(now=timestamp)

    @property
    def progression(self) -> str:
        """How records advance through their lifecycle: `manual`, `time` or `polls`; writable."""
        return str(call(self._url, "GET", "/clock")["progression"])

    @progression.setter
    def progression(self, word: str) -> None:
        self._put(progression=word)

    def advance(self, seconds: float) -> str:
        """Advance the clock and return its new time."""
        return str(call(self._url, "POST", "/clock/advance", sent={"seconds": seconds})["now"])

    def run(self) -> None:
        """Let the clock run in real time."""
        self._put(mode="running")

    def freeze(self) -> None:
        """Stop the clock at its current time."""
        self._put(mode="frozen")

    def _put(self, **members: str) -> None:
        call(self._url, "PUT", "/clock", sent=members)


MAX_TITLE_LENGTH = 1000
"""The maximum number of characters of a test's title."""
_RUN = secrets.token_hex(8)
"""Unique per process: pytest workers and runs that share a server do not share sandboxes."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The sandbox of one test on a running server.

    A call that the server rejects raises `StartError` with its message.
    """

    server: str
    """The URL of the server: `http://127.0.0.1:8080`."""
    sandbox: str
    """The name of the sandbox."""

    @classmethod
    def of_test(cls, server: str, nodeid: str) -> "Sandbox":
        """Return the sandbox of a test of this run; its name contains that of the test."""
        test_name = nodeid.rpartition("::")[2]
        words = re.sub(r"[^A-Za-z0-9]+", "-", test_name).strip("-")[:45].strip("-")
        unique = blake2s(f"{_RUN} {nodeid}".encode(), digest_size=8).hexdigest()
        return cls(server, f"{words or 'test'}-{unique}")

    @property
    def url(self) -> str:
        """The base URL for the app under test, to which it appends the path of the API."""
        return f"{self.server}/~{self.sandbox}"

    @property
    def clock(self) -> SandboxClock:
        """The clock of the sandbox."""
        return SandboxClock(self.url)

    def scenario(self, name: str, **overrides: Any) -> ScenarioHandle:
        """Switch a scenario on, until it is switched off or until the end of a `with` statement.

        `overrides` are those of `PUT /__admin/scenarios/NAME`: `times=1`, `after=2`, `delay="1 s"`.
        """
        return ScenarioHandle.switched(self.url, name, overrides)

    def requests(self, **filters: Any) -> list[dict[str, Any]]:
        """Return the exchanges of the journal, oldest first.

        `filters` are those of `POST /__admin/requests/find`: `operation=`, `method=`, `path=`,
        `status=`, `violations=True`.
        """
        response = call(self.url, "POST", "/requests/find", sent=filters)
        if response["requestJournalDisabled"]:
            message = f"the journal of the server at {self.server} is disabled"
            raise StartError(f"{message}; start it with --journal-size above 0")
        return list(response["requests"])

    def reset(self) -> None:
        """Reset records, scenarios, clock and journal to the state at server start."""
        call(self.url, "POST", "/reset")

    def set_test(self, title: str) -> None:
        """Set the title of the test, which coverage reports have. A long title is cut."""
        if len(title) > MAX_TITLE_LENGTH:
            title = f"{title[: MAX_TITLE_LENGTH - 1]}…"
        call(self.server, "PATCH", f"/sandboxes/{self.sandbox}", sent={"test": title})

    def delete(self) -> None:
        """Delete the sandbox, which frees its memory on the server. Its coverage stays."""
        call(self.server, "DELETE", f"/sandboxes/{self.sandbox}")

    def journal(self) -> str:
        """Return the last exchanges of the journal as text, or the reason why it cannot be read."""
        try:
            return format_journal(self.requests())
        except MockServerError as error:
            return f"cannot read the journal: {error}"

    def assert_called(self, operation: str, times: int | None = None, **filters: Any) -> None:
        """Assert that an operation was called: `times` times, or at least once.

        Args:
            operation: The id of the operation.
            times: The expected number of calls; at least one by default.
            filters: Count only the exchanges that match these filters, as for `requests`.

        Raises:
            AssertionError: The number differs; the text has the journal.
            UsageError: The server does not have this operation.
        """
        count = len(self.requests(operation=operation, **filters))
        if not count:
            # A typo would look like an operation without calls.
            self._check_operation(operation)
        if count == times or (times is None and count):
            return
        expected = "at least once" if times is None else _times(times)
        for name, value in filters.items():
            expected += f" with {name}={value!r}"
        message = f"expected {operation} to be called {expected}, got {_times(count)}"
        raise AssertionError(f"{message}\n\n{self.journal()}")

    def assert_no_violations(self) -> None:
        """Assert that no request and no response violated the contract.

        Raises:
            AssertionError: One did; the text has the exchanges.
        """
        self._assert_none("exchange that violates the contract", violations=True)

    def assert_no_unmatched(self) -> None:
        """Assert that every request matched an operation.

        Raises:
            AssertionError: One did not; the text has the near misses.
        """
        self._assert_none("request without an operation", unmatched=True)

    def _assert_none(self, kind: str, **filters: Any) -> None:
        exchanges = self.requests(**filters)
        if exchanges:
            raise AssertionError(
                f"expected no {kind}, got {len(exchanges)}:\n\n{format_journal(exchanges)}"
            )

    def _check_operation(self, name: str) -> None:
        operations = call(self.server, "GET", "/health")["operations"]
        if name not in operations:
            raise UsageError(f"unknown operation {name}; expected one of {', '.join(operations)}")


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
