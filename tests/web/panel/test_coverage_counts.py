"""The coverage in the control panel, with the documents of a server."""

import re
import subprocess
from collections.abc import Callable, Iterator

import pytest
from helpers.panel import Panel, clear_clipboard, copied_text
from helpers.processes import running_server
from helpers.shipped_api import CANCEL, EXPORTS, LIST_TRASH, TRASH
from helpers.tools import require_tool
from playwright.sync_api import Locator, expect

pytestmark = pytest.mark.server


@pytest.fixture
def panel(open_panel: Callable[..., Panel]) -> Iterator[Panel]:
    """Open the coverage of a new server."""
    with running_server("--workers", "1") as process:
        panel = open_panel(process.url, fragment="#coverage")
        yield panel
        panel.page.close()


def cell(panel: Panel, operation: str, kind: str) -> Locator:
    return panel.page.locator(f'[data-focus="items {operation} {kind}"]')


def test_each_gap_of_a_status_is_closed_by_its_curl_command(panel: Panel) -> None:
    require_tool("curl")
    page = panel.page
    page.context.grant_permissions(
        ["clipboard-read", "clipboard-write"], origin=panel.url.rpartition("/")[0]
    )
    expect(page.locator("#coverage-none")).to_be_visible()
    statuses = cell(panel, CANCEL, "status")
    expect(statuses.locator(".chip.gap")).to_have_count(3)
    statuses.click()
    items = page.locator("#items")
    for remaining in (2, 1, 0):
        clear_clipboard(page)
        items.get_by_role("button", name="Copy as curl").first.click()
        command = copied_text(page)
        subprocess.run(command, shell=True, check=True, capture_output=True)
        page.get_by_role("button", name="Reload").click()
        expect(statuses.locator(".chip.gap")).to_have_count(remaining)
    expect(items.locator(".items.served > li")).to_have_count(3)


def test_the_titles_of_tests_filter_the_matrix(panel: Panel) -> None:
    page, base = panel.page, panel.url.rpartition("/")[0]
    panel.ask("GET", TRASH)
    cancels = Panel(page, f"{base}/~cancels")
    cancels.ask("PATCH", "/__admin/sandboxes/cancels", {"test": "a.spec.ts:4 › cancels"})
    cancels.ask("DELETE", f"{EXPORTS}/100")
    cancels.ask("DELETE", "/__admin/sandboxes/cancels")
    page.get_by_role("button", name="Reload").click()
    expect(cell(panel, CANCEL, "operation")).to_contain_text("✓called")
    expect(cell(panel, LIST_TRASH, "operation")).to_contain_text("✓called")
    page.locator("#coverage-tests").fill("cancels")
    expect(cell(panel, CANCEL, "operation")).to_contain_text("✓called")
    expect(cell(panel, LIST_TRASH, "operation")).to_contain_text("not called")


def test_clear_makes_all_items_gaps(panel: Panel) -> None:
    page = panel.page
    panel.ask("GET", TRASH)
    page.get_by_role("button", name="Reload").click()
    boxes = page.locator("#denominators b")
    expect(boxes.first).not_to_have_text(re.compile("^0 of "))
    page.locator("#coverage").get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Clear the coverage").click()
    expect(boxes.first).to_have_text(re.compile("^0 of "))
    page.reload()
    expect(boxes.first).to_have_text(re.compile("^0 of "))
