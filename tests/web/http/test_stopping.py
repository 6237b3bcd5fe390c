"""A stop closes idle connections at once, and waits for requests in progress."""

import http.client
import os
import resource
import signal
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from helpers.loop_server import LOOPS, LoopServer, loop_server
from helpers.processes import child_ids, healthy_server
from helpers.raw_http import connect, receive, receive_until_end, split_responses
from helpers.raw_requests import LIST, RESTORE, request
from helpers.shipped_api import TOKEN, TRASH

from mockserver.web.http.server import LAST_REQUESTS

STREAM = request(b"GET /__admin/events")
GRACE = 10
"""The maximum time that a server waits for requests after the stop, in seconds."""
each_loop = pytest.mark.parametrize("loop", LOOPS)


def stop_server(server: LoopServer, meanwhile: Callable[[], Any]) -> Any:
    """Stop a server, and call `meanwhile` until it has stopped. Return the result of the call."""
    server.on_loop(server.stop.set)
    result = meanwhile()
    server.thread.join()
    return result


@each_loop
def test_idle_connections_and_streams_end_at_once(loop: str) -> None:
    with ExitStack() as opened:
        server = opened.enter_context(loop_server(loop))
        sent = (request(), b"", LIST, STREAM)
        idle, unused, half, stream = (opened.enter_context(server.connect(data)) for data in sent)
        receive(idle)
        assert b"event: state" in stream.recv(65536) + stream.recv(65536)
        server.wait_until(lambda connections: len(connections) == 4)
        start = time.monotonic()
        ends = stop_server(
            server, lambda: [receive_until_end(each) for each in (idle, unused, half, stream)]
        )
        assert time.monotonic() - start < GRACE  # the server did not wait for a client
    assert [end for _, end in ends] == [b"closed"] * 4
    assert [received for received, _ in ends[:3]] == [b""] * 3
    assert ends[3][0].endswith(b"0\r\n\r\n")


@each_loop
def test_a_response_in_progress_is_sent(loop: str) -> None:
    with (
        loop_server(loop, max_delay=600) as server,
        server.connect(request(LIST, b"Prefer: delay=0.5")) as delayed,
    ):
        server.wait_until(lambda connections: any(connection.busy for connection in connections))
        received, end = stop_server(server, lambda: receive_until_end(delayed))
    assert [response.status for response in split_responses(received)] == [200]
    assert end == b"closed"


@each_loop
def test_a_stop_does_not_wait_longer_than_the_grace(loop: str) -> None:
    with (
        loop_server(loop, max_delay=600, grace=0.1) as server,
        server.connect(request(LIST, b"Prefer: delay=600")) as delayed,
    ):
        server.wait_until(lambda connections: any(connection.busy for connection in connections))
        assert stop_server(server, lambda: receive_until_end(delayed))[0] == b""


@each_loop
@pytest.mark.parametrize("pause", [LAST_REQUESTS, 0])
def test_requests_that_were_sent_before_the_stop_get_a_last_response(
    loop: str, pause: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the pause, the loop is as late as under a high load."""
    monkeypatch.setattr("mockserver.web.http.server.LAST_REQUESTS", pause)
    with (
        loop_server(loop) as server,
        server.connect(request()) as used,
        server.connect(request()) as other,
    ):
        receive(used), receive(other)
        waiting: list[socket.socket] = []

        def stop() -> None:
            """Send requests and connect while the loop is busy, and stop the server."""
            used.sendall(request())
            other.sendall(request(RESTORE, b"Content-Length: 2", body=b"{}") + request())
            waiting.extend(server.connect(request()) for _ in range(50))
            server.stop.set()

        server.on_loop(stop)
        results = [receive_until_end(each) for each in (used, other, *waiting)]
        for each in waiting:
            each.close()
        server.thread.join()
    assert [end for _, end in results] == [b"closed"] * 52
    responses = [split_responses(received) for received, _ in results]
    assert [[response.status for response in each] for each in responses] == [
        [200],
        [200, 200],
        *[[200]] * 50,
    ]


@each_loop
def test_the_last_response_has_connection_close(loop: str) -> None:
    with loop_server(loop) as server, server.connect(request()) as connection:
        receive(connection)

        def begin_to_stop() -> None:
            server.dispatcher.is_stopping = True
            for each in server.dispatcher.connections:
                each.stop()

        server.on_loop(begin_to_stop)
        connection.sendall(request() * 2)
        received, end = receive_until_end(connection)
    assert [response.headers.get("Connection") for response in split_responses(received)] == [
        None,
        "close",
    ]
    assert end == b"closed"


@each_loop
def test_a_stop_does_not_wait_longer_than_the_grace_for_a_client_that_reads_nothing(
    loop: str,
) -> None:
    with loop_server(loop, grace=0.1) as server, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", server.port))
        client.sendall(request() * 2000)
        server.wait_until(
            lambda connections: any(connection._drained for connection in connections)
        )
        stop_server(server, lambda: None)


@pytest.mark.server
def test_a_stopped_worker_loses_no_response_and_is_replaced() -> None:
    with healthy_server("--workers", "2") as process:
        first = child_ids(process.pid)
        clients = [_Client(process.url) for _ in range(8)]
        for client in clients:
            client.start()
        for worker in first:
            os.kill(worker, signal.SIGTERM)
            while worker in child_ids(process.pid) or len(child_ids(process.pid)) < 2:
                time.sleep(0.02)
        for client in clients:
            client.stop()
        assert [client.broken for client in clients] == [0] * 8
        assert all(client.successes for client in clients)
        assert not set(first) & set(child_ids(process.pid))
        process.terminate()
        assert (process.wait(), process.stderr.read()) == (0, "")


class _Client(Thread):
    """Sends requests on one connection until it is stopped."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._address = urlsplit(url)
        self._is_running = True
        self.successes = 0
        self.broken = 0
        """The number of incomplete responses."""

    def run(self) -> None:
        connection = http.client.HTTPConnection(str(self._address.hostname), self._address.port)
        while self._is_running:
            try:
                connection.request("GET", TRASH, headers=TOKEN)
                response = connection.getresponse()
            except (OSError, http.client.HTTPException):
                connection.close()  # the server closed it before it received the request
                continue
            try:
                response.read()
                self.successes += response.status == 200
            except (OSError, http.client.HTTPException):
                self.broken += 1
        connection.close()

    def stop(self) -> None:
        self._is_running = False
        self.join()


@pytest.mark.server
def test_ten_thousand_idle_connections_block_no_other() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(10_000, hard - 1000)
    with healthy_server("--workers", "1") as process:
        idle = [connect(process.url) for _ in range(count)]
        with connect(process.url) as other:
            other.sendall(request(LIST, b"Connection: close"))
            assert receive_until_end(other)[0].startswith(b"HTTP/1.1 200 ")
        idle[-1].sendall(request())
        assert receive(idle[-1])[0].status == 200
        process.terminate()
        assert (process.wait(), process.stderr.read()) == (0, "")
        for connection in idle:
            connection.close()
