"""The gate of the control plane: who gets in under which name, from which page, with which token."""

import json
import re
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import EnvironBuilder, FlaskClient
from helpers.processes import run_process, running_server
from helpers.repository import ROOT
from helpers.shipped_api import EXPORTS, TOKEN
from werkzeug.test import run_wsgi_app

from mockserver.cli.admin_client import call
from mockserver.config import settings as config
from mockserver.config.settings import Settings
from mockserver.errors import StartError, UsageError
from mockserver.web import admin_token
from mockserver.web.admin_guard import open_admin_warning
from mockserver.web.app import create_app

SECRET = "correct-horse-battery"
COOKIE = admin_token.cookie_name(SECRET)
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
"""What browsers need to know of every response of the admin API."""
JSON = {"Content-Type": "application/json"}


@pytest.fixture(params=[True, False], ids=["door", "no door"])
def made(request: pytest.FixtureRequest) -> Any:
    """Makes clients of applications with these settings, with the short way in and without."""

    def make(*, cookies: bool = False, **settings: Any) -> FlaskClient:
        app = create_app(Settings(store="memory:", **settings), fast_path=request.param)
        return app.test_client(use_cookies=cookies)  # a client that has a jar sends no other cookies

    return make


def slug(response: Any) -> str | None:
    return response.json["type"].rpartition(":")[2] if response.status_code >= 400 else None


HOSTS = [
    ("localhost", True),
    ("localhost:8080", True),
    ("LocalHost:8080", True),
    ("localhost.", True),
    ("app.localhost:80", True),
    ("127.0.0.1:8080", True),
    ("127.9.9.9", True),
    ("10.0.0.7:8080", True),
    ("[::1]:8080", True),
    ("[fe80::1]", True),
    ("mockserver", True),
    ("mock_server:8080", True),
    ("mockserver-7d9f", True),
    ("mock.example.com", True),
    ("MOCK.example.com.:8443", True),
    ("", False),
    ("evil.test", False),
    ("evil.test:8080", False),
    ("mock.example.com.evil.test", False),
    ("evilmock.example.com", False),
    ("localhost.evil.test", False),
    ("127.0.0.1.evil.test", False),
    ("127.0.0.1.nip.io", False),
    ("evil.", False),
    ("evillocalhost.test", False),
    ("a.evillocalhost", False),
    ("1.2.3", False),
    ("localhost:8080@evil.test", False),
    ("localhost/evil.test", False),
    ("localhost, evil.test", False),
    ("localhost evil.test", False),
    ("[::1].evil.test", False),
    ("[::1", False),
    ("local\u00e9", False),
    (":8080", False),
]


@pytest.mark.parametrize(("host", "fits"), HOSTS, ids=[host or "none" for host, _ in HOSTS])
def test_the_control_plane_has_names_that_nobody_else_can_point_here(made: Any, host: str, fits: bool) -> None:
    client = made(allowed_hosts=("mock.example.com",))
    for path in ("/__admin/scenarios", "/~anna/__admin/scenarios", "/__admin/health"):
        response = client.get(path, environ_overrides={"HTTP_HOST": host})
        assert (response.status_code, slug(response)) == ((200, None) if fits else (403, "host-refused"))


def test_a_call_without_a_host_is_refused(made: Any) -> None:
    app = made().application
    environ = {**EnvironBuilder(app, "/__admin/health").get_environ(), "HTTP_HOST": ""}
    del environ["HTTP_HOST"]
    _, status, _ = run_wsgi_app(app, environ)
    assert status == "403 FORBIDDEN"


def test_the_refusal_names_the_setting_and_the_name(client: FlaskClient) -> None:
    detail = client.get("/__admin/health", headers={"Host": "mock.corp:8080"}).json["detail"]  # type: ignore[index]
    assert "got mock.corp:8080; --allowed-hosts mock.corp (MOCKSERVER_ALLOWED_HOSTS) lets that name in" in detail


