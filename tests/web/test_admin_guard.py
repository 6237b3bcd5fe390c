"""The guard of the admin API: origins, headers, and routes that need no token."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.admin import SECRET, problem_slug
from helpers.repository import ROOT
from helpers.shipped_api import EXPORTS, TOKEN

from mockserver.config.settings import Settings
from mockserver.web.admin import ROUTES
from mockserver.web.admin_access import open_admin_warning
from mockserver.web.app import create_app

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
"""The security headers of every response of the admin API."""
JSON = {"Content-Type": "application/json"}


ORIGINS: list[tuple[str, dict[str, str], bool]] = [
    ("curl", {}, True),
    ("the panel", {"Origin": "http://localhost:8080"}, True),
    ("a configured page", {"Origin": "https://panel.example.com"}, True),
    ("null", {"Origin": "null"}, False),
    ("empty", {"Origin": ""}, False),
    ("another site", {"Origin": "http://evil.test"}, False),
    ("another port", {"Origin": "http://localhost:3000"}, False),
    ("no port", {"Origin": "http://localhost"}, False),
    ("another scheme", {"Origin": "https://localhost:8080"}, False),
    ("another name of this machine", {"Origin": "http://127.0.0.1:8080"}, False),
    ("our origin as prefix", {"Origin": "http://localhost:8080.evil.test"}, False),
    ("our origin as suffix", {"Origin": "http://evil.test/http://localhost:8080"}, False),
    ("two origins", {"Origin": "http://localhost:8080, http://evil.test"}, False),
    ("the configured origin as prefix", {"Origin": "https://panel.example.com.evil.test"}, False),
    ("a subdomain of the configured origin", {"Origin": "https://a.panel.example.com"}, False),
    (
        "typed into the address bar",
        {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
        True,
    ),
    (
        "a link",
        {
            "Sec-Fetch-Site": "cross-site",
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document",
        },
        True,
    ),
    (
        "a script of the panel",
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
        True,
    ),
    (
        "an image",
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        False,
    ),
    (
        "an image of another port",
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
        False,
    ),
    (
        "a frame",
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        False,
    ),
    ("an invalid site", {"Sec-Fetch-Site": "same-origin, cross-site"}, False),
]


@pytest.mark.parametrize(
    ("headers", "fits"), [case[1:] for case in ORIGINS], ids=[case[0] for case in ORIGINS]
)
def test_only_the_panel_and_configured_pages_are_allowed(
    make_client: Any, headers: dict[str, str], fits: bool
) -> None:
    client = make_client(admin_origins=("https://panel.example.com",))
    for path, problem in (("/scenarios", None), ("/nope", "route-not-found")):
        for prefix in ("", "/~anna"):
            response = client.get(
                f"{prefix}/__admin{path}", headers={"Host": "localhost:8080", **headers}
            )
            assert problem_slug(response) == (problem if fits else "origin-not-allowed")
    if "Origin" in headers:
        response = client.put(
            "/__admin/scenarios/slow", json={}, headers={"Host": "localhost:8080", **headers}
        )
        assert (response.status_code, problem_slug(response)) == (
            (200, None) if fits else (403, "origin-not-allowed")
        )
        scenario = client.get("/__admin/scenarios/slow", headers={"Host": "localhost"}).json
        assert scenario["on"] is fits


def test_origin_null_is_rejected_even_if_it_is_configured(make_client: Any) -> None:
    client = make_client(admin_origins=("null", "*"))
    response = client.get("/__admin/health", headers={"Origin": "null"})
    assert problem_slug(response) == "origin-not-allowed"


def test_a_form_of_another_page_is_rejected(client: FlaskClient) -> None:
    headers = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }
    response = client.post("/__admin/reset", json={}, headers=headers)
    assert problem_slug(response) == "origin-not-allowed"


def test_proxy_headers_do_not_bypass_the_guard(make_client: Any) -> None:
    proxy_headers = {
        "X-Forwarded-Host": "localhost",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=localhost",
        "X-Host": "localhost",
    }
    foreign_host = {"Host": "evil.test", **proxy_headers}
    response = make_client().get("/__admin/health", headers=foreign_host)
    assert problem_slug(response) == "host-not-allowed"
    https = {"Host": "localhost", "Origin": "https://localhost", **proxy_headers}
    response = make_client().get("/__admin/health", headers=https)
    assert problem_slug(response) == "origin-not-allowed"


def test_only_configured_origins_may_read_and_write(make_client: Any) -> None:
    client = make_client(admin_origins=("https://panel.example.com",), admin_token=SECRET)
    page = {"Origin": "https://panel.example.com"}
    preflight_headers = {
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    preflight = client.options("/__admin/scenarios/slow", headers={**page, **preflight_headers})
    assert (preflight.status_code, preflight.data) == (204, b"")
    assert preflight.headers["Access-Control-Allow-Origin"] == page["Origin"]
    assert "PUT" in preflight.headers["Access-Control-Allow-Methods"]
    assert preflight.headers["Access-Control-Allow-Headers"] == "authorization,content-type"
    response = client.put(
        "/__admin/scenarios/slow", json={}, headers={**page, "Authorization": f"Bearer {SECRET}"}
    )
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == page["Origin"]
    response = client.get("/__admin/clock", headers=page)
    assert response.headers["Access-Control-Allow-Origin"] == page["Origin"]
    for origin in ("http://localhost:3000", "http://localhost", "https://evil.test"):
        for response in (
            client.options(
                "/__admin/scenarios/slow", headers={"Origin": origin, **preflight_headers}
            ),
            client.get("/__admin/health", headers={"Origin": origin}),
        ):
            assert not [
                name for name in dict(response.headers) if name.startswith("Access-Control")
            ]


@pytest.mark.parametrize(
    ("headers", "slug"),
    [
        ({"Host": "evil.test"}, "host-not-allowed"),
        ({"Host": "localhost:8080", "Origin": "http://evil.test"}, "origin-not-allowed"),
        ({"Host": "localhost:8080", "Origin": "null"}, "origin-not-allowed"),
        (
            {"Host": "localhost:8080", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
            "origin-not-allowed",
        ),
    ],
)
def test_each_route_rejects_foreign_hosts_and_pages(
    make_client: Any, headers: dict[str, str], slug: str
) -> None:
    client = make_client()
    count = 0
    for rule in client.application.url_map.iter_rules():
        if not rule.rule.startswith("/__admin"):
            continue
        path = re.sub(r"<[^>]*>", "default", rule.rule)
        for method in (rule.methods or set()) - {"OPTIONS"}:
            response = client.open(path, method=method, json={}, headers=headers)
            assert response.status_code == 403, (method, path)
            if method != "HEAD":
                assert problem_slug(response) == slug, (method, path)
            count += 1
    assert count > len(ROUTES)


def test_every_response_of_the_admin_api_has_the_security_headers(make_client: Any) -> None:
    client = make_client(admin_token=SECRET)
    for path in ("/__admin/health", "/__admin/scenarios", "/__admin/nope", "/~anna/__admin/health"):
        for headers in ({}, {"Host": "evil.test"}, {"Origin": "null"}):
            response = client.get(path, headers=headers)
            assert HEADERS.items() <= dict(response.headers).items(), (path, headers)


def test_the_api_and_its_docs_need_no_admin_token(make_client: Any) -> None:
    client = make_client(admin_token=SECRET)
    headers = {
        **TOKEN,
        "Host": "evil.test",
        "Origin": "http://evil.test",
        "Sec-Fetch-Site": "cross-site",
    }
    for path in (EXPORTS, f"/~anna{EXPORTS}", "/openapi.json", "/docs", "/docs/start.js"):
        response = client.get(path, headers=headers)
        assert (response.status_code, "X-Frame-Options" in response.headers) == (200, False), path
    for path in (
        "/api/nothing",
        "/nothing",
        "/__adminx",
        "/x/__admin/health",
        "//__admin/health",
        "/docs/../__admin/health",
    ):
        assert client.get(path, headers=headers).status_code == 404, path


def test_a_route_added_later_is_guarded() -> None:
    app = create_app(Settings(store="memory:", admin_token=SECRET))
    app.add_url_rule("/somewhere/else", "new", lambda: "page")
    for path, headers, status in [
        ("/somewhere/else", {}, 401),
        ("/somewhere/else", {"Host": "evil.test"}, 403),
        ("/somewhere/else", {"X-Mock-Admin-Token": SECRET}, 200),
        ("/~anna/somewhere/else", {}, 401),
    ]:
        assert app.test_client().get(path, headers=headers).status_code == status


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.0.0.2"])
def test_a_server_on_a_loopback_address_does_not_warn(address: str) -> None:
    assert open_admin_warning(Settings(), address, 8080) is None


@pytest.mark.parametrize(
    ("address", "host"), [("0.0.0.0", "0.0.0.0"), ("::", "[::]"), ("10.0.0.7", "10.0.0.7")]
)
def test_the_warning_of_the_open_admin_api_names_the_setting(address: str, host: str) -> None:
    warning = open_admin_warning(Settings(), address, 8080) or ""
    text = f"on {host}:8080 is not protected. Set --admin-token (MOCKSERVER_ADMIN_TOKEN)"
    assert text in warning
    assert open_admin_warning(Settings(admin_token=SECRET), address, 8080) is None


def test_the_docs_name_the_settings() -> None:
    text = (ROOT / "docs/security.md").read_text()
    assert all(
        word in text
        for word in ("--allowed-hosts", "--admin-origin", "--admin-token", "MOCKSERVER_ADMIN_TOKEN")
    )
