"""The admin token: headers and sessions. No output contains the token."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.admin import SECRET, problem_slug
from helpers.shipped_api import EXPORTS, TOKEN

from mockserver.web import admin_token

COOKIE = admin_token.cookie_name(SECRET)
LATER = 10**11
"""A Unix time in the far future."""
EXPIRED_SESSION = admin_token.session_value(SECRET, 1_000_000_000)


TOKENS: list[tuple[str, dict[str, str], bool]] = [
    ("none", {}, False),
    ("bearer", {"Authorization": f"Bearer {SECRET}"}, True),
    ("bearer in another case", {"Authorization": f"bearer  {SECRET}"}, True),
    ("header", {"X-Mock-Admin-Token": SECRET}, True),
    (
        "cookie",
        {"Cookie": f"a=b; {COOKIE}={admin_token.session_value(SECRET, LATER)}"},
        True,
    ),
    (
        "cookie twice",
        {"Cookie": f"{COOKIE}=x; {COOKIE}={admin_token.session_value(SECRET, LATER)}"},
        True,
    ),
    ("basic", {"Authorization": f"Basic {SECRET}"}, False),
    ("wrong", {"Authorization": "Bearer correct-horse-batterx"}, False),
    ("a part", {"Authorization": f"Bearer {SECRET[:-1]}"}, False),
    ("more", {"Authorization": f"Bearer {SECRET}x"}, False),
    ("empty", {"Authorization": "Bearer "}, False),
    ("empty header", {"X-Mock-Admin-Token": ""}, False),
    ("not ASCII", {"X-Mock-Admin-Token": "é"}, False),
    ("the API's token", {"X-Access-Token": SECRET}, False),
    (
        "an expired session",
        {"Cookie": f"{COOKIE}={EXPIRED_SESSION}"},
        False,
    ),
    (
        "an expired session with a later time",
        {"Cookie": f"{COOKIE}=9{EXPIRED_SESSION}"},
        False,
    ),
    (
        "a session of another token",
        {"Cookie": f"{COOKIE}={admin_token.session_value('another', LATER)}"},
        False,
    ),
    (
        "a session of many digits",
        {"Cookie": f"{COOKIE}={'9' * 5000}.00"},
        False,
    ),
    ("the token as cookie", {"Cookie": f"{COOKIE}={SECRET}"}, False),
]


@pytest.mark.parametrize(
    ("headers", "fits"), [case[1:] for case in TOKENS], ids=[case[0] for case in TOKENS]
)
def test_with_an_admin_token_every_call_must_send_it(
    make_client: Any, headers: dict[str, str], fits: bool
) -> None:
    client = make_client(admin_token=SECRET)
    calls = [
        ("GET", "/__admin/scenarios"),
        ("DELETE", "/__admin/requests"),
        ("PUT", "/~anna/__admin/scenarios/slow"),
    ]
    for method, path in calls:
        response = client.open(
            path, method=method, headers=headers, json={} if method == "PUT" else None
        )
        assert (response.status_code, problem_slug(response)) == (
            (200, None) if fits else (401, "admin-token-missing")
        )
        if not fits:
            assert response.headers["WWW-Authenticate"].startswith("Bearer ")
    assert client.get(EXPORTS, headers={**TOKEN, **headers}).status_code == 200


def test_every_route_except_health_version_and_session_needs_the_token(make_client: Any) -> None:
    client = make_client(admin_token=SECRET)
    open_routes = set()
    for rule in client.application.url_map.iter_rules():
        path = re.sub(r"<[^>]*>", "default", rule.rule)
        for method in (rule.methods or set()) - {"OPTIONS"}:
            if (
                rule.rule.startswith("/__admin")
                and client.open(path, method=method, json={}).status_code != 401
            ):
                open_routes.add(f"{method} {rule.rule}")
    pages = {route for route in open_routes if re.search(r" /__admin(/|/panel/.*)?$", route)}
    assert open_routes - pages == {
        "GET /__admin/health",
        "HEAD /__admin/health",
        "GET /__admin/version",
        "HEAD /__admin/version",
        "POST /__admin/session",
        "DELETE /__admin/session",
    }


def test_a_session_cookie_replaces_the_token(make_client: Any) -> None:
    client = make_client(admin_token=SECRET, cookies=True)
    assert client.get("/__admin/clock").status_code == 401
    response = client.post("/__admin/session", json={"token": SECRET})
    set_cookie = response.headers["Set-Cookie"]
    assert all(part in set_cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/"))
    assert SECRET not in set_cookie
    assert response.json["expires_at"] > 1_700_000_000
    assert client.get("/__admin/clock").status_code == 200
    assert client.get("/~anna/__admin/clock").status_code == 200
    assert (
        client.get("/__admin/clock", headers={"Origin": "http://localhost:3000"}).status_code == 403
    )
    assert client.delete("/__admin/session").status_code == 200
    assert client.get("/__admin/clock").status_code == 401


NO_SESSIONS = [
    ({"json": {"token": "wrong"}}, 401),
    ({"json": {"token": ""}}, 401),
    ({"json": {"token": "\ud800"}}, 401),
    ({"json": {"token": 1}}, 400),
    ({"json": {}}, 400),
    ({"data": {"token": SECRET}}, 415),
    ({"json": {"token": SECRET}, "headers": {"Origin": "http://evil.test"}}, 403),
]


@pytest.mark.parametrize(
    ("sent", "status"),
    NO_SESSIONS,
    ids=[f"{i} {status}" for i, (_, status) in enumerate(NO_SESSIONS)],
)
def test_a_wrong_token_gets_no_session(make_client: Any, sent: dict[str, Any], status: int) -> None:
    response = make_client(admin_token=SECRET).post("/__admin/session", **sent)
    if sent.get("json") == {"token": "\ud800"}:
        status = 400  # a surrogate is not valid UTF-8, so the body is not JSON
    assert (response.status_code, "Set-Cookie" in response.headers) == (status, False)


def test_a_server_without_a_token_needs_no_session(client: FlaskClient) -> None:
    response = client.post("/__admin/session", json={"token": "any"})
    assert (response.json, "Set-Cookie" in response.headers) == ({"expires_at": None}, False)
    assert client.delete("/__admin/session").json == {"expires_at": None}


def test_no_response_contains_the_admin_token(
    make_client: Any, caplog: pytest.LogCaptureFixture
) -> None:
    client, authorization = make_client(admin_token=SECRET), {"Authorization": f"Bearer {SECRET}"}
    settings_response = client.get("/__admin/settings", headers=authorization)
    assert settings_response.json["admin_token"] == "***"
    both_headers = {**TOKEN, **authorization, "X-Mock-Admin-Token": SECRET}
    assert client.get(EXPORTS, headers=both_headers).status_code == 200
    wrong = {"Authorization": f"Bearer {SECRET}x"}
    assert client.get("/__admin/scenarios", headers=wrong).status_code == 401
    assert client.post("/__admin/session", json={"token": SECRET + "x"}).status_code == 401
    journal = client.get("/__admin/requests", headers=authorization)
    sandboxes = client.get("/__admin/sandboxes", headers=authorization)
    assert [exchange["path"] for exchange in journal.json["requests"]] == [EXPORTS]
    assert [sandbox["name"] for sandbox in sandboxes.json["sandboxes"]] == ["default"]
    for response in (settings_response, journal, sandboxes):
        assert SECRET not in response.text
    assert SECRET not in caplog.text
    assert SECRET not in repr(client.application.extensions["mockserver"].settings)
