"""Several contracts in one server: each sandbox has one of them."""

import random
from dataclasses import replace
from typing import Any

import orjson
import pytest
from helpers.generated_apis import generated_contract
from helpers.http_front import Client, head, running_front
from helpers.shipped_api import TRASH, shipped_contract
from helpers.two_contracts import NEXT, contracts, server_of

from mockserver.config.settings import Settings
from mockserver.contract.tokens import EXPIRED
from mockserver.errors import AdminRequestInvalid, UsageError
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.mock_server import DelayedResponse, MockServer

PATHS = ["orders", "orders/1", "orders/2", "orders/3", "orders/nope", "order", "orders/1/x"]
METHODS = ["GET", "GET", "GET", "HEAD", "POST", "DELETE", "PATCH", "OPTIONS"]
SCENARIO = "retrieve-an-order-404"
PREFERENCES = ["", "", "", "code=404", "code=202", "data=empty", f"scenario={SCENARIO}", "code=9"]
PREFLIGHT = (("Origin", "http://localhost:3000"), ("Access-Control-Request-Method", "DELETE"))
BODIES = [b'{"state": "new"}', b'{"state": "new", "total": 2.5}', b"{}", b"[", b""]


@pytest.fixture
def server() -> MockServer:
    return server_of(*contracts())


def ask(server: MockServer, sandbox: str, method: str, path: str, **more: Any) -> Response:
    headers = {"x-mock-sandbox": sandbox, **more.pop("headers", {})}
    return server.respond(Request(method, path, "", headers, **more))


def journal(server: MockServer, sandbox: str) -> list[dict[str, Any]]:
    return [orjson.loads(entry) for entry in server.store.journal(sandbox)]


def random_request(rng: random.Random, base_path: str) -> Request:
    method = rng.choice(METHODS)
    body = rng.choice(BODIES) if method in ("POST", "PATCH") else b""
    headers = {"content-type": "application/json"}
    prefer = rng.choice(PREFERENCES)
    if prefer:
        headers["prefer"] = prefer
    return Request(method, f"{base_path}/{rng.choice(PATHS)}", "", headers, body)


def change_state(rng: random.Random, server: MockServer, sandbox: str) -> None:
    """Reset the sandbox, or switch a scenario that both contracts have."""
    action = rng.randrange(3)
    if action == 0:
        server.sandboxes.reset(sandbox)
    elif action == 1:
        server.sandboxes.switch_on(sandbox, SCENARIO, {"times": 2})
    else:
        server.sandboxes.switch_off(sandbox, SCENARIO)


def exchange(server: MockServer, request: Request, sandbox: str) -> tuple[Any, ...]:
    """Return what a client and the journal see, without what differs between two servers."""
    headers = {**request.headers, "x-mock-sandbox": sandbox}
    sent = replace(request, headers=headers)
    prepared = Exchange(sent)
    server.prepare(prepared)
    response = server.handle(prepared)
    assert isinstance(response, Response)
    entry = orjson.loads(prepared.entry.to_json()) if prepared.entry else {}
    for member in ("id", "time", "duration_ms", "contract"):
        entry.pop(member, None)
    return response.status, response.headers, response.body, entry


@pytest.mark.parametrize("seed", range(4))
def test_a_walk_equals_two_servers_with_one_contract_each(seed: int) -> None:
    today, after = contracts()
    both = server_of(today, after)
    alone = {"a": server_of(today), "b": server_of(replace(after, name=""))}
    both.sandboxes.assign("b", {"contract": "next"})
    rng, statuses = random.Random(seed), set()
    for _ in range(400):
        sandbox = rng.choice("ab")
        if rng.random() < 0.1:
            state = rng.getstate()
            change_state(rng, both, sandbox)
            rng.setstate(state)
            change_state(rng, alone[sandbox], sandbox)
        request = random_request(rng, rng.choice(["/v1", "/v2"]))
        result = exchange(both, request, sandbox)
        assert result == exchange(alone[sandbox], request, sandbox)
        statuses.add(result[0])
    assert {200, 201, 400, 404, 405} <= statuses


def test_each_sandbox_has_the_routes_and_records_of_its_contract(server: MockServer) -> None:
    assert server.sandboxes.assign("b", {"contract": "next"})
    assert ask(server, "a", "GET", "/v1/orders/1").body == b'{"id":1,"state":"new"}'
    assert ask(server, "a", "GET", "/v2/orders/1").status == 404
    assert orjson.loads(ask(server, "b", "GET", "/v2/orders/1").body)["total"] == 1.5
    assert ask(server, "b", "GET", "/v1/orders/1").status == 404
    assert ask(server, "b", "DELETE", "/v2/orders/1").status == 202
    assert [entry.get("contract") for entry in journal(server, "b")] == ["next"] * 3
    assert {entry.get("contract") for entry in journal(server, "a")} == {None}
    miss = journal(server, "b")[1]["near_misses"][0]
    assert miss["uri_template"] == "/v2/orders/{id}"


def test_tokens_are_those_of_the_contract_and_choose_the_sandbox() -> None:
    shipped = shipped_contract()
    server = server_of(shipped, replace(shipped, name="next", tokens={"mine": EXPIRED}))
    server.sandboxes.assign("b", {"contract": "next"})
    statuses = []
    for token in ("mine@a", "mine@b", "other@b"):
        response = server.respond(Request("GET", TRASH, "", {"x-access-token": token}))
        statuses.append(response.status)
    assert statuses == [200, 401, 200]


