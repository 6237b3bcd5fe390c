"""Links that carry the state of a sandbox, in a browser."""

import re
from collections.abc import Callable

import pytest
from helpers.panel import Panel
from helpers.processes import running_server
from helpers.shipped_api import EXPORTS, TRASH
from playwright.sync_api import expect

pytestmark = pytest.mark.server


def copied_link(panel: Panel) -> str:
    panel.page.context.grant_permissions(
        ["clipboard-read", "clipboard-write"], origin=panel.url.rpartition("/")[0]
    )
    panel.page.get_by_role("button", name="Copy link").click()
    expect(panel.page.locator(".notice")).to_contain_text("in the clipboard")
    return str(panel.page.evaluate("navigator.clipboard.readText()"))


READS = [
    EXPORTS,
    f"{EXPORTS}?limit=2&offset=40",
    f"{EXPORTS}/100",
    f"{EXPORTS}/101",
    TRASH,
    f"{TRASH}?searched_text=my",
]


def test_a_link_copies_the_state_of_a_sandbox_to_another_server(
    open_panel: Callable[..., Panel],
) -> None:
    panel = open_panel()
    panel.ask("DELETE", f"{EXPORTS}/100")
    panel.ask("PATCH", f"{TRASH}/983d437d-eac6-423b-beb5-40a619be332f")
    panel.ask("PUT", "/__admin/scenarios/finished-export-cancel", {})
    panel.ask("POST", "/__admin/clock/advance", {"seconds": 3600})
    link = copied_link(panel)
    with running_server() as process:
        other = open_panel(process.url, "ben", "#" + link.partition("#")[2])
        offer = other.page.get_by_role("dialog", name="This link contains a saved state")
        expect(offer).to_contain_text("finished-export-cancel")
        expect(offer).to_contain_text("1 h after the start")
        assert (
            other.ask("GET", f"{EXPORTS}/100")[1]["push_notification_export"]["status"] == "running"
        )
        offer.get_by_role("button", name="Open this state in sandbox ben").click()
        expect(other.page.locator("#scenarios-active li")).to_have_count(1)
        expect(other.page).to_have_url(f"{other.url}/__admin/")
        assert [other.ask("GET", path) for path in READS] == [
            panel.ask("GET", path) for path in READS
        ]
        other.page.close()


def test_a_link_changes_nothing_before_it_is_confirmed(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    panel.ask("PUT", "/__admin/scenarios/empty-lists", {})
    other = open_panel(fragment="#" + copied_link(panel).partition("#")[2])
    offer = other.page.get_by_role("dialog", name="This link contains a saved state")
    expect(offer).to_be_visible()
    other.page.keyboard.press("Enter")
    expect(offer).to_be_visible()
    offer.get_by_role("button", name="Not now").click()
    expect(offer).to_be_hidden()
    expect(other.page).to_have_url(f"{other.url}/__admin/")
    assert other.ask("GET", TRASH)[1]["trashed_push_notifications"] != []


@pytest.mark.parametrize(
    "text",
    ["", "!!!", "AAAA", "q1YqSy0qzszPU7IyrAUA"],
    ids=["empty", "not base64", "not deflated", "not a state"],
)
def test_a_broken_link_shows_an_alert(open_panel: Callable[..., Panel], text: str) -> None:
    page = open_panel(fragment=f"#state={text}").page
    expect(page.get_by_role("alert")).to_contain_text("The link contains no valid state")
    expect(page).not_to_have_url(re.compile("#"))
