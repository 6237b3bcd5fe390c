"""Requests outside the base path are journaled; automatic requests of browsers are not."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from flask.testing import FlaskClient
from helpers.admin import journal_entries
from helpers.processes import run_command
from helpers.shipped_api import LIST_TRASH, TOKEN, TRASH

from mockserver import cli
from mockserver.config.settings import Settings
from mockserver.web.app import create_app

ORIGIN = {"Origin": "http://localhost:3000"}
OUTSIDE = TRASH.removeprefix("/api")
Make = Callable[..., FlaskClient]


@pytest.fixture(params=[True, False], ids=["fast path", "views"])
def make(request: pytest.FixtureRequest) -> Make:
    """Makes clients of applications, with the short way in and without."""

    def make_client(**settings: Any) -> FlaskClient:
        return create_app(
            Settings(store="memory:", **settings), fast_path=request.param
        ).test_client()

    return make_client


REQUESTS = [
    ("GET", OUTSIDE, {}, "default"),
    ("HEAD", OUTSIDE, {}, "default"),
    ("POST", OUTSIDE, {"json": {"name": "x"}}, "default"),
    ("PUT", "/v1/push_notifications", {"data": b"\x00\xff"}, "default"),
    ("PATCH", f"{OUTSIDE}/abc", {}, "default"),
    ("DELETE", "/v1/x", {}, "default"),
    ("OPTIONS", OUTSIDE, {}, "default"),
    ("PROPFIND", OUTSIDE, {}, "default"),
    ("GET", f"{OUTSIDE}?limit=abc", {}, "default"),
    ("GET", "/apis", {}, "default"),
    ("GET", f"/{TRASH}", {}, "default"),
    ("GET", "/index.html", {}, "default"),
    ("GET", "/__adminx", {}, "default"),
    ("GET", "/docsx", {}, "default"),
    ("GET", "/openapi.jsonx", {}, "default"),
    ("GET", "/%C5%99", {}, "default"),
    ("GET", f"/~anna{OUTSIDE}", {}, "anna"),
    ("POST", "/~anna/v1/x", {"json": {}}, "anna"),
    ("GET", f"/~anna/~ben{TRASH}", {}, "anna"),
    ("GET", OUTSIDE, {"headers": {"X-Mock-Sandbox": "anna"}}, "anna"),
    ("GET", OUTSIDE, {"headers": {"X-Access-Token": "any@anna"}}, "anna"),
]


@pytest.mark.parametrize(
    ("method", "target", "call", "sandbox"), REQUESTS, ids=[f"{m} {t}" for m, t, *_ in REQUESTS]
)
def test_a_request_outside_the_base_path_is_journaled_as_unmatched(
    make: Make, method: str, target: str, call: dict[str, Any], sandbox: str
) -> None:
    client = make()
    response = client.open(
        target, method=method, **{**call, "headers": {**ORIGIN, **call.get("headers", {})}}
    )
    assert (response.status_code, response.headers["X-Mock-Sandbox"]) == (404, sandbox)
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN["Origin"]
    [entry] = journal_entries(client, sandbox)
    assert (entry["method"], entry["operation"], entry["status"]) == (method, None, 404)
    assert entry["reason"] == "problem unknown-operation"
    assert len(entry["near_misses"]) == 3
    if sandbox != "default":
        assert journal_entries(client) == []
    metrics = client.get("/__admin/metrics").text
    assert 'mockserver_requests_total{operation="none",status="404"} 1' in metrics


def test_the_problem_names_the_base_path_and_the_nearest_operation(make: Make) -> None:
    problem: Any = make().get(OUTSIDE, headers=TOKEN).json
    assert problem["type"] == "urn:mockserver:problem:unknown-operation"
    assert problem["detail"] == (
        f"no operation matches the path {OUTSIDE}; the base path is /api; "
        f"the closest operation is GET {TRASH} (base path: expected /api, got none)"
    )
    assert problem["near_misses"][0]["operation"] == LIST_TRASH


@pytest.mark.parametrize("path", [OUTSIDE, f"/~anna{OUTSIDE}", "/v1/anything"])
def test_a_preflight_outside_the_base_path_is_allowed(make: Make, path: str) -> None:
    client = make()
    preflight_headers = {
        **ORIGIN,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "x-access-token",
    }
    preflight = client.options(path, headers=preflight_headers)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == ORIGIN["Origin"]
    assert preflight.headers["Access-Control-Allow-Methods"] == "PUT"
    assert preflight.headers["Access-Control-Allow-Headers"] == "x-access-token"


@pytest.mark.parametrize("origin", ["https://evil.test", "null"])
def test_a_page_of_another_origin_cannot_read_the_problem(make: Make, origin: str) -> None:
    client = make()
    headers = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
    for response in (
        client.options(OUTSIDE, headers=headers),
        client.get(OUTSIDE, headers=headers),
    ):
        assert not [name for name in dict(response.headers) if name.startswith("Access-Control")]


NOISE = [
    "/favicon.ico",
    "/robots.txt",
    "/apple-touch-icon.png",
    "/apple-touch-icon-precomposed.png",
    "/apple-touch-icon-120x120.png",
    "/.well-known/appspecific/com.chrome.devtools.json",
    "/.well-known/security.txt",
    "/.well-known",
    "/~anna/favicon.ico",
]


@pytest.mark.parametrize("path", NOISE)
def test_automatic_requests_of_browsers_are_not_journaled(make: Make, path: str) -> None:
    client = make()
    response = client.get(path)
    assert (response.status_code, response.json["type"]) == (
        404,
        "urn:mockserver:problem:route-not-found",
    )  # type: ignore[index]
    assert journal_entries(client) == journal_entries(client, "anna") == []
    assert "mockserver_requests_total{" not in client.get("/__admin/metrics").text


@pytest.mark.parametrize(
    "path",
    [
        "/favicon.icox",
        "/favicon.ico/x",
        "/x/favicon.ico",
        "/.well-knownx",
        "/apple-touch-icon/x",
        "/Favicon.ico",
    ],
)
def test_requests_that_resemble_automatic_ones_are_journaled(make: Make, path: str) -> None:
    client = make()
    client.get(path)
    assert [entry["path"] for entry in journal_entries(client)] == [path]


def test_an_added_flask_view_is_served(make: Make) -> None:
    client = make(admin_token="secret")
    client.application.add_url_rule("/mine/<name>", "mine", lambda name: name)
    assert client.get("/mine/x", headers={"X-Mock-Admin-Token": "secret"}).text == "x"
    assert client.get("/mine/x").status_code == 401
    assert client.post("/mine/x", headers=ORIGIN).status_code == 405
    assert journal_with_token(client) == []


def journal_with_token(client: FlaskClient) -> Any:
    return client.get("/__admin/requests", headers={"X-Mock-Admin-Token": "secret"}).json[
        "requests"
    ]  # type: ignore[index]


# `/` itself.


def test_the_root_redirects_browsers_to_the_panel_and_lists_urls_for_others(make: Make) -> None:
    client = make()
    page = client.get("/", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, page.headers["Location"], page.headers["Vary"]) == (
        307,
        "/__admin/",
        "Accept",
    )
    plain = client.get("/", headers={"Host": "mock:8080", "Accept": "*/*"})
    assert (plain.status_code, plain.content_type, plain.headers["Vary"]) == (
        200,
        "application/json",
        "Accept",
    )
    assert plain.text.endswith("}\n")
    assert plain.json | {"mockserver": ""} == {
        "mockserver": "",
        "panel": "http://mock:8080/__admin/",
        "docs": "http://mock:8080/docs",
        "openapi": "http://mock:8080/openapi.json",
        "apis": {"push_notifications": "http://mock:8080/api"},
    }
    assert journal_entries(client) == []


def test_the_root_of_a_sandbox_lists_the_urls_of_that_sandbox(make: Make) -> None:
    client = make()
    for path in ("/~anna", "/~anna/"):
        places: Any = client.get(path).json
        assert (places["panel"], places["docs"]) == (
            "http://localhost/~anna/__admin/",
            "http://localhost/docs",
        )
        assert places["apis"] == {"push_notifications": "http://localhost/~anna/api"}
    assert client.get("/~a%20b/").status_code == 400


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_the_admin_guard_protects_the_start_page(make: Make, accept: str) -> None:
    client = make(admin_token="secret")
    assert client.get("/", headers={"Accept": accept, "Host": "evil.test"}).status_code == 403
    assert client.get("/", headers={"Accept": accept, **ORIGIN}).status_code == 403
    assert client.get("/", headers={"Accept": accept, "Host": "localhost"}).status_code in (
        200,
        307,
    )


# An API without a base path.

ROOT_API = """FORMAT: 1A
HOST: https://vendor.test

