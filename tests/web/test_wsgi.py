"""Flask's views, the fast path and the HTTP server send equal responses."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.front_client import front_client
from helpers.http_front import Front, running_front
from helpers.repository import ROOT
from helpers.shipped_api import BUSY, EXPORTS, TOKEN, TRASH, TRASHED
from werkzeug.test import create_environ

from mockserver.config.settings import Settings
from mockserver.contract.model import Contract
from mockserver.errors import MalformedRequest
from mockserver.web.app import create_app
from mockserver.web.wsgi import parse_request

ORIGIN = {"Origin": "http://localhost:3000"}
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", EXPORTS, {"headers": TOKEN}),
    ("GET", f"{EXPORTS}?limit=2&offset=1", {"headers": {**TOKEN, **ORIGIN}}),
    ("HEAD", EXPORTS, {"headers": TOKEN}),
    ("GET", f"{EXPORTS}/100", {"headers": TOKEN}),
    ("GET", f"{EXPORTS}/abc", {"headers": TOKEN}),
    ("GET", f"{EXPORTS}/1", {"headers": TOKEN}),
    ("DELETE", f"{EXPORTS}/100", {"headers": {**TOKEN, **ORIGIN}}),
    ("GET", f"{EXPORTS}/100", {"headers": {**TOKEN, "Prefer": "code=404"}}),
    ("GET", f"{EXPORTS}/100", {"headers": {**TOKEN, "Prefer": "code=418"}}),
    ("PATCH", f"{TRASH}/{TRASHED}", {"headers": TOKEN, "data": b"{oops"}),
    ("PATCH", f"{TRASH}/{TRASHED}", {"headers": TOKEN}),
    ("PATCH", f"{TRASH}/{TRASHED}", {"headers": TOKEN, "data": b"x" * 2_000_000}),
    ("GET", f"{TRASH}?searched_text=%C5%99", {"headers": TOKEN}),
    ("GET", TRASH, {"headers": {}}),
    ("POST", TRASH, {"headers": TOKEN}),
    ("OPTIONS", TRASH, {"headers": {}}),
    ("OPTIONS", TRASH, {"headers": {**ORIGIN, "Access-Control-Request-Method": "GET"}}),
    ("OPTIONS", "/api/nothing", {"headers": {**ORIGIN, "Access-Control-Request-Method": "GET"}}),
    ("OPTIONS", "/api/nothing", {"headers": {}}),
    ("GET", "/api/nothing", {"headers": {**TOKEN, **ORIGIN}}),
    ("GET", "/api//push_notifications/trash", {"headers": TOKEN}),
    ("GET", "/api/push_notifications/trash/", {"headers": TOKEN}),
    ("PATCH", "/api/push_notifications/trash/exports", {"headers": TOKEN}),
    ("GET", f"{TRASH}?searched_text={'x' * 10_000}", {"headers": TOKEN}),
    ("GET", "/api/push_notifications/%FF/exports", {"headers": TOKEN}),
    ("GET", "/push_notifications/trash", {"headers": {**TOKEN, **ORIGIN}}),
    ("HEAD", "/push_notifications/trash", {"headers": TOKEN}),
    ("POST", "/v1/push_notifications", {"headers": {**TOKEN, **ORIGIN}, "json": {"name": "x"}}),
    ("POST", "/v1/push_notifications", {"headers": TOKEN, "data": b"x" * 2_000_000}),
    ("OPTIONS", "/push_notifications/trash", {"headers": {}}),
    (
        "OPTIONS",
        "/push_notifications/trash",
        {"headers": {**ORIGIN, "Access-Control-Request-Method": "PUT"}},
    ),
    ("GET", "/~anna/v1/push_notifications", {"headers": {**TOKEN, **ORIGIN}}),
    ("GET", f"/~anna{TRASH}", {"headers": TOKEN}),
    ("GET", "/~a%20b/v1/push_notifications", {"headers": TOKEN}),
    ("GET", f"/{TRASH}", {"headers": TOKEN}),
    ("GET", "/%FF", {"headers": TOKEN}),
    ("GET", "/", {"headers": {}}),
    ("GET", "/", {"headers": {"Accept": "text/html"}}),
    ("POST", "/", {"headers": {}}),
    ("GET", "/~anna", {"headers": {"Accept": "text/html"}}),
    ("GET", "/favicon.ico", {"headers": ORIGIN}),
    ("GET", "/__admin/nothing", {"headers": ORIGIN}),
    ("PUT", "/__admin/reset", {"headers": {}}),
    ("GET", "/docs/nothing", {"headers": {}}),
]


@pytest.mark.parametrize(
    ("method", "target", "call"), CALLS, ids=[f"{m} {t[:60]}" for m, t, _ in CALLS]
)
def test_the_fast_path_and_the_views_send_the_same_responses(
    method: str, target: str, call: dict[str, Any]
) -> None:
    responses = []
    for fast_path in (True, False):
        client = create_app(Settings(store="memory:"), fast_path=fast_path).test_client()
        responses.append(client.open(target, method=method, **call))
    of_fast_path, of_view = responses
    assert of_fast_path.status_code == of_view.status_code
    assert of_fast_path.data == of_view.data
    assert sorted(of_fast_path.headers) == sorted(of_view.headers)


@pytest.fixture(scope="module")
def front(contract: Contract) -> Iterator[Front]:
    """Return the HTTP server. A test that changes something resets it."""
    with running_front(Settings(store="memory:"), contract) as front:
        yield front


SAME_CALLS = [call for call in CALLS if "%FF" not in call[1] and len(call[1]) < 8000]
"""Calls without two differences.

