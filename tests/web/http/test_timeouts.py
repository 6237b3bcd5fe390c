"""Clients that stop within a request, between requests, or reading."""

import json
import socket
from collections.abc import Iterator

import pytest
from helpers.loop_server import LOOPS, LoopServer, loop_server
from helpers.processes import running_server
from helpers.raw_http import RawResponse, connect, receive, receive_until_end, split_responses
from helpers.raw_requests import LIST, RESTORE, request
from helpers.shipped_api import EXPORTS

from mockserver.web.http.connection import HttpConnection

READ_TIMEOUT, KEEP_ALIVE = 30, 75
INCOMPLETE = {
    "half a method": b"GE",
    "half a line": LIST,
    "half a head": LIST + b" HTTP/1.1\r\nHost: localhost\r\nX-Half",
    "half a body": request(RESTORE, b"Content-Length: 100", body=b"{"),
    "half a chunk": request(RESTORE, b"Transfer-Encoding: chunked", body=b"64\r\n{"),
    "no body after 100": request(RESTORE, b"Expect: 100-continue", b"Content-Length: 2"),
    "half a second request": request() + LIST,
}


def final(received: bytes) -> RawResponse:
    return split_responses(received)[-1]


def wait_until_begun(served: LoopServer) -> None:
    """Wait until the server has received a part of a request."""
    served.wait_until(
        lambda connections: any(connection._parser.message for connection in connections)
    )


@pytest.mark.parametrize("name", INCOMPLETE)
def test_a_stalled_request_gets_408(served: LoopServer, name: str) -> None:
    before = served.state()
    with served.connect(INCOMPLETE[name]) as connection:
        wait_until_begun(served)
        served.pass_time(READ_TIMEOUT)
        served.on_loop(lambda: None)
        assert len(served.dispatcher.connections) == 1
        served.pass_time(1)
        received, end = receive_until_end(connection)
    assert end == b"closed"
    response = final(received)
    assert response.status == 408
    assert response.headers["Connection"] == "close"
    assert json.loads(response.body)["type"] == "urn:mockserver:problem:request-timeout"
    assert served.state() == before


def test_a_slow_request_that_continues_gets_its_response(served: LoopServer) -> None:
    data = request()
    with served.connect(data[:10]) as connection:
        wait_until_begun(served)
        for byte in data[10:]:
            served.pass_time(READ_TIMEOUT - 1)
            connection.sendall(bytes([byte]))
            served.wait_until(
                lambda connections: all(
                    each._active_at == served.dispatcher.now for each in connections
                )
            )
        assert receive(connection)[0].status == 200


def test_an_idle_connection_is_closed_after_keep_alive(served: LoopServer) -> None:
    with served.connect(request()) as used, served.connect() as unused:
        receive(used)
        served.wait_until(lambda connections: len(connections) == 2)
        served.pass_time(KEEP_ALIVE)
        assert len(served.dispatcher.connections) == 2
        served.pass_time(1)
        assert receive_until_end(used) == receive_until_end(unused) == (b"", b"closed")


def test_the_duration_of_a_response_does_not_count_as_silence(served: LoopServer) -> None:
    """A connection is idle after the end of its last response."""
    with served.connect(request(LIST, b"Prefer: delay=0.3")) as connection:
        served.wait_until(lambda connections: any(each.busy for each in connections))
        served.pass_time(KEEP_ALIVE + 1)
        assert receive(connection)[0].status == 200
        served.pass_time(KEEP_ALIVE)
        connection.sendall(request())
        assert receive(connection)[0].status == 200


def test_a_client_that_ignores_the_end_of_its_connection_is_disconnected(
    served: LoopServer,
) -> None:
    with served.connect(request(LIST, b"Connection: close")) as connection:
        receive_until_end(connection)
        assert len(served.dispatcher.connections) == 1
        served.pass_time(2)
        assert len(served.dispatcher.connections) == 1
        served.pass_time(1)
        served.wait_until_alone()