ORIGINS: list[tuple[str, dict[str, str], bool]] = [
    ("curl", {}, True),
    ("an own page", {"Origin": "http://localhost:8080"}, True),
    ("a configured page", {"Origin": "https://panel.example.com"}, True),
    ("null", {"Origin": "null"}, False),
    ("empty", {"Origin": ""}, False),
    ("another site", {"Origin": "http://evil.test"}, False),
    ("another port", {"Origin": "http://localhost:3000"}, False),
    ("no port", {"Origin": "http://localhost"}, False),
    ("another scheme", {"Origin": "https://localhost:8080"}, False),
    ("another name of this machine", {"Origin": "http://127.0.0.1:8080"}, False),
    ("ours in front", {"Origin": "http://localhost:8080.evil.test"}, False),
    ("ours behind", {"Origin": "http://evil.test/http://localhost:8080"}, False),
    ("two", {"Origin": "http://localhost:8080, http://evil.test"}, False),
    ("the configured one in front", {"Origin": "https://panel.example.com.evil.test"}, False),
    ("the configured one below", {"Origin": "https://a.panel.example.com"}, False),
    ("typed into the address bar", {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, True),
    ("a link", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, True),
    ("an own script", {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}, True),
    ("a picture", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, False),
    ("a picture of another port", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}, False),
    ("a frame", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, False),
    ("a site that is no word", {"Sec-Fetch-Site": "same-origin, cross-site"}, False),
]


@pytest.mark.parametrize(("headers", "fits"), [case[1:] for case in ORIGINS], ids=[case[0] for case in ORIGINS])
def test_only_own_and_configured_pages_get_in(made: Any, headers: dict[str, str], fits: bool) -> None:
    client = made(admin_origins=("https://panel.example.com",))
    for path, problem in (("/scenarios", None), ("/nope", "unknown-route")):
        for prefix in ("", "/~anna"):
            response = client.get(f"{prefix}/__admin{path}", headers={"Host": "localhost:8080", **headers})
            assert slug(response) == (problem if fits else "origin-refused")
    if "Origin" in headers:
        response = client.put("/__admin/scenarios/slow", json={}, headers={"Host": "localhost:8080", **headers})
        assert (response.status_code, slug(response)) == ((200, None) if fits else (403, "origin-refused"))
        switched = client.get("/__admin/scenarios/slow", headers={"Host": "localhost"}).json["on"]
        assert switched is fits


def test_null_is_nobody_even_where_somebody_configures_it(made: Any) -> None:
    client = made(admin_origins=("null", "*"))
    assert slug(client.get("/__admin/health", headers={"Origin": "null"})) == "origin-refused"


def test_a_form_that_is_sent_by_opening_a_page_is_refused(client: FlaskClient) -> None:
    opened = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert slug(client.post("/__admin/reset", json={}, headers=opened)) == "origin-refused"


def test_what_a_proxy_says_opens_nothing(made: Any) -> None:
    told = {"X-Forwarded-Host": "localhost", "X-Forwarded-Proto": "https", "Forwarded": "host=localhost", "X-Host": "localhost"}
    assert slug(made().get("/__admin/health", headers={"Host": "evil.test", **told})) == "host-refused"
    https = {"Host": "localhost", "Origin": "https://localhost", **told}
    assert slug(made().get("/__admin/health", headers=https)) == "origin-refused"


def test_a_configured_page_may_read_and_write_and_no_other(made: Any) -> None:
    client, page = made(admin_origins=("https://panel.example.com",), admin_token=SECRET), {"Origin": "https://panel.example.com"}
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization,content-type"}
    preflight = client.options("/__admin/scenarios/slow", headers={**page, **asked})
    assert (preflight.status_code, preflight.data) == (204, b"")
    assert preflight.headers["Access-Control-Allow-Origin"] == page["Origin"]
    assert "PUT" in preflight.headers["Access-Control-Allow-Methods"]
    assert preflight.headers["Access-Control-Allow-Headers"] == "authorization,content-type"
    answer = client.put("/__admin/scenarios/slow", json={}, headers={**page, "Authorization": f"Bearer {SECRET}"})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, page["Origin"])
    assert client.get("/__admin/clock", headers=page).headers["Access-Control-Allow-Origin"] == page["Origin"]
    for origin in ("http://localhost:3000", "http://localhost", "https://evil.test"):
        for response in (
            client.options("/__admin/scenarios/slow", headers={"Origin": origin, **asked}),
            client.get("/__admin/health", headers={"Origin": origin}),
        ):
            assert not [name for name in dict(response.headers) if name.startswith("Access-Control")]


