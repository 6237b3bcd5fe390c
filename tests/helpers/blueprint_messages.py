"""Blueprints for the tests of messages: a frame with one resource and one action."""

from mockserver.errors import InvalidFiles
from mockserver.spec import blueprint

HEAD = "# A\n\n# R [/r/{id}{?page}]\n\n## L [GET]\n\n"
"""The text before a response. The next line is line 7."""
OK = "+ Response 200\n\n        fine\n"
"""A valid response."""


def attributes_blueprint(*lines: str, more: str = "") -> str:
    """Return a blueprint whose response has these lines of attributes.

    The first of them is line 10, and its text starts in column 11.
    """
    items = "".join(f"        {line}\n" for line in lines)
    return f"{HEAD}+ Response 200\n\n    + Attributes\n{items}{more}"


def blueprint_messages(text: str) -> list[str]:
    """Return the messages about a blueprint: LINE:COLUMN: MESSAGE."""
    try:
        found = blueprint.parse_blueprint(text, "f", "x").messages
    except InvalidFiles as error:
        found = error.errors
    lines = []
    for message in found:
        place = str(message.position).removeprefix("f:")
        lines.append(f"{place}: {message.message}")
    return lines
