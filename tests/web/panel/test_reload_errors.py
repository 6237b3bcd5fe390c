"""Errors of `serve --reload`: the control panel shows them until the files are valid."""

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.panel import Panel
from helpers.processes import running_server
from playwright.sync_api import expect

pytestmark = pytest.mark.server
VALID = "title: New\noperations: [list-all-trashed-push-notifications]\ndata: empty\n"


def test_an_invalid_file_is_shown_until_it_is_repaired(
    open_panel: Callable[..., Panel], shipped: Path
) -> None:
    scenario = shipped / "fixtures/push_notifications/scenarios/new.yaml"
    folders = ("--schemas", str(shipped / "schemas"), "--fixtures", str(shipped / "fixtures"))
    with running_server("--reload", *folders, "--workers", "1") as process:
        panel = open_panel(process.url)
        alert = panel.page.get_by_role("alert")
        expect(alert).to_have_count(0)
        scenario.write_text(VALID.replace("empty", "everything") + "delay: long\n")
        expect(alert).to_contain_text("Reload failed: 2 errors.")
        expect(alert).to_contain_text("new.yaml:3:7: /data: expected")
        expect(alert).to_contain_text("new.yaml:4:8: /delay: expected")
        expect(panel.page.locator("#scenarios-groups li")).not_to_have_count(0)
        panel.page.reload()
        expect(alert).to_contain_text("Reload failed: 2 errors.")
        scenario.write_text(VALID)
        expect(alert).to_have_count(0)
        expect(panel.switch("New")).to_be_visible()
        panel.page.close()
