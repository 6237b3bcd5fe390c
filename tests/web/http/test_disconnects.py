"""Clients that close one side, or reset the connection, at any moment."""

import socket
import struct
import threading
from functools import partial

import pytest
from helpers.loop_server import LoopServer
from helpers.raw_http import receive, receive_until_end, split_responses
from helpers.raw_requests import LIST, RESTORE, request
from helpers.shipped_api import EXPORTS

STREAM = request(b"GET /__admin/events")
DELAYED = request(RESTORE, b"Prefer: delay=0.2", b"Content-Length: 2", body=b"{}")
MOMENTS = {
    "before a byte": b"",
    "within a line": LIST[:10],
    "within a head": request()[:-5],
    "within a body": request(RESTORE, b"Content-Length: 100", body=b"{"),
    "within a chunk": request(RESTORE, b"Transfer-Encoding: chunked", body=b"64\r\n{"),
    "after 100-continue": request(RESTORE, b"Expect: 100-continue", b"Content-Length: 2"),
    "after a response": request(),
    "after many requests": request() * 500,
    "after a rejected request": b"oops\r\n\r\n",
    "while a thread works": request(RESTORE, b"Content-Length: 1", body=b"{"),
    "within a delay": DELAYED,
    "within a delay, with more requests": DELAYED + request() * 50,
    "within a stream": STREAM,
    "within a slow body": request(LIST, b"Prefer: scenario=fault-slow"),
    "within an endless body": request(LIST, b"Prefer: scenario=fault-endless"),
}
STOPS_SENDING = (
    "after a response",
    "after many requests",
    "while a thread works",
    "within a delay",
    "within a delay, with more requests",
)


def reset(connection: socket.socket) -> None:
    """Close a connection with a RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def wait_until_no_stream(served: LoopServer) -> None:
    """Wait until no event stream is open."""
    streams = served.application.flask().extensions["mockserver-streams"]
    served.wait_until(lambda _: streams.open == 0)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_reset_ends_the_connection_only(served: LoopServer, moment: str) -> None:
    for wait in (False, True):
        connection = served.connect(MOMENTS[moment])
        if wait:
            served.wait_until(
                lambda connections: any(connection._active_at for connection in connections)
            )
            served.on_loop(lambda: None)
        reset(connection)
    served.wait_until_alone()
    assert served.exchange(request())[0].status == 200


@pytest.mark.parametrize("moment", STOPS_SENDING)
def test_a_client_that_stops_sending_gets_its_responses(served: LoopServer, moment: str) -> None:
    data = MOMENTS[moment]
    assert len(served.exchange(data)) == data.count(b" HTTP/1.1\r\n")


def test_half_a_request_after_one_in_progress_is_rejected(served: LoopServer) -> None:
    assert [response.status for response in served.exchange(DELAYED + LIST)] == [200, 400]


def test_a_reset_within_many_responses_is_not_logged(served: LoopServer) -> None:
    for milliseconds in range(1, 9):
        connection = served.connect(request() * 1000)
        reset_later = partial(served.loop.call_later, milliseconds / 1000, reset, connection)
        served.on_loop(reset_later)
    served.wait_until_alone()


def test_a_request_is_executed_although_its_client_has_disconnected(served: LoopServer) -> None:
    before = served.state()
    connection = served.connect(DELAYED)
    served.wait_until(lambda connections: any(connection.busy for connection in connections))
    reset(connection)
    served.wait_until_alone()
    while not served.journal():
        served.on_loop(lambda: None)
    assert b'"status":200' in served.journal()[0]
    assert served.state() != before


def test_a_stream_ends_when_its_client_stops_sending(served: LoopServer) -> None:
    with served.connect(STREAM) as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.shutdown(socket.SHUT_WR)
        receive_until_end(connection)
    served.wait_until_alone()
    wait_until_no_stream(served)


def test_a_stream_is_closed_with_its_client(served: LoopServer) -> None:
    for data in (STREAM, STREAM + request() * 3):
        with served.connect(data) as connection:
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
            (stream,) = served.dispatcher.connections
            assert (
                not stream._is_paused
            )  # a paused stream would not detect that the client disconnects
        served.wait_until_alone()
    wait_until_no_stream(served)


def test_streams_need_no_thread(served: LoopServer) -> None:
    connections = [served.connect(STREAM) for _ in range(64)]
    for connection in connections:
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
    assert served.exchange(request(b"GET /__admin/events"))[0].status == 503
    assert served.exchange(request(b"GET /__admin/scenarios"))[0].status == 200
    workers = [
        thread for thread in threading.enumerate() if thread.name.startswith("mockserver-request")
    ]
    assert len(workers) <= 32
    for connection in connections:
        connection.close()
    wait_until_no_stream(served)


def test_head_of_a_stream_has_no_body(served: LoopServer) -> None:
    (response, after) = served.exchange(request(b"HEAD /__admin/events") + request(), "HEAD")
    assert (response.status, response.body, after.status) == (200, b"", 200)


def test_a_stream_is_closed_if_its_client_does_not_read(served: LoopServer) -> None:
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", served.port))
        deaf.sendall(STREAM)
        served.wait_until(
            lambda connections: any(connection.is_stream for connection in connections)
        )
        (stream,) = served.dispatcher.connections
        while not stream._drained:
            assert len(served.exchange(request(f"GET {EXPORTS}?limit=100".encode()) * 20)) == 20
        served.on_loop(stream.check_timeouts)
        served.pass_time(31)
        served.wait_until_alone()


def test_a_connection_continues_after_a_response_that_was_read_late(
    served: LoopServer,
) -> None:
    data = request(f"GET {EXPORTS}?limit=1000".encode())
    with served.connect(data * 300) as connection:
        served.wait_until(
            lambda connections: any(connection._drained for connection in connections)
        )
        received = b""
        while len(received) < 1_000_000:
            received += connection.recv(65536)
        connection.shutdown(socket.SHUT_WR)
        rest, end = receive_until_end(connection)
    assert (len(split_responses(received + rest)), end) == (300, b"closed")
    with served.connect(data) as connection:
        assert receive(connection)[0].status == 200
