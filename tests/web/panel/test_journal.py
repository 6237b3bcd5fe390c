"""The journal of the control panel, in a browser."""

import json
import subprocess
from collections.abc import Callable

import pytest
from helpers.panel import Panel
from helpers.shipped_api import EXPORTS, TRASH
from helpers.tools import require_tool
from playwright.sync_api import expect

pytestmark = pytest.mark.server


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
    expect(opened).to_contain_text("Closest operations")


def test_the_journal_shows_the_near_miss_of_a_request_without_the_base_path(
    panel: Callable[..., Panel], app_page: str
) -> None:
    shown = panel()
    rows, opened = shown.page.locator("#exchanges li"), shown.page.locator("#exchange")
    app = shown.page.context.new_page()
    app.goto(app_page)
    call = "async ([url, sent]) => (await (await fetch(url, sent)).json()).detail"
    sent = {
        "method": "PUT",
        "headers": {"X-Access-Token": "any", "Content-Type": "application/json"},
        "body": "{}",
    }
    detail = app.evaluate(call, [shown.url + TRASH.removeprefix("/api"), sent])
    app.close()
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


def test_an_exchange_is_copied_as_a_command_that_asks_the_same(
    panel: Callable[..., Panel], live: str
) -> None:
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
