"""`/__admin/openapi.json`: every route is called, and its responses are validated against the document."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import flask
import jsonschema_rs
import pytest
from flask.testing import FlaskClient
from helpers.shipped_api import BUSY, EXPORTS, TOKEN, TRASH
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from mockserver.config.settings import Settings
from mockserver.errors import StoreUnavailable
from mockserver.sandbox.state import Activation, SandboxState
from mockserver.web import app as web_app
from mockserver.web import event_streams
from mockserver.web.admin import ROUTES, Route
from mockserver.web.admin.openapi import problems
from mockserver.web.app import create_app

RECORD = {"collection": "push_notifications/exports", "key": f"{BUSY}/102"}
WRITTEN = {
    **dict.fromkeys(("name", "title_template", "body_template"), "mine"),
    "id": "00000000-0000-4000-8000-000000000001",
    **dict.fromkeys(("modified", "last_activation"), "2026-01-01T00:00:00Z"),
    **dict.fromkeys(("modified_by", "last_activation_by"), 1),
}
EXPORTED = {
    name: value
    for name, value in SandboxState(scenarios=(Activation("empty-lists"),)).as_json().items()
    if name != "bindings"
}
VARIABLES: dict[str, Callable[[FlaskClient, Route], str]] = {
    "name": lambda _, route: "default" if route.path.startswith("/sandboxes") else "slow",
    "exchange": lambda client, _: str(client.get("/__admin/requests").json["requests"][0]["id"]),  # type: ignore[index]
}
"""Path variable to one that exists."""
BODIES: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("PUT", "/scenarios/<name>/state"): [{"state": "on"}, {}],
    ("PUT", "/clock"): [{"mode": "frozen", "progression": "time"}],
    ("POST", "/clock/advance"): [{"seconds": 1}],
    ("PUT", "/sandboxes/<name>"): [{"state": EXPORTED}],
    ("POST", "/records/transition"): [{**RECORD, "to": "canceled"}],
    ("POST", "/records/restore"): [RECORD],
    ("PUT", "/records"): [WRITTEN],
    ("PATCH", "/records"): [{"name": "Mine"}],
    ("PUT", "/bindings"): [{"sandbox": "mine"}],
    ("POST", "/session"): [{"token": "any"}],
    ("POST", "/requests/count"): [{}, {"status": 200, "headers": {"Prefer": {"absent": True}}}],
    ("POST", "/requests/find"): [{}, {"unmatched": True}, {"urlPathPattern": "/api/.*"}],
    ("POST", "/near-misses/request"): [{"method": "GET", "url": "/api/push_notifications/trsh"}],
}
"""Bodies that a route takes; where none are listed, `{}`."""
QUERIES: dict[tuple[str, str], dict[str, str]] = {
    ("PUT", "/records"): {"collection": "push_notifications/trash", "key": WRITTEN["id"]},
    ("PATCH", "/records"): RECORD,
    ("DELETE", "/records"): RECORD,
}
"""Queries that a route needs; where none are listed, none."""


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def target(client: FlaskClient, route: Route, **variables: str) -> str:
    """The URL of a route; path variables that are not given name what exists."""

    def value(found: re.Match[str]) -> str:
        return variables[found[1]] if found[1] in variables else VARIABLES[found[1]](client, route)

    return "/__admin" + re.sub(r"<(\w+)>", value, route.path)


def called(
    client: FlaskClient, route: Route, body: Any = None, query: str = "", **variables: str
) -> Any:
    given = (
        {"json": body if body is not None else BODIES.get((route.method, route.path), [{}])[0]}
        if route.request_schema
        else {}
    )
    query = query or f"?{urlencode(QUERIES.get((route.method, route.path), {}))}"
    return client.open(target(client, route, **variables) + query, method=route.method, **given)


@pytest.fixture(scope="module")
def app() -> flask.Flask:
    """One application for all tests of this module: they are many, and each starts from a reset."""
    return create_app(Settings(store="memory:"))


@pytest.fixture
def used(app: flask.Flask) -> FlaskClient:
    """A client of a server that was used: exchanges of each kind are in its journal."""
    client = app.test_client()
    client.post("/__admin/reset", json={})
    for method, path in (
        ("GET", TRASH),
        ("GET", f"{TRASH}?limit=x"),
        ("DELETE", f"{EXPORTS}/100"),
        ("POST", "/api/nothing"),
    ):
        client.open(path, method=method, headers={**TOKEN, "Prefer": "wait=1"})
    return client


@pytest.fixture(scope="module")
def document(app: flask.Flask) -> dict[str, Any]:
    found: Any = app.test_client().get("/__admin/openapi.json").json
    return dict(found)


def operation(document: dict[str, Any], route: Route) -> dict[str, Any]:
    path = "/__admin" + re.sub(r"<(\w+)>", r"{\1}", route.path)
    return dict(document["paths"][path][route.method.lower()])


def violations(document: dict[str, Any], route: Route, response: Any) -> list[str]:
    """In which ways an answer is not what the document says."""
    described = operation(document, route)["responses"].get(str(response.status_code))
    if described is None:
        return [
            f"status {response.status_code} is not described: {response.get_data(as_text=True)}"
        ]
    media = described["content"].get(response.content_type)
    if media is None:
        return [f"type {response.content_type} is not described"]
    schema = {**media["schema"], "components": document["components"]}
    return [error.message for error in Draft202012Validator(schema).iter_errors(response.json)]


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_the_document_has_every_route(document: dict[str, Any]) -> None:
    documented = {(method, path) for path, item in document["paths"].items() for method in item}
    assert documented == {
        (route.method.lower(), "/__admin" + re.sub(r"<(\w+)>", r"{\1}", route.path))
        for route in ROUTES
    }


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_each_route_has_schemas_of_request_and_response(route: Route) -> None:
    assert route.summary.endswith(".")
    assert route.response_schema, (
        f"{route.method} {route.path}: expected a schema of its answer as `response_schema` in ROUTES"
    )
    takes_a_body = route.method in ("POST", "PUT", "PATCH")
    assert bool(route.request_schema) == takes_a_body, (
        f"{route.method} {route.path}: expected a schema of its body as `request_schema` in ROUTES"
    )
    unknown = set(re.findall(r"<(\w+)>", route.path)) - set(VARIABLES)
    assert not unknown, (
        f"{route.method} {route.path}: expected one that exists of {unknown} in VARIABLES of this test"
    )


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.media == "application/json"], ids=name_of
)
def test_each_response_matches_its_schema(
    used: FlaskClient, document: dict[str, Any], route: Route
) -> None:
    for body in BODIES.get((route.method, route.path), [{}]):
        response = called(used, route, body)
        assert response.status_code == 200, response.json
        assert violations(document, route, response) == []


@pytest.mark.parametrize(
    "query", ["", "?limit=1", "?unmatched=true&method=POST", "?since=2020-01-01T00:00:00Z"]
)
def test_each_response_with_the_journal_matches_its_schema(
    used: FlaskClient, document: dict[str, Any], query: str
) -> None:
    route = next(each for each in ROUTES if (each.method, each.path) == ("GET", "/requests"))
    response = called(used, route, query=query)
    assert response.json["requests"]
    assert violations(document, route, response) == []


class Down:
    """A store that does not answer, whatever it is asked."""

    def __getattr__(self, name: str) -> Any:
        raise StoreUnavailable("it is gone")


def store_down(route: Route, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    server = client.application.extensions["mockserver"]
    monkeypatch.setattr(server, "store", Down())
    monkeypatch.setattr(server.sandboxes, "_store", Down())
    return called(client, route, exchange="1")


def internal_error(route: Route, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(Route, "call", lambda *_, **__: 1 / 0)
    return called(client, route, exchange="1")


def body_too_large(route: Route, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(web_app, "MAX_ADMIN_BODY", 10)
    return called(client, route, {"more_than": "ten bytes"})


def sandbox_too_large(route: Route, _: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A server that has room for its first state only, in which two scenarios are on that were not on from the start."""
    app = create_app(
        Settings(store="memory:", scenarios=("slow", "empty-lists"), max_sandbox_bytes=1)
    )
    monkeypatch.setattr(app.extensions["mockserver"], "settings", Settings(store="memory:"))
    return called(app.test_client(), route)


