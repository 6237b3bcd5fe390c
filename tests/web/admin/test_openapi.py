"""`/__admin/openapi.json`: the responses of every route are validated against the document."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import flask
import jsonschema_rs
import pytest
from flask.testing import FlaskClient
from helpers.admin_routes import (
    QUERIES,
    RECORD,
    VARIABLES,
    bodies,
    call_route,
    name_of,
    target,
    upload_counter,
)
from helpers.shipped_api import EXPORTS, TOKEN, TRASH
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from mockserver.config.settings import Settings
from mockserver.config.shipped import SCHEMAS
from mockserver.contract.api_files import ApiFiles
from mockserver.errors import StoreUnavailable
from mockserver.web import app as web_app
from mockserver.web import event_streams
from mockserver.web.admin import ROUTES, Route
from mockserver.web.admin.openapi import problems
from mockserver.web.app import create_app


@pytest.fixture(scope="module")
def app() -> flask.Flask:
    """Return one application for all tests of this module. Each test starts with a reset."""
    return create_app(Settings(store="memory:"))


@pytest.fixture
def used_client(app: flask.Flask) -> FlaskClient:
    """Return a client of a server whose journal has exchanges of each kind."""
    client = app.test_client()
    client.post("/__admin/reset", json={})
    client.delete("/__admin/bindings")  # a reset keeps them
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
    return dict(app.test_client().get("/__admin/openapi.json").json or {})


def operation(document: dict[str, Any], route: Route) -> dict[str, Any]:
    path = "/__admin" + re.sub(r"<(\w+)>", r"{\1}", route.path)
    return dict(document["paths"][path][route.method.lower()])


def violations(document: dict[str, Any], route: Route, response: Any) -> list[str]:
    """Return the differences between a response and the document."""
    documented = operation(document, route)["responses"].get(str(response.status_code))
    if documented is None:
        return [f"undocumented status {response.status_code}: {response.get_data(as_text=True)}"]
    media = documented["content"].get(response.content_type)
    if media is None:
        return [f"undocumented type {response.content_type}"]
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
    name = name_of(route)
    assert route.response_schema, f"add a `response_schema` to {name} in ROUTES"
    has_body = route.method in ("POST", "PUT", "PATCH")
    assert bool(route.request_schema) == has_body, f"{name}: check `request_schema` in ROUTES"
    unknown = set(re.findall(r"<(\w+)>", route.path)) - set(VARIABLES)
    assert not unknown, f"add an existing value of {unknown} to VARIABLES of this test, for {name}"


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.media == "application/json"], ids=name_of
)
def test_each_response_matches_its_schema(
    used_client: FlaskClient, document: dict[str, Any], route: Route
) -> None:
    for body in bodies(route):
        response = call_route(used_client, route, body)
        assert response.status_code == 200, response.json
        assert violations(document, route, response) == []


@pytest.mark.parametrize(
    "query", ["", "?limit=1", "?unmatched=true&method=POST", "?since=2020-01-01T00:00:00Z"]
)
def test_each_response_with_the_journal_matches_its_schema(
    used_client: FlaskClient, document: dict[str, Any], query: str
) -> None:
    route = next(route for route in ROUTES if name_of(route) == "GET /requests")
    response = call_route(used_client, route, query=query)
    assert response.json["requests"]
    assert violations(document, route, response) == []


class UnavailableStore:
    """A store that does not respond to any call."""

    def __getattr__(self, name: str) -> Any:
        raise StoreUnavailable("it does not respond")


def store_down(route: Route, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    server = client.application.extensions["mockserver"]
    if route.path.startswith("/apis"):
        name = upload_counter(client)
        monkeypatch.setattr(server.uploads, "_store", UnavailableStore())
        return call_route(client, route, name=name)
    monkeypatch.setattr(server, "store", UnavailableStore())
    monkeypatch.setattr(server.sandboxes, "_store", UnavailableStore())
    return call_route(client, route, exchange="1")


def internal_error(route: Route, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(Route, "call", lambda *_, **__: 1 / 0)
    return call_route(client, route, exchange="1")


def body_too_large(route: Route, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(web_app, "max_admin_body", lambda *_: 10)
    return call_route(client, route, {"more_than": "ten bytes"})


def sandbox_too_large(route: Route, _: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call a route whose change makes the sandbox too large.

    The server accepts only its first state, in which two scenarios are on.
    """
    app = create_app(
        Settings(store="memory:", scenarios=("slow", "empty-lists"), max_sandbox_bytes=1)
    )
    monkeypatch.setattr(app.extensions["mockserver"], "settings", Settings(store="memory:"))
    return call_route(app.test_client(), route)


