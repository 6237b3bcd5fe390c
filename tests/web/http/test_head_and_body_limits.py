"""Limits of request line, headers and body.

A request at a limit is accepted, and a request above it gets a problem.
"""

import json
import socket

import pytest
from helpers.loop_server import LoopServer
from helpers.raw_http import split_responses
from helpers.raw_requests import LIST, RESTORE, request
from helpers.shipped_api import TRASH

from mockserver.web.http.limits import MAX_HEAD, MAX_HEADER, MAX_HEADERS

MIB = 1024 * 1024
USUAL = 2
"""The number of headers that `request` sends."""


def statuses(served: LoopServer, data: bytes) -> list[int]:
    return [response.status for response in served.exchange(data)]


def many_headers(count: int) -> list[bytes]:
    return [b"X-%d: 1" % number for number in range(count - USUAL)]


def large_head(size: int) -> bytes:
    """Return a request with a number of bytes in its target and headers."""
    headers = [b"X-%d: " % number + b"x" * 15_000 for number in range(4)]
    counted = (
        len(LIST)
        + len(b" HTTP/1.1")
        + len(b"Host: localhost\r\nX-Access-Token: t\r\n")
        + sum(len(each) + 2 for each in headers)
    )
    return request(LIST, *headers, b"X-Rest: " + b"x" * (size - counted - len(b"X-Rest: \r\n")))


def encoded_line(size: int) -> bytes:
    """Return a method and a target for a line of a size. The decoded path is short."""
    start, end = b"GET /api/", b"%41" * 2000
    return start + b"x" * (size - len(start) - len(end) - len(b" HTTP/1.1")) + end


HEADS = {
    "a path and query of 8,000 bytes": (
        request(f"GET {TRASH}?".encode() + b"x" * (8000 - len(TRASH))),
        200,
    ),
    "a path and query of 8,001 bytes": (
        request(f"GET {TRASH}?".encode() + b"x" * (8001 - len(TRASH))),
        414,
    ),
    "an encoded line of 8,190 bytes": (request(encoded_line(8190)), 404),
    "an encoded line of 8,191 bytes": (request(encoded_line(8191)), 414),
    "a header at the limit": (request(LIST, b"X-Big: " + b"x" * (MAX_HEADER - 5)), 200),
    "a header over the limit": (request(LIST, b"X-Big: " + b"x" * (MAX_HEADER - 4)), 431),
    "a long name": (request(LIST, b"x" * MAX_HEADER + b": 1"), 431),
    "as many headers as are allowed": (request(LIST, *many_headers(MAX_HEADERS)), 200),
    "one header more": (request(LIST, *many_headers(MAX_HEADERS + 1)), 431),
    "a large head": (large_head(MAX_HEAD), 200),
    "a head that is too large": (large_head(MAX_HEAD + 1), 431),
    "a target without an end": (LIST + b"x" * 400_000, 414),
    "a header without an end": (request()[:-2] + b"X: " + b"x" * 400_000, 431),
    "a name without an end": (request()[:-2] + b"x" * 400_000, 431),
    "spaces without an end": (request()[:-2] + b"X:" + b" " * 400_000, 431),
    "headers without an end": (request()[:-2] + b"X: 1\r\n" * 100_000, 431),
    "a trailer without an end": (
        request(
            RESTORE, b"Transfer-Encoding: chunked", body=b"2\r\n{}\r\n0\r\nX: " + b"x" * 400_000
        ),
        431,
    ),
    "trailers without an end": (
        request(
            RESTORE, b"Transfer-Encoding: chunked", body=b"2\r\n{}\r\n0\r\n" + b"X: 1\r\n" * 100_000
        ),
        431,
    ),
    "a chunk extension without an end": (
        request(RESTORE, b"Transfer-Encoding: chunked", body=b"2;" + b"x" * 400_000),
        431,
    ),
}


