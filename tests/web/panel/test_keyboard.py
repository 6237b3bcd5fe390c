"""The keyboard in the control panel: keys work before, while and after a detail is open."""

import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import NamedTuple

import pytest
from helpers.panel import Panel
from helpers.processes import running_server
from helpers.shipped_api import EXPORTS, TRASH
from playwright.sync_api import BrowserContext, Locator, Page, expect

from mockserver.web.panel import read_files

pytestmark = pytest.mark.server

OPENINGS = ["opened", "closed by Escape", "closed by its button", "opened, closed and opened again"]


class Column(NamedTuple):
    """One of the two columns of which a thing can be opened."""

    filter: str
    """The name of its filter."""
    things: str
    """The selector of the buttons that open one."""
    detail: str
    """The selector of what is opened."""
    some: str
    """A text that some of the things have, not all."""
    after_filter: str
    """The name of what Tab leads to from the filter."""


COLUMNS = {
    "records": Column("Filter the records", "#collections button.link", "#record", "trash", "Run"),
    "journal": Column(
        "Filter the journal", "#exchanges button.exchange", "#exchange", "exports", "Pause"
    ),
}


@pytest.fixture
def page(open_panel: Callable[..., Panel], live: str) -> Page:
    """A panel with records, and with three exchanges, the last of which is unmatched."""
    panel = open_panel()
    panel.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live)
    for path in (TRASH, f"{EXPORTS}/100", TRASH.removeprefix("/api")):
        panel.ask("GET", path)
    expect(panel.page.locator("#exchanges li")).to_have_count(3)
    return panel.page


def openings_of_columns() -> Iterator[tuple[Column, str]]:
    """Yield each column with each opening. A test uses one page for all, which is faster."""
    yield from product(COLUMNS.values(), OPENINGS)


def close_detail(page: Page, column: Column) -> None:
    """Close the detail of the column, if it is open, and empty the filter."""
    page.get_by_label(column.filter).fill("")
    if page.locator(column.detail).is_visible():
        page.locator(column.detail).get_by_role("button", name="Close").click()
    expect(page.locator(column.detail)).to_be_hidden()


def open_and_close(page: Page, column: Column, opening: str) -> None:
    """Leave the column after a detail was opened there in this way, and closed again or not."""
    page.locator(column.things).first.click()
    expect(page.locator(column.detail)).to_be_visible()
    if opening == "opened":
        return
    if opening == "closed by Escape":
        page.keyboard.press("Escape")
    else:
        page.locator(column.detail).get_by_role("button", name="Close").click()
    expect(page.locator(column.detail)).to_be_hidden()
    if opening == "opened, closed and opened again":
        page.locator(column.things).nth(2).click()
        expect(page.locator(column.detail)).to_be_visible()


def test_a_filter_accepts_text_and_tab_leaves_it(page: Page) -> None:
    for column, opening in openings_of_columns():
        open_and_close(page, column, opening)
        things, search = page.locator(column.things), page.get_by_label(column.filter)
        every = things.count()
        search.click()
        page.keyboard.type(column.some + "xx")
        page.keyboard.press("Backspace")
        page.keyboard.press("Backspace")
        expect(search).to_have_value(column.some)
        expect(things).not_to_have_count(every)
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
        expect(search).to_have_value("")
        expect(things).to_have_count(every)
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text(re.compile(column.after_filter))
        page.keyboard.press("Shift+Tab")
        expect(search).to_be_focused()
        close_detail(page, column)