def test_another_contract_resets_the_data_and_keeps_the_journal(server: MockServer) -> None:
    ask(server, "a", "DELETE", "/v1/orders/1")
    server.sandboxes.switch_on("a", SCENARIO)
    server.sandboxes.assign("a", {"test": "title"})
    assert not server.sandboxes.assign("a", {"contract": "main"}), "it is the default already"
    assert ask(server, "a", "GET", "/v1/orders/1").status == 404
    assert server.sandboxes.assign("a", {"contract": "next"})
    state = server.store.read("a")
    assert (state.records, state.scenarios, state.test, state.contract) == ({}, (), "title", "next")
    assert len(journal(server, "a")) == 2
    server.sandboxes.reset("a")
    assert server.store.read("a").contract == "next"
    assert server.sandboxes.assign("a", {"contract": ""})
    assert ask(server, "a", "GET", "/v1/orders/1").status == 200


def test_an_unknown_contract_is_rejected_and_changes_nothing(server: MockServer) -> None:
    with pytest.raises(AdminRequestInvalid, match="expected one of main, next") as error:
        server.sandboxes.assign("a", {"contract": "nxt", "test": "title"})
    assert error.value.extensions == {"contracts": ["main", "next"]}
    assert server.store.read("a").test == ""


def test_the_default_contract_is_that_of_sandboxes_without_a_choice() -> None:
    server = server_of(*contracts(), contract="next")
    assert ask(server, "a", "GET", "/v2/orders").status == 200
    server.sandboxes.assign("a", {"contract": "main"})
    assert ask(server, "a", "GET", "/v1/orders").status == 200


def test_a_contract_that_is_not_served_is_a_problem_that_names_the_others() -> None:
    server = server_of(contracts()[0])
    server.store.change("a", lambda state: (replace(state, contract="next"), None))
    response = ask(server, "a", "GET", "/v1/orders/1")
    problem = orjson.loads(response.body)
    assert (response.status, problem["contracts"]) == (503, ["main"])
    assert problem["type"] == "urn:mockserver:problem:contract-unavailable"
    assert "--contract next=" in problem["detail"]
    server.sandboxes.assign("a", {"contract": "main"})
    assert ask(server, "a", "GET", "/v1/orders/1").status == 200


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/orders"), ("DELETE", "/v1/orders/1")])
def test_a_change_of_the_contract_during_a_request_is_a_problem(
    server: MockServer, method: str, path: str
) -> None:
    request = Request(method, path, "", {"x-mock-sandbox": "a", "prefer": "delay=0.01"})
    delayed = server.handle(Exchange(request))
    assert isinstance(delayed, DelayedResponse)
    server.sandboxes.assign("a", {"contract": "next"})
    response = delayed.finish()
    assert (response.status, server.store.read("a").records) == (503, {})
    assert b"contract-unavailable" in response.body


def test_a_new_version_of_one_contract_replaces_only_that_one(server: MockServer) -> None:
    today, after = contracts()
    server.sandboxes.assign("b", {"contract": "next"})
    ask(server, "b", "DELETE", "/v2/orders/1")
    before = server.contracts
    server.use(replace(after, scenarios={}))
    assert server.contracts.main is before.main
    assert ask(server, "b", "GET", "/v2/orders/1").status == 404, "the changes stay"
    server.use(replace(today, name="third"))
    assert server.contracts.names == ["main", "next", "third"]
    server.sandboxes.assign("c", {"contract": "third"})
    assert ask(server, "c", "GET", "/v1/orders/1").status == 200


def test_a_scenario_at_start_is_on_where_a_contract_has_it() -> None:
    today, after = contracts()
    name = "remove-an-order-202"
    assert name in after.scenarios
    assert name not in today.scenarios
    server = server_of(today, after, scenarios=(name,))
    server.sandboxes.assign("b", {"contract": "next"})
    assert server.sandboxes.snapshot("a").activated == []
    assert server.sandboxes.snapshot("b").activated == [name]
    with pytest.raises(UsageError, match="unknown scenario 'nope'"):
        server_of(today, after, scenarios=("nope",))


def test_one_contract_reads_the_store_as_often_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    server = server_of(contracts()[0])
    reads: list[str] = []
    read = server.store.read
    monkeypatch.setattr(server.store, "read", lambda name: reads.append(name) or read(name))
    ask(server, "a", "GET", "/v1/nope")
    assert reads == [], "an unmatched request needs no store"


def test_a_repeated_request_gets_the_response_of_the_present_contract() -> None:
    def bodies(client: Client, times: int) -> set[bytes]:
        request = head("GET", "/v1/orders/1", ("X-Mock-Sandbox", "a"))
        responses = [client.exchange(request)[0] for _ in range(times)]
        return {response.partition(b"\r\n\r\n")[2] for response in responses}

    today, after = contracts()
    later = replace(generated_contract(NEXT.replace("/v2", "/v1")), name="later")
    with (
        running_front(
            Settings(store="memory:"), today, after, replace(later, name="later")
        ) as front,
        front.connect() as client,
    ):
        assert bodies(client, 4) == {b'{"id":1,"state":"new"}'}
        front.server.sandboxes.assign("a", {"contract": "later"})
        (body,) = bodies(client, 4)
        assert orjson.loads(body)["total"] == 1.5
        front.server.sandboxes.assign("a", {"contract": "main"})
        assert bodies(client, 4) == {b'{"id":1,"state":"new"}'}
        preflight = head("OPTIONS", "/v2/orders/1", *PREFLIGHT)
        (response,) = client.exchange(preflight, methods=("OPTIONS",))
        assert b"Access-Control-Allow-Methods: DELETE, GET, HEAD, OPTIONS" in response
