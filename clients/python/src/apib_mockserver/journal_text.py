"""The journal of a test as text, short enough for its report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apib_mockserver.types import Exchange, Violation

MAX_EXCHANGES = 50
"""The number of exchanges in a report: the last ones."""
MAX_LINE_LENGTH = 300
"""Maximum number of characters of a line."""


def format_journal(exchanges: Sequence[Exchange]) -> str:
    """Return a line for each of the last exchanges, oldest first: status, method, path, reason.

    Indented lines below an exchange have its violations and the closest operation.
    """
    lines = []
    omitted = len(exchanges) - MAX_EXCHANGES
    if omitted > 0:
        lines.append(f"({omitted} earlier exchanges omitted)")
    for exchange in exchanges[-MAX_EXCHANGES:]:
        lines.append(_visible(_summary(exchange)))
        for detail in _details(exchange):
            lines.append(_visible(f"    {detail}"))
    return "\n".join(lines)


def violation_line(violation: Violation) -> str:
    """Return a violation as one line."""
    pointer = violation["pointer"] or "/"
    return f"{pointer}: expected {violation['expected']}, got {violation['actual']}"


def _summary(exchange: Exchange) -> str:
    target = exchange["path"]
    if exchange["query"]:
        target += f"?{exchange['query']}"
    return f"{exchange['status']}  {exchange['method']}  {target}  {exchange['reason']}"


def _details(exchange: Exchange) -> Iterator[str]:
    yield from map(violation_line, exchange["violations"])
    near_misses = exchange.get("near_misses")
    if near_misses:
        closest = near_misses[0]
        operation = f"{closest['method']} {closest['uri_template']}"
        yield f"closest is {operation} ({'; '.join(closest['differences'])})"


def _visible(text: str) -> str:
    """Escape control characters, because a path may contain any, and cut a long line."""
    printable = ""
    for character in text[: MAX_LINE_LENGTH + 1]:
        printable += character if character.isprintable() else repr(character)[1:-1]
    if len(printable) <= MAX_LINE_LENGTH:
        return printable
    return f"{printable[: MAX_LINE_LENGTH - 3]}..."
