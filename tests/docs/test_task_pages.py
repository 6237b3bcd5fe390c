"""The commands of the pages by task are run, and print what the pages show."""

from pathlib import Path

import pytest
from helpers.console import Shell, console_commands, run_commands
from helpers.processes import running_server
from helpers.repository import ROOT
from helpers.tools import require_tool

pytestmark = pytest.mark.server
PAGES = [("push-notifications.md", 15), ("sandboxes.md", 8), ("coverage.md", 8)]


@pytest.mark.parametrize(("name", "minimum"), PAGES)
def test_each_command_of_a_page_prints_what_the_page_shows(
    tmp_path: Path, name: str, minimum: int
) -> None:
    require_tool("curl")
    page = (ROOT / "docs" / name).read_text()
    assert len(console_commands(page)) >= minimum
    with running_server() as process, Shell(tmp_path, process.url) as shell:
        run_commands(page, shell)
