"""The commands of docs/own-api.md are run in their order, and print what the page shows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.console import Shell, named_files, run_commands, sections
from helpers.own_api import OWN_API_PAGE
from helpers.tools import require_tool

pytestmark = pytest.mark.server

SECTIONS = sections(OWN_API_PAGE)
SMALL_API = SECTIONS["A small API"]
CHANGES = SECTIONS["When the blueprint changes"]
MAX_BLUEPRINT_LINES = 32
"""A first blueprint fits on a screen."""


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """Return a shell in the folder of the small API, after the commands of its section."""
    require_tool("curl")
    with Shell(tmp_path) as started:
        for name, text in named_files(SMALL_API):
            (tmp_path / name).write_text(text)
        run_commands(SMALL_API, started)
        yield started


def additions(text: str) -> dict[str, str]:
    """Return the lines that a page adds at the end of files, by path."""
    block = r"```\w+\n(?:#|<!--) add to (\S+)(?: -->)?\n(.*?)```"
    return dict(re.findall(block, text, re.DOTALL))


def test_the_first_blueprint_of_the_page_is_short() -> None:
    ((name, text),) = named_files(SMALL_API)
    assert name == "notes.apib"
    assert len(text.splitlines()) <= MAX_BLUEPRINT_LINES


def test_the_small_api_is_served_and_follows_its_blueprint(shell: Shell) -> None:
    added = additions(CHANGES)
    assert len(added) == 3
    for path, text in added.items():
        with (shell.folder / path).open("a") as file:
            file.write(text)
    run_commands(CHANGES, shell)


def test_the_invoices_are_generated_as_the_page_shows(tmp_path: Path) -> None:
    files = dict(named_files(OWN_API_PAGE))
    (tmp_path / "invoices.apib").write_text(files["schemas/invoices/invoices.apib"])
    with Shell(tmp_path) as invoices:
        run_commands(SECTIONS["`mockserver init`"], invoices)


def test_the_files_of_the_invoices_are_served(tmp_path: Path) -> None:
    for name, text in named_files(OWN_API_PAGE):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with Shell(tmp_path) as invoices:
        run_commands(SECTIONS["Serve"], invoices)
