"""What the control panel looks like: widths, accessibility, texts of other people, the pictures of the documents."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from helpers.panel import Panel, fill_panel, request_json
from helpers.pictures import screenshot
from helpers.processes import running_server
from helpers.repository import ROOT
from playwright.sync_api import expect

pytestmark = pytest.mark.server
EVIL = "<img src=x onerror=alert()>"


def test_a_narrow_page_has_three_parts_and_no_sideways_scroll(panel: Callable[..., Panel]) -> None:
    shown = panel(viewport={"width": 375, "height": 700})
    fill_panel(shown)
    for part in ("Scenarios", "Data", "Journal"):
        shown.part(part)
        for section in ("scenarios", "data", "journal"):
            expect(shown.page.locator(f"#{section}")).to_be_visible(visible=section == part.lower())
        button = shown.page.locator(
            f"#{part.lower()} :is(.more, button.link, button.exchange)"
        ).first
        button.click()
        assert shown.page.evaluate("document.documentElement.scrollWidth") == 375
        for box in shown.page.locator(f"#{part.lower()} :is(.scroll, .detail-body):visible").all():
            assert box.evaluate("(box) => box.scrollWidth <= box.clientWidth")


@pytest.mark.parametrize("width", [1280, 375])
def test_no_serious_violation_of_accessibility(panel: Callable[..., Panel], width: int) -> None:
    shown = panel(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    fill_panel(shown)
    found = []
    for part in ("Scenarios", "Data", "Journal") if width < 1000 else ("",):
        if part:
            shown.part(part)
        for button in shown.page.locator(":is(.more, button.link, button.exchange):visible").all()[
            :: 40 if part else 12
        ][:4]:
            button.click()
        for scheme in ("light", "dark"):
            shown.page.emulate_media(color_scheme=scheme)
            violations = Axe().run(shown.page).response["violations"]
            found += [each for each in violations if each["impact"] in ("serious", "critical")]
    findings = [
        (each["id"], each["nodes"][0]["html"], each["nodes"][0]["failureSummary"]) for each in found
    ]
    assert findings == []


def test_texts_of_others_are_shown_as_text(panel: Callable[..., Panel], shipped: Path) -> None:
    records = shipped / "fixtures/push_notifications/records/exports.yaml"
    records.write_text(records.read_text().replace("name: export example", f'name: "{EVIL}"', 1))
    scenario = shipped / "fixtures/push_notifications/scenarios/slow.yaml"
    scenario.write_text(
        scenario.read_text().replace(
            "title: Every response is delayed by two seconds", f'title: "{EVIL}"'
        )
    )
    with running_server("--fixtures", str(shipped / "fixtures")) as process:
        shown = panel(process.url)
        page = shown.page
        shown.ask(
            "GET", "/api/%3Cimg%20src=x%20onerror=alert()%3E?x=%3Cimg%20src=x%20onerror=alert()%3E"
        )
        page.locator("#exchanges button").click()
        page.locator("#collections tbody tr").first.click()
        for place in ("#scenarios-groups", "#collections", "#record", "#exchanges", "#exchange"):
            expect(page.locator(place)).to_contain_text(EVIL)
        assert page.locator("img").count() == 0
        page.close()


@pytest.mark.parametrize(("scheme", "name"), [("light", "panel.png"), ("dark", "panel-dark.png")])
def test_the_pictures_of_the_documents(
    panel: Callable[..., Panel], live: str, pytestconfig: pytest.Config, scheme: str, name: str
) -> None:
    request_json(f"{live}/~anna", "POST", "/__admin/reset", {})
    shown = panel(sandbox="anna", color_scheme=scheme, viewport={"width": 1280, "height": 760})
    fill_panel(shown)
    shown.page.get_by_label("Records advance").select_option("with the clock")
    shown.page.get_by_role("button", name="+1 min").click()
    expect(shown.page.locator("#now")).to_have_text("2026-11-02 09:01:00")
    shown.page.locator("#exchanges button").nth(3).click()
    made = screenshot(shown.page)
    assert len(made) < 200_000
    if pytestconfig.getoption("screenshots"):
        (ROOT / "docs" / name).write_bytes(made)
