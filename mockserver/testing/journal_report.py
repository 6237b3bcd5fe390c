"""The journal of a test as text, short enough for its report."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.cli.tables import columns, exchange_details, exchange_row

MAX_EXCHANGES = 50
"""The number of exchanges in a report: the last ones."""
MAX_LINE_LENGTH = 300
"""Maximum number of characters of a line."""


def format_journal(exchanges: Sequence[Mapping[str, Any]]) -> str:
    """Return a line for each of the last exchanges, oldest first: status, method, path, reason.

    The violations of an exchange are indented lines below it.
    """
    if not exchanges:
        return "no request arrived"
    lines = []
    omitted = len(exchanges) - MAX_EXCHANGES
    if omitted > 0:
        lines.append(f"({omitted} earlier exchanges omitted)")
    lines += map(_cut, _lines(exchanges[-MAX_EXCHANGES:]))
    return "\n".join(lines)


def _lines(exchanges: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    rows = []
    for exchange in exchanges:
        rows.append(tuple(map(_visible, exchange_row(exchange))))
    for line, exchange in zip(columns(rows), exchanges, strict=True):
        yield line
        for detail in exchange_details(exchange):
            yield f"    {_visible(detail)}"


def _visible(text: str) -> str:
    """Escape control characters: a path may contain anything, even escape sequences."""
    printable = ""
    for character in text[: MAX_LINE_LENGTH + 1]:
        printable += character if character.isprintable() else repr(character)[1:-1]
    return _cut(printable)


def _cut(line: str) -> str:
    if len(line) <= MAX_LINE_LENGTH:
        return line
    return f"{line[: MAX_LINE_LENGTH - 3]}..."
