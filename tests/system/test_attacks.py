"""Pages in a real browser attack routes of the admin API. No attack reads or changes anything.

The routes are those of the application's URL map, so that new routes are attacked too. The same
attacks on an application without its guard succeed.
"""

import json
import re
import subprocess
import threading
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import flask
import pytest
from helpers.processes import running_server
from helpers.repository import ROOT
from helpers.shipped_api import EXPORTS, TOKEN
from helpers.tools import require_tool
from playwright.sync_api import Browser, BrowserContext, Page, Playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from mockserver.config.settings import Settings
from mockserver.web import app as web_app
from mockserver.web.admin.call import read_body
from mockserver.web.app import create_app

pytestmark = pytest.mark.server

SCRIPT = (ROOT / "tests" / "system" / "attacks.js").read_text()
ATTACKS = re.findall(r'^  "(.*?)": \[', SCRIPT, re.MULTILINE)
NAMES = {"scenarios": "slow", "sandboxes": "anna"}
"""Path segment to the value of the variable after it. All other variables have `default`."""
BODIES = {"clock/advance": {"seconds": 60}, "clock": {"mode": "running"}, "session": {"token": "x"}}
REJECTION = '{"type":"urn:mockserver:problem:host-not-allowed"'
SECRET = "correct-horse-battery"
FAILED_FETCH = "TypeError: Failed to fetch"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request that reached the server."""

    attack: str
    method: str
    path: str
    origin: str | None
    cookie: bool
    """Whether the request had a cookie."""
    status: int
    changed: bool
    """Whether the request changed a sandbox."""


@dataclass
class RecordingApp:
    """An application that records the attacks that arrive, and whether they change something."""

    app: flask.Flask
    arrivals: list[Arrival] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)

    def __call__(self, environ: Any, start_response: Callable[..., Any]) -> Any:
        attack = unquote(environ["QUERY_STRING"].partition("attack=")[2])
        if attack:
            environ["QUERY_STRING"] = ""
        method, path, statuses = environ["REQUEST_METHOD"], environ["PATH_INFO"], []
        origin, has_cookie = environ.get("HTTP_ORIGIN"), "HTTP_COOKIE" in environ

        def start(status: str, headers: Any, *rest: Any) -> Any:
            statuses.append(int(status.split()[0]))
            return start_response(status, headers, *rest)

        with self.lock:
            before = self.snapshot()
            response = self.app(environ, start)
            is_changed = self.snapshot() != before
        if attack:
            self.arrivals.append(
                Arrival(attack, method, path, origin, has_cookie, statuses[0], is_changed)
            )
        return response

    def snapshot(self) -> Any:
        """Return every sandbox with its state and its journal."""
        store = self.app.extensions["mockserver"].store
        return {
            info.name: (store.read(info.name), store.journal(info.name))
            for info in store.sandboxes()
        }


class Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        pass


@contextmanager
def recording(app: flask.Flask) -> Iterator[tuple[RecordingApp, int]]:
    """Serve an application on a free port, and yield the application and the port.

    Its sandboxes have records, scenarios and exchanges that an attack could change.
    """
    recorder = RecordingApp(app)
    server = make_server("127.0.0.1", 0, recorder, threaded=True, request_handler=Quiet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    client = app.test_client()
    token = {"X-Mock-Admin-Token": SECRET}
    for base in ("", "/~anna"):
        client.delete(f"{base}{EXPORTS}/100", headers=TOKEN)
        client.put(f"{base}/__admin/scenarios/slow", json={}, headers=token)
    yield recorder, server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


LOADED_AS_PAGE = ("/__admin/settings", "/__admin/reset")
"""A rule that reads and a rule that changes. They are attacked in a sandbox and as pages too."""
FEW_RULES = ("/__admin/scenarios/<name>", "/__admin/clock/advance", *LOADED_AS_PAGE)
"""Rules that each kind of page attacks. With `--thorough` it attacks every rule in all ways.

`test_each_route_rejects_foreign_hosts_and_pages` in tests/web/test_admin_guard.py checks without a
browser that the guard rejects each method of every rule.
"""


def targets(
    app: flask.Flask, *, thorough: bool, rules: Container[str] | None = None
) -> list[dict[str, Any]]:
    """Return the paths of the admin API, or of some rules, with a valid body for each method."""
    admin_rules = {rule.rule for rule in app.url_map.iter_rules()}
    paths = []
    for rule in sorted(admin_rules):
        if not rule.startswith("/__admin") or (rules is not None and rule not in rules):
            continue
        path = re.sub(
            r"([^/]+)/<[^>]+>", lambda match: f"{match[1]}/{NAMES.get(match[1], 'default')}", rule
        )
        in_all_ways = thorough or rule in LOADED_AS_PAGE
        body = json.dumps(BODIES.get(rule.removeprefix("/__admin/"), {}))
        bodies = {"POST": body, "PUT": body, "PATCH": body}
        for base in ("", "/~anna") if in_all_ways else ("",):
            paths.append({"path": base + path, "bodies": bodies, "pages": in_all_ways})
    return paths


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Yield Chromium. Each name below .test is this machine. Any page may call a local server."""
    checks = "LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,HttpsUpgrades"
    options = ["--host-resolver-rules=MAP *.test 127.0.0.1", f"--disable-features={checks}"]
    chromium = playwright.chromium.launch(executable_path=require_tool("chromium"), args=options)
    yield chromium
    chromium.close()


