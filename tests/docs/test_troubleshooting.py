"""docs/troubleshooting.md has an entry for each problem, and quotes messages that the code has."""

import ast
import functools
import re

import pytest
from helpers.repository import ROOT

from mockserver.errors import PROBLEMS

PAGE = (ROOT / "docs/troubleshooting.md").read_text()
SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))
QUOTING = ("The server does not start", "Commands", "Errors in files")
MESSAGES = [
    message
    for title in QUOTING
    for message in re.findall(r"^\| `(.*?)` \|", SECTIONS[title], re.MULTILINE)
    if not message.startswith("FILE:")
]
HOLE = "\0"
"""Stands for a value in a message, as `...` does on the page."""


def test_each_problem_has_an_entry_with_its_title() -> None:
    entries = re.findall(r"^\| `([a-z-]+)`: (.*?) \|", SECTIONS["Problem responses"], re.MULTILINE)
    assert sorted(entries) == sorted((kind.slug, kind.title) for kind in PROBLEMS)


@functools.cache
def code_texts() -> str:
    """Return all texts of the code, a line each; the values of f-strings are holes."""
    lines = []
    for folder in ("mockserver", "tools"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                lines.append(_text_of(node))
    return "\n".join(filter(None, lines))


def _text_of(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return ""
    pieces = []
    for value in node.values:
        pieces.append(_text_of(value) if isinstance(value, ast.Constant) else HOLE)
    return "".join(pieces)


def test_many_messages_are_quoted() -> None:
    assert len(MESSAGES) > 30


@pytest.mark.parametrize("message", MESSAGES)
def test_a_quoted_message_is_a_message_of_the_code(message: str) -> None:
    pieces = [re.escape(piece) for piece in message.removeprefix("make: ").split("...")]
    pattern = rf"[^\n]*{HOLE}[^\n]*".join(pieces)
    assert re.search(pattern, code_texts())
