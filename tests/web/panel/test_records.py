"""The records of the control panel, in a browser: tabs, restore, and why a button is disabled."""

from collections.abc import Callable

import pytest
from helpers.panel import Panel
from helpers.shipped_api import EXPORTS
from playwright.sync_api import Locator, expect

pytestmark = pytest.mark.server


def expect_selected(tab: Locator, table: Locator) -> None:
    """Expect that a tab is selected, and that it shows its table."""
    expect(tab).to_have_attribute("aria-selected", "true")
    expect(tab).to_have_attribute("tabindex", "0")
    expect(table).to_be_visible()


def test_a_tab_shows_the_records_of_its_collection(open_panel: Callable[..., Panel]) -> None:
    page = open_panel().page
    exports = page.get_by_role("tab", name="exports 61")
    trash = page.get_by_role("tab", name="trash")
    expect_selected(exports, page.get_by_role("table", name="exports"))
    expect(page.locator("#collections tbody tr")).to_have_count(61)
    expect(page.get_by_role("tabpanel", name="exports")).to_be_visible()
    trash.click()
    expect_selected(trash, page.get_by_role("table", name="trash"))
    expect(exports).to_have_attribute("aria-selected", "false")
    expect(exports).to_have_attribute("tabindex", "-1")
    expect(page.get_by_role("table", name="exports")).to_have_count(0)
    expect(page.get_by_role("tabpanel", name="trash")).to_be_visible()


def test_arrow_keys_home_and_end_move_between_the_tabs(open_panel: Callable[..., Panel]) -> None:
    page = open_panel().page
    tabs = page.get_by_role("tab")
    count = tabs.count()
    tabs.first.focus()
    for key, position in (
        ("ArrowRight", 1),
        ("ArrowLeft", 0),
        ("ArrowLeft", count - 1),
        ("ArrowRight", 0),
        ("End", count - 1),
        ("Home", 0),
    ):
        page.keyboard.press(key)
        expect(tabs.nth(position)).to_be_focused()
        expect(tabs.nth(position)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")
    expect(page.locator("#collections button.link").first).to_be_focused()


def test_the_filter_counts_the_matches_of_each_tab(open_panel: Callable[..., Panel]) -> None:
    page = open_panel().page
    page.get_by_label("Filter the records").fill("export example")
    expect(page.get_by_role("tab", name="exports 1 of 61")).to_be_visible()
    expect(page.get_by_role("tab", name="trash 0 of ")).to_be_visible()
    page.get_by_role("tab", name="trash").click()
    expect(page.locator("#records-note")).to_have_text("No record matches the filter.")


def test_the_selected_tab_stays_while_records_change(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    panel.select_collection("trash")
    panel.ask("POST", "/__admin/clock/advance", {"seconds": 7})
    expect(panel.page.locator("#now")).to_contain_text("09:00:07")
    expect(panel.page.get_by_role("table", name="trash")).to_be_visible()


def test_a_disabled_restore_has_its_reason_as_description(
    open_panel: Callable[..., Panel],
) -> None:
    panel = open_panel()
    page = panel.page
    page.locator("#collections tbody tr").first.click()
    restore = page.get_by_role("button", name="Restore", exact=True)
    expect(restore).to_have_attribute("aria-disabled", "true")
    expect(restore).to_have_accessible_description("The record is as shipped.")
    expect(page.locator("#record").get_by_text("The record is as shipped.")).to_be_visible()
    restore.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_contain_text("The record is as shipped.")
    panel.ask("DELETE", f"{EXPORTS}/100")
    expect(restore).to_have_attribute("aria-disabled", "false")
    expect(restore).to_have_accessible_description("")
    expect(restore).to_be_focused()
    page.keyboard.press("Enter")
    expect(restore).to_have_attribute("aria-disabled", "true")


def test_a_disabled_binding_has_its_reason_as_description(
    open_panel: Callable[..., Panel],
) -> None:
    page = open_panel(sandbox="default").page
    bind = page.get_by_role("switch", name="Bind my address")
    reason = "Requests without a sandbox name use the sandbox “default” anyway."
    expect(bind).to_have_attribute("aria-disabled", "true")
    expect(bind).to_have_accessible_description(reason)
    expect(bind).to_have_attribute("title", reason)
    bind.press("Enter")
    expect(page.locator(".notice")).to_contain_text(reason)
    expect(bind).to_have_attribute("aria-checked", "false")


def test_status_changes_selects_the_progression(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    select = panel.page.get_by_label("Status changes")
    announcement = panel.page.locator("#announcement")
    for label, progression in (
        ("over time", "time"),
        ("on API calls", "manual"),
        ("on every GET", "polls"),
    ):
        other = "time" if progression == "manual" else "manual"
        panel.ask("PUT", "/__admin/clock", {"progression": other})
        expect(select).to_have_value(other)
        announcement.evaluate("(box) => box.replaceChildren()")
        select.select_option(label)
        expect(announcement).to_contain_text("The clock is")
        assert panel.ask("GET", "/__admin/clock")[1]["progression"] == progression
