"""The control panel in a browser: scenarios, records, clock and sandboxes."""

from collections.abc import Callable
from contextlib import ExitStack

import pytest
from helpers.panel import Panel, request_json
from helpers.processes import running_server
from helpers.raw_http import connect
from helpers.shipped_api import BUSY, EXPORTS, TRASH
from playwright.sync_api import expect

from mockserver.web.event_streams import MAX_STREAMS

CANCEL_REFUSED = "Canceling a finished export is refused"


pytestmark = pytest.mark.server


def test_the_page_shows_scenarios_records_and_journal(
    open_panel: Callable[..., Panel],
) -> None:
    page = open_panel().page
    expect(page.locator("#version")).not_to_be_empty()
    expect(page.locator("#connection")).to_contain_text("live")
    expect(page.locator("#scenarios-groups li")).not_to_have_count(0)
    expect(page.locator("#now")).to_have_text("2026-11-02 09:00:00")
    expect(page.get_by_role("table", name="exports").locator("tbody tr")).to_have_count(61)
    expect(page.locator("#journal-none")).to_be_visible()


def test_a_scenario_switched_on_applies_to_a_page_on_another_origin(
    open_panel: Callable[..., Panel], app_page: str
) -> None:
    panel = open_panel()
    app = panel.page.context.new_page()
    app.goto(app_page)
    call = "async ([url, sent]) => (await fetch(url, sent)).status"
    cancel = [
        f"{panel.url}{EXPORTS}/100",
        {"method": "DELETE", "headers": {"X-Access-Token": "any"}},
    ]
    for on, status in ((True, 400), (False, 200)):
        panel.switch(CANCEL_REFUSED).click()
        expect(panel.switch(CANCEL_REFUSED)).to_have_attribute("aria-checked", str(on).lower())
        expect(panel.page.locator("#scenarios-active li")).to_have_count(int(on))
        assert app.evaluate(call, cancel) == status
    app.close()


def test_two_sandboxes_of_the_panel_are_independent(open_panel: Callable[..., Panel]) -> None:
    anna, ben = open_panel(), open_panel()
    anna.switch(CANCEL_REFUSED).click()
    expect(anna.page.locator("#scenarios-active li")).to_have_count(1)
    assert anna.ask("DELETE", f"{EXPORTS}/101")[0] == 400
    expect(anna.page.locator("#exchanges li")).to_have_count(1)
    ben.page.get_by_role("button", name="+1 min").click()
    expect(ben.page.locator("#now")).to_have_text("2026-11-02 09:01:00")
    expect(ben.page.locator("#scenarios-active li")).to_have_count(0)
    expect(ben.page.locator("#exchanges li")).to_have_count(0)
    expect(anna.page.locator("#now")).to_have_text("2026-11-02 09:00:00")


def test_a_record_changes_its_state_and_is_restored(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    page, record = panel.page, panel.page.locator("#record")
    row = page.get_by_role("table", name="exports").locator("tbody tr").first
    row.click()
    expect(record).to_contain_text("export example")
    record.get_by_role("button", name="Finish").click()
    expect(row).to_contain_text("finished")
    expect(row).to_contain_text("modified")
    expect(record.locator(".history li")).to_contain_text(["waiting", "running", "finished"])
    assert panel.ask("GET", f"{EXPORTS}/100")[1]["push_notification_export"]["status"] == "finished"
    record.get_by_role("button", name="Restore", exact=True).click()
    expect(row).to_contain_text("running")
    assert panel.ask("GET", f"{EXPORTS}/100")[1]["push_notification_export"]["status"] == "running"
    assert panel.ask("PATCH", f"{TRASH}/983d437d-eac6-423b-beb5-40a619be332f")[0] == 200
    panel.select_collection("trash")
    trash = page.get_by_role("table", name="trash")
    expect(trash.locator("tbody tr").first).to_contain_text("deleted")


def test_the_clock_runs_freezes_and_advances(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    page = panel.page
    page.get_by_label("Status changes").select_option("over time")
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_role("button", name="Run")).to_be_visible()
    frozen_at = panel.ask("GET", "/__admin/clock")[1]["now"]
    page.get_by_role("button", name="+1 h").click()
    now = frozen_at.replace(" 09:", " 10:")
    expect(page.locator("#now")).to_have_text(now)
    assert panel.ask("GET", f"{EXPORTS}/100")[1]["push_notification_export"]["status"] == "finished"
    expect(page.get_by_role("table", name="exports").locator("tbody tr").first).to_contain_text(
        "finished"
    )
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#now")).not_to_have_text(now)
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_role("button", name="Run")).to_be_visible()
    assert panel.ask("GET", "/__admin/clock")[1]["mode"] == "frozen"


