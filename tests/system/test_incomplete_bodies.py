"""A request with an incomplete body or malformed chunks changes nothing."""

import json
import socket
import struct
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from helpers.processes import running_server
from helpers.shipped_api import TRASH, TRASHED

pytestmark = pytest.mark.server
TARGETS = {
    "api": f"PATCH {TRASH}/{TRASHED}",
    "switch": "PUT /__admin/scenarios/slow",
    "clear": "DELETE /__admin/requests",
}
CHUNKED = "Transfer-Encoding: chunked"
BODIES = {
    "2 of 100 bytes": ("Content-Length: 100", b"{}"),
    "0 of 2 bytes": ("Content-Length: 2", b""),
    "3 of 5 bytes": ("Content-Length: 5", b"abc"),
    "2 of 100 bytes after Expect": ("Expect: 100-continue\r\nContent-Length: 100", b"{}"),
    "a size that is not a number": (CHUNKED, b"xyz\r\n{}\r\n0\r\n\r\n"),
    "a negative size": (CHUNKED, b"-2\r\n{}\r\n0\r\n\r\n"),
    "a size with 0x": (CHUNKED, b"0x2\r\n{}\r\n0\r\n\r\n"),
    "a size that is too large": (CHUNKED, b"ffffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
    "a malformed extension": (CHUNKED, b"2;\x00=\r\n{}\r\n0\r\n\r\n"),
    "no line break after a chunk": (CHUNKED, b"2\r\n{}XX0\r\n\r\n"),
    "half a chunk": (CHUNKED, b"64\r\n{}"),
    "half a size": (CHUNKED, b"6"),
    "no last chunk": (CHUNKED, b"2\r\n{}\r\n"),
    "no end of the last chunk": (CHUNKED, b"2\r\n{}\r\n0\r\n"),
    "a malformed trailer": (CHUNKED, b"2\r\n{}\r\n0\r\n bad\n\n\r\n\r\n"),
}
each_target = pytest.mark.parametrize("target", TARGETS)


@pytest.fixture(scope="module")
def served() -> Iterator[Any]:
    with running_server("--workers", "1") as process:
        yield process
        process.terminate()
        assert process.stderr.read() == ""


def sent(url: str, target: str, header: str, body: bytes) -> socket.socket:
    at = urlsplit(url)
    connection = socket.create_connection((str(at.hostname), at.port or 80))
    lines = [
        f"{TARGETS[target]} HTTP/1.1",
        "Host: localhost",
        "X-Access-Token: t",
        "Content-Type: application/json",
        header,
    ]
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
    return connection


def everything(url: str) -> tuple[Any, Any]:
    """The sandbox's state, and its journal."""
    found = []
    for path in ("sandboxes/default", "requests"):
        with urllib.request.urlopen(f"{url}/__admin/{path}") as response:
            found.append(json.load(response))
    return found[0]["state"], found[1]["requests"]


def begin(url: str) -> None:
    """Reset, with one exchange in the journal."""
    reset = urllib.request.Request(
        f"{url}/__admin/reset", b"{}", {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(reset).close()
    urllib.request.urlopen(
        urllib.request.Request(f"{url}{TRASH}", headers={"X-Access-Token": "t"})
    ).close()


@each_target
@pytest.mark.parametrize("body", BODIES)
def test_an_incomplete_body_is_rejected_and_changes_nothing(
    served: Any, target: str, body: str
) -> None:
    header, data = BODIES[body]
    begin(served.url)
    before = everything(served.url)
    with sent(served.url, target, header, data) as connection:
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    final = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert everything(served.url) == before
    assert final.split()[1] == b"400"


@each_target
def test_a_reset_within_the_request_body_changes_nothing(served: Any, target: str) -> None:
    begin(served.url)
    before = everything(served.url)
    with sent(served.url, target, "Content-Length: 100", b"{}") as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert everything(served.url) == before


def test_a_complete_chunked_body_is_accepted(served: Any) -> None:
    begin(served.url)
    with sent(served.url, "switch", CHUNKED, b"2;name=value\r\n{}\r\n0\r\n\r\n") as connection:
        assert connection.recv(65536).split()[1] == b"200"
