"""The layout of the control panel: widths, accessibility, untrusted texts, pictures of the docs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.accessibility import serious_findings
from helpers.panel import Panel, fill_panel, request_json
from helpers.pictures import screenshot
from helpers.processes import running_server
from helpers.repository import ROOT
from playwright.sync_api import Route, expect

pytestmark = pytest.mark.server
EVIL = "<img src=x onerror=alert()>"


def test_a_narrow_page_has_three_parts_and_no_sideways_scroll(
    open_panel: Callable[..., Panel],
) -> None:
    panel = open_panel(viewport={"width": 375, "height": 700})
    fill_panel(panel)
    for part in ("Scenarios", "Records", "Journal"):
        panel.part(part)
        for section in ("scenarios", "records", "journal"):
            expect(panel.page.locator(f"#{section}")).to_be_visible(visible=section == part.lower())
        button = panel.page.locator(
            f"#{part.lower()} :is(.more, button.link, button.exchange)"
        ).first
        button.click()
        assert panel.page.evaluate("document.documentElement.scrollWidth") == 375
        for box in panel.page.locator(f"#{part.lower()} :is(.scroll, .detail-body):visible").all():
            assert box.evaluate("(box) => box.scrollWidth <= box.clientWidth")


@pytest.mark.parametrize("view", ["", "#coverage"])
@pytest.mark.parametrize("width", [375, 1280])
def test_long_lists_scroll_inside_the_page(
    open_panel: Callable[..., Panel], width: int, view: str
) -> None:
    panel = open_panel(viewport={"width": width, "height": 500})
    fill_panel(panel)
    panel.page.goto(panel.page.url.partition("#")[0] + view)
    rows = panel.page.locator("#matrix button" if view else "#scenarios .more")
    expect(rows.first).to_be_visible()
    assert panel.page.evaluate("document.documentElement.scrollHeight") == 500


# Width to the parts that are opened, and to every how many of their buttons are pressed.
ACCESSIBILITY = {1280: ([""], 12), 375: (["Scenarios", "Records", "Journal"], 40)}
MAX_PRESSED = 4


@pytest.mark.parametrize("width", ACCESSIBILITY)
def test_no_serious_violation_of_accessibility(
    open_panel: Callable[..., Panel], width: int
) -> None:
    panel = open_panel(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    fill_panel(panel)
    parts, step = ACCESSIBILITY[width]
    for part in parts:
        if part:
            panel.part(part)
        buttons = panel.page.locator(":is(.more, button.link, button.exchange, .repeats):visible")
        for button in buttons.all()[::step][:MAX_PRESSED]:
            button.click()
        assert serious_findings(panel.page) == []


@pytest.mark.parametrize("width", ACCESSIBILITY)
def test_errors_of_a_reload_are_accessible(open_panel: Callable[..., Panel], width: int) -> None:
    panel = open_panel(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    errors = [f"fixtures/api/scenarios/s{number}.yaml:3:7: /data: invalid" for number in range(40)]

    def with_errors(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json={**response.json(), "reload_errors": errors})

    panel.page.route("**/__admin/contract", with_errors)
    panel.ask("POST", "/__admin/clock/advance", {"seconds": 1})
    expect(panel.page.get_by_role("alert")).to_contain_text("40 errors")
    assert panel.page.evaluate("document.documentElement.scrollWidth") == width
    assert serious_findings(panel.page) == []


def test_texts_of_requests_and_files_are_shown_as_text(
    open_panel: Callable[..., Panel], shipped: Path
) -> None:
    records = shipped / "fixtures/push_notifications/records/exports.yaml"
    records.write_text(records.read_text().replace("name: export example", f'name: "{EVIL}"', 1))
    scenario = shipped / "fixtures/push_notifications/scenarios/slow.yaml"
    scenario.write_text(
        scenario.read_text().replace(
            "title: Every response is delayed by two seconds", f'title: "{EVIL}"'
        )
    )
    with running_server("--fixtures", str(shipped / "fixtures")) as process:
        panel = open_panel(process.url)
        page = panel.page
        panel.ask(
            "GET", "/api/%3Cimg%20src=x%20onerror=alert()%3E?x=%3Cimg%20src=x%20onerror=alert()%3E"
        )
        page.locator("#exchanges button").click()
        page.locator("#collections tbody tr").first.click()
        for part in ("#scenarios-groups", "#collections", "#record", "#exchanges", "#exchange"):
            expect(page.locator(part)).to_contain_text(EVIL)
        assert page.locator("img").count() == 0
        page.close()


@pytest.mark.parametrize(("scheme", "name"), [("light", "panel.png"), ("dark", "panel-dark.png")])
def test_the_pictures_of_the_documents(
    open_panel: Callable[..., Panel], live: str, pytestconfig: pytest.Config, scheme: str, name: str
) -> None:
    request_json(f"{live}/~anna", "POST", "/__admin/reset", {})
    panel = open_panel(sandbox="anna", color_scheme=scheme, viewport={"width": 1280, "height": 760})
    fill_panel(panel)
    # The choice in the panel lets the clock run, so that the time of the picture would vary.
    panel.ask("PUT", "/__admin/clock", {"progression": "time"})
    expect(panel.page.get_by_label("Status changes")).to_have_value("time")
    panel.page.get_by_role("button", name="+1 min").click()
    expect(panel.page.locator("#now")).to_have_text("2026-11-02 09:01:00")
    panel.page.locator("#exchanges button").nth(3).click()
    made = screenshot(panel.page)
    assert len(made) < 200_000
    if pytestconfig.getoption("screenshots"):
        (ROOT / "docs" / name).write_bytes(made)
