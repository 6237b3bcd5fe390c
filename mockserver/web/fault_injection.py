"""Network faults, injected into the connection itself (`docs/faults.md`)."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import flask
import orjson

from mockserver.contract.scenarios.faults import FAULTS
from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.web.faulty_connection import FaultyConnection
from mockserver.web.wsgi import Environ, StartResponse, status_line

SLOW = 5.0
"""The duration of a slow body in seconds, limited by `--max-delay`."""
CHUNKS = 50
"""The number of chunks of a slow body."""
ENDLESS_INTERVAL = 1.0
"""Seconds between two chunks of an endless body."""
SETTLE = 0.1
"""Seconds that sent bytes get to arrive: a reset discards bytes in transit, and bytes that are not read yet."""
_PAGE = """<!doctype html>
<html lang="en">
<head><title>{0}</title></head>
<body>
<h1>{0}</h1>
<p>Sent by a proxy on the way, not by the API.</p>
</body>
</html>
"""


def _reset(connection: FaultyConnection) -> Iterable[bytes]:
    connection.reset()


def _empty(connection: FaultyConnection) -> Iterable[bytes]:
    connection.finish()
    return ()


def _reset_in_body(connection: FaultyConnection) -> Iterable[bytes]:
    return _half(connection, _settle, connection.reset)


def _truncated(connection: FaultyConnection) -> Iterable[bytes]:
    return _half(connection, _settle, connection.finish)


def _settle() -> None:
    time.sleep(SETTLE)


def _half(connection: FaultyConnection, *then: Callable[[], None]) -> Iterable[bytes]:
    """Send the head, with the length of the complete body, and half of the body."""
    connection.begin(len(connection.body))
    half = b"" if connection.bodiless else connection.body[: len(connection.body) // 2]
    return _pieces(half, then)


def _pieces(first: bytes, then: Iterable[Callable[[], None]]) -> Iterator[bytes]:
    yield first  # with the head, even where it is empty
    for step in then:
        step()


def _malformed(connection: FaultyConnection) -> Iterable[bytes]:
    broken = connection.body[: len(connection.body) // 2]
    with suppress(orjson.JSONDecodeError):
        orjson.loads(broken)
        broken = b"{"  # half of a number is valid JSON
    connection.begin(len(broken))
    return () if connection.bodiless else (broken,)


def _endless(connection: FaultyConnection) -> Iterable[bytes]:
    connection.begin(None)
    return () if connection.bodiless else _endless_chunks(connection)


def _endless_chunks(connection: FaultyConnection) -> Iterator[bytes]:
    """Yield the body without its last byte, then spaces until the client disconnects, the time is over or the server stops."""
    delays, until = connection.server.delays, time.monotonic() + connection.max_seconds
    with delays.slot():
        yield connection.body[:-1]
        while (remaining := until - time.monotonic()) > 0 and delays.sleep(min(ENDLESS_INTERVAL, remaining)):
            yield b" "
    connection.finish()


def _slow(connection: FaultyConnection) -> Iterable[bytes]:
    connection.begin(len(connection.body))
    return () if connection.bodiless else _slow_chunks(connection)


def _slow_chunks(connection: FaultyConnection) -> Iterator[bytes]:
    """Yield the body in chunks; without pauses once the server is stopping."""
    size = math.ceil(len(connection.body) / CHUNKS) or 1
    pause, delays = min(SLOW, connection.max_seconds) / CHUNKS, connection.server.delays
    with delays.slot():
        for start in range(0, len(connection.body), size):
            delays.sleep(pause)
            yield connection.body[start : start + size]


def _page(connection: FaultyConnection) -> Iterable[bytes]:
    fault = FAULTS[connection.response.fault or ""]
    page = _PAGE.format(status_line(connection.response.status)).encode()
    retry_after = (("Retry-After", str(fault.retry_after)),) if fault.retry_after else ()
    connection.begin(len(page), ("Content-Type", "text/html; charset=utf-8"), *retry_after)
    return () if connection.bodiless else (page,)


INJECTORS: dict[str, Callable[[FaultyConnection], Iterable[bytes]]] = {
    "reset": _reset,
    "empty": _empty,
    "reset-in-body": _reset_in_body,
    "truncated": _truncated,
    "malformed-json": _malformed,
    "endless": _endless,
    "slow": _slow,
    **{name: _page for name, fault in FAULTS.items() if fault.status},
}
"""Name of each fault of `faults.FAULTS` to the function that injects it."""


def send_broken(server: MockServer, response: Response, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Send a response with a fault. Raises `ConnectionResetError` if the fault breaks the connection."""
    return INJECTORS[response.fault or ""](FaultyConnection(server, response, environ, start_response))


class FaultyResponse(flask.Response):
    """A Flask response with a fault, which is injected after everything that wraps the view."""

    def __init__(self, server: MockServer, response: Response) -> None:
        super().__init__(response.body, status=response.status)
        self._server, self._fault = server, response.fault

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """See `flask.Response`."""
        headers = tuple((name, value) for name, value in self.headers.items() if name.lower() != "content-length")
        response = Response(self.status_code, headers, self.get_data(), fault=self._fault)
        return send_broken(self._server, response, environ, start_response)