def test_enter_space_and_arrow_keys_work_in_a_list(page: Page) -> None:
    for column, opening in openings_of_columns():
        open_and_close(page, column, opening)
        things, detail = page.locator(column.things), page.locator(column.detail)
        things.first.focus()
        for key, number in (("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1)):
            page.keyboard.press(key)
            expect(things.nth(number)).to_be_focused()
        for key in ("Enter", "Space"):
            page.keyboard.press(key)
            expect(detail).to_be_visible()
            expect(things.nth(1)).to_have_attribute("aria-current", "true")
            expect(detail.locator("h3").first).to_be_focused()
            page.keyboard.press("Tab")
            expect(detail.get_by_role("button", name="Close")).to_be_focused()
            page.keyboard.press(key)
            expect(detail).to_be_hidden()
            expect(things.nth(1)).to_be_focused()
        close_detail(page, column)


def test_ctrl_c_copies_a_selection(page: Page) -> None:
    for column, opening in openings_of_columns():
        open_and_close(page, column, opening)
        if not page.locator(column.detail).is_visible():
            page.locator(column.things).first.click()
        page.evaluate("navigator.clipboard.writeText('something else')")
        code = page.locator(f"{column.detail} pre").last
        code.focus()
        selected = selection_of(code)
        page.keyboard.press("Control+c")
        page.wait_for_function(
            "async () => (await navigator.clipboard.readText()) !== 'something else'"
        )
        assert page.evaluate("navigator.clipboard.readText()") == selected
        search = page.get_by_label(column.filter)
        search.click()
        page.keyboard.press("Control+v")
        expect(search).not_to_have_value("")
        close_detail(page, column)


def selection_of(code: Locator) -> str:
    """Select all of a text; gives the selection."""
    return str(
        code.evaluate("(code) => (getSelection().selectAllChildren(code), String(getSelection()))")
    )


def test_the_copy_buttons_work_by_keyboard(page: Page) -> None:
    for opening in OPENINGS:
        open_and_close(page, COLUMNS["journal"], opening)
        if not page.locator("#exchange").is_visible():
            page.locator("#exchanges button.exchange").first.click()
        for button, words in (("Copy as curl", "curl http"), ("Copy link", "http")):
            page.get_by_role("button", name=button).focus()
            page.keyboard.press("Enter")
            expect(page.locator(".notice").last).to_contain_text("in the clipboard")
            page.wait_for_function(
                "async (words) => (await navigator.clipboard.readText()).startsWith(words)",
                arg=words,
            )
        close_detail(page, COLUMNS["journal"])


def test_escape_clears_a_filter_then_closes_the_detail(page: Page) -> None:
    for column in COLUMNS.values():
        open_and_close(page, column, "opened")
        search, detail = page.get_by_label(column.filter), page.locator(column.detail)
        search.click()
        page.keyboard.type(column.some)
        page.keyboard.press("Escape")
        expect(search).to_have_value("")
        expect(detail).to_be_visible()
        page.keyboard.press("Escape")
        expect(detail).to_be_hidden()
        expect(search).to_be_focused()


def test_escape_closes_only_the_detail_of_its_part(page: Page) -> None:
    for column in COLUMNS.values():
        page.locator(column.things).first.click()
    page.keyboard.press("Escape")
    expect(page.locator("#exchange")).to_be_hidden()
    expect(page.locator("#record")).to_be_visible()


def test_closing_the_detail_of_a_filtered_row_focuses_the_title(page: Page) -> None:
    page.locator("#exchanges button.exchange").nth(1).click()
    page.get_by_label("Filter the journal").fill("trash")
    expect(page.locator("#exchanges li")).to_have_count(2)
    page.locator("#exchange h3").first.focus()
    page.keyboard.press("Escape")
    expect(page.locator("#journal-title")).to_be_focused()


def test_a_selection_stays_while_other_records_change(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    page, code = panel.page, panel.page.locator("#record pre")
    page.locator("#collections button.link").first.click()
    selected = selection_of(code)
    panel.ask("DELETE", f"{EXPORTS}/102")
    expect(page.locator("#collections tbody tr").nth(2)).to_contain_text("canceled")
    assert page.evaluate("String(getSelection())") == selected
    panel.ask("DELETE", f"{EXPORTS}/100")
    expect(code).to_contain_text('"canceled"')


def test_arrow_keys_with_a_modifier_do_not_move_the_focus(page: Page) -> None:
    for column in COLUMNS.values():
        things = page.locator(column.things)
        things.first.focus()
        for keys in ("Control+ArrowDown", "Shift+ArrowDown"):
            page.keyboard.press(keys)
            expect(things.first).to_be_focused()


def test_the_token_dialog_accepts_keys_and_stays_open(context: BrowserContext) -> None:
    with running_server("--workers", "1", MOCKSERVER_ADMIN_TOKEN="secret") as process:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{process.url}/__admin/")
        dialog = page.get_by_role("dialog", name="This server requires its admin token")
        expect(dialog).to_be_visible()
        for _ in range(3):
            page.keyboard.press("Escape")
            expect(dialog).to_be_visible()
        page.get_by_role("textbox", name="Admin token").click()
        page.keyboard.type("/wrong")
        page.keyboard.press("Enter")
        expect(page.locator("#session-wrong")).not_to_be_empty()
        page.keyboard.press("Control+a")
        page.keyboard.type("secret")
        page.keyboard.press("Enter")
        expect(dialog).to_be_hidden()
        expect(page.locator("#collections tbody tr").first).to_be_attached()
        page.close()


def test_the_search_key_does_nothing_while_a_dialog_is_open(
    open_panel: Callable[..., Panel],
) -> None:
    panel = open_panel()
    panel.page.context.grant_permissions(
        ["clipboard-read", "clipboard-write"], origin=panel.url.rpartition("/")[0]
    )
    panel.page.get_by_role("button", name="Copy link").click()
    expect(panel.page.locator(".notice")).to_contain_text("in the clipboard")
    page = panel.page
    page.locator(".parts").get_by_role("button", name="Journal").press("Enter")
    page.evaluate(
        "async () => (location.hash = new URL(await navigator.clipboard.readText()).hash)"
    )
    offer = page.get_by_role("dialog", name="This link contains a saved state")
    expect(offer).to_be_visible()
    page.keyboard.press("/")
    expect(page.locator("body")).to_have_attribute("data-part", "journal")
    page.keyboard.press("Escape")
    expect(offer).to_be_hidden()
    expect(page).not_to_have_url(re.compile("#"))


@pytest.mark.parametrize("name", [name for name in read_files() if name.endswith(".js")])
def test_event_handlers_are_added_as_listeners(name: str) -> None:
    """A handler set as `onkeydown` that returns `false` cancels the event. A listener does not."""
    assert re.findall(r"\.on[a-z]+\s*=[^=]", read_files()[name].content.decode()) == []
