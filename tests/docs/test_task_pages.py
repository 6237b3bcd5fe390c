"""The commands of the pages by task are run, and print what the pages show."""

from pathlib import Path

import pytest
from helpers.console import Shell, console_commands, run_commands
from helpers.processes import running_server
from helpers.repository import ROOT
from helpers.tools import require_tool

pytestmark = pytest.mark.server


def test_each_command_about_the_shipped_api_prints_what_its_page_shows(tmp_path: Path) -> None:
    require_tool("curl")
    page = (ROOT / "docs/push-notifications.md").read_text()
    assert len(console_commands(page)) > 8
    with running_server() as process, Shell(tmp_path, process.url) as shell:
        run_commands(page, shell)