TOKENS: list[tuple[str, dict[str, str], bool]] = [
    ("none", {}, False),
    ("bearer", {"Authorization": f"Bearer {SECRET}"}, True),
    ("bearer in another case", {"Authorization": f"bearer  {SECRET}"}, True),
    ("header", {"X-Mock-Admin-Token": SECRET}, True),
    ("cookie", {"Cookie": f"a=b; {COOKIE}={admin_token.session_value(SECRET, 99_999_999_999)}"}, True),
    (
        "cookie twice",
        {"Cookie": f"{COOKIE}=x; {COOKIE}={admin_token.session_value(SECRET, 10**11)}"},
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
        "a session that has ended",
        {"Cookie": f"{admin_token.cookie_name(SECRET)}={admin_token.session_value(SECRET, 1_000_000_000)}"},
        False,
    ),
    (
        "a session made longer",
        {"Cookie": f"{admin_token.cookie_name(SECRET)}=9{admin_token.session_value(SECRET, 1_000_000_000)}"},
        False,
    ),
    (
        "a session of another token",
        {"Cookie": f"{admin_token.cookie_name(SECRET)}={admin_token.session_value('another', 10**11)}"},
        False,
    ),
    ("a session of many digits", {"Cookie": f"{admin_token.cookie_name(SECRET)}={'9' * 5000}.00"}, False),
    ("the token as cookie", {"Cookie": f"{admin_token.cookie_name(SECRET)}={SECRET}"}, False),
]


@pytest.mark.parametrize(("headers", "fits"), [case[1:] for case in TOKENS], ids=[case[0] for case in TOKENS])
def test_with_a_token_every_call_has_to_show_it(made: Any, headers: dict[str, str], fits: bool) -> None:
    client = made(admin_token=SECRET)
    calls = [("GET", "/__admin/scenarios"), ("DELETE", "/__admin/requests"), ("PUT", "/~anna/__admin/scenarios/slow")]
    for method, path in calls:
        response = client.open(path, method=method, headers=headers, json={} if method == "PUT" else None)
        assert (response.status_code, slug(response)) == ((200, None) if fits else (401, "admin-token-missing"))
        if not fits:
            assert response.headers["WWW-Authenticate"].startswith("Bearer ")
    assert client.get(EXPORTS, headers={**TOKEN, **headers}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ({"Host": "evil.test"}, "host-refused"),
        ({"Host": "localhost:8080", "Origin": "http://evil.test"}, "origin-refused"),
        ({"Host": "localhost:8080", "Origin": "null"}, "origin-refused"),
        ({"Host": "localhost:8080", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, "origin-refused"),
    ],
)
def test_no_route_is_open_to_other_names_and_pages(made: Any, headers: dict[str, str], refusal: str) -> None:
    client = made()
    asked = 0
    for rule in client.application.url_map.iter_rules():
        path = re.sub(r"<[^>]*>", "default", rule.rule)
        for method in (rule.methods or set()) - {"OPTIONS"} if rule.rule.startswith("/__admin") else ():
            response = client.open(path, method=method, json={}, headers=headers)
            assert (response.status_code, method == "HEAD" or slug(response) == refusal) == (403, True), (method, path)
            asked += 1
    assert asked > 50


