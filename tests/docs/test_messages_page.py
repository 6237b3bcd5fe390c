"""docs/blueprint-messages.md explains each kind of message with an input that provokes it.

The inputs are tests/golden/messages/CODE.apib. After a change, write the blocks of the page:
`WRITE_GOLDEN=1 pytest tests/docs/test_messages_page.py`. Then write the text of new sections.
"""

import os
import re
from pathlib import Path

import pytest
from helpers.processes import run_command
from helpers.repository import ROOT

from mockserver.cli.terminal_text import printable
from mockserver.contract.api_loader import blueprint_messages
from mockserver.errors import InvalidFiles
from mockserver.spec import blueprint
from mockserver.spec.blueprint.markdown import MAX_CHARACTERS
from mockserver.spec.blueprint.messages import (
    KINDS,
    NOT_UTF8,
    ROUTE_IN_TWO_FILES,
    TOO_LONG,
    MessageKind,
)

PAGE = ROOT / "docs/blueprint-messages.md"
GOLDEN = ROOT / "tests/golden/messages"
MAX_LINES, MAX_COLUMNS = 24, 90
"""What the page shows of an input; the rest is cut."""
WITHOUT_INPUT = (NOT_UTF8, ROUTE_IN_TWO_FILES, TOO_LONG)
"""Kinds that no short text in one file provokes."""
WITH_INPUT = [kind for kind in KINDS if kind not in WITHOUT_INPUT]
RELATED = {"B503": {"B504"}}
"""Codes that the input of another code provokes too."""
_TITLE = re.compile(r"### (?P<title>B\d+ [\w-]+)")


def sections() -> dict[str, str]:
    """Return the title of each section of a kind, and its content without the last empty line."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    fence = ""
    for line in PAGE.read_text().split("\n"):
        heading = _TITLE.fullmatch(line)
        if heading and not fence:
            lines = found.setdefault(heading["title"], [])
            continue
        if line.startswith("## ") and not fence:
            lines = []
        if line.startswith("```") and not fence:
            fence = line.rstrip("abcdefghijklmnopqrstuvwxyz")
        elif line == fence:
            fence = ""
        lines.append(line)
    return {name: "\n".join(content).strip("\n") for name, content in found.items()}


def title(kind: MessageKind) -> str:
    return f"{kind.code} {kind.slug}"


def codes(path: Path) -> set[str]:
    """Return the codes of the messages about a file."""
    try:
        messages = list(blueprint_messages(blueprint.read_blueprint(path)))
    except InvalidFiles as error:
        messages = list(error.errors)
    return {message.code for message in messages}


def blocks(kind: MessageKind) -> str:
    """Return the blocks with the input of a kind and its report."""
    path = GOLDEN / f"{kind.code}.apib"
    report = run_command("check", str(path)).stderr.replace(f"{GOLDEN.relative_to(ROOT)}/", "")
    return f"{_block('apib', path.read_text())}\n\n{_block('text', report)}"


def _block(language: str, text: str) -> str:
    lines = []
    for line in text.rstrip("\n").split("\n"):
        shown = printable(line)
        if len(shown) > MAX_COLUMNS and language == "apib":
            shown = f"{shown[:MAX_COLUMNS]}..."
        lines.append(shown)
    if len(lines) > MAX_LINES:
        lines[MAX_LINES:] = ["..."]
    content = "\n".join(lines)
    fence = "````" if "```" in content else "```"
    return f"{fence}{language}\n{content}\n{fence}"


def prose(content: str) -> str:
    """Return the text of a section before its blocks."""
    return content.partition("\n\n```")[0]


def write_page() -> None:
    """Write the blocks of all sections again. A new section follows that of the code before it."""
    text, written, before = PAGE.read_text(), sections(), ""
    for kind in WITH_INPUT:
        head = f"### {title(kind)}\n\n"
        content = written.get(title(kind), "")
        section = f"{head}{prose(content)}\n\n{blocks(kind)}"
        if title(kind) in written:
            text = text.replace(head + content, section)
        else:
            text = text.replace(before, f"{before}\n\n{section}")
        before = section
    PAGE.write_text(text)


def test_the_page_has_each_kind_once_in_order() -> None:
    assert list(sections()) == [title(kind) for kind in KINDS]


@pytest.mark.parametrize("kind", KINDS, ids=title)
def test_a_section_explains_the_message_and_how_to_fix_it(kind: MessageKind) -> None:
    meaning, _, fix = prose(sections()[title(kind)]).partition("\n\nTo fix it, ")
    assert meaning.endswith(".")
    assert fix.endswith(".")


@pytest.mark.parametrize("kind", WITH_INPUT, ids=title)
def test_an_input_provokes_exactly_its_message(kind: MessageKind) -> None:
    path = GOLDEN / f"{kind.code}.apib"
    assert codes(path) - RELATED.get(kind.code, set()) == {kind.code}


def test_a_long_text_provokes_its_message(tmp_path: Path) -> None:
    path = tmp_path / "a.apib"
    path.write_text("a" * (MAX_CHARACTERS + 1))
    assert codes(path) == {TOO_LONG.code}


def test_each_input_belongs_to_a_kind() -> None:
    names = {path.stem for path in GOLDEN.iterdir()}
    assert names == {kind.code for kind in WITH_INPUT}


def test_the_page_has_each_input_with_its_report() -> None:
    if os.environ.get("WRITE_GOLDEN"):
        write_page()
    written = sections()
    for kind in WITH_INPUT:
        content = written[title(kind)]
        assert content == f"{prose(content)}\n\n{blocks(kind)}"
