"""Network faults (`docs/faults.md`) as steps that a server takes with the connection.

No step blocks, so a server with an event loop needs no thread.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

import orjson

from mockserver.contract.scenarios.faults import FAULTS
from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.spec.description import BODILESS
from mockserver.web.statuses import UNMEASURED, status_text

SLOW = 5.0
"""The duration of a slow body, in seconds. `--max-delay` limits it."""
CHUNKS = 50
"""The number of chunks of a slow body."""
ENDLESS_INTERVAL = 1.0
"""Seconds between two chunks of an endless body."""
SETTLE = 0.1
"""Seconds for sent bytes to arrive. A reset discards bytes that the client has not read."""
_PAGE = """<!doctype html>
<html lang="en">
<head><title>{0}</title></head>
<body>
<h1>{0}</h1>
<p>Sent by a proxy on the way, not by the API.</p>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Head:
    """Send the status and the headers. A body without Content-Length is chunked."""

    status: int
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait for some seconds, or until the server stops."""

    seconds: float


class Break(Enum):
    """End the connection. It is the last step."""

    RESET = "reset"
    """Send a RST."""
    FINISH = "finish"
    """Send a FIN. Bytes that the client still sends are read and discarded for some time."""


Step = Head | Wait | Break | bytes
"""One step. Bytes are a part of the body."""


@dataclass(frozen=True, slots=True)
class FaultyResponse:
    """A response with a fault, and the values that its steps depend on."""

    server: MockServer
    response: Response
    method: str

    @property
    def body(self) -> bytes:
        """The complete body."""
        return self.response.body

    @property
    def bodiless(self) -> bool:
        """Whether the request's method or the status forbids a body (RFC 9110, section 6.4.1)."""
        return self.method == "HEAD" or self.response.status in BODILESS

    @property
    def max_seconds(self) -> float:
        """The maximum duration of a response, in seconds."""
        return self.server.settings.max_delay

    def head(self, length: int | None, *extra: tuple[str, str]) -> Head:
        """Return the head with `extra` headers. `length` is its Content-Length, if it has one."""
        headers = (*self.response.headers, *extra)
        if length is not None and self.response.status not in UNMEASURED:
            headers = (*headers, ("Content-Length", str(length)))
        return Head(self.response.status, headers)


def fault_steps(server: MockServer, response: Response, method: str) -> Iterator[Step]:
    """Yield the steps that send a response with a fault to a request of this method."""
    return STEPS[response.fault or ""](FaultyResponse(server, response, method))


def _reset(faulty: FaultyResponse) -> Iterator[Step]:
    yield Break.RESET


def _empty(faulty: FaultyResponse) -> Iterator[Step]:
    yield Break.FINISH


def _reset_in_body(faulty: FaultyResponse) -> Iterator[Step]:
    yield from _half(faulty)
    yield Break.RESET


def _truncated(faulty: FaultyResponse) -> Iterator[Step]:
    yield from _half(faulty)
    yield Break.FINISH


def _half(faulty: FaultyResponse) -> Iterator[Step]:
    """Yield the head with the length of the complete body, then half of the body."""
    yield faulty.head(len(faulty.body))
    half = faulty.body[: len(faulty.body) // 2]
    if faulty.bodiless:
        half = b""  # yielded too: a server sends the head with the first bytes
    yield half
    yield Wait(SETTLE)


def _malformed(faulty: FaultyResponse) -> Iterator[Step]:
    broken = faulty.body[: len(faulty.body) // 2]
    with suppress(orjson.JSONDecodeError):
        orjson.loads(broken)
        broken = b"{"  # half of a number is valid JSON
    yield faulty.head(len(broken))
    if not faulty.bodiless:
        yield broken


def _endless(faulty: FaultyResponse) -> Iterator[Step]:
    """Yield the body without its last byte, then spaces for `max_seconds` or until a stop."""
    yield faulty.head(None)
    if faulty.bodiless:
        return
    delays = faulty.server.delays
    until = time.monotonic() + faulty.max_seconds
    with delays.slot():
        yield faulty.body[:-1]
        while (remaining := until - time.monotonic()) > 0 and not delays.stopping:
            yield Wait(min(ENDLESS_INTERVAL, remaining))
            if not delays.stopping:
                yield b" "
    yield Break.FINISH


def _slow(faulty: FaultyResponse) -> Iterator[Step]:
    """Yield the body in chunks, with a pause before each. A server that stops skips the pauses."""
    yield faulty.head(len(faulty.body))
    if faulty.bodiless:
        return
    size = math.ceil(len(faulty.body) / CHUNKS) or 1
    pause = min(SLOW, faulty.max_seconds) / CHUNKS
    with faulty.server.delays.slot():
        for start in range(0, len(faulty.body), size):
            yield Wait(pause)
            yield faulty.body[start : start + size]


def _page(faulty: FaultyResponse) -> Iterator[Step]:
    fault = FAULTS[faulty.response.fault or ""]
    page = _PAGE.format(status_text(faulty.response.status)).encode()
    headers = [("Content-Type", "text/html; charset=utf-8")]
    if fault.retry_after:
        headers.append(("Retry-After", str(fault.retry_after)))
    yield faulty.head(len(page), *headers)
    if not faulty.bodiless:
        yield page


STEPS: dict[str, Callable[[FaultyResponse], Iterator[Step]]] = {
    "reset": _reset,
    "empty": _empty,
    "reset-in-body": _reset_in_body,
    "truncated": _truncated,
    "malformed-json": _malformed,
    "endless": _endless,
    "slow": _slow,
    **{name: _page for name, fault in FAULTS.items() if fault.status},
}
"""Name of each fault of `faults.FAULTS` to the function that yields its steps."""
