"""The control panel in a real browser, for the tests that use it: import the fixtures `browser` and `panel`."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from conftest import tool
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

expect.set_options(timeout=60_000)  # the machine may be slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    path = tool("chromium")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-quic"])
        yield made
        made.close()


class Panel(NamedTuple):
    """An open panel."""

    page: Page
    url: str
    """Of its sandbox: what `/api/...` and `/__admin/...` are put behind."""

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of a request beside the page."""
        return ask(self.url, method, path, body)

    def switch(self, title: str) -> Any:
        """The switch of a scenario, in the list of all."""
        return self.page.locator("#scenarios-groups").get_by_role("switch", name=title)

    def part(self, name: str) -> None:
        """On a narrow page: show this part."""
        self.page.get_by_role("navigation").get_by_role("button", name=name).click()


def ask(url: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"X-Access-Token": "any", **({} if data is None else {"Content-Type": "application/json"})}
    try:
        with urllib.request.urlopen(urllib.request.Request(url + path, data, headers, method=method)) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.fixture
def panel(browser: Browser, live: str) -> Iterator[Callable[..., Panel]]:
    """Opens a panel: of a sandbox of its own unless told, in a context of its own. No page may complain."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def heard(message: ConsoleMessage, expected: str) -> None:
        if message.type in ("error", "warning") and not (expected and expected in message.text):
            complaints.append(message.text)

    def opened(url: str = live, sandbox: str = "", fragment: str = "", expected: str = "", **options: Any) -> Panel:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: heard(message, expected))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.add_init_script("addEventListener('securitypolicyviolation', (event) => console.error(event.blockedURI))")
        base = f"{url}/~{sandbox or uuid4().hex[:12]}"
        page.goto(f"{base}/__admin/{fragment}")
        expect(page.locator("#collections tbody tr").first).to_be_attached()
        return Panel(page, base)

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