def too_many_streams(route: Route, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(event_streams, "MAX_STREAMS", 0)
    return called(client, route)


def admin_token_missing(route: Route, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    body = {"token": "another"} if route.path == "/session" else None
    return called(
        create_app(Settings(store="memory:", admin_token="secret")).test_client(),
        route,
        body,
        exchange="1",
    )


WAYS: dict[str, Callable[[Route, FlaskClient, pytest.MonkeyPatch], Any]] = {
    "sandbox-name-invalid": lambda route, client, _: client.open(
        target(client, route), method=route.method, headers={"X-Mock-Sandbox": "a b"}, json={}
    ),
    "target-too-long": lambda route, client, _: called(client, route, query="?x=" + "y" * 9000),
    "internal-error": internal_error,
    "store-unavailable": store_down,
    "admin-request-invalid": lambda route, client, _: (
        called(client, route, query="?nonsense=1")
        if route.query
        else called(client, route, {"nonsense": [1]})
    ),
    "malformed-request": lambda route, client, _: client.open(
        target(client, route), method=route.method, json={}, headers={"Content-Encoding": "gzip"}
    ),
    "unsupported-content-coding": lambda route, client, _: client.open(
        target(client, route), method=route.method, json={}, headers={"Content-Encoding": "br"}
    ),
    "not-json": lambda route, client, _: client.open(
        target(client, route), method=route.method, data="{}"
    ),
    "body-too-large": body_too_large,
    "sandbox-too-large": sandbox_too_large,
    "unknown-scenario": lambda route, client, _: called(client, route, name="nope"),
    "unknown-sandbox": lambda route, client, _: called(client, route, name="nobody"),
    "record-not-found": lambda route, client, _: (
        called(
            client,
            route,
            query=f"?{urlencode({**QUERIES.get((route.method, route.path), {}), 'collection': 'nope'})}",
        )
        if route.query
        else called(client, route, {**BODIES[route.method, route.path][0], "collection": "nope"})
    ),
    "transition-not-allowed": lambda route, client, _: called(
        client, route, {**RECORD, "to": "nowhere"}
    ),
    "too-many-streams": too_many_streams,
    "host-not-allowed": lambda route, client, _: client.open(
        target(client, route), method=route.method, json={}, headers={"Host": "evil.test"}
    ),
    "origin-not-allowed": lambda route, client, _: client.open(
        target(client, route), method=route.method, json={}, headers={"Origin": "http://evil.test"}
    ),
    "admin-token-missing": admin_token_missing,
    "unknown-exchange": lambda route, client, _: called(client, route, exchange="nope"),
}
"""Problem to a way of provoking it at a route."""
NEEDS_NO_STORE = {
    "/openapi.json",
    "/session",
    "/contract",
    "/version",
    "/settings",
    "/metrics",
    "/near-misses/request",
}


def described() -> Iterator[Any]:
    for route in ROUTES:
        for kind in problems(route):
            if kind.slug != "store-unavailable" or route.path not in NEEDS_NO_STORE:
                yield pytest.param(route, kind.slug, id=f"{route.method} {route.path} {kind.slug}")


@pytest.mark.parametrize(("route", "slug"), list(described()))
def test_each_problem_matches_its_description(
    used: FlaskClient,
    document: dict[str, Any],
    route: Route,
    slug: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert slug in WAYS, f"expected a way to provoke {slug} in WAYS of this test"
    response = WAYS[slug](route, used, monkeypatch)
    assert response.json["type"] == f"urn:mockserver:problem:{slug}", response.json
    assert violations(document, route, response) == []


@pytest.mark.parametrize("route", [route for route in ROUTES if "<" in route.path], ids=name_of)
def test_responses_for_missing_records_match_openapi(
    used: FlaskClient, document: dict[str, Any], route: Route
) -> None:
    response = called(used, route, **dict.fromkeys(VARIABLES, "nobody"))
    assert violations(document, route, response) == []


def test_a_response_with_an_undocumented_member_is_detected(
    used: FlaskClient, document: dict[str, Any]
) -> None:
    """The test above can fail."""
    route = next(each for each in ROUTES if each.path == "/version")
    response = called(used, route)
    assert violations(document, route, response) == []
    response.set_data(b'{"colour": "red", ' + response.data[1:])
    assert violations(document, route, response) == [
        "Additional properties are not allowed ('colour' was unexpected)"
    ]


def spoiled(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Each way of spoiling one part of a JSON value: another type, a member too few, a member too many."""
    yield pointer, {} if isinstance(value, list) else []
    if isinstance(value, str):
        yield f"{pointer} not text", 1.5
    if isinstance(value, list) and value:
        for inner, changed in spoiled(value[0], f"{pointer}/0"):
            yield inner, [changed, *value[1:]]
    if isinstance(value, dict):
        yield f"{pointer}/+", {**value, "spoiled": []}
        for name, member in value.items():
            others = {key: each for key, each in value.items() if key != name}
            yield f"{pointer}/-{name}", others
            for inner, changed in spoiled(member, f"{pointer}/{name}"):
                yield inner, {**value, name: changed}


WITH_JSON = [
    route for route in ROUTES if route.media == "application/json" and route.path != "/openapi.json"
]
LOOSE = re.compile(
    r".*/(headers|arguments|blueprints|record)/.+"
    r"|.*/-(near_misses|stubMapping|matchResult|delay|overrides|matched_requests|times_applied)"
    r"|/scenarios/0/-status"
)
"""Parts that may have any members, and members that may be missing."""
LOOSE_IN = {
    "/settings": re.compile(r"/-?(?!settings$).+"),
    "/near-misses/request": re.compile(r"/nearMisses/0/request/.+"),
}
"""More of them, by route: settings have any value; a request is shown as it was described."""


def validator(document: dict[str, Any], route: Route) -> Any:
    content = operation(document, route)["responses"]["200"]["content"]["application/json"]
    schema = {**content["schema"], "components": document["components"]}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


@pytest.mark.parametrize("route", WITH_JSON, ids=name_of)
def test_each_object_in_the_document_is_closed(
    used: FlaskClient, document: dict[str, Any], route: Route
) -> None:
    response = called(used, route, BODIES.get((route.method, route.path), [{}])[-1])
    is_valid = validator(document, route).is_valid
    unnoticed = [pointer for pointer, changed in spoiled(response.json) if is_valid(changed)]
    loose = LOOSE_IN.get(route.path, LOOSE)
    assert [
        each
        for each in unnoticed
        if not LOOSE.fullmatch(each) and not loose.fullmatch(each.removesuffix(" not text"))
    ] == []


def test_the_timestamp_of_the_health_check_has_the_format_date_time(
    used: FlaskClient, document: dict[str, Any]
) -> None:
    (route,) = [each for each in ROUTES if each.path == "/health"]
    health: Any = called(used, route).json
    is_valid = validator(document, route).is_valid
    assert is_valid(health)
    assert not is_valid({**health, "timestamp": "yesterday"})


def test_the_docs_page_can_show_the_document(client: FlaskClient) -> None:
    assert 'href="/docs?admin"' in client.get("/docs").get_data(as_text=True)
    assert "/__admin/openapi.json" in client.get("/docs/start.js").get_data(as_text=True)
