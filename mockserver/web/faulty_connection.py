"""A response with a network fault: its head, and the two ways to break its connection.

A broken connection raises a `ConnectionResetError`. A WSGI server treats it like a disconnected client: it writes nothing more,
logs nothing, and closes the socket.
"""

import errno
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.spec.description import BODILESS
from mockserver.web.wsgi import UNMEASURED, Environ, StartResponse, socket_of, status_line

DRAIN = 0.5
"""Seconds to read what the client still sends, before the connection is closed."""


@dataclass(frozen=True, slots=True)
class FaultyConnection:
    """The connection of one response with a fault."""

    server: MockServer
    response: Response
    environ: Environ
    start: StartResponse

    @property
    def body(self) -> bytes:
        """The complete body."""
        return self.response.body

    @property
    def bodiless(self) -> bool:
        """Whether the request's method or the status forbids a body (RFC 9110, section 6.4.1)."""
        return self.environ["REQUEST_METHOD"] == "HEAD" or self.response.status in BODILESS

    @property
    def max_seconds(self) -> float:
        """The maximum duration of a response, in seconds."""
        return self.server.settings.max_delay

    def begin(self, length: int | None, *extra: tuple[str, str]) -> None:
        """Send the head, with additional headers; without a length the body is chunked."""
        headers = [*self.response.headers, *extra]
        if length is not None and self.response.status not in UNMEASURED:
            headers.append(("Content-Length", str(length)))
        self.start(status_line(self.response.status), headers)

    def reset(self) -> NoReturn:
        """Reset the connection: closing a socket with a linger time of 0 sends a RST (socket(7), SO_LINGER)."""
        connection = socket_of(self.environ)
        with suppress(OSError):  # the client may have disconnected first
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.shutdown(socket.SHUT_RD)  # a server that still has the socket open reads no more
        connection.close()
        raise _connection_broken()

    def finish(self) -> None:
        """Close the connection with a FIN; a server that keeps the socket to itself does so when a body ends too early."""
        connection = socket_of(self.environ)
        if connection is None:
            return
        with suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
            drain(connection)
        raise _connection_broken()


def _connection_broken() -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, "broken by a scenario of the mock server")


def drain(connection: Any) -> None:
    """Read until the client closes the connection, for at most `DRAIN` seconds. Raises `OSError`.

    Closing a socket with unread bytes resets the connection, and the client may lose the response.
    """
    until = time.monotonic() + DRAIN
    connection.settimeout(DRAIN)
    while time.monotonic() < until and connection.recv(65536):
        pass
