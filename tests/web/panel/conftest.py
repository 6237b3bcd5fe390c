"""Fixtures of the tests of the control panel in a browser."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from helpers.pages import close_pages, running_page_server
from helpers.panel import Panel
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, ViewportSize, expect

WIDE: ViewportSize = {"width": 1280, "height": 800}


@pytest.fixture(scope="session")
def shared_context(browser: Browser) -> Iterator[BrowserContext]:
    """Return the context of every panel, with an empty page that stays open.

    Without an open page, the browser starts a window and processes for each panel again. That
    takes twice as long.
    """
    context = browser.new_context(viewport=WIDE)
    context.new_page()
    yield context
    context.close()


@pytest.fixture
def context(shared_context: BrowserContext) -> Iterator[BrowserContext]:
    """Return the shared context. Remove pages, cookies and permissions of the test afterwards.

    The panel stores nothing else in a browser: test_files.py checks that.
    """
    yield shared_context
    close_pages(shared_context)
    shared_context.clear_cookies()
    shared_context.clear_permissions()


@pytest.fixture
def open_panel(context: BrowserContext, live: str) -> Iterator[Callable[..., Panel]]:
    """Return a function that opens a panel, of a new sandbox by default. No page may log an error.

    The function takes media features, such as `color_scheme`, as keywords.
    """
    complaints: list[str] = []

    def listen(message: ConsoleMessage, expected: str) -> None:
        if message.type in ("error", "warning") and not (expected and expected in message.text):
            complaints.append(message.text)

    def open_page(
        url: str = live,
        sandbox: str = "",
        fragment: str = "",
        expected: str = "",
        viewport: ViewportSize = WIDE,
        **media: Any,
    ) -> Panel:
        page = context.new_page()
        page.set_viewport_size(viewport)
        page.emulate_media(**media)
        page.set_default_timeout(60_000)
        page.on("console", lambda message: listen(message, expected))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.add_init_script(
            "addEventListener('securitypolicyviolation', "
            "(event) => console.error(event.blockedURI))"
        )
        base = f"{url}/~{sandbox or uuid4().hex[:12]}"
        page.goto(f"{base}/__admin/{fragment}")
        expect(page.locator("#collections tbody tr").first).to_be_attached()
        return Panel(page, base)

    yield open_page
    close_pages(context)
    assert complaints == []


@pytest.fixture(scope="module")
def app_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a page on another origin, as the page of a frontend developer is."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "index.html").write_text("<!doctype html><title>app</title>")
    with running_page_server(folder) as port:
        yield f"http://localhost:{port}/"
