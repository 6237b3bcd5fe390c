"""Delayed responses: how many are allowed, and what ends them."""

import contextlib
import select
import urllib.request
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.processes import healthy_server, silent_server
from helpers.raw_http import connect, receive_until_end, request_bytes, split_response
from helpers.shipped_api import TRASH

from mockserver.errors import TooManyDelayedResponses
from mockserver.pipeline.delays import DelayLimiter
from mockserver.pipeline.mock_server import MockServer


def test_one_delayed_response_over_the_limit_is_rejected() -> None:
    waiting = DelayLimiter(1)
    with (
        waiting.slot(),
        pytest.raises(TooManyDelayedResponses, match="the maximum of 1 delayed responses") as caught,
    ):
        waiting.delay(0)
    assert caught.value.headers == (("Retry-After", "1"),)
    assert caught.value.extensions == {"maximum": 1}
    waiting.delay(0)


def test_a_failed_delayed_response_frees_its_slot() -> None:
    waiting = DelayLimiter(1)
    with contextlib.suppress(KeyError), waiting.slot():
        raise KeyError
    waiting.check()


def test_a_delay_ends_at_once_when_the_server_stops() -> None:
    waiting = DelayLimiter(2)
    assert waiting.sleep(0.01)
    waiting.stopping = True
    assert not waiting.sleep(600)


@pytest.mark.parametrize("prefer", ["delay=0.1", "scenario=fault-slow", "scenario=fault-endless"])
def test_a_delayed_response_over_the_limit_is_rejected_before_the_operation(client: FlaskClient, prefer: str) -> None:
    server: MockServer = client.application.extensions["mockserver"]
    server.delays.limit = 0
    response = client.get(TRASH, headers={"X-Access-Token": "any", "Prefer": prefer})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    problem: Any = response.json
    assert (problem["type"], problem["maximum"]) == ("urn:mockserver:problem:too-many-delayed-responses", 0)
    assert client.get("/__admin/requests").json["requests"][0]["reason"].endswith("problem too-many-delayed-responses")  # type: ignore[index]


@pytest.mark.server
def test_five_hundred_delayed_responses_delay_no_other_request() -> None:
    with contextlib.ExitStack() as stack, healthy_server("--max-delay", "600", "--workers", "1") as process:
        waiting = [stack.enter_context(connect(process.url)) for _ in range(500)]
        for connection in waiting:
            connection.sendall(request_bytes(None, "delayed", "HEAD", TRASH, "Prefer: delay=600"))
        for _ in range(5):
            with urllib.request.urlopen(f"{process.url}/__admin/health") as response:
                assert response.status == 200
        assert select.select(waiting, [], [], 0)[0] == []


@pytest.mark.server
def test_granian_refuses_what_would_take_all_its_threads() -> None:
    with contextlib.ExitStack() as stack, silent_server("--server", "granian", "--workers", "1", "--max-delay", "5") as process:
        waiting = [stack.enter_context(connect(process.url)) for _ in range(60)]
        for connection in waiting:
            connection.sendall(request_bytes(None, "delayed", "HEAD", TRASH, "Prefer: delay=5", "Connection: close"))
        with urllib.request.urlopen(f"{process.url}/__admin/health") as response:
            assert response.status == 200
        answers = [split_response(receive_until_end(connection)[0])[0] for connection in waiting]
    assert set(answers) == {200, 503}
    assert answers.count(200) >= 24
