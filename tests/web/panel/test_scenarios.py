"""The scenarios of the control panel, in a browser."""

from collections.abc import Callable

import pytest
from helpers.panel import Panel
from helpers.shipped_api import CANCEL, EXPORTS
from playwright.sync_api import Route, expect

pytestmark = pytest.mark.server
CANCEL_REFUSED = "Canceling a finished export is refused"


def test_a_click_on_the_title_toggles_a_scenario(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    title = panel.page.locator("#scenarios-groups").get_by_text(CANCEL_REFUSED, exact=True)
    for is_on in (True, False):
        title.click()
        expect(panel.switch(CANCEL_REFUSED)).to_have_attribute("aria-checked", str(is_on).lower())
        status, scenario = panel.ask("GET", "/__admin/scenarios/finished-export-cancel")
        assert (status, scenario["on"]) == (200, is_on)


def test_each_scenario_shows_its_name(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    names = [
        scenario["name"] for scenario in panel.ask("GET", "/__admin/scenarios")[1]["scenarios"]
    ]
    codes = panel.page.locator("#scenarios-groups li code")
    expect(codes).to_have_count(len(names))
    assert sorted(codes.all_text_contents()) == sorted(names)
    expect(codes.first).to_be_visible()
    panel.switch(CANCEL_REFUSED).click()
    expect(panel.page.locator("#scenarios-active code")).to_have_text("finished-export-cancel")


def test_groups_have_the_names_of_the_operations(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    operations = panel.ask("GET", "/__admin/contract")[1]["operations"]
    titles = panel.page.locator("#scenarios-groups summary")
    expect(titles).to_have_text(
        [
            "Scenarios from files",
            *(operation["name"] for operation in operations),
            "Network faults, for all operations",
        ]
    )


def test_documented_scenarios_need_no_operation_name_in_their_titles(
    open_panel: Callable[..., Panel],
) -> None:
    """The panel gets the names of operations from the contract, so titles may have any words."""
    panel = open_panel()
    page = panel.page

    def reworded(route: Route) -> None:
        response = route.fetch()
        content = response.json()
        for scenario in content["scenarios"]:
            scenario["title"] = "Any words"
        route.fulfill(response=response, json=content)

    page.route("**/__admin/scenarios", reworded)
    page.reload()
    name = "Cancel Push Notification Segment Export"
    group = page.locator("#scenarios-groups details").filter(has_text=name)
    expect(group.locator("summary")).to_have_text(name)
    texts = [f"{name}: Status {status}" for status in (200, 400, 404)]
    expect(group.get_by_role("switch")).to_have_text(texts)


def test_options_limit_the_number_of_responses(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    page = panel.page
    page.get_by_label("Search the scenarios").fill(f"{CANCEL}-400")
    page.get_by_role("button", name="Options: ").click()
    page.get_by_label("for the next").fill("2")
    page.get_by_role("button", name="Switch on").click()
    expect(page.locator("#scenarios-active")).to_contain_text("2 left")
    assert panel.ask("DELETE", f"{EXPORTS}/100")[0] == 400
    expect(page.locator("#scenarios-active")).to_contain_text("1 left")


def test_options_choose_every_second_request(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    page = panel.page
    page.get_by_label("Search the scenarios").fill(f"{CANCEL}-400")
    page.get_by_role("button", name="Options: ").click()
    page.get_by_label("on every").fill("2")
    page.get_by_role("button", name="Switch on").click()
    expect(page.locator("#scenarios-active")).to_contain_text("on 1 of 2 requests")
    assert [panel.ask("DELETE", f"{EXPORTS}/100")[0] for _ in range(4)] == [200, 400, 200, 400]


def test_defaults_switches_all_other_scenarios_off(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    active = panel.page.locator("#scenarios-active li")
    panel.switch(CANCEL_REFUSED).click()
    expect(active).to_have_count(1)
    panel.page.get_by_role("button", name="Defaults").click()
    expect(active).to_have_count(0)
    expect(panel.page.locator("#scenarios-none")).to_be_visible()


def test_a_random_delay_shows_its_limits(open_panel: Callable[..., Panel]) -> None:
    panel = open_panel()
    panel.ask("PUT", "/__admin/scenarios/slow", {"delay": {"from": 0, "to": 0.25}})
    expect(panel.page.locator("#scenarios-active")).to_contain_text("delay 0 to 0.25 s")


FACTS = {
    "empty-lists": "empty data",
    "exports-progress": "states change on every GET",
    "finished-export-cancel": "exports: status finished",
    "slow": "delay 2 s",
}


def test_each_scenario_from_a_file_shows_what_it_does(open_panel: Callable[..., Panel]) -> None:
    rows = open_panel().page.locator("#scenarios-groups li")
    for name, fact in FACTS.items():
        about = rows.filter(has_text=name).locator(".about")
        expect(about.first).to_contain_text(f"{name} · {fact} · ")