# Root

{resources}## Users [/users]

### List users [GET]

+ Response 200 (application/json)

        [{{"id": 1, "name": "Anna"}}]
"""
ENTRY = """## Entry [/]

### Show the entry [GET]

+ Response 200 (application/json)

        {"name": "root"}

"""
ICON = """## Icon [/favicon.ico]

### Show the icon [GET]

+ Response 200 (text/plain)

        icon

"""


def folders(folder: Path, *resources: str) -> dict[str, Path]:
    """Create an API without a base path, with these resources and `/users`; return its folders."""
    folder.joinpath("root.apib").write_text(ROOT_API.format(resources="".join(resources)))
    schemas, fixtures = folder / "schemas", folder / "fixtures"
    command = run_command(
        "init",
        str(folder / "root.apib"),
        "--schemas",
        str(schemas),
        "--fixtures",
        str(fixtures),
    )
    assert command.returncode == 0, command.stderr
    return {"schemas": schemas, "fixtures": fixtures}


def problem_type(client: FlaskClient, path: str) -> str:
    problem: Any = client.get(path).json
    return str(problem["type"]).removeprefix("urn:mockserver:problem:")


PAGE = {"Accept": "text/html,*/*;q=0.8"}


def test_an_api_without_a_base_path_serves_the_root(make: Make, tmp_path: Path) -> None:
    client = make(**folders(tmp_path))
    assert client.get("/user").json["detail"] == (  # type: ignore[index]
        "no operation matches the path /user; the closest operation is GET /users "
        "(segment 1: expected users, got user)"
    )
    assert client.get("/").status_code == 404
    assert client.post("/").status_code == 404
    assert [entry["path"] for entry in journal_entries(client)] == ["/", "/", "/user"]
    assert client.get("/", headers=PAGE).headers["Location"] == "/__admin/"
    for path in ("/favicon.ico", "/robots.txt"):
        assert problem_type(client, path) == "route-not-found"
    assert len(journal_entries(client)) == 3


def test_a_path_that_the_api_documents_is_not_served_by_flask(make: Make, tmp_path: Path) -> None:
    client = make(**folders(tmp_path, ENTRY, ICON))
    for headers in ({}, PAGE):
        assert client.get("/", headers=headers).json == {"name": "root"}
        assert client.get("/~anna/", headers=headers).json == {"name": "root"}
    assert client.get("/~anna").json == {"name": "root"}
    assert client.get("/favicon.ico").text == "icon"
    assert problem_type(client, "/robots.txt") == "route-not-found"
    assert client.get("/docs").status_code == client.get("/__admin/").status_code == 200
    assert problem_type(client, "/__admin/nothing") == "route-not-found"
    assert [entry["operation"] for entry in journal_entries(client)] == [
        "show-the-icon",
        "show-the-entry",
        "show-the-entry",
    ]


@pytest.mark.server
def test_the_journal_command_fails_on_a_request_outside_the_base_path(
    live: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox = f"{live}/~outside"
    with pytest.raises(HTTPError):
        urlopen(sandbox + OUTSIDE)
    with pytest.raises(HTTPError):
        urlopen(f"{sandbox}/favicon.ico")
    assert cli.main(["journal", sandbox, "--fail-on", "unmatched"]) == 1
    output = capsys.readouterr().out
    assert re.search(rf"^404  GET  {OUTSIDE}  problem unknown-operation$", output, re.MULTILINE)
    assert f"closest is GET {TRASH} (base path: expected /api, got none)" in output
    assert "1 of 1 exchanges with unmatched" in output
