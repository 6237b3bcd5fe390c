"""A running mock server, by its URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apib_mockserver.connection import TIMEOUT, Connection
from apib_mockserver.names import sandbox_for, title_of
from apib_mockserver.sandbox import Sandbox

if TYPE_CHECKING:
    from apib_mockserver.names import TestLike

__tracebackhide__ = True  # see connection.py


class MockServer:
    """A running mock server."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def url(self) -> str:
        """The URL, without a slash at its end."""
        return self._connection.url

    def sandbox(self, name: str) -> Sandbox:
        """Return one of its sandboxes; the first use creates it.

        Raises:
            ValueError: The name is invalid.
        """
        return Sandbox(self._connection, name)

    def start_test(self, test: TestLike, run: str = "") -> Sandbox:
        """Return the sandbox of a test, `sandbox_for(test, run)`, after a reset.

        It has the title of the test, for coverage reports. Call this once, before the test's first
        request.
        """
        sandbox = self.sandbox(sandbox_for(test, run))
        sandbox.reset()  # the server may have data of an earlier run
        sandbox.set_test(title_of(test))
        return sandbox


def connect(url: str, *, token: str | None = None, timeout: float = TIMEOUT) -> MockServer:
    """Return a mock server by its URL, `http://localhost:8080`; nothing is sent yet.

    Args:
        url: The URL, without the API's path.
        token: The admin token, for a server that has one.
        timeout: Seconds without a response until a call fails.

    Raises:
        ValueError: The URL or the token is invalid.
    """
    return MockServer(Connection(url, token, timeout))