def test_over_time_runs_the_clock_at_once(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    choice = panel.page.get_by_label("Status changes")
    choice.select_option("on every GET")
    expect(panel.page.locator("#announcement")).to_contain_text("The clock is frozen")
    choice.select_option("over time")
    expect(panel.page.locator("#announcement")).to_contain_text("The clock is running")
    expect(panel.page.locator("#now")).not_to_have_text("2026-11-02 09:00:00")
    clock = panel.ask("GET", "/__admin/clock")[1]
    assert (clock["mode"], clock["progression"]) == ("running", "time")


def test_two_quick_changes_arrive_in_order(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    page, held, sent = panel.page, [], []
    page.route(
        "**/__admin/clock",
        lambda route: held.append(route) if route.request.method == "PUT" else route.continue_(),
    )
    page.on(
        "request",
        lambda request: sent.append(request.url) if "/clock/advance" in request.url else None,
    )
    page.get_by_label("Status changes").select_option("over time")
    page.get_by_role("button", name="+1 h").click()
    page.wait_for_timeout(100)
    assert (len(held), sent) == (1, [])
    held[0].continue_()
    expect(page.locator("#now")).to_have_text("2026-11-02 10:00:00")
    assert panel.ask("GET", f"{EXPORTS}/100")[1]["push_notification_export"]["status"] == "finished"


def test_a_reset_can_be_undone(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    panel.switch(CANCEL_REFUSED).click()
    expect(panel.page.locator("#scenarios-active li")).to_have_count(1)
    panel.page.get_by_role("button", name="Reset", exact=True).click()
    expect(panel.page.locator("#scenarios-active li")).to_have_count(0)
    panel.page.get_by_role("button", name="Undo").click()
    expect(panel.page.locator("#scenarios-active li")).to_have_count(1)


def test_an_address_is_bound_from_the_panel(open_panel: Callable[..., Panel]) -> None:
    with running_server() as process:
        panel = open_panel(process.url)
        bind = panel.page.get_by_role("switch", name="Bind my address")
        bind.click()
        expect(panel.page.get_by_role("switch", name="Address bound here")).to_have_attribute(
            "aria-checked", "true"
        )
        request_json(process.url, "GET", TRASH)
        expect(panel.page.locator("#exchanges li")).to_have_count(1)
        panel.page.get_by_role("switch", name="Address bound here").click()
        expect(bind).to_have_attribute("aria-checked", "false")
        panel.page.close()


def test_without_an_event_stream_the_panel_polls(open_panel: Callable[..., Panel]) -> None:
    with running_server("--workers", "1") as process, ExitStack() as stack:
        for _ in range(MAX_STREAMS):
            stream = stack.enter_context(connect(process.url))
            stream.sendall(b"GET /__admin/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert stream.recv(12) == b"HTTP/1.1 200"
        panel = open_panel(process.url, expected="status of 503")
        expect(panel.page.locator("#connection")).to_have_text("live, by polling")
        panel.ask("DELETE", f"{EXPORTS}/100")
        expect(panel.page.locator("#exchanges li")).to_have_count(1)
        expect(panel.page.locator("#collections tbody tr").first).to_contain_text("canceled")
        panel.page.close()


def test_the_panel_works_with_the_keyboard_alone(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    page = panel.page
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
        expect(page.locator("#scenarios-groups").get_by_role("switch")).to_have_attribute(
            "aria-checked", on
        )
        expect(focused).to_have_attribute("aria-checked", on)
    page.locator("#collections button.link").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#record")).to_contain_text("/101")
    expect(page.locator("#collections [aria-current]")).to_have_attribute("title", f"{BUSY}/101")
    panel.ask(
        "POST", "/__admin/clock/advance", {"seconds": 7}
    )  # the records are rendered again, and the focus stays where it is
    expect(page.locator("body")).to_contain_text("09:00:07")
    expect(focused).to_contain_text("/101")
    page.keyboard.press("Escape")
    expect(page.locator("#record")).to_be_hidden()
    expect(focused).to_have_attribute("title", f"{BUSY}/101")


def test_the_panel_shows_the_error_text_of_a_rejected_call(
    open_panel: Callable[..., Panel],
) -> None:
    panel = open_panel()
    name = panel.page.get_by_label("Sandbox", exact=True)
    name.fill("a b")
    name.press("Enter")
    expect(panel.page.get_by_role("alert")).to_contain_text("“a b” is not a valid sandbox name")
    name.fill("carla")
    name.press("Enter")
    panel.page.wait_for_url("**/~carla/__admin/")
