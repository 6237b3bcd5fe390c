"""A response that the blueprint does not document: it runs no operation, and covers nothing."""

from dataclasses import replace
from typing import Any

import pytest
from helpers.shipped_api import CANCEL, EXPORTS, RETRIEVE, TRASH, shipped_contract

from mockserver.config.settings import Settings
from mockserver.contract.coverage.items import CoverageItems
from mockserver.contract.scenarios import build_scenario
from mockserver.errors import Position
from mockserver.pipeline.coverage_ways import closing_ways
from mockserver.pipeline.factory import make_server
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.web.application import Application

TEAPOT: dict[str, Any] = {
    "status": 418,
    "headers": {"Location": "/login", "Vary": "Cookie", "Content-Type": "application/json"},
    "body": "{no json",
}


def server_with(*settings: str, **members: Any) -> MockServer:
    """Return a server with the scenario `undocumented`, for retrieve and cancel."""
    contract = shipped_contract()
    api = contract.apis[0].id
    definition = {
        "title": "T",
        "operations": [RETRIEVE, CANCEL],
        "breaks_contract": True,
        **members,
    }
    scenario = build_scenario("undocumented", api, definition, Position("undocumented.yaml"))
    contract = replace(contract, scenarios={**contract.scenarios, "undocumented": scenario})
    server = make_server(Settings(store="memory:", scenarios=settings), contract)
    server.open()
    return server


def ask(server: MockServer, method: str, path: str, **headers: str) -> Response:
    return server.respond(Request(method, path, headers={"x-access-token": "any", **headers}))


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_the_operation_does_not_run(method: str) -> None:
    server = server_with(response=TEAPOT)
    server.sandboxes.switch_on("default", "undocumented")
    state = server.sandboxes.snapshot("default").state
    response = ask(server, method, f"{EXPORTS}/102")
    assert (response.status, response.body, response.is_documented) == (418, b"{no json", False)
    assert dict(response.headers)["Location"] == "/login"
    assert server.sandboxes.snapshot("default").state is state
    entry = server.store.journal("default")[0]
    assert b'"reason":"scenario undocumented"' in entry
    assert b'"violations":[]' in entry
    assert ask(server, "GET", f"{EXPORTS}/999999").status == 418


def test_a_poll_does_not_advance_the_record() -> None:
    server = server_with(response=TEAPOT, times=2)
    server.sandboxes.switch_on("default", "undocumented")
    server.sandboxes.change(
        "default",
        lambda before: (
            replace(before.state, clock=replace(before.state.clock, progression="polls")),
            None,
        ),
    )
    statuses = [ask(server, "GET", f"{EXPORTS}/102").status for _ in range(2)]
    assert statuses == [418, 418]
    assert b'"status":"waiting"' in ask(server, "GET", f"{EXPORTS}/102").body


def test_an_invalid_request_is_a_problem_first() -> None:
    server = server_with("undocumented", response=TEAPOT)
    assert ask(server, "GET", f"{EXPORTS}/x").status == 400
    assert server.respond(Request("GET", f"{EXPORTS}/100")).status == 401


def test_a_preferred_status_comes_first() -> None:
    server = server_with("undocumented", response=TEAPOT)
    response = ask(server, "GET", f"{EXPORTS}/100", prefer="code=404")
    assert (response.status, response.is_documented) == (404, True)
    server.sandboxes.switch_on("default", "export-not-found")
    assert ask(server, "GET", f"{EXPORTS}/100").status == 404
    response = ask(server, "GET", f"{EXPORTS}/100", prefer="scenario=undocumented, delay=0")
    assert response.status == 418
    assert dict(response.headers)["Preference-Applied"] == "scenario=undocumented, delay=0"


def test_the_reason_names_no_scenario_whose_records_it_does_not_show() -> None:
    server = server_with("finished-export-cancel", "undocumented", response=TEAPOT)
    ask(server, "GET", f"{EXPORTS}/100")
    assert b'"reason":"scenario undocumented"' in server.store.journal("default")[0]


def test_a_fault_breaks_the_response() -> None:
    server = server_with("undocumented", response=TEAPOT, fault="truncated")
    response = ask(server, "GET", f"{EXPORTS}/100")
    assert (response.status, response.fault) == (418, "truncated")


def test_a_step_of_a_sequence_can_be_undocumented() -> None:
    server = server_with("undocumented", sequence=[200, {"response": TEAPOT}], repeat=True)
    statuses = [ask(server, "GET", f"{EXPORTS}/100").status for _ in range(5)]
    assert statuses == [200, 418, 200, 418, 200]


def test_the_http_server_sends_it_with_one_vary() -> None:
    server = server_with("undocumented", response=TEAPOT)
    request = Request("GET", f"{EXPORTS}/100", headers={"x-access-token": "any"})
    response = Application(server).api.respond(request)
    assert [value for name, value in response.headers if name == "Vary"] == ["Cookie, Origin"]


def test_it_covers_the_scenario_only() -> None:
    server = server_with("undocumented", response={**TEAPOT, "status": 200})
    ask(server, "GET", f"{EXPORTS}/100")
    (covered,) = server.store.coverage().items.values()
    assert covered == ("scenario undocumented",)


def test_the_report_of_coverage_shows_a_way_to_the_scenario() -> None:
    contract = server_with(response=TEAPOT).contracts.default.contract
    way = closing_ways(contract, CoverageItems(contract))["scenario undocumented"]
    assert "switch it on, then GET" in way.closed_by


def test_other_operations_are_as_before() -> None:
    server = server_with("undocumented", response=TEAPOT)
    assert ask(server, "GET", TRASH).status == 200
