"""Delayed responses: how many are allowed, and what ends them."""

import contextlib
import resource
import socket
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.processes import healthy_server, silent_server
from helpers.raw_http import connect, readable, receive_until_end, request_bytes, split_response
from helpers.shipped_api import TRASH

from mockserver.errors import TooManyDelayedResponses
from mockserver.pipeline.delays import MAX_DELAYED, DelayLimiter
from mockserver.pipeline.mock_server import MockServer
from mockserver.web.sockets import linger_no_time


def test_one_delayed_response_over_the_limit_is_rejected() -> None:
    limiter = DelayLimiter(1)
    limiter.acquire()
    message = "the maximum of 1 delayed responses"
    with pytest.raises(TooManyDelayedResponses, match=message) as caught:
        limiter.acquire()
    assert caught.value.headers == (("Retry-After", "1"),)
    assert caught.value.extensions == {"maximum": 1}
    limiter.release()
    limiter.acquire()


def test_a_failed_delayed_response_releases_its_slot() -> None:
    limiter = DelayLimiter(1)
    with contextlib.suppress(KeyError), limiter.slot():
        raise KeyError
    limiter.check()


def test_a_delay_ends_at_once_when_the_server_stops() -> None:
    limiter = DelayLimiter(2)
    assert limiter.sleep(0.01)
    limiter.stopping = True
    assert not limiter.sleep(600)


@pytest.mark.parametrize("prefer", ["delay=0.1", "scenario=fault-slow", "scenario=fault-endless"])
def test_a_delayed_response_over_the_limit_is_rejected_before_the_operation(
    client: FlaskClient, prefer: str
) -> None:
    server: MockServer = client.application.extensions["mockserver"]
    server.delays.limit = 0
    response = client.get(TRASH, headers={"X-Access-Token": "any", "Prefer": prefer})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    problem: Any = response.json
    assert (problem["type"], problem["maximum"]) == (
        "urn:mockserver:problem:too-many-delayed-responses",
        0,
    )
    assert (
        client.get("/__admin/requests")
        .json["requests"][0]["reason"]
        .endswith("problem too-many-delayed-responses")
    )  # type: ignore[index]


@contextlib.contextmanager
def open_connections(url: str, count: int) -> Iterator[list[socket.socket]]:
    """Open connections, and reset them at the end, so that the server does not wait for them."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(connect(url)) for _ in range(count)]
        yield connections
        for connection in connections:
            linger_no_time(connection)


@pytest.mark.server
def test_five_hundred_delayed_responses_delay_no_other_request() -> None:
    with (
        healthy_server("--max-delay", "600", "--workers", "1") as process,
        open_connections(process.url, 500) as connections,
    ):
        for connection in connections:
            connection.sendall(request_bytes(None, "delayed", "HEAD", TRASH, "Prefer: delay=600"))
        for _ in range(5):
            with urllib.request.urlopen(f"{process.url}/__admin/health") as response:
                assert response.status == 200
        assert readable(connections, 0) == []


@pytest.mark.server
def test_a_server_rejects_the_delayed_responses_over_its_limit_at_once() -> None:
    surplus = 3
    with (
        silent_server("--max-delay", "600", "--workers", "1") as process,
        open_connections(process.url, MAX_DELAYED + surplus) as connections,
    ):
        for connection in connections:
            connection.sendall(
                request_bytes(
                    None, "delayed", "HEAD", TRASH, "Prefer: delay=600", "Connection: close"
                )
            )
        rejected: list[socket.socket] = []
        while len(rejected) < surplus:
            rejected = readable(connections)
        for connection in rejected:
            status = split_response(receive_until_end(connection)[0])[0]
            assert status == 503
        assert len(rejected) == surplus
        with urllib.request.urlopen(f"{process.url}/__admin/health") as response:
            assert response.status == 200