def test_every_route_but_three_needs_the_token(made: Any) -> None:
    client = made(admin_token=SECRET)
    without = set()
    for rule in client.application.url_map.iter_rules():
        path = re.sub(r"<[^>]*>", "default", rule.rule)
        for method in (rule.methods or set()) - {"OPTIONS"}:
            if rule.rule.startswith("/__admin") and client.open(path, method=method, json={}).status_code != 401:
                without.add(f"{method} {rule.rule}")
    pages = {each for each in without if re.search(r" /__admin(/|/panel/.*)?$", each)}
    assert without - pages == {f"{m} /__admin/{name}" for m in ("GET", "HEAD") for name in ("health", "version")} | {
        "POST /__admin/session",
        "DELETE /__admin/session",
    }


def test_a_session_is_a_cookie_that_stands_for_the_token(made: Any) -> None:
    client = made(admin_token=SECRET, cookies=True)
    assert client.get("/__admin/clock").status_code == 401
    begun = client.post("/__admin/session", json={"token": SECRET})
    set_cookie = begun.headers["Set-Cookie"]
    assert all(part in set_cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/"))
    assert SECRET not in set_cookie
    assert begun.json["until"] > 1_700_000_000
    assert client.get("/__admin/clock").status_code == 200
    assert client.get("/~anna/__admin/clock").status_code == 200
    assert client.get("/__admin/clock", headers={"Origin": "http://localhost:3000"}).status_code == 403
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


@pytest.mark.parametrize(("sent", "status"), NO_SESSIONS, ids=[f"{i} {status}" for i, (_, status) in enumerate(NO_SESSIONS)])
def test_no_session_without_the_token(made: Any, sent: dict[str, Any], status: int) -> None:
    response = made(admin_token=SECRET).post("/__admin/session", **sent)
    if sent.get("json") == {"token": "\ud800"}:
        status = 400  # no UTF-8 says it, and so no JSON
    assert (response.status_code, "Set-Cookie" in response.headers) == (status, False)


def test_without_a_token_a_session_is_not_needed(client: FlaskClient) -> None:
    response = client.post("/__admin/session", json={"token": "any"})
    assert (response.json, "Set-Cookie" in response.headers) == ({"until": None}, False)
    assert client.delete("/__admin/session").json == {"until": None}


def test_the_token_is_told_nowhere(made: Any, caplog: pytest.LogCaptureFixture) -> None:
    client, known = made(admin_token=SECRET), {"Authorization": f"Bearer {SECRET}"}
    told = client.get("/__admin/settings", headers=known)
    assert told.json["admin_token"] == "***"
    assert client.get(EXPORTS, headers={**TOKEN, **known, "X-Mock-Admin-Token": SECRET}).status_code == 200
    assert client.get("/__admin/scenarios", headers={"Authorization": f"Bearer {SECRET}x"}).status_code == 401
    assert client.post("/__admin/session", json={"token": SECRET + "x"}).status_code == 401
    journal, sandboxes = (client.get(f"/__admin/{name}", headers=known) for name in ("requests", "sandboxes"))
    assert [each["path"] for each in journal.json["requests"]] == [EXPORTS]
    assert [each["name"] for each in sandboxes.json["sandboxes"]] == ["default"]
    seen = [told.text, journal.text, sandboxes.text]
    assert SECRET not in "".join(seen) + caplog.text + repr(client.application.extensions["mockserver"].settings)


def test_every_answer_of_the_control_plane_says_what_browsers_need_to_know(made: Any) -> None:
    client = made(admin_token=SECRET)
    for path in ("/__admin/health", "/__admin/scenarios", "/__admin/nope", "/~anna/__admin/health"):
        for headers in ({}, {"Host": "evil.test"}, {"Origin": "null"}):
            response = client.get(path, headers=headers)
            assert HEADERS.items() <= dict(response.headers).items(), (path, headers)


def test_the_api_and_its_docs_are_not_behind_the_gate(made: Any) -> None:
    client = made(admin_token=SECRET)
    headers = {**TOKEN, "Host": "evil.test", "Origin": "http://evil.test", "Sec-Fetch-Site": "cross-site"}
    for path in (EXPORTS, f"/~anna{EXPORTS}", "/openapi.json", "/docs", "/docs/start.js"):
        response = client.get(path, headers=headers)
        assert (response.status_code, "X-Frame-Options" in response.headers) == (200, False), path
    for path in ("/api/nothing", "/nothing", "/__adminx", "/x/__admin/health", "//__admin/health", "/docs/../__admin/health"):
        assert client.get(path, headers=headers).status_code == 404, path


def test_what_is_added_later_is_behind_the_gate() -> None:
    app = create_app(Settings(store="memory:", admin_token=SECRET))
    app.add_url_rule("/somewhere/else", "new", lambda: "told")
    for path, headers, status in [
        ("/somewhere/else", {}, 401),
        ("/somewhere/else", {"Host": "evil.test"}, 403),
        ("/somewhere/else", {"X-Mock-Admin-Token": SECRET}, 200),
        ("/~anna/somewhere/else", {}, 401),
    ]:
        assert app.test_client().get(path, headers=headers).status_code == status


SETTINGS = [
    ({"MOCKSERVER_ADMIN_TOKEN": ""}, "MOCKSERVER_ADMIN_TOKEN: expected visible ASCII characters"),
    ({"MOCKSERVER_ADMIN_TOKEN": "two words"}, "MOCKSERVER_ADMIN_TOKEN: expected visible ASCII characters"),
    ({"MOCKSERVER_ADMIN_ORIGINS": "*"}, "MOCKSERVER_ADMIN_ORIGINS: expected an origin such as"),
    ({"MOCKSERVER_ADMIN_ORIGINS": "null"}, "MOCKSERVER_ADMIN_ORIGINS: expected an origin such as"),
    ({"MOCKSERVER_ADMIN_ORIGINS": "http://a.test/"}, "MOCKSERVER_ADMIN_ORIGINS: expected an origin such as"),
    ({"MOCKSERVER_ALLOWED_HOSTS": "http://a.test"}, "MOCKSERVER_ALLOWED_HOSTS: expected a name such as"),
    ({"MOCKSERVER_ALLOWED_HOSTS": "a.test:8080"}, "MOCKSERVER_ALLOWED_HOSTS: expected a name such as"),
    ({"MOCKSERVER_ALLOWED_HOSTS": "*"}, "MOCKSERVER_ALLOWED_HOSTS: expected a name such as"),
]


@pytest.mark.parametrize(("environ", "message"), SETTINGS, ids=[str(case[0]) for case in SETTINGS])
def test_a_setting_that_cannot_be_meant_is_refused_and_no_secret_told(environ: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        config.load_settings({}, environ)
    assert message in str(caught.value)
    assert "two words" not in str(caught.value)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.0.0.2"])
def test_a_server_on_this_machine_only_says_nothing(address: str) -> None:
    assert open_admin_warning(Settings(), address, 8080) is None


@pytest.mark.parametrize(("address", "shown"), [("0.0.0.0", "0.0.0.0"), ("::", "[::]"), ("10.0.0.7", "10.0.0.7")])
def test_a_server_that_others_reach_says_what_would_close_it(address: str, shown: str) -> None:
    said = open_admin_warning(Settings(), address, 8080) or ""
    assert f"whoever reaches {shown}:8080; --admin-token (MOCKSERVER_ADMIN_TOKEN)" in said
    assert open_admin_warning(Settings(admin_token=SECRET), address, 8080) is None


def raw(url: str, data: bytes) -> bytes:
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(data)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.fixture(scope="module", params=["gunicorn", "granian"])
def closed(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A real server with a token."""
    with running_server("--server", request.param, "--workers", "1", MOCKSERVER_ADMIN_TOKEN=SECRET) as process:
        yield process


WIRE = [
    ("an address", b"GET /__admin/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", 200),
    ("no Host", b"GET /__admin/health HTTP/1.1\r\nConnection: close\r\n\r\n", 403),
    ("HTTP/1.0 without Host", b"GET /__admin/health HTTP/1.0\r\n\r\n", 403),
    ("another name", b"GET /__admin/health HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n", 403),
    ("a whole URL", b"GET http://evil.test/__admin/settings HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 401),
    ("SCRIPT_NAME", b"GET /x/__admin/health HTTP/1.1\r\nHost: a.b\r\nSCRIPT_NAME: /x\r\nConnection: close\r\n\r\n", 404),
    ("Script-Name", b"GET /x/__admin/health HTTP/1.1\r\nHost: a.b\r\nScript-Name: /x\r\nConnection: close\r\n\r\n", 404),
    ("X-Forwarded-Host", b"GET /__admin/health HTTP/1.1\r\nHost: a.b\r\nX-Forwarded-Host: x\r\nConnection: close\r\n\r\n", 403),
    (
        "X-Forwarded-Proto",
        b"GET /__admin/health HTTP/1.1\r\nHost: x\r\nOrigin: https://x\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n",
        403,
    ),
    ("an encoded slash", b"GET /%5F%5Fadmin/settings HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 401),
    ("a sandbox", b"GET /~anna/__admin/settings HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 401),
    ("a sandbox below another", b"GET /~a/~b/__admin/settings HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
]


@pytest.mark.server
@pytest.mark.parametrize(("data", "status"), [case[1:] for case in WIRE], ids=[case[0] for case in WIRE])
def test_both_servers_hand_the_gate_what_was_sent(closed: Any, data: bytes, status: int) -> None:
    answer = raw(closed.url, data)
    assert answer.split(b" ", 2)[1] == str(status).encode(), answer


@pytest.mark.server
@pytest.mark.parametrize("hosts", [b"Host: localhost\r\nHost: evil.test\r\n", b"Host: evil.test\r\nHost: localhost\r\n"])
def test_two_hosts_are_none(closed: Any, hosts: bytes) -> None:
    answer = raw(closed.url, b"GET /__admin/health HTTP/1.1\r\n" + hosts + b"Connection: close\r\n\r\n")
    # gunicorn refuses them; granian hands one of them on, or both, and that is no name of ours.
    assert answer.split(b" ", 2)[1] == (b"403" if "granian" in closed.args else b"400"), answer


@pytest.mark.server
def test_the_tools_take_the_token_from_flag_and_environment(closed: Any) -> None:
    assert call(closed.url, "GET", "/clock", SECRET)["mode"] == "frozen"
    with pytest.raises(StartError, match="expected the token of --admin-token"):
        call(closed.url, "GET", "/clock", "wrong")
    assert run_process("scenario", "on", "slow", "--url", closed.url, MOCKSERVER_ADMIN_TOKEN=SECRET).stdout == "slow is on\n"
    assert run_process("scenario", "off", "slow", "--url", closed.url, "--admin-token", SECRET).stdout == "slow is off\n"
    assert run_process("journal", closed.url, "--admin-token", SECRET).returncode == 0
    refused = run_process("journal", closed.url)
    assert (refused.returncode, "--admin-token (MOCKSERVER_ADMIN_TOKEN)" in refused.stderr) == (1, True)


@pytest.mark.server
def test_a_server_on_all_addresses_says_once_that_it_is_open() -> None:
    with running_server("--host", "0.0.0.0", "--workers", "1") as process:
        process.terminate()
        lines = [line for line in process.stderr.read().splitlines() if "control plane" in line]
    assert len(lines) == 1
    assert "open to whoever reaches 0.0.0.0:" in lines[0]


@pytest.mark.server
def test_no_line_of_the_server_tells_the_token() -> None:
    with running_server("--host", "0.0.0.0", "--workers", "1", MOCKSERVER_ADMIN_TOKEN=SECRET) as process:
        url = process.url.replace("localhost", "127.0.0.1")
        settings = call(url, "GET", "/settings", SECRET)
        call(url, "GET", "/health", "wrong-" + SECRET)
        process.terminate()
        said = process.banner + process.stderr.read()
    assert settings["admin_token"] == "***"
    assert SECRET not in said + json.dumps(settings)
    assert "control plane" not in said


def test_the_docs_name_the_settings() -> None:
    text = (ROOT / "docs/security.md").read_text()
    assert all(word in text for word in ("--allowed-hosts", "--admin-origin", "--admin-token", "MOCKSERVER_ADMIN_TOKEN"))
