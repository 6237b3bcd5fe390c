"""Faults on the wire, made on the connection itself, as a client of a broken server meets them (`docs/faults.md`)."""

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
"""Seconds that a slow body takes, where `--max-delay` lets it."""
PIECES = 50
"""How many pieces a slow body comes in."""
BEAT = 1.0
"""Seconds between two chunks of an endless body."""
BEFORE_CUT = 0.1
"""Seconds in which what was sent can arrive: a reset throws away what is still on its way, or not read yet."""
_PAGE = """<!doctype html>
<html lang="en">
<head><title>{0}</title></head>
<body>
<h1>{0}</h1>
<p>Sent by a proxy on the way, not by the API.</p>
</body>
</html>
"""


def _reset(sending: FaultyConnection) -> Iterable[bytes]:
    sending.reset()


def _empty(sending: FaultyConnection) -> Iterable[bytes]:
    sending.finish()
    return ()


def _reset_in_body(sending: FaultyConnection) -> Iterable[bytes]:
    return _half(sending, _settle, sending.reset)


def _truncated(sending: FaultyConnection) -> Iterable[bytes]:
    return _half(sending, _settle, sending.finish)


def _settle() -> None:
    time.sleep(BEFORE_CUT)


def _half(sending: FaultyConnection, *then: Callable[[], None]) -> Iterable[bytes]:
    """The head, which announces the whole body, and half of it."""
    sending.begin(len(sending.body))
    half = b"" if sending.bodiless else sending.body[: len(sending.body) // 2]
    return _pieces(half, then)


def _pieces(first: bytes, then: Iterable[Callable[[], None]]) -> Iterator[bytes]:
    yield first  # with the head, even where it is empty
    for step in then:
        step()


def _malformed(sending: FaultyConnection) -> Iterable[bytes]:
    broken = sending.body[: len(sending.body) // 2]
    with suppress(orjson.JSONDecodeError):
        orjson.loads(broken)
        broken = b"{"  # half of a number is one too
    sending.begin(len(broken))
    return () if sending.bodiless else (broken,)


def _endless(sending: FaultyConnection) -> Iterable[bytes]:
    sending.begin(None)
    return () if sending.bodiless else _for_ever(sending)


def _for_ever(sending: FaultyConnection) -> Iterator[bytes]:
    """All but the end of the body at once, and then white space, until nobody listens, the time is over or the server stops."""
    waiting, until = sending.server.delays, time.monotonic() + sending.most_seconds
    with waiting.slot():
        yield sending.body[:-1]
        while (left := until - time.monotonic()) > 0 and waiting.sleep(min(BEAT, left)):
            yield b" "
    sending.finish()


def _slow(sending: FaultyConnection) -> Iterable[bytes]:
    sending.begin(len(sending.body))
    return () if sending.bodiless else _dripping(sending)


def _dripping(sending: FaultyConnection) -> Iterator[bytes]:
    """The body in pieces; at once as soon as the server is told to stop."""
    size = math.ceil(len(sending.body) / PIECES) or 1
    pause, waiting = min(SLOW, sending.most_seconds) / PIECES, sending.server.delays
    with waiting.slot():
        for start in range(0, len(sending.body), size):
            waiting.sleep(pause)
            yield sending.body[start : start + size]


def _page(sending: FaultyConnection) -> Iterable[bytes]:
    fault = FAULTS[sending.response.fault or ""]
    page = _PAGE.format(status_line(sending.response.status)).encode()
    later = (("Retry-After", str(fault.retry_after)),) if fault.retry_after else ()
    sending.begin(len(page), ("Content-Type", "text/html; charset=utf-8"), *later)
    return () if sending.bodiless else (page,)


MAKERS: dict[str, Callable[[FaultyConnection], Iterable[bytes]]] = {
    "reset": _reset,
    "empty": _empty,
    "reset-in-body": _reset_in_body,
    "truncated": _truncated,
    "malformed-json": _malformed,
    "endless": _endless,
    "slow": _slow,
    **{name: _page for name, fault in FAULTS.items() if fault.status},
}
"""How each fault of `faults.FAULTS` is made."""


def send_broken(server: MockServer, response: Response, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """As `wsgi.send`, for a response with a fault. Raises `ConnectionResetError` where it has cut the connection."""
    return MAKERS[response.fault or ""](FaultyConnection(server, response, environ, start_response))


class FaultyResponse(flask.Response):
    """What a Flask view returns for a response with a fault: broken on its way, after all that is wrapped around the view."""

    def __init__(self, server: MockServer, response: Response) -> None:
        super().__init__(response.body, status=response.status)
        self._server, self._fault = server, response.fault

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """See `flask.Response`."""
        headers = tuple((name, value) for name, value in self.headers.items() if name.lower() != "content-length")
        response = Response(self.status_code, headers, self.get_data(), fault=self._fault)
        return send_broken(self._server, response, environ, start_response)
