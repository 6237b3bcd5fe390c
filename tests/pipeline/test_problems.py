"""Problem responses of the API: the token, invalid requests, unknown paths and methods, bugs."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from helpers.shipped_api import EXPORTS, TRASH, TRASHED

from mockserver.contract.examples import example_path
from mockserver.contract.model import Contract
from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer

Ask = Callable[..., Response]


def json(response: Response) -> Any:
    return orjson.loads(response.body)


def problem(response: Response) -> tuple[int, str]:
    assert dict(response.headers)["Content-Type"] == "application/problem+json"
    document = json(response)
    assert document["status"] == response.status
    return response.status, document["type"].removeprefix("urn:mockserver:problem:")


@pytest.mark.parametrize("token", ["", "   "])
def test_a_missing_token_is_401(contract: Contract, ask: Ask, token: str) -> None:
    for served in contract.served:
        response = ask(served.operation.method, example_path(served), x_access_token=token)
        assert problem(response) == (401, "access-token-missing")


INVALID = [
    ("GET", f"{EXPORTS}?limit=abc", "query/limit", 'string "abc"'),
    ("GET", f"{EXPORTS}?limit=-1", "query/limit", 'string "-1"'),
    ("GET", f"{EXPORTS}?limit=", "query/limit", 'string ""'),
    (
        "GET",
        f"{EXPORTS}?offset=99999999999999999999",
        "query/offset",
        'string "99999999999999999999"',
    ),
    ("GET", f"{EXPORTS}?limit=1&limit=2", "query/limit", "2 values"),
    ("GET", f"{EXPORTS}/abc", "path/export_id", 'string "abc"'),
    ("DELETE", f"{EXPORTS}/1.5", "path/export_id", 'string "1.5"'),
    ("GET", f"{TRASH}?offset=x", "query/offset", 'string "x"'),
]


@pytest.mark.parametrize(
    ("method", "target", "pointer", "actual"),
    INVALID,
    ids=[target[-30:] for _, target, _, _ in INVALID],
)
def test_a_request_that_breaks_the_contract_is_400_with_its_violations(
    ask: Ask, method: str, target: str, pointer: str, actual: str
) -> None:
    response = ask(method, target)
    assert problem(response) == (400, "request-breaks-contract")
    assert [(v["pointer"], v["actual"]) for v in json(response)["violations"]] == [
        (pointer, actual)
    ]


def test_every_violation_is_listed(ask: Ask) -> None:
    response = ask("GET", f"{EXPORTS}?limit=abc&offset=-2", body=b"{oops")
    assert [v["pointer"] for v in json(response)["violations"]] == [
        "query/limit",
        "query/offset",
        "body",
    ]


def test_a_body_that_is_not_json_is_rejected(ask: Ask) -> None:
    assert problem(ask("PATCH", f"{TRASH}/{TRASHED}", body=b"{oops")) == (
        400,
        "request-breaks-contract",
    )
    assert ask("PATCH", f"{TRASH}/{TRASHED}", body=b"{}").status == 200


def test_unknown_query_variables_are_ignored(ask: Ask) -> None:
    response = ask("GET", f"{EXPORTS}?utm_source=x")
    assert (response.status, response.body) == (200, ask("GET", EXPORTS).body)


UNKNOWN = [
    "/api",
    "/api/",
    "/api/push_notifications",
    f"{EXPORTS}/100/",
    "/api/push_notifications//exports",
    "/api/nothing",
]


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_path_is_404(ask: Ask, path: str) -> None:
    assert problem(ask("GET", path)) == (404, "unknown-operation")


ALLOWED = [
    (EXPORTS, "POST", "GET, HEAD, OPTIONS"),
    (f"{EXPORTS}/100", "PUT", "DELETE, GET, HEAD, OPTIONS"),
    (f"{TRASH}/{TRASHED}", "GET", "OPTIONS, PATCH"),
    ("/api/push_notifications/trash/exports", "PUT", "GET, HEAD, OPTIONS, PATCH"),
    ("/api/push_notifications/trash/exports", "DELETE", "GET, HEAD, OPTIONS, PATCH"),
]


@pytest.mark.parametrize(
    ("path", "method", "allow"),
    ALLOWED,
    ids=[f"{method} {path[-20:]}" for path, method, _ in ALLOWED],
)
def test_a_known_path_with_another_method_is_405_with_the_union_of_its_templates(
    ask: Ask, path: str, method: str, allow: str
) -> None:
    response = ask(method, path)
    assert problem(response) == (405, "method-not-allowed")
    assert dict(response.headers)["Allow"] == allow


def test_head_is_answered_like_get(ask: Ask) -> None:
    response = ask("HEAD", EXPORTS)
    assert response == ask("GET", EXPORTS)
    assert response.status == 200


def test_an_internal_error_is_a_problem_without_a_traceback(
    server: MockServer, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(server.contracts.main.router, "match", broken)
    response = ask("GET", EXPORTS)
    assert problem(response) == (500, "internal-error")
    assert b"secret" not in response.body
