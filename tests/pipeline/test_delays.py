"""Delayed responses: how many are allowed, and what ends them."""

import contextlib
import resource
import socket
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.processes import healthy_server, silent_server
from helpers.raw_http import connect, readable, receive_until_end, request_bytes, split_response
from helpers.shipped_api import LIST_TRASH, TRASH, shipped_contract

from mockserver.config.settings import Settings
from mockserver.contract.model import with_seed
from mockserver.contract.scenarios import build_scenario
from mockserver.errors import TooManyDelayedResponses
from mockserver.pipeline.delays import MAX_DELAYED, DelayLimiter
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.messages import Request
from mockserver.pipeline.mock_server import DelayedResponse, MockServer
from mockserver.sandbox.active_scenarios import portable
from mockserver.sandbox.state import Activation, SandboxState
from mockserver.sandbox.stores.memory import MemoryStore
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


def planned_delays(seed: int, number: int, **members: Any) -> list[float]:
    """Return the delays of some requests under a scenario with a random delay."""
    server = server_with_random_delay(**members)
    server.sandboxes.switch_on("default", "random", {"seed": seed} if seed else {})
    delays = []
    for _ in range(number):
        exchange = Exchange(Request("GET", TRASH, headers={"x-access-token": "any"}))
        delayed = server.handle(exchange)
        assert isinstance(delayed, DelayedResponse)
        delays.append(delayed.seconds)
        delayed.finish()
    return delays


def server_with_random_delay(**members: Any) -> MockServer:
    contract = shipped_contract()
    definition = {"title": "T", "operations": [LIST_TRASH], **members}
    scenario = build_scenario("random", contract.apis[0].id, definition)
    contract = replace(contract, scenarios={"random": scenario})
    return MockServer(contract, Settings(), MemoryStore(SandboxState()))


@pytest.mark.parametrize(
    "members",
    [
        {"delay": {"from": 1, "to": 2}},
        {"sequence": [{"delay": {"from": 1, "to": 2}}, {"delay": {"from": 1, "to": 2}}]},
    ],
    ids=["delay", "sequence"],
)
def test_random_delays_are_the_same_in_every_run(members: dict[str, Any]) -> None:
    delays = planned_delays(0, 20, **members)
    assert delays == planned_delays(0, 20, **members)
    assert delays != planned_delays(5, 20, **members)
    assert len(set(delays)) == 20
    assert all(1 <= delay <= 2 for delay in delays)
    assert max(delays) - min(delays) > 0.5


@pytest.mark.parametrize(
    "members",
    [{"delay": {"from": 0, "to": 1}}, {"sequence": [200, {"delay": {"from": 0, "to": 1}}]}],
    ids=["delay", "sequence"],
)
def test_an_exported_sandbox_keeps_the_seed_of_random_delays(members: dict[str, Any]) -> None:
    server = server_with_random_delay(**members)
    contract = with_seed(server.contracts.default.contract, 7)
    assert portable(contract, Activation("random")).overrides == {"seed": 7}


def test_a_preferred_scenario_has_the_delay_of_its_first_request() -> None:
    server = server_with_random_delay(delay={"from": 1, "to": 2})
    headers = {"x-access-token": "any", "prefer": "scenario=random"}
    delays = set()
    for _ in range(3):
        delayed = server.handle(Exchange(Request("GET", TRASH, headers=headers)))
        assert isinstance(delayed, DelayedResponse)
        delays.add(delayed.seconds)
        delayed.finish()
    assert delays == set(planned_delays(0, 1, delay={"from": 1, "to": 2}))
