"""The journal of the control panel, in a browser."""

import json
import re
import subprocess
from collections.abc import Callable

import pytest
from helpers.panel import Panel
from helpers.shipped_api import BUSY, EXPORTS, TRASH
from helpers.tools import require_tool
from playwright.sync_api import expect

pytestmark = pytest.mark.server
MAX_EXCHANGES = 200
"""Of `journal.js`."""
MORE_THAN_SHOWN = 210
RUNNING_EXPORT = {"collection": "push_notifications/exports", "key": f"{BUSY}/100"}
LONG_PATH = "/api/push_notifications/exports/segments/customers/of/a/long/path/the-last-segment"


def test_the_journal_shows_calls_as_they_happen(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    rows = panel.page.locator("#exchanges li")
    panel.ask("DELETE", f"{EXPORTS}/100")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("running → canceled")
    panel.ask("GET", f"{TRASH}?limit=abc")
    expect(rows.first).to_contain_text("1 violation")
    panel.ask("GET", "/api/nothing")
    expect(rows.first).to_contain_text("no operation")
    rows.nth(1).get_by_role("button").click()
    opened = panel.page.locator("#exchange")
    expect(opened).to_contain_text("query/limit expected an integer from 0 to 1000")
    expect(opened).to_contain_text("urn:mockserver:problem:request-breaks-contract")
    rows.first.get_by_role("button").click()
    expect(opened).to_contain_text("Closest operations")


def test_the_journal_shows_the_near_miss_of_a_request_without_the_base_path(
    open_panel: Callable[..., Panel], app_page: str
) -> None:
    panel = open_panel()
    rows, opened = panel.page.locator("#exchanges li"), panel.page.locator("#exchange")
    app = panel.page.context.new_page()
    app.goto(app_page)
    call = "async ([url, sent]) => (await (await fetch(url, sent)).json()).detail"
    sent = {
        "method": "PUT",
        "headers": {"X-Access-Token": "any", "Content-Type": "application/json"},
        "body": "{}",
    }
    detail = app.evaluate(call, [panel.url + TRASH.removeprefix("/api"), sent])
    app.close()
    assert "; the base path is /api; the closest operation is " in detail
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("no operation")
    expect(rows.first).to_contain_text(f"closest: GET {TRASH}")
    rows.first.get_by_role("button").click()
    expect(opened.locator(".facts")).to_contain_text(f"message{detail}")
    expect(opened.locator(".near > li").first).to_contain_text("base path: expected /api, got none")
    panel.ask("GET", "/nothing/like/it")
    expect(rows).to_have_count(2)
    expect(rows.first).not_to_contain_text("closest")
    panel.ask("GET", "/favicon.ico")
    panel.ask("GET", TRASH)
    expect(rows).to_have_count(3)


def test_the_journal_is_bounded_and_can_be_paused_and_cleared(
    open_panel: Callable[..., Panel],
) -> None:
    panel = open_panel()
    page, rows = panel.page, panel.page.locator("#exchanges li")
    for number in range(MORE_THAN_SHOWN):
        panel.ask("GET", f"/api/nothing/{number}")
    panel.ask("GET", TRASH)
    expect(rows.first).to_contain_text("/trash")
    expect(rows).to_have_count(MAX_EXCHANGES)
    page.get_by_role("button", name="Clear").click()
    expect(rows).to_have_count(0)
    page.get_by_role("button", name="Pause").click()
    panel.ask("GET", TRASH)
    expect(page.get_by_role("button", name="Resume (1)")).to_be_visible()
    expect(rows).to_have_count(0)
    page.get_by_role("button", name="Resume (1)").click()
    expect(rows).to_have_count(1)
    panel.ask("POST", "/__admin/reset", {})
    expect(rows).to_have_count(0)


def test_the_copied_curl_command_repeats_the_request(
    open_panel: Callable[..., Panel], live: str
) -> None:
    require_tool("curl")
    panel = open_panel()
    page = panel.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live)
    panel.ask("GET", "/api/it's%20%24(echo%20evil)%0A?searched_text=%27%3Bx")
    page.locator("#exchanges button").click()
    page.get_by_role("button", name="Copy as curl").click()
    expect(page.locator(".notice")).to_contain_text("in the clipboard")
    words = page.evaluate("navigator.clipboard.readText()")
    done = subprocess.run(["bash", "-c", f"{words} --silent"], capture_output=True, text=True)
    assert json.loads(done.stdout)["type"] == "urn:mockserver:problem:unknown-operation"
    expect(page.locator("#exchanges > li")).to_have_count(2)
    first, second = panel.ask("GET", "/__admin/requests")[1]["requests"]
    assert [first[name] for name in ("method", "path", "query", "sandbox")] == [
        second[name] for name in ("method", "path", "query", "sandbox")
    ]


def test_a_row_shows_the_time_and_the_end_of_a_long_path(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    panel.ask("GET", LONG_PATH)
    row = panel.page.locator("#exchanges li")
    expect(row.locator("time")).to_have_text(re.compile(r"^\d\d:\d\d:\d\d$"))
    box, text = row.locator(".path").bounding_box(), row.locator(".path bdi").bounding_box()
    assert box is not None
    assert text is not None
    assert text["x"] < box["x"], "the path is wider than its column, and its start is hidden"
    assert text["x"] + text["width"] == pytest.approx(box["x"] + box["width"], abs=1)


def test_equal_requests_in_a_row_are_one_group(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    page = panel.page
    groups = page.locator("#exchanges > li")
    for path in (TRASH, *[f"{EXPORTS}/101"] * 3, TRASH, f"{EXPORTS}/101"):
        panel.ask("GET", path)
    expect(groups).to_have_count(4)
    count = page.get_by_role("button", name="×3 equal exchanges")
    expect(count).to_have_attribute("aria-expanded", "false")
    count.press("Enter")
    expect(count).to_have_attribute("aria-expanded", "true")
    expect(count).to_be_focused()
    expect(page.get_by_role("list", name="Earlier equal exchanges").locator("li")).to_have_count(2)
    count.press("Enter")
    expect(page.locator("#exchanges li")).to_have_count(4)


def test_equal_requests_with_other_results_are_not_grouped(
    open_panel: Callable[..., Panel],
) -> None:
    panel = open_panel()
    panel.ask("GET", f"{EXPORTS}/100")
    panel.ask("POST", "/__admin/records/transition", {**RUNNING_EXPORT, "to": "finished"})
    panel.ask("GET", f"{EXPORTS}/100")
    panel.ask("PUT", "/__admin/scenarios/export-not-found", {})
    panel.ask("GET", f"{EXPORTS}/100")
    expect(panel.page.locator("#exchanges > li")).to_have_count(3)


def test_a_group_stays_open_and_focused_while_a_page_polls(
    open_panel: Callable[..., Panel],
) -> None:
    panel = open_panel()
    page = panel.page
    for _ in range(2):
        panel.ask("GET", TRASH)
    page.locator("#exchanges > li > .exchange").click()
    page.keyboard.press("Escape")
    opener = page.locator("#exchanges > li > .exchange")
    expect(opener).to_be_focused()
    page.get_by_role("button", name="×2 equal exchanges").click()
    opener.press("Enter")
    for _ in range(MORE_THAN_SHOWN):
        panel.ask("GET", TRASH)
    expect(page.get_by_role("button", name=f"×{MAX_EXCHANGES} equal")).to_be_visible()
    expect(page.locator("#exchanges > li")).to_have_count(1)
    expect(page.locator("#exchanges > li > .repeats")).to_have_attribute("aria-expanded", "true")
    expect(opener).to_have_attribute("aria-current", "true")
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
