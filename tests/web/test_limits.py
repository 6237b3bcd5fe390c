"""Limits of requests: a request at a limit succeeds, a request above it gets a problem."""

import re
from itertools import product
from typing import Any
from urllib.request import urlopen

import pytest
from flask.testing import FlaskClient
from helpers.raw_http import exchange_raw
from helpers.shipped_api import TOKEN, TRASH

from mockserver.config.settings import Settings
from mockserver.web.admin import ROUTES, Route
from mockserver.web.admin.call import read_body
from mockserver.web.app import create_app

NAMES = {"/sandboxes/<name>": "default", "/sandboxes/<name>/reset": "default"}
ROUTES_WITH_BODY = [route for route in ROUTES if route.request_schema]
RECORD = (
    '{"state": {"records": [["push_notifications/trash", "a", {"x": %s}]], '
    '"overlay": [], "scenarios": [], "clock": {}}}'
)
BODIES = {
    "anything": '{"x": %s}',
    "a state": '{"state": %s}',
    "a record": RECORD,
    "a pattern": '{"bodyPatterns": %s}',
    "headers": '{"headers": %s}',
}


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    """Return one application for all tests of this module, because no test changes it."""
    return create_app(Settings(store="memory:")).test_client()


def nested(kind: str, levels: int) -> str:
    begin, end = {"lists": ("[", "]"), "objects": ('{"a":', "}")}[kind]
    return begin * levels + "1" + end * levels


def problem(response: Any) -> tuple[int, str]:
    return response.status_code, response.json["type"].removeprefix("urn:mockserver:problem:")


@pytest.mark.parametrize(
    "route", ROUTES_WITH_BODY, ids=lambda route: f"{route.method} {route.path}"
)
def test_deeply_nested_bodies_of_the_admin_api_are_400(client: FlaskClient, route: Route) -> None:
    path = "/__admin" + re.sub("<name>", NAMES.get(route.path, "slow"), route.path)
    for name, kind, levels in product(BODIES, ("lists", "objects"), (65, 1000)):
        data = BODIES[name] % nested(kind, levels)
        response = client.open(
            path, method=route.method, data=data, content_type="application/json"
        )
        assert problem(response) == (400, "admin-request-invalid"), (name, kind, levels)


@pytest.mark.parametrize("kind", ["lists", "objects"])
def test_a_body_may_nest_up_to_the_documented_depth(kind: str) -> None:
    data = f'{{"x": {nested(kind, 63)}}}'.encode()
    assert read_body("PUT", "application/json", data)["x"]


@pytest.mark.parametrize("levels", [300, 1000, 100_000])
def test_a_deeply_nested_request_body_is_not_an_internal_error(
    client: FlaskClient, levels: int
) -> None:
    response = client.patch(
        f"{TRASH}/nobody",
        headers=TOKEN,
        data=nested("lists", levels),
        content_type="application/json",
    )
    assert problem(response) == (400, "request-breaks-contract")
    assert [violation["pointer"] for violation in response.json["violations"]] == ["body"]


SIZES = [
    ("PATCH", f"{TRASH}/nobody", 1024 * 1024, (404, "record-not-found")),
    ("POST", "/__admin/requests/count", 16 * 1024 * 1024, (200, "")),
]


@pytest.mark.parametrize(("method", "path", "size", "outcome"), SIZES, ids=["API", "admin API"])
def test_a_body_above_the_maximum_size_is_413(
    client: FlaskClient, method: str, path: str, size: int, outcome: tuple[int, str]
) -> None:
    def send(length: int) -> tuple[int, str]:
        data = b"{" + b" " * (length - 2) + b"}"
        response = client.open(
            path, method=method, headers=TOKEN, data=data, content_type="application/json"
        )
        if response.status_code >= 400:
            return problem(response)
        return response.status_code, ""

    assert send(size) == outcome
    assert send(size + 1) == (413, "body-too-large")


QUERIES = [
    ("limit=1000", 200),
    ("limit=1001", 400),
    ("limit=99999999999999999999", 400),
    (f"searched_text={'x' * 7_900}", 200),
    (f"searched_text={'(a%2B)%2B$' * 100}", 200),
    (f"searched_text={'x' * 8_000}", 414),
]


@pytest.mark.parametrize(("query", "status"), QUERIES, ids=[query[:30] for query, _ in QUERIES])
def test_a_query_within_and_above_the_limits(client: FlaskClient, query: str, status: int) -> None:
    assert client.get(f"{TRASH}?{query}", headers=TOKEN).status_code == status


HEADS = [
    ("the maximum number", b"".join(b"X-%d: 1\r\n" % number for number in range(97)), 200),
    ("too many", b"".join(b"X-%d: 1\r\n" % number for number in range(99)), 431),
    ("a long header", b"X-Long: " + b"x" * 16_000 + b"\r\n", 200),
    ("a header that is too long", b"X-Long: " + b"x" * 17_000 + b"\r\n", 431),
]


@pytest.mark.server
def test_an_endless_request_line_is_rejected(live: str) -> None:
    """gunicorn's parser reads the whole line again at each piece.

    A line of 17 MB blocked a worker with all its clients for half a minute.
    """
    assert exchange_raw(live, b"GET /" + b"a" * 400_000).split()[1] == b"414"
    with urlopen(f"{live}/__admin/metrics") as response:
        assert b'mockserver_requests_total{operation="none",status="414"} ' in response.read()


@pytest.mark.server
@pytest.mark.parametrize(
    ("headers", "status"), [case[1:] for case in HEADS], ids=[case[0] for case in HEADS]
)
def test_headers_within_and_above_the_limits(live: str, headers: bytes, status: int) -> None:
    head = f"GET {TRASH} HTTP/1.1\r\nHost: localhost\r\nX-Access-Token: t\r\n".encode()
    # The server closes the connection after a request in HTTP/1.0.
    request = head.replace(b"HTTP/1.1", b"HTTP/1.0") + headers + b"\r\n"
    assert exchange_raw(live, request).split()[1] == str(status).encode()


@pytest.mark.parametrize(("size", "total"), [(10, 10_000), (10_000, 10_000), (30_000, 30_000)])
def test_all_sandboxes_together_keep_at_least_ten_thousand_exchanges(size: int, total: int) -> None:
    server = create_app(Settings(store="memory:", journal_size=size)).extensions["mockserver"]
    assert server.store._limits.total_exchanges == total
