"""Several requests at once on one connection: each has one response, in their order."""

import json
import random
import socket

import pytest
from helpers.loop_server import LoopServer
from helpers.raw_http import receive
from helpers.raw_requests import LIST, RESTORE, request
from helpers.shipped_api import EXPORTS, LIST_EXPORTS, TRASH

ADMIN = b"GET /__admin/scenarios"
KINDS: dict[str, tuple[bytes, str, int]] = {
    "inline": (request(LIST), "GET", 200),
    "head": (request(f"HEAD {TRASH}".encode()), "HEAD", 200),
    "unknown": (request(b"GET /api/x"), "GET", 404),
    "thread": (request(f"DELETE {EXPORTS}/1".encode()), "DELETE", 404),
    "body": (request(RESTORE, b"Content-Length: 1", body=b"{"), "PATCH", 400),
    "chunks": (
        request(RESTORE, b"Transfer-Encoding: chunked", body=b"1\r\n{\r\n0\r\n\r\n"),
        "PATCH",
        400,
    ),
    "delay": (request(LIST, b"Prefer: delay=0.01"), "GET", 200),
    "flask": (request(ADMIN), "GET", 200),
    "flask head": (request(b"HEAD /__admin/scenarios"), "HEAD", 200),
    "health": (request(b"GET /__admin/health"), "GET", 200),
    "fault": (request(LIST, b"Prefer: scenario=fault-bad-gateway"), "GET", 502),
    "options": (request(f"OPTIONS {TRASH}".encode()), "OPTIONS", 204),
}
"""Kind of handling to a request, its method, and the status of its response."""


def assert_in_order(served: LoopServer, kinds: list[str], *, last: bytes = b"") -> None:
    data = b"".join(KINDS[kind][0] for kind in kinds) + last
    responses = served.exchange(data, *(KINDS[kind][1] for kind in kinds))
    assert [response.status for response in responses] == [KINDS[kind][2] for kind in kinds]


@pytest.mark.parametrize("first", KINDS)
def test_each_kind_of_request_can_follow_each_kind(served: LoopServer, first: str) -> None:
    for second in KINDS:
        assert_in_order(served, [first, second, first])


def test_responses_to_random_requests_in_random_pieces_are_in_order(served: LoopServer) -> None:
    source = random.Random(12)
    for _ in range(10):
        kinds = source.choices([*KINDS], k=40)
        data = b"".join(KINDS[kind][0] for kind in kinds)
        with served.connect() as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while data:
                size = source.randint(1, 700)
                connection.sendall(data[:size])
                data = data[size:]
            responses = receive(connection, len(kinds), *(KINDS[kind][1] for kind in kinds))
        assert [response.status for response in responses] == [KINDS[kind][2] for kind in kinds]


def test_equal_pieces_with_several_requests_always_get_all_responses(served: LoopServer) -> None:
    """The quick path keeps the bytes of a piece only if the piece is one request."""
    with served.connect() as connection:
        for data, count in [(request() * 2, 2), (b"\r\n" + request(), 1), (request() * 3, 3)]:
            for _ in range(6):
                connection.sendall(data)
                assert len(receive(connection, count)) == count


def test_a_piece_with_one_and_a_half_requests_can_be_repeated(served: LoopServer) -> None:
    whole = request()
    with served.connect() as connection:
        for _ in range(6):
            connection.sendall(whole + whole[:30])
            assert len(receive(connection)) == 1
            connection.sendall(whole[30:])
            assert len(receive(connection)) == 1


def test_three_thousand_requests_in_one_piece_are_answered(served: LoopServer) -> None:
    responses = served.exchange(request(b"GET /api/x") * 3000)
    assert [response.status for response in responses] == [404] * 3000


def test_many_requests_of_one_connection_do_not_delay_another(served: LoopServer) -> None:
    with served.connect(request()) as many, served.connect(request()) as other:
        receive(many), receive(other)

        def send_both() -> None:
            """Send while the loop is busy, so that it reads from both connections at once.

            It reads first from the connection with many requests.
            """
            many.sendall(request() * 500)
            other.sendall(request(f"GET {EXPORTS}".encode()))

        served.on_loop(send_both)
        receive(other), receive(many, 500)
    operations = [json.loads(entry)["operation"] for entry in served.journal()]
    assert operations.index(LIST_EXPORTS) < 100


def test_no_request_is_handled_after_connection_close(served: LoopServer) -> None:
    assert_in_order(served, ["inline", "thread"], last=b"")
    data = request(LIST, b"Connection: close") + request(RESTORE, b"Content-Length: 2", body=b"{}")
    before = served.state()
    assert [response.status for response in served.exchange(data)] == [200]
    assert served.state() == before


def test_a_rejected_request_waits_for_the_responses_before_it(served: LoopServer) -> None:
    assert [
        response.status for response in served.exchange(KINDS["delay"][0] + request() + b"oops\r\n")
    ] == [200, 200, 400]


def expecting(size: int) -> bytes:
    return request(RESTORE, b"Expect: 100-Continue", b"Content-Length: %d" % size)


def test_a_client_with_expect_100_continue_gets_100(served: LoopServer) -> None:
    with served.connect(expecting(2)) as connection:
        assert [response.status for response in receive(connection)] == [100]
        connection.sendall(b"{}")
        assert [response.status for response in receive(connection)] == [200]


def test_100_continue_is_sent_after_earlier_responses(served: LoopServer) -> None:
    with served.connect(KINDS["delay"][0] + expecting(2)) as connection:
        assert [response.status for response in receive(connection, 2)] == [200, 100]
        connection.sendall(b"{}" + request())
        assert [response.status for response in receive(connection, 2)] == [200, 200]


@pytest.mark.parametrize("size", [3_000_000, 0])
def test_a_rejected_body_gets_no_100_continue(served: LoopServer, size: int) -> None:
    with served.connect(expecting(size)) as connection:
        assert [response.status for response in receive(connection)] == [413 if size else 200]


def test_a_complete_body_gets_no_100_continue(served: LoopServer) -> None:
    assert [response.status for response in served.exchange(expecting(2) + b"{}")] == [200]


def test_a_body_that_has_begun_gets_no_100_continue(served: LoopServer) -> None:
    with served.connect(KINDS["delay"][0] + expecting(2) + b"{") as connection:
        assert [response.status for response in receive(connection)] == [200]
        connection.sendall(b"}")
        assert [response.status for response in receive(connection)] == [200]