def test_a_client_that_still_sends_after_the_end_is_disconnected(served: LoopServer) -> None:
    with served.connect(request(LIST, b"Connection: close")) as connection:
        receive_until_end(connection)
        (other,) = served.dispatcher.connections
        for _ in range(40):
            connection.sendall(b"x")
            served.pass_time(1)
            served.on_loop(lambda: setattr(other, "_active_at", served.dispatcher.now))
            if not served.dispatcher.connections:
                break
        served.wait_until_alone()


@pytest.fixture
def deaf(served: LoopServer) -> Iterator[socket.socket]:
    """Return a connection whose client requests 200 MB and reads nothing."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", served.port))
        connection.setblocking(False)
        data = request(f"GET {EXPORTS}?limit=1000".encode()) * 20_000
        sent = 0
        while not any(each._drained for each in served.dispatcher.connections):
            try:
                sent += connection.send(data[sent : sent + 65536])
            except BlockingIOError:
                served.on_loop(lambda: None)
        yield connection


def test_no_further_requests_are_read_from_a_client_that_does_not_read(
    served: LoopServer, deaf: socket.socket
) -> None:
    (connection,) = served.dispatcher.connections
    handled = len(served.journal())
    for _ in range(100):
        served.on_loop(lambda: None)
    assert len(served.journal()) == handled < 200
    assert connection.transport.get_write_buffer_size() < 300_000
    assert served.exchange(request())[0].status == 200


def test_a_client_that_does_not_read_is_disconnected(
    served: LoopServer, deaf: socket.socket
) -> None:
    (connection,) = served.dispatcher.connections
    served.on_loop(connection.check_timeouts)  # stores the number of unread bytes
    served.pass_time(READ_TIMEOUT)
    assert not connection._is_lost
    served.pass_time(1)
    served.wait_until_alone()


class _Transport:
    """A transport whose client reads some bytes between two checks."""

    def __init__(self, *sizes: int) -> None:
        self._sizes = iter(sizes)
        self.is_aborted = False

    def get_extra_info(self, name: str) -> None:
        """Ignore the call."""

    write = get_extra_info

    def get_write_buffer_size(self) -> int:
        return next(self._sizes)

    def abort(self) -> None:
        self.is_aborted = True


@pytest.mark.parametrize(
    ("sizes", "is_aborted"),
    [((500, 0, 500), False), ((500, 400, 300), False), ((500, 500), True)],
)
def test_each_change_of_the_unread_bytes_is_progress(
    served: LoopServer, sizes: tuple[int, ...], is_aborted: bool
) -> None:
    connection, transport = HttpConnection(served.dispatcher), _Transport(*sizes)
    served.on_loop(lambda: connection.connection_made(transport))
    for _ in sizes:
        connection._active_at -= READ_TIMEOUT + 1
        connection.check_timeouts()
    served.on_loop(lambda: connection.connection_lost(None))
    assert transport.is_aborted == is_aborted


def test_a_client_that_reads_slowly_gets_everything(served: LoopServer) -> None:
    data = request(f"GET {EXPORTS}?limit=1000".encode()) * 60
    with served.connect(data + request(LIST, b"Connection: close")) as connection:
        pieces = []
        while piece := connection.recv(65536):
            pieces.append(piece)
            served.pass_time(READ_TIMEOUT // 3)
    assert len(split_responses(b"".join(pieces))) == 61


@pytest.mark.server
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_thousand_incomplete_requests_delay_no_other_and_get_408(workers: str) -> None:
    with running_server("--read-timeout", "1", "--workers", workers) as process:
        waiting = [connect(process.url) for _ in range(1000)]
        for connection in waiting:
            connection.sendall(LIST + b" HTTP/1.1\r\nHost")
        with connect(process.url) as other:
            other.sendall(request(LIST, b"Connection: close"))
            assert receive_until_end(other)[0].startswith(b"HTTP/1.1 200 ")
        for connection in waiting:
            received, end = receive_until_end(connection)
            connection.close()
            assert (final(received).status, end) == (408, b"closed")
        process.terminate()
        assert (process.wait(), process.stderr.read()) == (0, "")


@pytest.mark.parametrize("loop", LOOPS)
def test_the_clock_of_the_timeouts_advances(loop: str) -> None:
    with loop_server(loop, read_timeout=1) as server, server.connect(LIST) as connection:
        assert final(receive_until_end(connection)[0]).status == 408
