"""The coverage in the control panel, in a browser, with documents that the tests write."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from helpers.accessibility import NEXT_FRAME, serious_findings
from helpers.coverage_documents import (
    ITEMS,
    SCENARIO,
    coverage_document,
    large_document,
    uncovered_document,
)
from helpers.panel import Panel, clear_clipboard, copied_text
from helpers.shipped_api import CANCEL, EXPORTS, LIST_EXPORTS, TRASH
from playwright.sync_api import BrowserContext, Locator, Route, expect

pytestmark = pytest.mark.server
ROUTE = "**/__admin/coverage"
EVIL = "<img src=x onerror=alert()>"


@pytest.fixture
def open_coverage(
    open_panel: Callable[..., Panel], context: BrowserContext
) -> Iterator[Callable[..., Panel]]:
    """Return a function that opens the coverage. The server returns a list of documents.

    The last document is returned again and again. `deletions` has the DELETE requests.
    """

    def open_page(*documents: dict[str, Any], **options: Any) -> Panel:
        remaining = list(documents or (coverage_document(),))

        def answer(route: Route) -> None:
            document = remaining[0]
            if len(remaining) > 1:
                remaining.pop(0)
            route.fulfill(json=document)

        context.route(ROUTE, answer)
        panel = open_panel(fragment="#coverage", **options)
        expect(panel.page.locator("#denominators div")).to_have_count(3)
        return panel

    yield open_page
    context.unroute(ROUTE)


def row(panel: Panel, name: str) -> Locator:
    return panel.page.locator("#matrix-rows tr").filter(has_text=name)


def open_cell(panel: Panel, operation: str, kind: str) -> Locator:
    """Open the items of a cell, and return them."""
    panel.page.locator(f'[data-focus="items {operation} {kind}"]').click()
    return panel.page.locator("#items")


def item(panel: Panel, text: str) -> Locator:
    return panel.page.locator("#items .items > li").filter(has_text=text)


def test_the_three_denominators_are_shown_together(open_coverage: Callable[..., Panel]) -> None:
    boxes = open_coverage().page.locator("#denominators div")
    expect(boxes).to_have_text(
        [
            "Whole contract7 of 16 served43 %",
            "Called operations7 of 15 served46 %",
            "Called operations without exclusions7 of 14 served50 %",
        ]
    )


def test_the_matrix_has_a_row_for_each_operation(open_coverage: Callable[..., Panel]) -> None:
    panel = open_coverage()
    cells = row(panel, "List All Push Notification Segment Exports").get_by_role("cell")
    texts = ["Called: ✓called", "Statuses: ✓200 served", "Parameters: 1/2 served", "", "1/3", "1/2"]
    for index, text in enumerate(texts):
        expect(cells.nth(index)).to_contain_text(text)
    expect(cells.nth(5)).to_contain_text("1 excluded")
    statuses = row(panel, "Cancel Push Notification Segment Export").locator(".chip")
    expect(statuses).to_have_text(
        ["✓called", "✓200 served, ", "○400 not served, ", "○404 not served, "]
    )
    expect(row(panel, "List All Trashed Push Notifications")).to_contain_text("not called")
    expect(row(panel, "Scenarios").get_by_role("cell")).to_contain_text("0/1")


def test_a_gap_shows_its_scenario_and_switches_it(open_coverage: Callable[..., Panel]) -> None:
    panel = open_coverage()
    expect(open_cell(panel, CANCEL, "status").locator("h3")).to_have_text(
        "Statuses – Cancel Push Notification Segment Export"
    )
    gap = item(panel, "400 Bad Request")
    expect(gap).to_contain_text("scenario finished-export-cancel")
    expect(gap).to_contain_text("schemas/push_notifications/push_notifications.apib:14")
    switch = gap.get_by_role("switch", name=SCENARIO)
    for is_on in ("true", "false"):
        switch.click()
        expect(switch).to_have_attribute("aria-checked", is_on)
        expect(switch).to_be_focused()
        scenario = panel.ask("GET", f"/__admin/scenarios/{SCENARIO}")[1]
        assert str(scenario["on"]).lower() == is_on


EXPORT = f"{EXPORTS}/100"
COMMANDS = {
    "404 Not Found": (CANCEL, "status", f"-X DELETE ORIGIN{EXPORT} {{}} -H 'Prefer: code=404'"),
    "400 Bad Request": (
        CANCEL,
        "status",
        f"-X DELETE ORIGIN{EXPORT} {{}} -H 'Prefer: scenario={SCENARIO}'",
    ),
    "limit is at its maximum": (LIST_EXPORTS, "parameter", f"'ORIGIN{EXPORTS}?limit=1000' {{}}"),
    "export_id is 101": (CANCEL, "parameter", f"-X DELETE ORIGIN{EXPORTS}/101 {{}}"),
    "has several items": (LIST_EXPORTS, "list", f"'ORIGIN{EXPORTS}?limit=2&offset=3' {{}}"),
    "Canceling a finished": ("", "scenario", f"-X DELETE ORIGIN{EXPORT} {{}}"),
}
MORE_ITEMS = {
    "has several items": {
        "covered": False,
        "tests": [],
        "closed_by": f"GET {EXPORTS}?limit=2&offset=3",
    },
    "Canceling a finished export is refused": {"closed_by": f"switch it on, then DELETE {EXPORT}"},
}


def test_a_gap_is_copied_as_a_curl_command(open_coverage: Callable[..., Panel], live: str) -> None:
    items = [{**documented, **MORE_ITEMS.get(documented["label"], {})} for documented in ITEMS]
    panel = open_coverage(coverage_document(items))
    page = panel.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live)
    sandbox = panel.url.rpartition("~")[2]
    for label, (operation, kind, command) in COMMANDS.items():
        open_cell(panel, operation, kind)
        clear_clipboard(page)
        item(panel, label).get_by_role("button", name="Copy as curl").click()
        headers = f"-H 'X-Access-Token: TOKEN' -H 'X-Mock-Sandbox: {sandbox}'"
        expected = f"curl {command.format(headers)}".replace("ORIGIN", live)
        assert copied_text(page) == expected


def test_a_gap_without_a_way_has_the_reason(open_coverage: Callable[..., Panel]) -> None:
    panel = open_coverage()
    open_cell(panel, LIST_EXPORTS, "response")
    gap = item(panel, "segment_name is absent")
    expect(gap).to_contain_text("No record leaves it out.")
    expect(gap.get_by_role("button")).to_have_count(0)


def test_an_excluded_item_has_its_reason(open_coverage: Callable[..., Panel]) -> None:
    panel = open_coverage()
    items = open_cell(panel, LIST_EXPORTS, "list")
    expect(items.locator("h4")).to_have_text(["Not served (1)", "Excluded (1)", "Served (1)"])
    expect(item(panel, "is empty")).to_contain_text("the app shows no empty list")


def test_the_name_of_an_operation_opens_all_its_items(open_coverage: Callable[..., Panel]) -> None:
    panel = open_coverage()
    row(panel, "Cancel Push Notification Segment Export").get_by_role("button").first.click()
    expect(panel.page.locator("#items .items > li")).to_have_count(5)


def test_a_test_filters_the_matrix(open_coverage: Callable[..., Panel]) -> None:
    panel = open_coverage()
    note, filter_field = panel.page.locator("#coverage-note"), panel.page.locator("#coverage-tests")
    open_cell(panel, CANCEL, "status")
    item(panel, "200 OK").get_by_role(
        "button", name="exports.spec.ts:41 › an export › cancels"
    ).click()
    expect(filter_field).to_have_value("exports.spec.ts:41 › an export › cancels")
    expect(note).to_have_text("The matrix shows what 1 of 3 tests were served.")
    expect(row(panel, "List All Push Notification Segment Exports")).to_contain_text("not called")
    expect(item(panel, "200 OK")).to_be_visible()
    expect(panel.page.locator("#denominators")).to_contain_text("7 of 16 served")
    filter_field.fill("BY-HAND")
    expect(row(panel, "Cancel Push Notification Segment Export")).to_contain_text("not called")
    expect(row(panel, "List All Push Notification Segment Exports")).not_to_contain_text(
        "not called"
    )
    filter_field.fill("")
    expect(note).to_be_empty()


def test_filters_hide_rows(open_coverage: Callable[..., Panel]) -> None:
    complete = [documented for documented in ITEMS if documented["operation"] != CANCEL]
    complete.append(next(documented for documented in ITEMS if documented["id"] == CANCEL))
    panel = open_coverage(coverage_document(complete))
    rows = panel.page.locator("#matrix-rows tr")
    expect(rows).to_have_count(4)
    panel.page.get_by_role("button", name="Only gaps").click()
    expect(rows).to_have_count(3)
    panel.page.get_by_label("Filter the operations").fill("limit is absent")
    expect(rows).to_have_count(1)
    panel.page.get_by_label("Filter the operations").fill("nothing")
    expect(panel.page.locator("#coverage-note")).to_have_text("No operation matches the filters.")


def test_without_coverage_the_page_says_what_to_do(open_coverage: Callable[..., Panel]) -> None:
    panel = open_coverage(uncovered_document(), coverage_document())
    empty = panel.page.locator("#coverage-none")
    expect(empty).to_contain_text("Run your tests against this server")
    expect(panel.page.locator("#matrix-rows tr")).to_have_count(4)
    panel.page.get_by_role("button", name="Reload").click()
    expect(empty).to_be_hidden()


def test_a_request_of_the_sandbox_updates_the_matrix(open_coverage: Callable[..., Panel]) -> None:
    panel = open_coverage(uncovered_document(), coverage_document())
    expect(panel.page.locator("#connection")).to_contain_text("live")
    panel.ask("GET", TRASH)
    expect(row(panel, "Cancel Push Notification Segment Export")).to_contain_text("✓called")


def test_a_late_response_does_not_replace_a_newer_one(
    open_coverage: Callable[..., Panel],
) -> None:
    page = open_coverage().page
    empty, reload = page.locator("#coverage-none"), page.get_by_role("button", name="Reload")
    held: list[Route] = []
    page.route(ROUTE, lambda route: held.append(route))
    reload.click()
    reload.click()
    page.wait_for_timeout(100)
    held[1].fulfill(json=uncovered_document())
    expect(empty).to_be_visible()
    with page.expect_response(ROUTE) as response:
        held[0].fulfill(json=coverage_document())
    response.value.finished()
    page.evaluate(NEXT_FRAME)
    expect(empty).to_be_visible()


def test_lost_items_are_reported(open_coverage: Callable[..., Panel]) -> None:
    panel = open_coverage({**coverage_document(), "complete": False, "contract": "next"})
    expect(panel.page.locator("#coverage-note")).to_contain_text("Served items are missing")
    expect(panel.page.locator("#coverage h2")).to_have_text(
        re.compile(r"Coverage of all sandboxes, contract next")
    )


def test_clear_asks_before_it_deletes(open_coverage: Callable[..., Panel]) -> None:
    panel = open_coverage(coverage_document(), uncovered_document())
    page, methods = panel.page, []
    page.on("request", lambda request: methods.append(request.method))
    clear = page.locator("#coverage").get_by_role("button", name="Clear")
    dialog = page.get_by_role("dialog", name="Clear the coverage of all sandboxes?")
    clear.click()
    dialog.get_by_role("button", name="Not now").click()
    expect(dialog).to_be_hidden()
    assert "DELETE" not in methods
    clear.click()
    dialog.get_by_role("button", name="Clear the coverage").click()
    expect(page.locator("#coverage-none")).to_be_visible()
    assert methods.count("DELETE") == 1


def test_the_keyboard_moves_through_the_matrix(open_coverage: Callable[..., Panel]) -> None:
    panel = open_coverage()
    page, keyboard = panel.page, panel.page.keyboard
    focus = page.locator(":focus")
    page.locator("#matrix-rows button").first.focus()
    for key, name in (
        ("ArrowRight", f"items {LIST_EXPORTS} operation"),
        ("ArrowDown", f"items {CANCEL} operation"),
        ("ArrowRight", f"items {CANCEL} status"),
        ("ArrowUp", f"items {LIST_EXPORTS} status"),
        ("ArrowUp", f"items {LIST_EXPORTS} status"),
        ("ArrowLeft", f"items {LIST_EXPORTS} operation"),
    ):
        keyboard.press(key)
        expect(focus).to_have_attribute("data-focus", name)
    keyboard.press("Enter")
    expect(page.locator("#items h3")).to_be_focused()
    keyboard.press("Escape")
    expect(page.locator("#items")).to_be_hidden()
    expect(focus).to_have_attribute("data-focus", f"items {LIST_EXPORTS} operation")
    keyboard.press("/")
    expect(page.get_by_label("Filter the operations")).to_be_focused()


def test_the_links_in_the_top_bar_change_the_view(open_coverage: Callable[..., Panel]) -> None:
    page = open_coverage().page
    views = page.get_by_role("navigation", name="Views")
    expect(page.locator("#records")).to_be_hidden()
    views.get_by_role("link", name="Control").click()
    expect(page.locator("#coverage")).to_be_hidden()
    for part in ("#scenarios", "#records", "#journal"):
        expect(page.locator(part)).to_be_visible()
    page.go_back()
    expect(page.locator("#matrix")).to_be_visible()
    expect(views.get_by_role("link", name="Coverage")).to_have_attribute("aria-current", "page")


def test_a_thousand_items_are_shown(open_coverage: Callable[..., Panel]) -> None:
    panel = open_coverage(large_document(40, 25))
    expect(panel.page.locator("#matrix-rows tr")).to_have_count(40)
    panel.page.get_by_label("Filter the operations").fill("operation-39")
    expect(panel.page.locator("#matrix-rows tr")).to_have_count(1)
    expect(panel.page.locator("#matrix-rows")).to_contain_text("16/25")


def test_texts_of_the_document_are_shown_as_text(open_coverage: Callable[..., Panel]) -> None:
    members = {"label": EVIL, "closed_by": EVIL, "file": EVIL}
    items = [{**documented, **members} for documented in ITEMS]
    panel = open_coverage(coverage_document(items, [{"sandbox": EVIL, "test": EVIL}] * 3))
    open_cell(panel, LIST_EXPORTS, "response")
    expect(panel.page.locator("#items")).to_contain_text(EVIL)
    assert panel.page.locator("img").count() == 0


@pytest.mark.parametrize("width", [1280, 375])
def test_the_coverage_is_accessible_and_has_no_sideways_scroll(
    open_coverage: Callable[..., Panel], width: int
) -> None:
    panel = open_coverage(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    page = panel.page
    assert serious_findings(page) == []
    for operation, kind in ((CANCEL, "status"), (LIST_EXPORTS, "list")):
        open_cell(panel, operation, kind)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        for box in page.locator("#coverage, #coverage :is(.scroll, .detail-body)").all():
            assert box.evaluate("(box) => box.scrollWidth <= box.clientWidth")
        assert serious_findings(page) == []
    page.locator("#coverage").get_by_role("button", name="Clear").click()
    assert serious_findings(page) == []
