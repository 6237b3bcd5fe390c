"""Blueprints with random changes: each is read, or refused with messages inside its lines."""

import random
from collections.abc import Iterator

import pytest
from helpers.repository import ROOT

from mockserver.config.shipped import SCHEMAS
from mockserver.errors import FileMessage, InvalidFiles
from mockserver.spec import blueprint, schemas

FILES = sorted((ROOT / "tests" / "golden").rglob("*.apib")) + sorted(SCHEMAS.rglob("*.apib"))
TEXTS = [path.read_text(encoding="utf-8") for path in FILES]
PIECES = [
    "\n# ",
    "\n## X [/",
    "\n+ Response 200\n",
    "    ",
    "\t",
    "```",
    "<!--",
    "<pre>",
    "+ Body\n",
]
PIECES += ["\n+ Attributes\n", "[GET]", "[POST /x]", "\n+ Headers\n", "{?a,b}", "(array[", "..."]
PIECES += ["\n---\n", "\n===\n", "- ", "1. ", "> ", '"$ref": "#"', "// x", "/*", "\\", "&", "é"]
CHARACTERS = "()[]{}<>`+-*#:,.= \n\t\"'\\|~_\0é"


def changed_texts(count: int) -> Iterator[str]:
    """Yield texts of `TEXTS`, each with up to seven changes. They are the same in each run."""
    source = random.Random(14)
    for _ in range(count):
        text = source.choice(TEXTS)
        for _ in range(source.randrange(1, 8)):
            text = changed_text(source, text)
        yield text


def changed_text(source: random.Random, text: str) -> str:
    """Return a text with one change: characters, a piece, a deletion or a copy."""
    index = source.randrange(len(text) + 1)
    kind = source.randrange(4)
    if kind == 0:
        added = "".join(source.choices(CHARACTERS, k=source.randrange(5)))
        return text[:index] + added + text[index + source.randrange(4) :]
    if kind == 1:
        return text[:index] + source.choice(PIECES) + text[index + source.randrange(4) :]
    if kind == 2:
        return text[:index] + text[index + source.randrange(300) :]
    start = source.randrange(len(text) + 1)
    return text[:index] + text[start : start + source.randrange(400)] + text[index:]


def messages_of(text: str) -> list[FileMessage]:
    """Return all messages about a text, those about its examples too."""
    try:
        api = blueprint.parse_blueprint(text, "any.apib", "any")
    except InvalidFiles as error:
        return error.errors
    assert api.operations
    return [*api.messages, *schemas.example_messages(api, schemas.derive(api))]


def check(text: str) -> None:
    """Check that the messages about a text have a position in it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    for message in messages_of(text):
        assert message.position.file == "any.apib"
        assert 1 <= message.position.line <= lines, message
        assert message.position.column >= 1, message


def test_a_changed_blueprint_is_read_or_refused() -> None:
    for text in changed_texts(300):
        check(text)


@pytest.mark.usefixtures("thorough")
def test_20000_changed_blueprints_are_read_or_refused() -> None:
    for text in changed_texts(20_000):
        check(text)
