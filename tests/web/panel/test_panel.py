"""The control panel: how it is served, and what a tester does with it in a real browser."""

import functools
import http.server
import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from helpers.panel import Panel, request_json
from helpers.pictures import screenshot
from helpers.processes import running_server
from helpers.repository import ROOT
from helpers.shipped_api import BUSY, EXPORTS, TRASH
from helpers.tools import require_tool
from playwright.sync_api import expect

from mockserver.web.panel import FOLDER, read_files

CANCEL_REFUSED = "Canceling a finished export is refused"
EVIL = "<img src=x onerror=alert()>"
FILES = read_files()
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Written out: a policy that becomes weaker is to be noticed."""

# How it is served.


@pytest.mark.parametrize("path", ["/__admin/", "/~anna/__admin/", *(f"/__admin/panel/{name}" for name in FILES)])
def test_every_file_comes_with_its_type_its_policy_and_a_tag(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    file = FILES[path.rpartition("/")[2] or "index.html"]
    assert (response.data, response.content_type) == (file.content, file.type)
    assert response.headers["Content-Security-Policy"] == POLICY
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/", "/__admin/"),
        ("/__admin", "/__admin/"),
        ("/~anna", "/~anna/__admin/"),
        ("/~anna/", "/~anna/__admin/"),
        ("/~anna/__admin", "/~anna/__admin/"),
    ],
)
def test_other_ways_lead_to_the_page(client: FlaskClient, path: str, to: str) -> None:
    response = client.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (response.status_code, response.headers["Location"]) == (307, to)


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/__admin/panel/nope.js", 404, "unknown-route"),
        ("/__admin/panel/__init__.py", 404, "unknown-route"),
        ("/__admin/panel/..%2f__init__.py", 404, "unknown-route"),
        ("/~a%20b/", 400, "sandbox-name-invalid"),
        ("/~a%20b/__admin/", 400, "sandbox-name-invalid"),
        ("/~/__admin", 400, "sandbox-name-invalid"),
    ],
)
def test_nothing_else_is_served(client: FlaskClient, path: str, status: int, slug: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.json["type"]) == (status, f"urn:mockserver:problem:{slug}")  # type: ignore[index]


FORBIDDEN = [
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "eval(",
    "new Function",
    "<style",
    " style=",
    " onclick=",
]


@pytest.mark.parametrize("name", FILES)
def test_no_text_can_become_html_or_script(name: str) -> None:
    text = FILES[name].content.decode()
    assert [word for word in FORBIDDEN if word in text] == []
    assert re.findall(r"<script(?![^>]* src=)", text) == []
    assert re.findall(r"(?:src|href|from|url)[=( ]*[\"'](?:https?:)?//", text) == []
    assert len(text.splitlines()) <= 400


def test_every_file_is_shipped() -> None:
    line = next(line for line in (ROOT / "setup.cfg").read_text().splitlines() if line.startswith("mockserver.web.panel ="))
    patterns = line.partition("=")[2].strip().split(", ")
    for path in FOLDER.iterdir():
        if path.suffix not in (".py", "") and path.is_file():
            assert any(path.match(pattern) for pattern in patterns), path
            assert path.name in FILES, path


# In a browser.


@pytest.fixture(scope="module")
def app_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page on an origin of its own, as a frontend developer's is."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "index.html").write_text("<!doctype html><title>app</title>")
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield f"http://localhost:{made.server_port}/"
    made.shutdown()
    thread.join()
    made.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


server = pytest.mark.server


@server
def test_the_page_shows_scenarios_world_and_journal_without_a_complaint(panel: Callable[..., Panel]) -> None:
    page = panel().page
    expect(page.locator("#version")).not_to_be_empty()
    expect(page.locator("#connection")).to_contain_text("live")
    expect(page.locator("#scenarios-groups li")).not_to_have_count(0)
    expect(page.locator("#now")).to_have_text("2026-11-02 09:00:00")
    expect(page.get_by_role("table", name="exports").locator("tbody tr")).to_have_count(61)
    expect(page.locator("#journal-none")).to_be_visible()


@server
def test_a_scenario_switched_in_the_panel_is_what_a_page_on_another_origin_gets(
    panel: Callable[..., Panel], app_page: str
) -> None:
    shown = panel()
    app = shown.page.context.browser.new_page()  # type: ignore[union-attr]
    app.goto(app_page)
    call = "async ([url, sent]) => (await fetch(url, sent)).status"
    cancel = [f"{shown.url}{EXPORTS}/100", {"method": "DELETE", "headers": {"X-Access-Token": "any"}}]
    for on, status in ((True, 400), (False, 200)):
        shown.switch(CANCEL_REFUSED).click()
        expect(shown.switch(CANCEL_REFUSED)).to_have_attribute("aria-checked", str(on).lower())
        expect(shown.page.locator("#scenarios-on li")).to_have_count(int(on))
        assert app.evaluate(call, cancel) == status
    app.context.close()


@server
def test_two_testers_do_not_meet(panel: Callable[..., Panel]) -> None:
    anna, ben = panel(), panel()
    anna.switch(CANCEL_REFUSED).click()
    expect(anna.page.locator("#scenarios-on li")).to_have_count(1)
    assert anna.ask("DELETE", f"{EXPORTS}/101")[0] == 400
    expect(anna.page.locator("#exchanges li")).to_have_count(1)
    ben.page.get_by_role("button", name="+1 min").click()
    expect(ben.page.locator("#now")).to_have_text("2026-11-02 09:01:00")
    expect(ben.page.locator("#scenarios-on li")).to_have_count(0)
    expect(ben.page.locator("#exchanges li")).to_have_count(0)
    expect(anna.page.locator("#now")).to_have_text("2026-11-02 09:00:00")


@server
def test_the_journal_shows_calls_as_they_happen(panel: Callable[..., Panel]) -> None:
    shown = panel()
    rows = shown.page.locator("#exchanges li")
    shown.ask("DELETE", f"{EXPORTS}/100")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("running → canceled")
    shown.ask("GET", f"{TRASH}?limit=abc")
    expect(rows.first).to_contain_text("1 violation")
    shown.ask("GET", "/api/nothing")
    expect(rows.first).to_contain_text("no operation")
    rows.nth(1).get_by_role("button").click()
    opened = shown.page.locator("#exchange")
    expect(opened).to_contain_text("query/limit expected an integer from 0 to 1000")
    expect(opened).to_contain_text("urn:mockserver:problem:request-breaks-contract")
    rows.first.get_by_role("button").click()
    expect(opened).to_contain_text("It came closest to")


@server
def test_the_journal_shows_what_a_request_without_the_base_path_meant(panel: Callable[..., Panel], app_page: str) -> None:
    shown = panel()
    rows, opened = shown.page.locator("#exchanges li"), shown.page.locator("#exchange")
    app = shown.page.context.browser.new_page()  # type: ignore[union-attr]
    app.goto(app_page)
    call = "async ([url, sent]) => (await (await fetch(url, sent)).json()).detail"
    sent = {"method": "PUT", "headers": {"X-Access-Token": "any", "Content-Type": "application/json"}, "body": "{}"}
    detail = app.evaluate(call, [shown.url + TRASH.removeprefix("/api"), sent])
    app.context.close()
    assert "; the base path is /api; the closest operation is " in detail
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("no operation")
    expect(rows.first).to_contain_text(f"closest: GET {TRASH}")
    rows.first.get_by_role("button").click()
    expect(opened.locator(".facts")).to_contain_text(f"message{detail}")
    expect(opened.locator(".near > li").first).to_contain_text("base path: expected /api, got none")
    shown.ask("GET", "/nothing/like/it")
    expect(rows).to_have_count(2)
    expect(rows.first).not_to_contain_text("closest")
    shown.ask("GET", "/favicon.ico")
    shown.ask("GET", TRASH)
    expect(rows).to_have_count(3)


@server
def test_the_journal_is_bounded_and_can_be_paused_and_cleared(panel: Callable[..., Panel]) -> None:
    shown = panel()
    page, rows = shown.page, shown.page.locator("#exchanges li")
    for _ in range(210):
        shown.ask("GET", "/api/nothing")
    shown.ask("GET", TRASH)
    expect(rows.first).to_contain_text("/trash")
    expect(rows).to_have_count(200)
    page.get_by_role("button", name="Clear").click()
    expect(rows).to_have_count(0)
    page.get_by_role("button", name="Pause").click()
    shown.ask("GET", TRASH)
    expect(page.get_by_role("button", name="Resume (1)")).to_be_visible()
    expect(rows).to_have_count(0)
    page.get_by_role("button", name="Resume (1)").click()
    expect(rows).to_have_count(1)
    shown.ask("POST", "/__admin/reset", {})
    expect(rows).to_have_count(0)


@server
def test_an_exchange_is_copied_as_a_command_that_asks_the_same(panel: Callable[..., Panel], live: str) -> None:
    require_tool("curl")
    shown = panel()
    page = shown.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live)
    shown.ask("GET", "/api/it's%20%24(echo%20evil)%0A?searched_text=%27%3Bx")
    page.locator("#exchanges button").click()
    page.get_by_role("button", name="Copy as curl").click()
    expect(page.locator(".notice")).to_contain_text("in the clipboard")
    words = page.evaluate("navigator.clipboard.readText()")
    done = subprocess.run(["bash", "-c", f"{words} --silent"], capture_output=True, text=True)
    assert json.loads(done.stdout)["type"] == "urn:mockserver:problem:unknown-operation"
    expect(page.locator("#exchanges li")).to_have_count(2)
    first, second = shown.ask("GET", "/__admin/requests")[1]["requests"]
    assert [first[name] for name in ("method", "path", "query", "sandbox")] == [
        second[name] for name in ("method", "path", "query", "sandbox")
    ]


@server
def test_a_record_is_moved_and_put_back_by_hand(panel: Callable[..., Panel]) -> None:
    shown = panel()
    page, record = shown.page, shown.page.locator("#record")
    row = page.get_by_role("table", name="exports").locator("tbody tr").first
    row.click()
    expect(record).to_contain_text("export example")
    record.get_by_role("button", name="Finish").click()
    expect(row).to_contain_text("finished")
    expect(row).to_contain_text("changed")
    expect(record.locator(".history li")).to_contain_text(["waiting", "running", "finished"])
    assert shown.ask("GET", f"{EXPORTS}/100")[1]["push_notification_export"]["status"] == "finished"
    record.get_by_role("button", name="As shipped").click()
    expect(row).to_contain_text("running")
    assert shown.ask("GET", f"{EXPORTS}/100")[1]["push_notification_export"]["status"] == "running"
    assert shown.ask("PATCH", f"{TRASH}/983d437d-eac6-423b-beb5-40a619be332f")[0] == 200
    expect(page.get_by_role("table", name="trash").locator("tbody tr").first).to_contain_text("gone")


@server
def test_the_clock_is_run_frozen_and_put_forward(panel: Callable[..., Panel]) -> None:
    shown = panel()
    page = shown.page
    page.get_by_label("Records move").select_option("with the clock")
    page.get_by_role("button", name="+1 h").click()
    expect(page.locator("#now")).to_have_text("2026-11-02 10:00:00")
    assert shown.ask("GET", f"{EXPORTS}/100")[1]["push_notification_export"]["status"] == "finished"
    expect(page.get_by_role("table", name="exports").locator("tbody tr").first).to_contain_text("finished")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#now")).not_to_have_text("2026-11-02 10:00:00")
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_role("button", name="Run")).to_be_visible()
    assert shown.ask("GET", "/__admin/clock")[1]["mode"] == "frozen"


@server
def test_two_changes_in_a_row_arrive_in_their_order(panel: Callable[..., Panel]) -> None:
    shown = panel()
    page, held, sent = shown.page, [], []
    page.route("**/__admin/clock", lambda route: held.append(route) if route.request.method == "PUT" else route.continue_())
    page.on("request", lambda request: sent.append(request.url) if "/clock/advance" in request.url else None)
    page.get_by_label("Records move").select_option("with the clock")
    page.get_by_role("button", name="+1 h").click()
    page.wait_for_timeout(100)
    assert (len(held), sent) == (1, [])
    held[0].continue_()
    expect(page.locator("#now")).to_have_text("2026-11-02 10:00:00")
    assert shown.ask("GET", f"{EXPORTS}/100")[1]["push_notification_export"]["status"] == "finished"


@server
def test_a_reset_can_be_undone(panel: Callable[..., Panel]) -> None:
    shown = panel()
    shown.switch(CANCEL_REFUSED).click()
    expect(shown.page.locator("#scenarios-on li")).to_have_count(1)
    shown.page.get_by_role("button", name="Reset", exact=True).click()
    expect(shown.page.locator("#scenarios-on li")).to_have_count(0)
    shown.page.get_by_role("button", name="Undo").click()
    expect(shown.page.locator("#scenarios-on li")).to_have_count(1)


@server
def test_an_address_is_bound_from_the_panel(panel: Callable[..., Panel]) -> None:
    with running_server() as process:
        shown = panel(process.url)
        bind = shown.page.get_by_role("switch", name="Bind my address")
        bind.click()
        expect(shown.page.get_by_role("switch", name="Address bound here")).to_have_attribute("aria-checked", "true")
        request_json(process.url, "GET", TRASH)
        expect(shown.page.locator("#exchanges li")).to_have_count(1)
        shown.page.get_by_role("switch", name="Address bound here").click()
        expect(bind).to_have_attribute("aria-checked", "false")
        shown.page.close()


@server
def test_without_an_event_stream_the_panel_asks_now_and_then(panel: Callable[..., Panel]) -> None:
    with running_server("--server", "granian") as process:
        shown = panel(process.url, expected="status of 501")
        expect(shown.page.locator("#connection")).to_have_text("live, by polling")
        shown.ask("DELETE", f"{EXPORTS}/100")
        expect(shown.page.locator("#exchanges li")).to_have_count(1)
        expect(shown.page.locator("#collections tbody tr").first).to_contain_text("canceled")
        shown.page.close()


@server
def test_the_keyboard_alone_will_do(panel: Callable[..., Panel]) -> None:
    shown = panel()
    page = shown.page
    page.keyboard.press("/")
    page.keyboard.type("finished export")
    expect(page.locator("#scenarios-groups li")).to_have_count(1)
    focused = page.locator(":focus")
    for _ in range(20):
        page.keyboard.press("Tab")
        if focused.get_attribute("role") == "switch":
            break
    for on in ("true", "false"):
        page.keyboard.press("Space")
        expect(page.locator("#scenarios-groups").get_by_role("switch")).to_have_attribute("aria-checked", on)
        expect(focused).to_have_attribute("aria-checked", on)
    page.locator("#collections button.link").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#record")).to_contain_text("/101")
    expect(page.locator("#collections [aria-current]")).to_have_attribute("title", f"{BUSY}/101")
    shown.ask("POST", "/__admin/clock/advance", {"seconds": 7})  # the world is shown anew, and the focus stays where it is
    expect(page.locator("body")).to_contain_text("09:00:07")
    expect(focused).to_contain_text("/101")
    page.keyboard.press("Escape")
    expect(page.locator("#record")).to_be_hidden()
    expect(focused).to_have_attribute("title", f"{BUSY}/101")


def everything(shown: Panel) -> None:
    """Leave nothing empty or closed."""
    shown.ask("PUT", "/__admin/scenarios/finished-export-cancel", {})
    shown.ask("DELETE", f"{EXPORTS}/104")
    shown.ask("DELETE", "/__admin/scenarios/finished-export-cancel")
    for method, path in (
        ("GET", f"{EXPORTS}?limit=5"),
        ("DELETE", f"{EXPORTS}/100"),
        ("GET", f"{TRASH}?limit=abc"),
        ("GET", "/api/push_notifications/trsh"),
        ("PATCH", f"{TRASH}/983d437d-eac6-423b-beb5-40a619be332f"),
        ("GET", f"{EXPORTS}/100"),
    ):
        shown.ask(method, path)
    shown.ask("PUT", "/__admin/scenarios/export-not-found", {})
    expect(shown.page.locator("#exchanges li")).to_have_count(7)
    expect(shown.page.locator("#scenarios-on li")).to_have_count(1)


@server
def test_a_narrow_page_has_three_parts_and_no_sideways_scroll(panel: Callable[..., Panel]) -> None:
    shown = panel(viewport={"width": 375, "height": 700})
    everything(shown)
    for part in ("Scenarios", "World", "Journal"):
        shown.part(part)
        for section in ("scenarios", "world", "journal"):
            expect(shown.page.locator(f"#{section}")).to_be_visible(visible=section == part.lower())
        button = shown.page.locator(f"#{part.lower()} :is(.more, button.link, button.exchange)").first
        button.click()
        assert shown.page.evaluate("document.documentElement.scrollWidth") == 375
        for box in shown.page.locator(f"#{part.lower()} :is(.scroll, .detail-body):visible").all():
            assert box.evaluate("(box) => box.scrollWidth <= box.clientWidth")


@server
@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_fault_of_accessibility(panel: Callable[..., Panel], scheme: str, width: int) -> None:
    shown = panel(viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce")
    everything(shown)
    found = []
    for part in ("Scenarios", "World", "Journal") if width < 1000 else ("",):
        if part:
            shown.part(part)
        for button in shown.page.locator(":is(.more, button.link, button.exchange):visible").all()[:: 40 if part else 12][:4]:
            button.click()
        found += [each for each in Axe().run(shown.page).response["violations"] if each["impact"] in ("serious", "critical")]
    told = [(each["id"], each["nodes"][0]["html"], each["nodes"][0]["failureSummary"]) for each in found]
    assert told == []


@server
def test_what_other_people_wrote_is_text(panel: Callable[..., Panel], shipped: Path) -> None:
    records = shipped / "fixtures/push_notifications/records/exports.yaml"
    records.write_text(records.read_text().replace("name: export example", f'name: "{EVIL}"', 1))
    scenario = shipped / "fixtures/push_notifications/scenarios/slow.yaml"
    scenario.write_text(scenario.read_text().replace("title: Every answer takes two seconds", f'title: "{EVIL}"'))
    with running_server("--fixtures", str(shipped / "fixtures")) as process:
        shown = panel(process.url)
        page = shown.page
        shown.ask("GET", "/api/%3Cimg%20src=x%20onerror=alert()%3E?x=%3Cimg%20src=x%20onerror=alert()%3E")
        page.locator("#exchanges button").click()
        page.locator("#collections tbody tr").first.click()
        for place in ("#scenarios-groups", "#collections", "#record", "#exchanges", "#exchange"):
            expect(page.locator(place)).to_contain_text(EVIL)
        assert page.locator("img").count() == 0
        page.close()


def copied_link(shown: Panel) -> str:
    shown.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=shown.url.rpartition("/")[0])
    shown.page.get_by_role("button", name="Copy link").click()
    expect(shown.page.locator(".notice")).to_contain_text("in the clipboard")
    return str(shown.page.evaluate("navigator.clipboard.readText()"))


READS = [EXPORTS, f"{EXPORTS}?limit=2&offset=40", f"{EXPORTS}/100", f"{EXPORTS}/101", TRASH, f"{TRASH}?searched_text=my"]


@server
def test_a_link_carries_the_world_to_another_server(panel: Callable[..., Panel]) -> None:
    shown = panel()
    shown.ask("DELETE", f"{EXPORTS}/100")
    shown.ask("PATCH", f"{TRASH}/983d437d-eac6-423b-beb5-40a619be332f")
    shown.ask("PUT", "/__admin/scenarios/finished-export-cancel", {})
    shown.ask("POST", "/__admin/clock/advance", {"seconds": 3600})
    link = copied_link(shown)
    with running_server() as process:
        other = panel(process.url, "ben", "#" + link.partition("#")[2])
        offer = other.page.get_by_role("dialog", name="This link carries a world")
        expect(offer).to_contain_text("finished-export-cancel")
        expect(offer).to_contain_text("1 h after the start")
        assert other.ask("GET", f"{EXPORTS}/100")[1]["push_notification_export"]["status"] == "running"
        offer.get_by_role("button", name="Open this world in sandbox ben").click()
        expect(other.page.locator("#scenarios-on li")).to_have_count(1)
        assert other.page.url == f"{other.url}/__admin/"
        assert [other.ask("GET", path) for path in READS] == [shown.ask("GET", path) for path in READS]
        other.page.close()


@server
def test_a_link_changes_nothing_by_itself(panel: Callable[..., Panel]) -> None:
    shown = panel()
    shown.ask("PUT", "/__admin/scenarios/empty-lists", {})
    other = panel(fragment="#" + copied_link(shown).partition("#")[2])
    offer = other.page.get_by_role("dialog", name="This link carries a world")
    expect(offer).to_be_visible()
    other.page.keyboard.press("Enter")
    expect(offer).to_be_visible()
    offer.get_by_role("button", name="Not now").click()
    expect(offer).to_be_hidden()
    assert other.page.url == f"{other.url}/__admin/"
    assert other.ask("GET", TRASH)[1]["trashed_push_notifications"] != []


@server
@pytest.mark.parametrize(
    "text", ["", "!!!", "AAAA", "q1YqSy0qzszPU7IyrAUA"], ids=["empty", "no base64", "no deflate", "no world"]
)
def test_a_link_that_is_broken_is_said_to_be(panel: Callable[..., Panel], text: str) -> None:
    page = panel(fragment=f"#world={text}").page
    expect(page.get_by_role("alert")).to_contain_text("The link carries no world that can be read")
    assert "#" not in page.url


@server
def test_a_refused_call_is_shown_in_its_own_words(panel: Callable[..., Panel]) -> None:
    shown = panel()
    name = shown.page.get_by_label("Sandbox")
    name.fill("a b")
    name.press("Enter")
    expect(shown.page.get_by_role("alert")).to_contain_text("“a b” cannot be the name of a sandbox")
    name.fill("carla")
    name.press("Enter")
    shown.page.wait_for_url("**/~carla/__admin/")


@server
@pytest.mark.parametrize(("scheme", "name"), [("light", "panel.png"), ("dark", "panel-dark.png")])
def test_the_pictures_of_the_documents(
    panel: Callable[..., Panel], live: str, pytestconfig: pytest.Config, scheme: str, name: str
) -> None:
    request_json(f"{live}/~anna", "POST", "/__admin/reset", {})
    shown = panel(sandbox="anna", color_scheme=scheme, viewport={"width": 1280, "height": 760})
    everything(shown)
    shown.page.get_by_label("Records move").select_option("with the clock")
    shown.page.get_by_role("button", name="+1 min").click()
    expect(shown.page.locator("#now")).to_have_text("2026-11-02 09:01:00")
    shown.page.locator("#exchanges button").nth(3).click()
    made = screenshot(shown.page)
    assert len(made) < 200_000
    if pytestconfig.getoption("screenshots"):
        (ROOT / "docs" / name).write_bytes(made)
