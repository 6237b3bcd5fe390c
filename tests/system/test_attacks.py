"""Pages in a real browser attack routes of the admin API in every way that pages have; nothing changes, and nothing is read.

The routes are those of the application's URL map, so that a new one is attacked by itself. The same attacks on an application
without its guard succeed, as the next test shows.
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
"""What stands for a variable, by the part of the path before it; `default` for any other."""
BODIES = {"clock/advance": {"seconds": 60}, "clock": {"mode": "running"}, "session": {"token": "x"}}
REFUSAL = '{"type":"urn:mockserver:problem:host-not-allowed"'
SECRET = "correct-horse-battery"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request that reached the server."""

    attack: str
    method: str
    path: str
    origin: str | None
    cookie: bool
    """Whether a cookie came along."""
    status: int
    changed: bool
    """Whether the world was another afterwards."""


@dataclass
class Watched:
    """An application that notes which attacks arrive, and what each has changed."""

    app: flask.Flask
    arrivals: list[Arrival] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)

    def __call__(self, environ: Any, start_response: Callable[..., Any]) -> Any:
        attack = unquote(environ["QUERY_STRING"].partition("attack=")[2])
        if attack:
            environ["QUERY_STRING"] = ""
        method, path, said = environ["REQUEST_METHOD"], environ["PATH_INFO"], []

        def started(status: str, headers: Any, *rest: Any) -> Any:
            said.append(int(status.split()[0]))
            return start_response(status, headers, *rest)

        with self.lock:
            before = self.world()
            answer = self.app(environ, started)
            after = self.world()
        if attack:
            came = "HTTP_COOKIE" in environ
            self.arrivals.append(
                Arrival(
                    attack, method, path, environ.get("HTTP_ORIGIN"), came, said[0], before != after
                )
            )
        return answer

    def world(self) -> Any:
        """Every sandbox with its state and its journal."""
        store = self.app.extensions["mockserver"].store
        return {
            info.name: (store.read(info.name), store.journal(info.name))
            for info in store.sandboxes()
        }


class Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        pass


@contextmanager
def watching(app: flask.Flask) -> Iterator[tuple[Watched, int]]:
    """An application on a free port, with something in it that an attack could change; gives it and the port."""
    watched = Watched(app)
    made = make_server("127.0.0.1", 0, watched, threaded=True, request_handler=Quiet)
    made.daemon_threads = True
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    client = app.test_client()
    known = {"X-Mock-Admin-Token": SECRET}
    for base in ("", "/~anna"):
        client.delete(f"{base}{EXPORTS}/100", headers=TOKEN)
        client.put(f"{base}/__admin/scenarios/slow", json={}, headers=known)
    yield watched, made.server_port
    made.shutdown()
    thread.join()
    made.server_close()


LOADED = ("/__admin/settings", "/__admin/reset")
"""Rules that are attacked in a sandbox too, and by loading them as pages: one that is read, and one that changes something."""
FEW = ("/__admin/scenarios/<name>", "/__admin/clock/advance", *LOADED)
"""Rules that each kind of page attacks.

With `--thorough` every rule is attacked in all these ways. Without a browser, `test_each_route_rejects_foreign_hosts_and_pages`
in tests/web/test_admin_guard.py checks that the guard refuses each method of every rule.
"""


