"""Each command and file of docs/tutorial.md works, in the order of the page."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.console import (
    Shell,
    console_commands,
    named_files,
    run_commands,
    sections,
)
from helpers.processes import free_port
from helpers.repository import ROOT
from helpers.tools import require_tool

pytestmark = pytest.mark.server

SECTIONS = sections((ROOT / "docs/tutorial.md").read_text())
PLAYWRIGHT = "Test it with Playwright"
PORTS = ("8080", "5173")
"""Of the server and of the page; the test uses free ones."""
NODE_MODULES = ROOT / "examples/playwright/node_modules"


@pytest.fixture
def tutorial_shell(tmp_path: Path) -> Iterator[Shell]:
    require_tool("curl")
    with Shell(tmp_path) as shell:
        yield shell


def write_files(text: str, shell: Shell) -> None:
    for name, content in named_files(text):
        path = shell.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def follow(shell: Shell) -> None:
    """Write the files and run the commands of the sections before Playwright, in their order."""
    for heading, text in SECTIONS.items():
        if heading == PLAYWRIGHT:
            break
        write_files(text, shell)
        run_commands(text, shell)


def test_the_tutorial_has_its_parts() -> None:
    assert list(SECTIONS)[-2] == PLAYWRIGHT
    lines = [command.line for text in SECTIONS.values() for command in console_commands(text)]
    assert lines.count("mockserver serve") == 3
    assert len(lines) > 15


def test_each_step_before_playwright_prints_what_it_shows(tutorial_shell: Shell) -> None:
    follow(tutorial_shell)
    assert (tutorial_shell.folder / "app/index.html").exists()


def test_the_playwright_tests_of_the_tutorial_pass(tutorial_shell: Shell) -> None:
    """The packages of npm are those that `make examples` installs for examples/playwright."""
    require_tool("chromium")
    if not NODE_MODULES.exists():
        pytest.skip("the packages of examples/playwright are not installed: `make examples`")
    follow(tutorial_shell)
    text = SECTIONS[PLAYWRIGHT]
    for port in PORTS:
        text = re.sub(rf"\b{port}\b", str(free_port()), text)
    write_files(text, tutorial_shell)
    (tutorial_shell.folder / "node_modules").symlink_to(NODE_MODULES)
    commands = [command for command in console_commands(text) if "npm " not in command.line]
    assert len(commands) == 2
    for command in commands:
        tutorial_shell.run(command)
