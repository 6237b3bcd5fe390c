"""The HTML report in a browser: complete, safe, accessible, and readable on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.accessibility import serious_findings
from helpers.shop_coverage import coverage_document, shop_coverage
from playwright.sync_api import Browser, Page, expect

from mockserver.verification.coverage.document import from_json
from mockserver.verification.coverage.html import html

HOSTILE = (
    "<script>document.title = 'attacked'</script><img src=x onerror=\"document.title='attacked'\">"
)


def page_text() -> str:
    """Return the report of a document in which each text is hostile."""
    document = coverage_document(excluded={"list-orders 404": HOSTILE}, contract=HOSTILE)
    document["apis"][0].update(title=HOSTILE, blueprint=HOSTILE)
    document["tests"][0]["test"] = HOSTILE
    for item in document["items"]:
        item.update(label=f"{item['label']} {HOSTILE}", closed_by=HOSTILE)
    return html(from_json(document, "x"), 0)


@pytest.fixture(scope="module")
def report(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    path: Path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page_text(), encoding="utf-8")
    page = browser.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    assert requests == [path.as_uri()]
    yield page
    page.context.close()


def test_text_of_a_blueprint_is_not_run(report: Page) -> None:
    expect(report).to_have_title("Contract coverage")
    assert report.locator("script, img, iframe").count() == 0
    expect(report.locator("h1")).to_have_text(f"Contract coverage: {HOSTILE}")


def test_the_page_has_no_external_resource() -> None:
    text = html(shop_coverage(), 0)
    assert re.findall(r"(?:src|href|url|import)\s*[=(]\s*[\"']?(?!#)[a-z]", text) == []


def test_the_matrix_has_a_row_for_each_operation(report: Page) -> None:
    rows = report.get_by_role("region", name="Operations").get_by_role("row")
    cells = rows.nth(1).get_by_role("cell").all_text_contents()
    assert cells == ["yes", "1/1", "1/2", "-", "-", "0/1", "0/1"]
    assert rows.nth(2).get_by_role("cell").all_text_contents()[:2] == ["no", "0/1"]


def test_a_test_lists_the_items_that_were_served_to_it_alone(report: Page) -> None:
    rows = report.get_by_role("region", name="Tests").get_by_role("row")
    alone = rows.nth(1).locator("li")
    assert [text.rpartition(" list")[2] for text in alone.all_text_contents()] == [
        "-orders query limit absent"
    ]
    expect(rows.nth(2).get_by_role("cell").nth(2)).to_have_text(re.compile("0 items"))


@pytest.mark.parametrize("width", [375, 1280])
def test_the_page_is_not_wider_than_the_window(report: Page, width: int) -> None:
    report.set_viewport_size({"width": width, "height": 800})
    assert report.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_has_no_serious_accessibility_finding(report: Page) -> None:
    report.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert serious_findings(report) == []