def targets(
    app: flask.Flask, *, thorough: bool, rules: Container[str] | None = None
) -> list[dict[str, Any]]:
    """Every path of the admin API, or those of some rules, with the body that each method takes."""
    known = sorted(
        {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/__admin")}
    )
    found = []
    for rule in known if rules is None else [each for each in known if each in rules]:
        path = re.sub(
            r"([^/]+)/<[^>]+>", lambda match: f"{match[1]}/{NAMES.get(match[1], 'default')}", rule
        )
        bases = ("", "/~anna") if thorough or rule in LOADED else ("",)
        body = json.dumps(BODIES.get(rule.removeprefix("/__admin/"), {}))
        said = {
            "bodies": {"POST": body, "PUT": body, "PATCH": body},
            "pages": thorough or rule in LOADED,
        }
        found += [{"path": base + path, **said} for base in bases]
    return found


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium, which takes every name below .test for this machine, and asks nobody whether a page may call a local server."""
    asked = "LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,HttpsUpgrades"
    options = ["--host-resolver-rules=MAP *.test 127.0.0.1", f"--disable-features={asked}"]
    chromium = playwright.chromium.launch(executable_path=require_tool("chromium"), args=options)
    yield chromium
    chromium.close()


@contextmanager
def page_of(browser: Browser | BrowserContext, origin: str) -> Iterator[Page]:
    """A page of this origin. It comes from here; all that it then asks goes to the network as any page's does."""
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
"""Where a page is from, and under which name it calls the server."""


def attack(
    browser: Browser | BrowserContext, kind: str, port: int, attacked: list[dict[str, Any]]
) -> list[tuple[str, str, str, str | None]]:
    """All attacks of a page of one kind: attack, method, path, and what was read."""
    origin, base = (text.format(port=port) for text in PAGES[kind])
    with page_of(browser, origin) as page:
        page.evaluate(f"() => {{ {SCRIPT}; window.attackAll = attackAll; }}")
        done: list[Any] = page.evaluate(
            "([base, targets]) => attackAll(base, targets)", [base, attacked]
        )
    # A page that is rebound may read that it is refused, and no more.
    return [
        (name, method, path, None if read and read.startswith(REFUSAL) else read)
        for name, method, path, read in done
    ]


def table(done: list[Any], watched: Watched) -> str:
    """What was sent, what came through, and what came of it: by attack, then by route."""
    lines = [f"{'':44} {'sent':>6} {'arrived':>8} {'let in':>7} {'changes':>8} {'read':>5}"]
    routes = sorted({(method, path) for _, method, path, _ in done})
    rows: list[tuple[str, Callable[[Any], bool], Callable[[Arrival], bool]]] = [
        *((name, lambda d, n=name: d[0] == n, lambda a, n=name: a.attack == n) for name in ATTACKS),  # type: ignore[misc]
        *(
            (
                f"{m} {p}",
                lambda d, r=(m, p): d[1:3] == list(r),
                lambda a, r=(m, p): (a.method, a.path) == r,
            )
            for m, p in routes
        ),  # type: ignore[misc]
    ]
    for name, is_sent, is_arrived in rows:
        sent, arrived = (
            [d for d in done if is_sent(d)],
            [a for a in watched.arrivals if is_arrived(a)],
        )
        let_in, changes = sum(a.status < 400 for a in arrived), sum(a.changed for a in arrived)
        lines.append(
            f"{name:44} {len(sent):6} {len(arrived):8} {let_in:7} {changes:8} {sum(bool(d[3]) for d in sent):5}"
        )
    return "\n".join(lines)


@pytest.mark.parametrize("kind", PAGES)
def test_each_attack_neither_reads_nor_changes_anything(
    browser: Browser, kind: str, request: pytest.FixtureRequest
) -> None:
    thorough = bool(request.config.getoption("--thorough"))
    with watching(create_app(Settings(store="memory:"))) as (watched, port):
        before = watched.world()
        rules = None if thorough else FEW
        done = attack(browser, kind, port, targets(watched.app, thorough=thorough, rules=rules))
        print(f"\nA page: {kind}\n{table(done, watched)}")
        assert watched.world() == before
    assert [each for each in watched.arrivals if each.changed] == []
    assert [each for each in done if each[3]] == []
    # A page that somebody opens is let in, and only that: nobody but its own origin can look into it.
    let_in = {each.attack for each in watched.arrivals if each.status < 400}
    assert let_in == (set() if kind == "rebound" else {"navigation"})
    assert {each.attack for each in watched.arrivals} == {name for name, *_ in done} == set(ATTACKS)


def without_gate(monkeypatch: pytest.MonkeyPatch) -> flask.Flask:
    """The application as it would be if nobody had thought of attacks."""
    monkeypatch.setattr(
        web_app, "read_body", lambda method, _, data: read_body(method, "application/json", data)
    )
    app = create_app(Settings(store="memory:"))
    app.before_request_funcs.clear()
    app.after_request_funcs.clear()
    return app


SIMPLE = {
    "fetch without CORS, text/plain",
    "fetch without CORS, no referrer",
    "beacon",
    "fetch from a sandboxed frame",
}
SUCCEED: dict[str, tuple[set[str], set[str]]] = {
    "another-site": (SIMPLE - {"fetch from a sandboxed frame"}, set()),
    "rebound": (
        {"fetch with CORS, application/json", "beacon"},
        {"fetch with CORS, text/plain", "iframe", "navigation"},
    ),
}
"""Some attacks that change something, and some that read something, where there is no gate."""


@pytest.mark.usefixtures("thorough")
@pytest.mark.parametrize("kind", SUCCEED)
def test_the_same_attacks_succeed_without_the_guard(
    browser: Browser, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing, reading = SUCCEED[kind]
    with watching(without_gate(monkeypatch)) as (watched, port):
        done = attack(browser, kind, port, targets(watched.app, thorough=False, rules=FEW))
        print(f"\nA page: {kind}, and no guard\n{table(done, watched)}")
    assert changing <= {each.attack for each in watched.arrivals if each.changed}
    assert reading <= {name for name, _, _, read in done if read}


CALL = """async ([url, method, body, headers]) => {
  const sent = {method, credentials: "include", headers: {...headers, ...(body ? {"Content-Type": "application/json"} : {})}};
  if (body) sent.body = JSON.stringify(body);
  try { return (await fetch(url, sent)).status; } catch (error) { return String(error); }
}"""


def call(page: Page, url: str, method: str = "GET", body: Any = None, **headers: str) -> Any:
    """The status that a page's fetch reads, or the error that it gets."""
    return page.evaluate(
        CALL,
        [url, method, body, {name.replace("_", "-"): value for name, value in headers.items()}],
    )


def test_other_pages_cannot_use_the_session_cookie(browser: Browser) -> None:
    context = browser.new_context()
    with watching(create_app(Settings(store="memory:", admin_token=SECRET))) as (watched, port):
        own = f"http://localhost:{port}"
        with page_of(context, own) as page:
            assert call(page, f"{own}/__admin/scenarios/slow", "PUT", {}) == 401
            assert call(page, f"{own}/__admin/session", "POST", {"token": SECRET}) == 200
            assert call(page, f"{own}/__admin/scenarios/slow", "PUT", {}) == 200
            assert SECRET not in str(context.cookies())
            assert page.evaluate("document.cookie") == ""
            before = watched.world()
            for origin in ("http://evil.test", "http://localhost:1"):
                with page_of(context, origin) as other:
                    for method, path, body in [
                        ("GET", "clock", None),
                        ("PUT", "scenarios/slow", {}),
                        ("POST", "reset", {}),
                    ]:
                        assert (
                            call(other, f"{own}/__admin/{path}", method, body)
                            == "TypeError: Failed to fetch"
                        )
                    other.evaluate(
                        "url => { location.href = url; }", f"{own}/__admin/settings?attack={origin}"
                    )
                    other.wait_for_url("**/__admin/settings**")
            assert watched.world() == before
            assert call(page, f"{own}/__admin/session", "DELETE") == 200
            assert call(page, f"{own}/__admin/clock") == 401
    arrived = {each.attack: (each.cookie, each.status) for each in watched.arrivals}
    # Another port of a host is the same site: a link there is as good as the address bar, and tells the page nothing either.
    assert arrived == {"http://evil.test": (False, 401), "http://localhost:1": (True, 200)}
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
            known = {"Authorization": f"Bearer {SECRET}"}
            assert call(page, f"{url}/__admin/scenarios/slow", "PUT", {}, **known) == 200
            assert call(page, f"{url}/__admin/requests", "DELETE", **known) == 200
            assert call(page, f"{url}/__admin/clock") == 401
        with page_of(browser, "http://evil.test") as page:
            assert (
                call(page, f"{url}/__admin/scenarios/slow", "PUT", {}, **known)
                == "TypeError: Failed to fetch"
            )
        shown = ["-H", f"X-Mock-Admin-Token: {SECRET}"]
        done = subprocess.run(
            [require_tool("curl"), "-s", "-X", "DELETE", *shown, f"{url}/__admin/scenarios/slow"],
            capture_output=True,
        )
    assert json.loads(done.stdout)["on"] is False


def test_the_docs_list_every_attack() -> None:
    rows = (ROOT / "docs/security.md").read_text().partition("| attack |")[2].splitlines()[2:]
    assert [
        row.split(" | ")[0].removeprefix("| ") for row in rows if row.startswith("|")
    ] == ATTACKS