@contextmanager
def page_of(browser: Browser | BrowserContext, origin: str) -> Iterator[Page]:
    """Yield a page of this origin. The test fulfills the page; later requests use the network."""
    page = browser.new_page()
    page.route(
        f"{origin}/page",
        lambda route: route.fulfill(content_type="text/html", body="<!doctype html><body></body>"),
    )
    page.goto(f"{origin}/page")
    page.unroute_all(behavior="wait")
    yield page
    page.close()


PAGES = {
    "another-site": ("http://evil.test", "http://127.0.0.1:{port}"),
    "another-port": ("http://localhost:1", "http://localhost:{port}"),
    "rebound": ("http://evil.test:{port}", "http://evil.test:{port}"),
}
"""Kind of page to its origin, and to the URL with which it calls the server."""


def attack(
    browser: Browser | BrowserContext, kind: str, port: int, paths: list[dict[str, Any]]
) -> list[tuple[str, str, str, str | None]]:
    """Let a page attack paths. Return attack, method, path and the text that was read."""
    origin, base = (text.format(port=port) for text in PAGES[kind])
    with page_of(browser, origin) as page:
        page.evaluate(f"() => {{ {SCRIPT}; window.attackAll = attackAll; }}")
        attempts: list[Any] = page.evaluate(
            "([base, targets]) => attackAll(base, targets)", [base, paths]
        )
    results = []
    for name, method, path, text in attempts:
        # After DNS rebinding, a page can read that it is rejected, and nothing more.
        is_rejection = text and text.startswith(REJECTION)
        results.append((name, method, path, None if is_rejection else text))
    return results


def table(results: list[Any], recorder: RecordingApp) -> str:
    """Return the numbers of sent, arrived and successful requests, by attack and by route."""
    lines = [f"{'':44} {'sent':>6} {'arrived':>8} {'let in':>7} {'changes':>8} {'read':>5}"]
    for name in ATTACKS:
        sent = [result for result in results if result[0] == name]
        arrived = [arrival for arrival in recorder.arrivals if arrival.attack == name]
        lines.append(row(name, sent, arrived))
    for method, path in sorted({(method, path) for _, method, path, _ in results}):
        sent = [result for result in results if result[1:3] == (method, path)]
        arrived = []
        for arrival in recorder.arrivals:
            if (arrival.method, arrival.path) == (method, path):
                arrived.append(arrival)
        lines.append(row(f"{method} {path}", sent, arrived))
    return "\n".join(lines)


def row(name: str, sent: list[Any], arrived: list[Arrival]) -> str:
    """Return a row of the table."""
    let_in = sum(arrival.status < 400 for arrival in arrived)
    changes = sum(arrival.changed for arrival in arrived)
    read = sum(bool(result[3]) for result in sent)
    return f"{name:44} {len(sent):6} {len(arrived):8} {let_in:7} {changes:8} {read:5}"


@pytest.mark.parametrize("kind", PAGES)
def test_each_attack_neither_reads_nor_changes_anything(
    browser: Browser, kind: str, request: pytest.FixtureRequest
) -> None:
    thorough = bool(request.config.getoption("--thorough"))
    with recording(create_app(Settings(store="memory:"))) as (recorder, port):
        before = recorder.snapshot()
        rules = None if thorough else FEW_RULES
        results = attack(browser, kind, port, targets(recorder.app, thorough=thorough, rules=rules))
        print(f"\nA page: {kind}\n{table(results, recorder)}")
        assert recorder.snapshot() == before
    assert [arrival for arrival in recorder.arrivals if arrival.changed] == []
    assert [result for result in results if result[3]] == []
    # Opening a page is allowed, because only its own origin can read it.
    let_in = {arrival.attack for arrival in recorder.arrivals if arrival.status < 400}
    assert let_in == (set() if kind == "rebound" else {"navigation"})
    assert {arrival.attack for arrival in recorder.arrivals} == set(ATTACKS)
    assert {result[0] for result in results} == set(ATTACKS)


def app_without_guard(monkeypatch: pytest.MonkeyPatch) -> flask.Flask:
    """Return an application without the guard and the check of the media type."""
    monkeypatch.setattr(
        web_app, "read_body", lambda method, _, data: read_body(method, "application/json", data)
    )
    app = create_app(Settings(store="memory:"))
    app.before_request_funcs.clear()
    app.after_request_funcs.clear()
    return app


SIMPLE_REQUESTS = {
    "fetch without CORS, text/plain",
    "fetch without CORS, no referrer",
    "beacon",
    "fetch from a sandboxed frame",
}
SUCCESSES: dict[str, tuple[set[str], set[str]]] = {
    "another-site": (SIMPLE_REQUESTS - {"fetch from a sandboxed frame"}, set()),
    "rebound": (
        {"fetch with CORS, application/json", "beacon"},
        {"fetch with CORS, text/plain", "iframe", "navigation"},
    ),
}
"""Kind of page to attacks that change and attacks that read something without the guard."""


