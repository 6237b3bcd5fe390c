"""A response with a fault on its way out: its head, and the two ways in which its connection is cut.

A cut ends in a `ConnectionResetError` of our own. To a WSGI server that is a client who has gone: it writes nothing more, logs
nothing, and closes.
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
"""Seconds in which what the client still sends is read before its connection is closed."""


@dataclass(frozen=True, slots=True)
class FaultyConnection:
    """One response with a fault, on its way out."""

    server: MockServer
    response: Response
    environ: Environ
    start: StartResponse

    @property
    def body(self) -> bytes:
        """The whole body, had it not been broken."""
        return self.response.body

    @property
    def bodiless(self) -> bool:
        """Whether it may have no body, by the request's method or by its status (RFC 9110, section 6.4.1)."""
        return self.environ["REQUEST_METHOD"] == "HEAD" or self.response.status in BODILESS

    @property
    def most_seconds(self) -> float:
        """The longest that any answer may take."""
        return self.server.settings.max_delay

    def begin(self, length: int | None, *more: tuple[str, str]) -> None:
        """Send the head, with more headers; without a length the body comes in chunks."""
        headers = [*self.response.headers, *more]
        if length is not None and self.response.status not in UNMEASURED:
            headers.append(("Content-Length", str(length)))
        self.start(status_line(self.response.status), headers)

    def reset(self) -> NoReturn:
        """End the connection by a RST: that is what closing it with a linger of no time does (socket(7), SO_LINGER)."""
        connection = socket_of(self.environ)
        with suppress(OSError):  # where the client has gone first
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.shutdown(socket.SHUT_RD)  # a server that still has it open finds nothing more to read
        connection.close()
        raise _cut()

    def finish(self) -> None:
        """End the connection by a FIN; a server that keeps it to itself does that of its own, when a body ends too early."""
        connection = socket_of(self.environ)
        if connection is None:
            return
        with suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
            drain(connection)
        raise _cut()


def _cut() -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, "cut by a scenario of the mock server")


def drain(connection: Any) -> None:
    """Read what is still sent, until the client has closed too, but for `DRAIN` at most: to close over unread bytes would be a
    reset, which can cost the client the answer. Raises `OSError`."""
    until = time.monotonic() + DRAIN
    connection.settimeout(DRAIN)
    while time.monotonic() < until and connection.recv(65536):
        pass
