"""The isolated state of one client, such as a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from apib_mockserver.clock import SandboxClock
from apib_mockserver.errors import ProblemError, UnmatchedFound, ViolationsFound
from apib_mockserver.names import validate_sandbox_name
from apib_mockserver.records import SandboxRecords

if TYPE_CHECKING:
    from apib_mockserver.connection import Connection
    from apib_mockserver.types import Exchange, SandboxExport, SandboxImport, Scenario

__tracebackhide__ = True  # see connection.py
_UNKNOWN_SANDBOX = "urn:mockserver:problem:unknown-sandbox"


class Sandbox:
    """The isolated state of one client: records, scenarios, clock, journal.

    Every call raises `ProblemError` or `NoResponse` if it fails.
    """

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._path = f"/__admin/sandboxes/{validate_sandbox_name(name)}"
        self.name = name
        self.api_base = f"{connection.url}/~{name}"
        """The base URL for the app under test: the server's URL with `/~NAME`, without the API's
        path."""
        self.panel = f"{self.api_base}/__admin/"
        """The URL of its control panel, to open in a browser while a test is paused."""
        self.clock = SandboxClock(self._call)
        self.records = SandboxRecords(self._call)

    def on(self, scenario: str, /, **overrides: Any) -> Scenario:
        """Switch a scenario on, or start it again.

        `overrides` replace keys of its file: `times=1`, `after=2`, `delay=0.5` (see `Overrides`).
        """
        switched: Scenario = self._call("PUT", _scenario_path(scenario), overrides)
        return switched

    def off(self, scenario: str, /) -> Scenario:
        """Switch a scenario off."""
        switched: Scenario = self._call("DELETE", _scenario_path(scenario))
        return switched

    def scenarios(self) -> list[Scenario]:
        """Return every scenario, and whether it is on in this sandbox."""
        scenarios: list[Scenario] = self._call("GET", "/scenarios")["scenarios"]
        return scenarios

    def requests(self, **filters: Any) -> list[Exchange]:
        """Return the exchanges of the journal that match the filters, oldest first.

        `filters` are `operation=`, `status=`, `violations=True` and others (see `Filters`).

        Raises:
            RuntimeError: The server keeps no journal.
        """
        result = self._call("POST", "/requests/find", filters)
        if result["requestJournalDisabled"]:
            message = f"the journal of the server at {self._connection.url} is disabled"
            raise RuntimeError(f"{message}; start the server with --journal-size above 0")
        exchanges: list[Exchange] = result["requests"]
        return exchanges

    def count(self, **filters: Any) -> int:
        """Return the number of exchanges that match the filters."""
        return len(self.requests(**filters))

    def expect_no_violations(self) -> None:
        """Raise `ViolationsFound` if a message broke the contract."""
        exchanges = self.requests(violations=True)
        if exchanges:
            raise ViolationsFound(self.name, exchanges)

    def expect_no_unmatched(self) -> None:
        """Raise `UnmatchedFound`, with the closest operations, if a request matched none."""
        exchanges = self.requests(unmatched=True)
        if exchanges:
            raise UnmatchedFound(self.name, exchanges)

    def clear_requests(self) -> None:
        """Empty the journal."""
        self._call("POST", "/requests/reset", {})

    def reset(self) -> None:
        """Reset records, scenarios, clock and journal to their state at server start."""
        self._call("POST", "/reset", {})

    def set_test(self, title: str) -> None:
        """Set the title of the test that uses the sandbox, for coverage reports.

        A reset keeps it.
        """
        self._connection.call("PATCH", self._path, {"test": title})

    def delete(self) -> bool:
        """Delete the sandbox; return False if it was never used."""
        try:
            self._connection.call("DELETE", self._path)
        except ProblemError as error:
            if error.type != _UNKNOWN_SANDBOX:
                raise
            return False
        return True

    def export(self, *, frozen: bool = False) -> SandboxExport:
        """Return the complete sandbox.

        `frozen` exports a frozen clock, so that a copy does not change.
        """
        query = "?frozen=1" if frozen else ""
        exported: SandboxExport = self._connection.call("GET", self._path + query)
        return exported

    def import_(self, sandbox: SandboxImport) -> SandboxExport:
        """Replace the sandbox with an export of a server with the same blueprints."""
        imported: SandboxExport = self._connection.call("PUT", self._path, sandbox)
        return imported

    def _call(self, method: str, path: str, body: object = None) -> Any:
        return self._connection.call(method, f"/~{self.name}/__admin{path}", body)


def _scenario_path(scenario: str) -> str:
    return f"/scenarios/{quote(scenario, safe='')}"