def too_many_streams(route: Route, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(event_streams, "MAX_STREAMS", 0)
    return call_route(client, route)


def admin_token_missing(route: Route, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    body = {"token": "another"} if route.path == "/session" else None
    app = create_app(Settings(store="memory:", admin_token="secret"))
    return call_route(app.test_client(), route, body, exchange="1")


def admin_request_invalid(route: Route, client: FlaskClient, _: pytest.MonkeyPatch) -> Any:
    if route.query:
        return call_route(client, route, query="?nonsense=1")
    return call_route(client, route, {"nonsense": [1]})


def record_not_found(route: Route, client: FlaskClient, _: pytest.MonkeyPatch) -> Any:
    if route.query:
        query = {**QUERIES.get((route.method, route.path), {}), "collection": "nope"}
        return call_route(client, route, query=f"?{urlencode(query)}")
    return call_route(client, route, {**bodies(route)[0], "collection": "nope"})


def contract_unavailable(route: Route, client: FlaskClient, _: pytest.MonkeyPatch) -> Any:
    """Call a route for a sandbox that has chosen a contract of another server."""
    url = target(client, route)
    store = client.application.extensions["mockserver"].store
    store.change("default", lambda state: (replace(state, contract="next"), None))
    query = urlencode(QUERIES.get((route.method, route.path), {}))
    arguments = {"json": bodies(route)[0]} if route.request_schema else {}
    response = client.open(f"{url}?{query}", method=route.method, **arguments)
    store.change("default", lambda state: (replace(state, contract=""), None))
    return response


def api_invalid(route: Route, _: FlaskClient, __: pytest.MonkeyPatch) -> Any:
    client = create_app(Settings(store="memory:")).test_client()
    name = upload_counter(client, "push_notifications")
    if route.method == "PUT":
        return call_route(client, route, {"blueprint": "# Nothing"}, name=name)
    original = (SCHEMAS / "push_notifications/push_notifications.apib").read_text()
    uploads = client.application.extensions["mockserver"].uploads
    uploads.put("", ApiFiles("copy", original))
    return call_route(client, route, name=name)


def upload_not_served(route: Route, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    name = upload_counter(client)
    store = client.application.extensions["mockserver"].store
    monkeypatch.setattr(store.uploads, "begin", lambda: False)
    return call_route(client, route, name=name)


def route_not_found(route: Route, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    if route.path == "/coverage":
        app = create_app(Settings(store="memory:", coverage=False))
        return call_route(app.test_client(), route)
    if route.method == "PUT":
        uploads = client.application.extensions["mockserver"].uploads
        monkeypatch.setattr(uploads, "_reader", None)
    return call_route(client, route, name="nope")


WAYS: dict[str, Callable[[Route, FlaskClient, pytest.MonkeyPatch], Any]] = {
    "sandbox-name-invalid": lambda route, client, _: client.open(
        target(client, route), method=route.method, headers={"X-Mock-Sandbox": "a b"}, json={}
    ),
    "target-too-long": lambda route, client, _: call_route(client, route, query="?x=" + "y" * 9000),
    "internal-error": internal_error,
    "store-unavailable": store_down,
    "admin-request-invalid": admin_request_invalid,
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
    "contract-unavailable": contract_unavailable,
    "unknown-scenario": lambda route, client, _: call_route(client, route, name="nope"),
    "unknown-sandbox": lambda route, client, _: call_route(client, route, name="nobody"),
    "record-not-found": record_not_found,
    "transition-not-allowed": lambda route, client, _: call_route(
        client, route, {**RECORD, "to": "nowhere"}
    ),
    "too-many-streams": too_many_streams,
    "api-invalid": api_invalid,
    "upload-not-served": upload_not_served,
    "route-not-found": route_not_found,
    "host-not-allowed": lambda route, client, _: client.open(
        target(client, route), method=route.method, json={}, headers={"Host": "evil.test"}
    ),
    "origin-not-allowed": lambda route, client, _: client.open(
        target(client, route), method=route.method, json={}, headers={"Origin": "http://evil.test"}
    ),
    "admin-token-missing": admin_token_missing,
    "unknown-exchange": lambda route, client, _: call_route(client, route, exchange="nope"),
}
"""Slug of a problem to a function that provokes it at a route."""
NEEDS_NO_STORE = {
    "/openapi.json",
    "/session",
    "/contract",
    "/apis",
    "GET /apis/<name>",
    "/version",
    "/settings",
    "/metrics",
    "/near-misses/request",
}


def documented_problems() -> Iterator[Any]:
    """Yield each route with each of its documented problems."""
    for route in ROUTES:
        for kind in problems(route):
            needs_store = kind.slug in ("store-unavailable", "contract-unavailable")
            needs_no_store = {route.path, name_of(route)} & NEEDS_NO_STORE
            if not needs_store or not needs_no_store:
                yield pytest.param(route, kind.slug, id=f"{route.method} {route.path} {kind.slug}")


@pytest.mark.parametrize(("route", "slug"), list(documented_problems()))
def test_each_problem_matches_its_description(
    used_client: FlaskClient,
    document: dict[str, Any],
    route: Route,
    slug: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert slug in WAYS, f"add a function that provokes {slug} to WAYS of this test"
    response = WAYS[slug](route, used_client, monkeypatch)
    assert response.json["type"] == f"urn:mockserver:problem:{slug}", response.json
    assert violations(document, route, response) == []


@pytest.mark.parametrize("route", [route for route in ROUTES if "<" in route.path], ids=name_of)
def test_responses_for_missing_records_match_openapi(
    used_client: FlaskClient, document: dict[str, Any], route: Route
) -> None:
    response = call_route(used_client, route, **dict.fromkeys(VARIABLES, "nobody"))
    assert violations(document, route, response) == []


def test_a_response_with_an_undocumented_member_is_detected(
    used_client: FlaskClient, document: dict[str, Any]
) -> None:
    """The test above can fail."""
    route = next(route for route in ROUTES if route.path == "/version")
    response = call_route(used_client, route)
    assert violations(document, route, response) == []
    response.set_data(b'{"colour": "red", ' + response.data[1:])
    assert violations(document, route, response) == [
        "Additional properties are not allowed ('colour' was unexpected)"
    ]


def invalid_variants(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield variants of a JSON value with one invalid part, each with the pointer of the part.

    The part has another type, or a missing or an additional member.
    """
    yield pointer, {} if isinstance(value, list) else []
    if isinstance(value, str):
        yield f"{pointer} not text", 1.5
    if isinstance(value, list) and value:
        for inner_pointer, variant in invalid_variants(value[0], f"{pointer}/0"):
            yield inner_pointer, [variant, *value[1:]]
    if isinstance(value, dict):
        yield f"{pointer}/+", {**value, "additional": []}
        for name, member in value.items():
            yield f"{pointer}/-{name}", {key: value[key] for key in value if key != name}
            for inner_pointer, variant in invalid_variants(member, f"{pointer}/{name}"):
                yield inner_pointer, {**value, name: variant}


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
"""More of these parts, by route. Settings have any value, a described request any members."""


def validator(document: dict[str, Any], route: Route) -> Any:
    content = operation(document, route)["responses"]["200"]["content"]["application/json"]
    schema = {**content["schema"], "components": document["components"]}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


@pytest.mark.parametrize("route", WITH_JSON, ids=name_of)
def test_each_schema_describes_its_response_completely(
    used_client: FlaskClient, document: dict[str, Any], route: Route
) -> None:
    response = call_route(used_client, route, bodies(route)[-1])
    is_valid = validator(document, route).is_valid
    loose = LOOSE_IN.get(route.path, LOOSE)
    undetected = []
    for pointer, variant in invalid_variants(response.json):
        is_loose = LOOSE.fullmatch(pointer) or loose.fullmatch(pointer.removesuffix(" not text"))
        if is_valid(variant) and not is_loose:
            undetected.append(pointer)
    assert undetected == []


def test_the_timestamp_of_the_health_check_has_the_format_date_time(
    used_client: FlaskClient, document: dict[str, Any]
) -> None:
    (route,) = [route for route in ROUTES if route.path == "/health"]
    health: Any = call_route(used_client, route).json
    is_valid = validator(document, route).is_valid
    assert is_valid(health)
    assert not is_valid({**health, "timestamp": "yesterday"})


def test_the_docs_page_can_show_the_document(client: FlaskClient) -> None:
    assert 'href="docs?admin"' in client.get("/docs").get_data(as_text=True)
    assert "__admin/openapi.json" in client.get("/docs/start.js").get_data(as_text=True)
