"""Valid and invalid requests as raw bytes: each gets exactly the listed responses."""

import json
import socket

import pytest
from helpers.loop_server import LoopServer
from helpers.processes import silent_server
from helpers.raw_http import RawResponse, connect, receive_until_end, split_responses
from helpers.raw_requests import CORPUS, MALFORMED, SAVED, request
from helpers.shipped_api import TRASH, TRASHED

ORIGIN = b"Origin: http://localhost:3000"
NOT_JOURNALED = (MALFORMED, "413 body-too-large", "404 route-not-found")
each_case = pytest.mark.parametrize("name", CORPUS)


def outcome(response: RawResponse) -> str:
    """Return the status and, for a problem, its slug."""
    if response.status < 400:
        return str(response.status)
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = json.loads(response.body)
    assert problem["status"] == response.status
    return f"{response.status} {problem['type'].removeprefix('urn:mockserver:problem:')}"


@each_case
def test_each_request_gets_its_responses_and_a_rejected_one_changes_nothing(
    served: LoopServer, name: str
) -> None:
    data, expected = CORPUS[name]
    before = served.state()
    assert [outcome(response) for response in served.exchange(data)] == expected
    journaled = [outcome for outcome in expected if outcome not in NOT_JOURNALED]
    assert len(served.journal()) == len(journaled)
    if SAVED not in expected:
        assert served.state() == before


@each_case
def test_bytes_that_arrive_one_by_one_get_the_same_responses(served: LoopServer, name: str) -> None:
    data, expected = CORPUS[name]
    with served.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for byte in data:
                connection.sendall(bytes([byte]))
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the server has rejected the request, and ended the connection
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert [outcome(response) for response in split_responses(received)] == expected


def test_a_page_can_read_why_its_request_was_rejected(served: LoopServer) -> None:
    for data in (
        request(f"GET {TRASH}".encode(), ORIGIN, b"X-Good: 1", b"X-Bad : 1"),
        request(f"GET {TRASH}".encode(), ORIGIN, b"X-Big: " + b"x" * 20_000),
        request(f"PATCH {TRASH}/{TRASHED}".encode(), ORIGIN, b"Content-Length: 9999999"),
        request(f"PATCH {TRASH}/{TRASHED}".encode(), ORIGIN, b"Transfer-Encoding: gzip"),
    ):
        (response,) = served.exchange(data)
        assert response.status >= 400
        assert response.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
        assert response.headers["Connection"] == "close"


def test_two_origin_headers_count_as_none(served: LoopServer) -> None:
    data = request(
        f"GET {TRASH}".encode(), ORIGIN, b"Origin: https://example.com", b"X-Big: " + b"x" * 20_000
    )
    (response,) = served.exchange(data)
    assert "Access-Control-Allow-Origin" not in response.headers


def test_a_rejected_head_request_gets_no_body(served: LoopServer) -> None:
    data = request(f"HEAD {TRASH}".encode(), b"X-Big: " + b"x" * 20_000)
    (response,) = served.exchange(data, "HEAD")
    assert (response.status, response.body) == (431, b"")


def test_an_http2_client_gets_the_reason_of_the_rejection(served: LoopServer) -> None:
    (response,) = served.exchange(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    assert json.loads(response.body)["detail"] == "HTTP/2 is not supported; use HTTP/1.1"


def test_a_header_name_with_underscores_is_another_header(served: LoopServer) -> None:
    (response,) = served.exchange(raw_line(b"X_Access_Token: t"))
    assert outcome(response) == "401 access-token-missing"
    (response,) = served.exchange(request(f"GET {TRASH}".encode(), b"X_Mock_Sandbox: other"))
    assert response.headers["X-Mock-Sandbox"] == "default"
    data = request(b"GET /__admin/requests", b"X_Mock_Sandbox: other", b"Content_Type: x")
    (response,) = served.exchange(data)
    assert response.headers["X-Mock-Sandbox"] == "default"


def raw_line(header: bytes) -> bytes:
    return f"GET {TRASH} HTTP/1.1\r\nHost: localhost\r\n".encode() + header + b"\r\n\r\n"


def test_repeated_headers_are_joined(served: LoopServer) -> None:
    line = f"GET {TRASH}".encode()
    (response,) = served.exchange(request(line, b"Prefer: data=empty", b"Prefer: foo"))
    assert response.headers["Preference-Applied"] == "data=empty"
    assert json.loads(response.body)["trashed_push_notifications"] == []


def test_spaces_around_a_value_are_not_part_of_it(served: LoopServer) -> None:
    (response,) = served.exchange(raw_line(b"X-Mock-Sandbox:\t other \t\r\nX-Access-Token: t"))
    assert response.headers["X-Mock-Sandbox"] == "other"


@pytest.mark.server
def test_two_workers_handle_invalid_requests_without_logging() -> None:
    with silent_server() as process:
        for data, expected in CORPUS.values():
            with connect(process.url) as connection:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                received, end = receive_until_end(connection)
            assert end == b"closed"
            assert len(split_responses(received)) == len(expected)