The HTTP server limits the request line. Flask's test client replaces bytes that are not UTF-8.
"""


@pytest.mark.parametrize(
    ("method", "target", "call"), SAME_CALLS, ids=[f"{m} {t[:60]}" for m, t, _ in SAME_CALLS]
)
def test_the_http_server_sends_equal_responses_to_repeated_requests(
    front: Front, method: str, target: str, call: dict[str, Any]
) -> None:
    expected = (
        create_app(Settings(store="memory:")).test_client().open(target, method=method, **call)
    )
    client = front_client(front)
    for _ in range(4 if method in ("GET", "HEAD") else 1):
        response = client.open(target, method=method, **call)
        assert response.status_code == expected.status_code
        assert response.data == expected.data
        assert sorted(response.headers) == sorted(expected.headers)
    front.server.sandboxes.reset("default")


def test_the_operations_are_flask_views_too() -> None:
    rules = {
        (rule.rule, rule.endpoint)
        for rule in create_app(Settings(store="memory:")).url_map.iter_rules()
    }
    assert (
        "/api/push_notifications/trash",
        "operation list-all-trashed-push-notifications",
    ) in rules


def test_a_view_can_be_wrapped_without_the_fast_path() -> None:
    app = create_app(Settings(store="memory:"), fast_path=False)
    view = app.view_functions["operation list-all-trashed-push-notifications"]

    def wrapper(**variables: Any) -> Any:
        response = view(**variables)
        response.headers["X-Wrapped"] = "yes"
        return response

    app.view_functions["operation list-all-trashed-push-notifications"] = wrapper
    assert app.test_client().get(TRASH, headers=TOKEN).headers["X-Wrapped"] == "yes"


def test_head_has_the_length_of_get_and_no_body(client: FlaskClient) -> None:
    get, head = client.get(EXPORTS, headers=TOKEN), client.head(EXPORTS, headers=TOKEN)
    assert head.headers["Content-Length"] == str(len(get.data))
    assert head.data == b""


def test_options_names_the_methods_of_the_path(client: FlaskClient) -> None:
    response = client.options(f"{EXPORTS}/100")
    assert (response.status_code, response.headers["Allow"]) == (204, "DELETE, GET, HEAD, OPTIONS")


def test_a_body_over_the_limit_is_413_with_a_length_and_without(client: FlaskClient) -> None:
    path = f"{TRASH}/{TRASHED}"
    assert client.patch(path, headers=TOKEN, data=b"x" * 1_048_577).status_code == 413
    chunked = {
        "wsgi.input_terminated": True,
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input": io.BytesIO(b"x" * 1_048_577),
    }
    assert client.patch(path, headers=TOKEN, environ_overrides=chunked).status_code == 413
    content: Any = client.get(TRASH, headers=TOKEN).json
    assert content["trashed_push_notifications"][0]["id"] == TRASHED


class SocketInput(io.BytesIO):
    """A body of Werkzeug's server: the socket, where a read beyond the body would block."""

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        assert data, "this read would block"
        return data


def test_no_byte_is_read_after_a_body_over_the_limit(client: FlaskClient) -> None:
    body = {"wsgi.input": SocketInput(b"x" * 1_048_577), "CONTENT_LENGTH": "1048577"}
    response = client.patch(f"{TRASH}/{TRASHED}", headers=TOKEN, environ_overrides=body)
    assert response.json["title"] == "Request body too large"


def test_a_url_of_10_kb_is_414(client: FlaskClient) -> None:
    response = client.get(f"{TRASH}?searched_text={'x' * 10_000}", headers=TOKEN)
    assert (response.status_code, response.content_type) == (414, "application/problem+json")


def test_a_path_that_is_not_utf8_is_400(client: FlaskClient) -> None:
    response = client.get(
        "/api/push_notifications/trash", headers=TOKEN, environ_overrides={"PATH_INFO": "/api/\xff"}
    )
    assert (response.status_code, response.json["type"]) == (
        400,
        "urn:mockserver:problem:malformed-request",
    )


def test_a_query_that_is_not_utf8_is_400(client: FlaskClient) -> None:
    response = client.get(f"{TRASH}?searched_text=%FF", headers=TOKEN)
    assert (response.status_code, response.json["type"]) == (
        400,
        "urn:mockserver:problem:malformed-request",
    )


def test_a_path_may_have_any_characters(client: FlaskClient) -> None:
    response = client.get("/api/push_notifications/příliš/exports", headers=TOKEN)
    assert response.json["push_notification_exports"] == []


