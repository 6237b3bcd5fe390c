"""The section on CORS of docs/frontend.md: its table and its commands are true."""

import re
from pathlib import Path

import pytest
from helpers.console import Shell, run_commands, sections
from helpers.processes import running_server
from helpers.repository import ROOT
from helpers.shipped_api import TRASH
from helpers.tools import require_tool
from playwright.sync_api import Browser, expect

from mockserver.web.cors import Cors

SECTION = sections((ROOT / "docs/frontend.md").read_text())["CORS"]


def table_origins() -> list[tuple[str, bool]]:
    """Return each origin of the table, and whether it is allowed by default."""
    origins = []
    rows = re.findall(r"^\| (`.*?) \| (allowed|not allowed) \|", SECTION, re.MULTILINE)
    for cell, allowed in rows:
        for origin in re.findall(r"`(null|https?://\S+)`", cell):
            origins.append((origin, allowed == "allowed"))
    return origins


ORIGINS = table_origins()
PAGE = """
<output></output>
<script type="module">
  const output = document.querySelector("output");
  try {
    const response = await fetch("URL", { headers: { "X-Access-Token": "any" } });
    output.append(response.status);
  } catch (error) {
    output.append(error.name);
  }
</script>
"""


def test_the_table_has_many_origins() -> None:
    assert len(ORIGINS) > 8


@pytest.mark.parametrize(("origin", "allowed"), ORIGINS)
def test_an_origin_of_the_table_is_allowed_as_it_shows(origin: str, allowed: bool) -> None:
    assert Cors(()).allows(origin) is allowed
    assert Cors(["*"]).allows(origin)


@pytest.mark.server
def test_the_commands_allow_another_origin(tmp_path: Path) -> None:
    require_tool("curl")
    with Shell(tmp_path) as shell:
        run_commands(SECTION, shell)


@pytest.mark.server
@pytest.mark.parametrize(
    ("arguments", "result"), [((), "TypeError"), (("--cors-origin", "*"), "200")]
)
def test_a_file_can_call_the_api_only_if_every_origin_is_allowed(
    tmp_path: Path, browser: Browser, arguments: tuple[str, ...], result: str
) -> None:
    with running_server(*arguments) as process:
        (tmp_path / "page.html").write_text(PAGE.replace("URL", f"{process.url}{TRASH}"))
        page = browser.new_page()
        page.goto((tmp_path / "page.html").as_uri())
        expect(page.locator("output")).to_have_text(result)
        page.context.close()
