"""README.md is short, and its commands are run and print what it shows."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.console import Shell, agrees, console_commands, named_files
from helpers.own_api import OWN_API_BLOCKS
from helpers.pages import running_page_server
from helpers.processes import running_server
from helpers.repository import ROOT
from helpers.tools import require_tool
from playwright.sync_api import Browser, expect

TEXT = (ROOT / "README.md").read_text()
COMMANDS = console_commands(TEXT)
FILES = dict(named_files(TEXT))
MAX_WORDS = 750
"""Outside code blocks: a newcomer reads the page in three minutes, at 250 words a minute."""


def test_the_readme_is_short() -> None:
    prose = re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)
    assert len(prose.split()) <= MAX_WORDS


def test_the_readme_shows_every_kind_of_operation() -> None:
    lines = " ".join(command.line for command in COMMANDS)
    for word in ("/exports", "DELETE", "trash", "Prefer: code=", "scenario on", "journal", "init"):
        assert word in lines


def test_the_urls_of_the_readme_are_quoted_where_a_shell_needs_it() -> None:
    urls = re.findall(r"\S*http://localhost\S*", " ".join(command.line for command in COMMANDS))
    assert len(urls) > 5
    assert [url for url in urls if re.search("[?&]", url) and url[0] != "'"] == []


@pytest.mark.parametrize("target", ["serve", "test", "docs"])
def test_the_make_targets_of_the_readme_exist(target: str) -> None:
    assert f"make {target}" in TEXT
    make = require_tool("make")
    ended = subprocess.run([make, "--dry-run", target], cwd=ROOT, capture_output=True)
    assert ended.returncode == 0


@pytest.fixture
def readme_shell(tmp_path: Path) -> Iterator[Shell]:
    require_tool("curl")
    blueprints = {path: text for path, _, text in OWN_API_BLOCKS if path}
    (tmp_path / "vendor.apib").write_text(blueprints["schemas/invoices/invoices.apib"])
    with running_server() as process, Shell(tmp_path, process.url) as shell:
        yield shell


@pytest.mark.server
def test_each_command_of_the_readme_prints_what_it_shows(readme_shell: Shell) -> None:
    commands = [command for command in COMMANDS if not command.line.startswith("make ")]
    assert len(commands) > 7
    for command in commands:
        readme_shell.run(command)


@pytest.mark.server
def test_the_page_of_the_readme_polls_until_the_export_is_finished(
    tmp_path: Path, readme_shell: Shell, browser: Browser
) -> None:
    opening = re.search(r"`python3 -m http\.server (\d+)`.*?`http://localhost:\1/(\S+)`", TEXT)
    assert opening
    page_text = FILES[opening[2]].replace("http://localhost:8080", readme_shell.url)
    (tmp_path / opening[2]).write_text(page_text)
    begin_again = [command for command in COMMANDS if "/~anna/__admin/" in command.line]
    assert len(begin_again) == 2
    with running_page_server(tmp_path) as port:
        page = browser.new_page()
        for _ in range(2):
            for command in begin_again:
                readme_shell.run(command)
            page.goto(f"http://localhost:{port}/{opening[2]}")
            expect(page.locator("output")).to_have_text("waiting running finished")
        page.context.close()


@pytest.mark.parametrize(
    ("documented", "real", "result"),
    [
        ({"a": "..."}, {"a": 1}, True),
        ({"a": "..."}, {"a": 1, "b": 2}, False),
        ({"a": 1, "...": "..."}, {"a": 1, "b": 2}, True),
        ({"a": 1, "...": "..."}, {"b": 2}, False),
        ([1, "..."], [1, 2, 3], True),
        ([1, "..."], [2], False),
        ([1], [1, 2], False),
    ],
)
def test_a_documented_value_stands_for_real_ones(documented: Any, real: Any, result: bool) -> None:
    assert agrees(documented, real) is result
