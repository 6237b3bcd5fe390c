"""`/docs`: Swagger UI with our navigation and style sheet, light and dark."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from helpers.accessibility import serious_findings
from helpers.repository import ROOT
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from mockserver.web.swagger_ui import FOLDER, OWN_FILES, PAGE, SWAGGER_FILES

POLICY = "default-src 'self'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'"
"""Written out: a policy that becomes weaker is to be noticed."""
MAX_COLUMNS = 100
DARK_GROUND = "rgb(28, 32, 34)"
WHITE = "rgb(255, 255, 255)"
# Faults of Swagger UI's HTML that no style sheet can correct.
KNOWN_FINDINGS = {
    ("nested-interactive", ".opblock-summary-control"): "the path is a link in a button",
    ("scrollable-region-focusable", ".highlight-code > .microlight"): (
        "an example without a tabindex; Chrome and Firefox focus it nevertheless"
    ),
}


@pytest.fixture
def open_docs(browser: Browser, live: str) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page of the documentation. No page may log an error."""
    errors: list[str] = []
    context = browser.new_context(reduced_motion="reduce")

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    def open_page(path: str, width: int = 1280, scheme: str = "light") -> Page:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", listen)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(live + path)
        expect(page.locator(".opblock").first).to_be_visible(timeout=60_000)
        return page

    yield open_page
    context.close()
    assert errors == []


def background(page: Page, selector: str) -> str:
    """Return the background colour of an element."""
    return str(page.locator(selector).evaluate("(box) => getComputedStyle(box).backgroundColor"))


def test_the_page_loads_only_files_of_this_server(client: FlaskClient) -> None:
    page = client.get("/docs")
    assert page.headers["Content-Security-Policy"] == POLICY
    text = page.get_data(as_text=True)
    assert "//" not in text
    for file, kind in {**OWN_FILES, **SWAGGER_FILES}.items():
        response = client.get(f"/docs/{file}")
        assert (response.status_code, response.mimetype) == (200, kind)
        assert response.headers["Content-Security-Policy"] == POLICY
        assert f'"docs/{file}"' in text


@pytest.mark.parametrize("name", [PAGE, *OWN_FILES])
def test_the_own_files_have_short_lines_and_are_shipped(name: str) -> None:
    lines = (FOLDER / name).read_text().splitlines()
    assert [line for line in lines if len(line) > MAX_COLUMNS] == []
    package_data = re.search(
        r"^mockserver\.web\.swagger_ui = (.*)$", (ROOT / "setup.cfg").read_text(), re.MULTILINE
    )
    assert package_data is not None
    assert f"*{(FOLDER / name).suffix}" in package_data[1].split(", ")


@pytest.mark.server
def test_links_lead_from_the_panel_to_the_docs_and_back(open_docs: Callable[..., Page]) -> None:
    page = open_docs("/docs")
    current = page.get_by_role("link", name="API docs", exact=True)
    expect(current).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="Control panel").click()
    page.wait_for_url("**/__admin/")
    page.get_by_role("link", name="Admin API docs").click()
    page.wait_for_url("**/docs?admin")
    current = page.get_by_role("link", name="Admin API docs")
    expect(current).to_have_attribute("aria-current", "page")
    expect(page.locator(".opblock").first).to_contain_text("/__admin/")
    page.get_by_role("link", name="Control panel").click()
    page.wait_for_url("**/__admin/")
    page.goto(page.url.replace("/__admin/", "/~anna/__admin/"))
    page.get_by_role("link", name="API docs", exact=True).click()
    page.wait_for_url("**/docs")
    assert "~anna" not in page.url


@pytest.mark.server
def test_the_docs_follow_the_colour_scheme(open_docs: Callable[..., Page]) -> None:
    page = open_docs("/docs", scheme="dark")
    assert background(page, "body") == DARK_GROUND
    assert background(page, ".opblock-get >> nth=0") != background(page, "body")
    dark_text = page.locator(".info .title").evaluate("(title) => getComputedStyle(title).color")
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).not_to_have_class("dark-mode")
    assert background(page, "body") == WHITE
    light_text = page.locator(".info .title").evaluate("(title) => getComputedStyle(title).color")
    assert light_text != dark_text


@pytest.mark.server
def test_the_docs_have_no_serious_violation_of_accessibility(
    open_docs: Callable[..., Page],
) -> None:
    check_accessibility(open_docs("/docs", 375), 375)


@pytest.mark.server
@pytest.mark.usefixtures("thorough")
@pytest.mark.parametrize(
    ("path", "width"), [("/docs", 1280), ("/docs?admin", 375), ("/docs?admin", 1280)]
)
def test_both_docs_have_no_serious_violation_in_the_other_width(
    open_docs: Callable[..., Page], path: str, width: int
) -> None:
    check_accessibility(open_docs(path, width), width)


def check_accessibility(page: Page, width: int) -> None:
    for position in (0, 3):
        page.locator(".opblock-summary-control").nth(position).click()
    expect(page.locator(".opblock-body")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert serious_findings(page, KNOWN_FINDINGS) == []