@pytest.mark.usefixtures("thorough")
@pytest.mark.parametrize("kind", SUCCESSES)
def test_the_same_attacks_succeed_without_the_guard(
    browser: Browser, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing, reading = SUCCESSES[kind]
    with recording(app_without_guard(monkeypatch)) as (recorder, port):
        results = attack(
            browser, kind, port, targets(recorder.app, thorough=False, rules=FEW_RULES)
        )
        print(f"\nA page: {kind}, and no guard\n{table(results, recorder)}")
    assert changing <= {arrival.attack for arrival in recorder.arrivals if arrival.changed}
    assert reading <= {name for name, _, _, text in results if text}


CALL = """async ([url, method, body, headers]) => {
  const sent = {method, credentials: "include", headers};
  if (body) {
    sent.headers = {...headers, "Content-Type": "application/json"};
    sent.body = JSON.stringify(body);
  }
  try { return (await fetch(url, sent)).status; } catch (error) { return String(error); }
}"""


def call(page: Page, url: str, method: str = "GET", body: Any = None, **headers: str) -> Any:
    """Return the status or the error of a page's fetch."""
    header_names = {name.replace("_", "-"): value for name, value in headers.items()}
    return page.evaluate(CALL, [url, method, body, header_names])


def test_other_pages_cannot_use_the_session_cookie(browser: Browser) -> None:
    context = browser.new_context()
    with recording(create_app(Settings(store="memory:", admin_token=SECRET))) as (recorder, port):
        own = f"http://localhost:{port}"
        with page_of(context, own) as page:
            assert call(page, f"{own}/__admin/scenarios/slow", "PUT", {}) == 401
            assert call(page, f"{own}/__admin/session", "POST", {"token": SECRET}) == 200
            assert call(page, f"{own}/__admin/scenarios/slow", "PUT", {}) == 200
            assert SECRET not in str(context.cookies())
            assert page.evaluate("document.cookie") == ""
            before = recorder.snapshot()
            for origin in ("http://evil.test", "http://localhost:1"):
                with page_of(context, origin) as other:
                    for method, path, body in [
                        ("GET", "clock", None),
                        ("PUT", "scenarios/slow", {}),
                        ("POST", "reset", {}),
                    ]:
                        outcome = call(other, f"{own}/__admin/{path}", method, body)
                        assert outcome == FAILED_FETCH
                    other.evaluate(
                        "url => { location.href = url; }", f"{own}/__admin/settings?attack={origin}"
                    )
                    other.wait_for_url("**/__admin/settings**")
            assert recorder.snapshot() == before
            assert call(page, f"{own}/__admin/session", "DELETE") == 200
            assert call(page, f"{own}/__admin/clock") == 401
    arrivals = {arrival.attack: arrival for arrival in recorder.arrivals}
    foreign, other_port = arrivals.pop("http://evil.test"), arrivals.pop("http://localhost:1")
    assert (foreign.cookie, foreign.status) == (False, 401)
    # Another port of a host is the same site, so a link has the cookie. The page cannot read it.
    assert (other_port.cookie, other_port.status) == (True, 200)
    assert arrivals == {}
    context.close()


def test_curl_the_panel_and_configured_pages_are_allowed(browser: Browser) -> None:
    with running_server(
        "--admin-origin", "http://friend.test", MOCKSERVER_ADMIN_TOKEN=SECRET
    ) as process:
        url = process.url
        with page_of(browser, url) as page:
            assert call(page, f"{url}/__admin/session", "POST", {"token": SECRET}) == 200
            assert call(page, f"{url}/__admin/scenarios/slow", "PUT", {}) == 200
            assert call(page, f"{url}/~anna/__admin/scenarios/slow", "DELETE") == 200
            page.goto(f"{url}/__admin/scenarios")
            assert '"on":true' in page.content()
        with page_of(browser, "http://friend.test") as page:
            token = {"Authorization": f"Bearer {SECRET}"}
            assert call(page, f"{url}/__admin/scenarios/slow", "PUT", {}, **token) == 200
            assert call(page, f"{url}/__admin/requests", "DELETE", **token) == 200
            assert call(page, f"{url}/__admin/clock") == 401
        with page_of(browser, "http://evil.test") as page:
            outcome = call(page, f"{url}/__admin/scenarios/slow", "PUT", {}, **token)
            assert outcome == FAILED_FETCH
        curl = [require_tool("curl"), "-s", "-X", "DELETE", "-H", f"X-Mock-Admin-Token: {SECRET}"]
        process_of_curl = subprocess.run(
            [*curl, f"{url}/__admin/scenarios/slow"], capture_output=True
        )
    assert json.loads(process_of_curl.stdout)["on"] is False


def test_the_docs_list_every_attack() -> None:
    rows = (ROOT / "docs/security.md").read_text().partition("| attack |")[2].splitlines()[2:]
    names = [line.split(" | ")[0].removeprefix("| ") for line in rows if line.startswith("|")]
    assert names == ATTACKS
