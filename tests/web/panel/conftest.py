"""Fixtures of the tests of the control panel in a browser."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from helpers.pages import running_page_server
from helpers.panel import Panel
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, expect


@pytest.fixture
def panel(browser: Browser, live: str) -> Iterator[Callable[..., Panel]]:
    """Return a function that opens a panel in a new context, of a new sandbox by default. No page may complain."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def listen(message: ConsoleMessage, expected: str) -> None:
        if message.type in ("error", "warning") and not (expected and expected in message.text):
            complaints.append(message.text)

    def open_panel(url: str = live, sandbox: str = "", fragment: str = "", expected: str = "", **options: Any) -> Panel:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: listen(message, expected))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.add_init_script("addEventListener('securitypolicyviolation', (event) => console.error(event.blockedURI))")
        base = f"{url}/~{sandbox or uuid4().hex[:12]}"
        page.goto(f"{base}/__admin/{fragment}")
        expect(page.locator("#collections tbody tr").first).to_be_attached()
        return Panel(page, base)

    yield open_panel
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def app_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a page on another origin, as the page of a frontend developer is."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "index.html").write_text("<!doctype html><title>app</title>")
    with running_page_server(folder) as port:
        yield f"http://localhost:{port}/"
