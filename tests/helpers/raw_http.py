"""HTTP as bytes on a socket, for messages that a client library would reject or repair."""

import selectors
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from helpers.shipped_api import TRASH

ORIGIN = "http://localhost:3000"
"""The origin that `request_bytes` sends."""


def connect(url: str, host: str = "127.0.0.1") -> socket.socket:
    """Connect to the port of a server."""
    return socket.create_connection((host, urlsplit(url).port))


def request_bytes(
    fault: str | None, sandbox: str, method: str = "GET", path: str = TRASH, *more: str
) -> bytes:
    """Encode a request that prefers a fault, or none. `more` are header lines."""
    prefer = [f"Prefer: scenario=fault-{fault}"] if fault else []
    lines = [
        "Host: localhost",
        "X-Access-Token: any",
        f"X-Mock-Sandbox: {sandbox}",
        f"Origin: {ORIGIN}",
        *prefer,
        *more,
    ]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode()


def readable(sources: Sequence[Any], timeout: float | None = None) -> list[Any]:
    """Return the sources with data or an end, after at most `timeout` seconds (None: no limit).

    `select.select` refuses descriptors above 1023, and a test process can have more.
    """
    with selectors.DefaultSelector() as selector:
        for source in sources:
            selector.register(source, selectors.EVENT_READ)
        return [key.fileobj for key, _ in selector.select(timeout)]


def receive_until_end(connection: socket.socket) -> tuple[bytes, bytes]:
    """Receive until the server ends the connection; return the bytes, and `reset` or `closed`."""
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except ConnectionResetError:
        return received, b"reset"
    return received, b"closed"


def split_response(response: bytes) -> tuple[int, dict[str, str], bytes]:
    """Split a response into status, headers and body."""
    head, _, body = response.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), body


def exchange_raw(url: str, data: bytes) -> bytes:
    """Send bytes to a server, and return the bytes that it sends.

    They end with the connection, or with 5 seconds of silence.
    """
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(data)
        connection.settimeout(5)
        received = b""
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except TimeoutError:
            pass
        return received


@dataclass(frozen=True)
class RawResponse:
    """One response, parsed from bytes."""

    status: int
    headers: dict[str, str]
    body: bytes


def split_responses(received: bytes, *methods: str) -> list[RawResponse]:
    """Split bytes into the responses to requests with these methods. Further requests are GETs.

    Raises:
        AssertionError: the bytes do not end with a complete response.
    """
    responses: list[RawResponse] = []
    waiting = [*methods]
    while received:
        head, separator, received = received.partition(b"\r\n\r\n")
        assert separator, head
        status, headers, _ = split_response(head)
        interim = status < 200
        method = "GET" if interim or not waiting else waiting.pop(0)
        length = int(headers.get("Content-Length", 0))
        if interim or method == "HEAD" or status in (204, 304):
            length = 0
        assert len(received) >= length, "the body is not complete"
        responses.append(RawResponse(status, headers, received[:length]))
        received = received[length:]
    return responses


def receive(connection: socket.socket, count: int = 1, *methods: str) -> list[RawResponse]:
    """Receive a number of responses with Content-Length, and nothing after them."""
    received = b""
    while True:
        data = connection.recv(65536)
        assert data, f"the server closed the connection after {received!r}"
        received += data
        try:
            responses = split_responses(received, *methods)
        except AssertionError:
            continue
        if len(responses) >= count:
            return responses