@pytest.mark.parametrize("name", HEADS)
def test_a_head_within_and_above_the_limits(served: LoopServer, name: str) -> None:
    data, status = HEADS[name]
    before = served.state()
    with served.connect(data[: -len(data) // 2]) as connection:
        try:
            connection.sendall(data[-len(data) // 2 :])
        except OSError:
            assert status != 200
        connection.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert [response.status for response in split_responses(received)] == [status]
    assert served.state() == before


def test_the_problem_names_the_header_that_is_too_long(served: LoopServer) -> None:
    data = request(LIST, b"X-Small: 1", b"X-Big: " + b"x" * MAX_HEADER)
    [response] = served.exchange(data)
    assert json.loads(response.body)["detail"] == (
        f"the header 'x-big' has {MAX_HEADER + 5} bytes, expected at most {MAX_HEADER}"
    )


def test_an_endless_head_is_rejected_after_the_responses_to_earlier_requests(
    served: LoopServer,
) -> None:
    slow = request(LIST, b"Prefer: delay=0.2")
    assert statuses(served, slow * 3 + request()[:-2] + b"X: " + b"x" * 400_000) == [
        200,
        200,
        200,
        431,
    ]


def test_the_limit_applies_to_each_head(served: LoopServer) -> None:
    count = 40  # the heads together are larger than the limit
    assert statuses(served, request(LIST, b"X: " + b"x" * 10_000) * count) == [200] * count


def test_a_request_above_a_limit_is_counted(served: LoopServer) -> None:
    served.exchange(LIST + b"x" * 10_000 + b" HTTP/1.1\r\n")
    metrics = served.exchange(request(b"GET /__admin/metrics", b"Connection: close"))[0].body
    assert b'mockserver_requests_total{operation="none",status="414"} ' in metrics


BODIES = [
    (f"{RESTORE.decode()}", MIB, 400),
    (f"{RESTORE.decode()}", MIB + 1, 413),
    ("POST /__admin/requests/count", 16 * MIB, 200),
    ("POST /__admin/requests/count", 16 * MIB + 1, 413),
]


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
@pytest.mark.parametrize(
    ("line", "size", "status"), BODIES, ids=["API", "API, over", "admin", "admin, over"]
)
def test_a_body_within_and_above_the_limit(
    served: LoopServer, line: str, size: int, status: int, chunked: bool
) -> None:
    json_type = b"Content-Type: application/json"
    filler = b"{" + b" " * (size - 2) + b"}" if line.startswith("POST") else b"x" * size
    if chunked:
        body = (
            b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts(filler, 50_000))
            + b"0\r\n\r\n"
        )
        data = request(line.encode(), json_type, b"Transfer-Encoding: chunked", body=body)
    else:
        data = request(line.encode(), json_type, b"Content-Length: %d" % size, body=filler)
    before = served.state()
    assert statuses(served, data + (request() if status != 413 else b"")) == (
        [status, 200] if status != 413 else [413]
    )
    assert served.state() == before


def parts(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def test_the_response_to_a_large_body_is_readable_while_the_client_sends(
    served: LoopServer,
) -> None:
    head = request(RESTORE, b"Content-Length: 100000000", body=b"")
    with served.connect(head) as connection:
        for _ in range(7):
            connection.sendall(b"x" * MIB)
        received = b""
        while b"body-too-large" not in received:
            received += connection.recv(65536)
    assert received.startswith(b"HTTP/1.1 413 ")


def test_a_client_that_sends_an_endless_body_is_disconnected(served: LoopServer) -> None:
    head, reset = (
        request(RESTORE, b"Content-Length: 100000000"),
        (ConnectionResetError, BrokenPipeError),
    )
    with served.connect(head) as connection, pytest.raises(reset):
        connection.sendall(b"x" * 90_000_000)


def test_many_small_chunks_are_one_body(served: LoopServer) -> None:
    body = b"1\r\n{\r\n" + b"1\r\n \r\n" * 50_000 + b"1\r\n}\r\n0\r\n\r\n"
    assert statuses(
        served, request(RESTORE, b"Transfer-Encoding: chunked", body=body) + request()
    ) == [200, 200]
