"""Take the steps of a network fault under a WSGI server with one thread per connection.

A broken connection raises a `ConnectionResetError`. A WSGI server treats the error as a
disconnected client: it writes nothing more, logs nothing, and closes the socket.
"""

import errno
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, NoReturn

import flask

from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.web.fault_injection import Break, Head, Wait, fault_steps
from mockserver.web.sockets import linger_no_time
from mockserver.web.statuses import status_text
from mockserver.web.wsgi import Environ, StartResponse, socket_of

DRAIN = 0.5
"""Seconds in which received bytes are discarded before the connection is closed."""


def send_faulty(
    server: MockServer, response: Response, environ: Environ, start_response: StartResponse
) -> Iterator[bytes]:
    """Yield the body of a response with a fault.

    Raises:
        ConnectionResetError: the fault breaks the connection.
    """
    for step in fault_steps(server, response, environ["REQUEST_METHOD"]):
        if isinstance(step, bytes):
            yield step
        elif isinstance(step, Head):
            start_response(status_text(step.status), list(step.headers))
        elif isinstance(step, Wait):
            server.delays.sleep(step.seconds)
        elif step is Break.RESET:
            _reset(socket_of(environ))
        else:
            _finish(socket_of(environ))


class FaultyFlaskResponse(flask.Response):
    """A Flask response with a fault. The fault is injected after all wrappers of the view."""

    def __init__(self, server: MockServer, response: Response) -> None:
        super().__init__(response.body, status=response.status)
        self._server, self._fault = server, response.fault

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """See `flask.Response`."""
        headers = []
        for name, value in self.headers.items():
            if name.lower() != "content-length":
                headers.append((name, value))
        response = Response(self.status_code, tuple(headers), self.get_data(), fault=self._fault)
        return send_faulty(self._server, response, environ, start_response)


def _reset(connection: Any) -> NoReturn:
    """Reset a connection.

    Raises:
        ConnectionResetError: always.
    """
    with suppress(OSError):  # the client may have disconnected first
        linger_no_time(connection)
        connection.shutdown(socket.SHUT_RD)  # the server may keep the socket open
    connection.close()
    raise _connection_broken()


def _finish(connection: Any) -> None:
    """Close a connection with a FIN.

    A server that does not give access to the socket closes it when a body ends too early.

    Raises:
        ConnectionResetError: the socket was accessible.
    """
    if connection is None:
        return
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        _drain(connection)
    raise _connection_broken()


def _connection_broken() -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, "broken by a scenario of the mock server")


def _drain(connection: Any) -> None:
    """Read and discard bytes until the client closes the connection, for at most `DRAIN` seconds.

    Closing a socket with unread bytes resets the connection, and the client may lose the response.

    Raises:
        OSError: the client has disconnected, or sent nothing.
    """
    until = time.monotonic() + DRAIN
    connection.settimeout(DRAIN)
    while time.monotonic() < until and connection.recv(65536):
        pass
