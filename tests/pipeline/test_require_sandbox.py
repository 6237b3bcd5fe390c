"""`--require-sandbox`: the API rejects requests without a sandbox, and nothing else changes."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.admin import journal_entries
from helpers.generated_apis import generated_contract
from helpers.http_front import Client, head, running_front
from helpers.processes import running_server
from helpers.repository import ROOT
from helpers.shipped_api import EXPORTS, TOKEN, TRASH, shipped_contract
from helpers.tools import require_tool

from mockserver.config.settings import Settings
from mockserver.pipeline.messages import Request
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore
from mockserver.web.app import create_app

REQUIRED = Settings(store="memory:", require_sandbox=True)
PROBLEM = "urn:mockserver:problem:sandbox-required"


@pytest.fixture(params=[True, False], ids=["fast path", "views"])
def client(request: pytest.FixtureRequest) -> FlaskClient:
    return create_app(REQUIRED, fast_path=request.param).test_client()


@pytest.fixture
def connected() -> Iterator[Client]:
    """Yield a connection to the HTTP server of a contract."""
    with running_front(REQUIRED, shipped_contract()) as front, front.connect("10.0.0.7") as client:
        yield client


UNNAMED = [
    ("GET", TRASH),
    ("HEAD", EXPORTS),
    ("PATCH", f"{TRASH}/983d437d-eac6-423b-beb5-40a619be332f"),
    ("GET", "/api/nothing"),
    ("GET", "/outside"),
    ("PUT", TRASH),
]


@pytest.mark.parametrize(("method", "path"), UNNAMED)
def test_a_request_without_a_sandbox_is_rejected(
    client: FlaskClient, method: str, path: str
) -> None:
    response = client.open(path, method=method, headers=TOKEN)
    assert (response.status_code, response.headers["Content-Type"]) == (
        400,
        "application/problem+json",
    )
    [entry] = journal_entries(client)
    assert (entry["status"], entry["reason"]) == (400, "problem sandbox-required")


def test_the_problem_lists_all_ways_to_name_a_sandbox(client: FlaskClient) -> None:
    problem = client.get(TRASH, headers=TOKEN).get_json()
    assert problem["type"] == PROBLEM
    assert "--require-sandbox" in problem["detail"]
    path, *headers = problem["ways"]
    assert [header.partition(":")[0] for header in headers] == [
        "X-Mock-Sandbox",
        "x-access-token",
        "baggage",
    ]
    for way in problem["ways"]:
        assert way in problem["detail"]
    sandboxes = [client.get(path.replace("NAME", "anna"), headers=TOKEN)]
    for header in headers:
        name, value = header.replace("NAME", "anna").split(": ")
        sandboxes.append(client.get(TRASH, headers={**TOKEN, name: value}))
    for response in sandboxes:
        assert (response.status_code, response.headers["X-Mock-Sandbox"]) == (200, "anna")


def test_an_api_without_tokens_has_no_token_to_name_a_sandbox() -> None:
    contract = generated_contract("statuses")
    server = MockServer(contract, REQUIRED, MemoryStore(SandboxState()))
    body = json.loads(server.respond(Request("GET", "/")).body)
    assert body["ways"] == ["/~NAME/", "X-Mock-Sandbox: NAME", "baggage: mock.sandbox=NAME"]


def test_the_name_default_is_a_name(client: FlaskClient) -> None:
    assert client.get(TRASH, headers={**TOKEN, "X-Mock-Sandbox": "default"}).status_code == 200


def test_an_invalid_name_is_not_a_missing_one(client: FlaskClient) -> None:
    problem = client.get(TRASH, headers={**TOKEN, "X-Mock-Sandbox": "a b"}).get_json()
    assert problem["type"] == "urn:mockserver:problem:sandbox-name-invalid"


@pytest.mark.parametrize("path", [TRASH, "/outside"])
def test_options_is_not_rejected(client: FlaskClient, path: str) -> None:
    preflight = {
        "Origin": "http://localhost:3000",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "baggage,x-access-token",
    }
    response = client.options(path, headers=preflight)
    assert (response.status_code, response.headers["Access-Control-Allow-Headers"]) == (
        204,
        "baggage,x-access-token",
    )
    response = client.options(path)
    assert response.status_code == {TRASH: 204, "/outside": 404}[path]


def test_a_page_of_another_origin_can_read_the_problem(client: FlaskClient) -> None:
    response = client.get(TRASH, headers={"Origin": "http://localhost:3000"})
    assert response.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"


SERVER_PATHS = [
    "/",
    "/__admin/",
    "/__admin/health",
    "/__admin/scenarios",
    "/__admin/requests",
    "/__admin/settings",
    "/__admin/panel/panel.js",
    "/docs",
    "/openapi.json",
]


@pytest.mark.parametrize("path", SERVER_PATHS)
def test_the_paths_of_the_server_itself_need_no_sandbox(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code in (200, 302)


def bind(client: FlaskClient, address: str) -> None:
    response = client.put(
        "/__admin/bindings", json={"sandbox": "qa"}, environ_overrides={"REMOTE_ADDR": address}
    )
    assert response.status_code == 200


def test_a_bound_address_has_a_sandbox(client: FlaskClient) -> None:
    bind(client, "10.0.0.7")
    names = {}
    for address in ("10.0.0.7", "10.0.0.8"):
        response = client.get(TRASH, headers=TOKEN, environ_overrides={"REMOTE_ADDR": address})
        names[address] = (response.status_code, response.headers["X-Mock-Sandbox"])
    assert names == {"10.0.0.7": (200, "qa"), "10.0.0.8": (400, "default")}


def test_repeated_requests_to_the_http_server_are_rejected_each_time(connected: Client) -> None:
    unnamed = head("GET", EXPORTS, ("X-Access-Token", "any"))
    named = head("GET", EXPORTS, ("X-Access-Token", "any"), ("baggage", "mock.sandbox=anna"))
    for _ in range(4):
        assert PROBLEM.encode() in connected.exchange(unnamed)[0]
        assert b"\r\nX-Mock-Sandbox: anna\r\n" in connected.exchange(named)[0]


@pytest.mark.server
def test_the_documented_call_provokes_the_problem() -> None:
    page = (ROOT / "docs/errors.md").read_text()
    row = re.search(r"^\| `sandbox-required` \| 400 \| .*`(curl .*)`", page, re.MULTILINE)
    assert row
    curl = shlex.quote(require_tool("curl"))
    with running_server("--workers", "1", MOCKSERVER_REQUIRE_SANDBOX="1") as process:
        call = row[1].replace("curl ", f"{curl} -s -H 'X-Access-Token: any' ")
        script = f"API={process.url}/api/push_notifications; {call}"
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    problem: dict[str, Any] = json.loads(done.stdout)
    assert problem["type"] == PROBLEM