OPERATIONS = [
    ("GET", EXPORTS),
    ("GET", f"{EXPORTS}/100"),
    ("DELETE", f"{EXPORTS}/100"),
    ("GET", TRASH),
    ("PATCH", f"{TRASH}/{TRASHED}"),
]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_page_on_localhost_may_call_all_five_operations(
    client: FlaskClient, method: str, path: str
) -> None:
    preflight_headers = {
        **ORIGIN,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "x-access-token",
    }
    preflight = client.options(path, headers=preflight_headers)
    assert preflight.status_code == 204
    assert method in preflight.headers["Access-Control-Allow-Methods"]
    assert preflight.headers["Access-Control-Allow-Headers"] == "x-access-token"
    response = client.open(path, method=method, headers={**TOKEN, **ORIGIN})
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert response.headers["Access-Control-Allow-Credentials"] == "true"
    assert response.headers["Vary"] == "Origin"
    assert "Preference-Applied" in response.headers["Access-Control-Expose-Headers"]


def test_a_page_can_read_problems(client: FlaskClient) -> None:
    for path in (f"{EXPORTS}?limit=x", "/api/nothing"):
        response = client.get(path, headers={**TOKEN, **ORIGIN})
        assert response.headers["Access-Control-Allow-Origin"] == ORIGIN["Origin"]


PATHS_WITH_VIEW = [
    "/__admin",
    "/__admin/",
    "/__admin/scenarios",
    "/__admin/health",
    "/__admin/reset",
    "/~anna/__admin/health",
    "/openapi.json",
    "/docs",
    "/",
    "/~anna/",
]
PATHS_WITHOUT_VIEW = [
    "/__admin/nothing",
    "/__admin/nothing/at/all",
    "/__admin/api/push_notifications/trash",
    "/__admin//health",
    "/__admin/../api",
    "/__admin/panel/nothing.js",
    "/~anna/__admin/nothing",
    "/openapi.json/nothing",
    "/docs/nothing",
    "/favicon.ico",
]


@pytest.mark.parametrize("fast_path", [True, False], ids=["fast path", "views"])
@pytest.mark.parametrize("path", [*PATHS_WITH_VIEW, *PATHS_WITHOUT_VIEW])
def test_only_the_api_has_cors_headers(path: str, fast_path: bool) -> None:
    client = create_app(Settings(store="memory:"), fast_path=fast_path).test_client()
    asked = {**ORIGIN, "Access-Control-Request-Method": "PUT"}
    assert (client.get(path).status_code == 404) is (path in PATHS_WITHOUT_VIEW)
    responses = [client.get(path), client.options(path, headers=asked)]
    responses += [
        client.open(path, method=method, headers=ORIGIN)
        for method in ("GET", "POST", "DELETE", "PROPFIND")
    ]
    for response in responses:
        assert not [name for name in dict(response.headers) if name.startswith("Access-Control")]
    assert client.get("/__admin/requests").json["requests"] == []


def test_the_push_notification_of_the_docs_is_the_shipped_one(client: FlaskClient) -> None:
    named = re.findall(
        r"/api/push_notifications/([0-9a-f-]{36})/exports", (ROOT / "README.md").read_text()
    )
    assert set(named) == {BUSY}
    assert (
        client.get(f"/api/push_notifications/{named[0]}/exports/100", headers=TOKEN).status_code
        == 200
    )


@pytest.mark.parametrize(
    ("raw", "script", "path", "segments"),
    [
        (None, "", "/v1/a/b", None),
        ("/v1/a/b", "", "/v1/a/b", None),
        ("/v1/a%2Fb", "", "/v1/a/b", ("v1", "a/b")),
        ("http://h:1/v1/a%2Fb?x", "", "/v1/a/b", ("v1", "a/b")),
        ("/~anna/v1/a%2Fb", "/~anna", "/v1/a/b", ("v1", "a/b")),
        ("/%7Eanna/v1/a%2Fb", "/~anna", "/v1/a/b", ("v1", "a/b")),
        ("/in/side/~anna/v1/a%2Fb", "/in/side/~anna", "/v1/a/b", ("v1", "a/b")),
        ("/other/a%2Fb", "", "/v1/a/b", None),
    ],
)
def test_a_raw_target_is_used_only_if_it_is_the_path(
    raw: str | None, script: str, path: str, segments: object
) -> None:
    environ = {**create_environ("/"), "SCRIPT_NAME": script, "PATH_INFO": path}
    del environ["RAW_URI"]
    if raw is not None:
        environ["RAW_URI"] = raw
    assert parse_request(environ, 0).segments == segments


def test_an_encoded_slash_before_the_path_of_the_api_is_rejected() -> None:
    environ = {
        **create_environ("/"),
        "SCRIPT_NAME": "/~anna",
        "PATH_INFO": "/v1/a",
        "RAW_URI": "/~anna%2Fv1/a",
    }
    with pytest.raises(MalformedRequest):
        parse_request(environ, 0)
