"""The control panel, open in a browser."""

import json
import urllib.error
import urllib.request
from typing import Any, NamedTuple

from playwright.sync_api import Page, expect

from helpers.shipped_api import EXPORTS, TRASH

POLLS = 5
"""Equal requests in a row, which the journal groups."""

expect.set_options(timeout=60_000)  # the machine may be slow


class Panel(NamedTuple):
    """An open panel."""

    page: Page
    url: str
    """The base URL of its sandbox, in front of `/api/...` and `/__admin/...`."""

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send a request that the page does not send; return its status and JSON."""
        return request_json(self.url, method, path, body)

    def switch(self, title: str) -> Any:
        """Return the switch of a scenario in the list of all scenarios."""
        return self.page.locator("#scenarios-groups").get_by_role("switch", name=title)

    def select_collection(self, title: str) -> None:
        """Show the records of a collection."""
        self.page.get_by_role("tab", name=title).click()

    def part(self, name: str) -> None:
        """Show one part of a narrow page."""
        self.page.locator(".parts").get_by_role("button", name=name).click()


def request_json(url: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Send a request; return its status and JSON."""
    data = None if body is None else json.dumps(body).encode()
    headers = {
        "X-Access-Token": "any",
        **({} if data is None else {"Content-Type": "application/json"}),
    }
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url + path, data, headers, method=method)
        ) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def fill_panel(panel: Panel) -> None:
    """Fill every part of a panel: scenarios, records with changes, and a journal."""
    panel.ask("PUT", "/__admin/scenarios/finished-export-cancel", {})
    panel.ask("DELETE", f"{EXPORTS}/104")
    panel.ask("DELETE", "/__admin/scenarios/finished-export-cancel")
    for method, path in (
        ("GET", f"{EXPORTS}?limit=5"),
        ("DELETE", f"{EXPORTS}/100"),
        ("GET", f"{TRASH}?limit=abc"),
        ("GET", "/api/push_notifications/trsh"),
        ("PATCH", f"{TRASH}/983d437d-eac6-423b-beb5-40a619be332f"),
        *[("GET", f"{EXPORTS}/101")] * POLLS,
        ("GET", f"{EXPORTS}/100"),
    ):
        panel.ask(method, path)
    panel.ask("PUT", "/__admin/scenarios/export-not-found", {})
    expect(panel.page.locator("#exchanges > li")).to_have_count(8)
    expect(panel.page.locator("#exchanges .repeats")).to_contain_text(f"×{POLLS}")
    expect(panel.page.locator("#scenarios-active li")).to_have_count(1)


def clear_clipboard(page: Page) -> None:
    page.evaluate("navigator.clipboard.writeText('')")


def copied_text(page: Page) -> str:
    """Wait until the clipboard has a text, and return it.

    `wait_for_function` does not wait for the result of an asynchronous function.
    """
    return str(
        page.evaluate(
            """async () => {
              let text = "";
              while (!text) {
                await new Promise(requestAnimationFrame);
                text = await navigator.clipboard.readText();
              }
              return text;
            }"""
        )
    )
