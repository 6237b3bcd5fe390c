"""A test's journal as text, short enough for its report."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.cli.tables import columns, exchange_details, exchange_row

MAX_EXCHANGES = 50
"""The exchanges that are told, the last ones."""
WIDEST = 300
"""Characters of a line."""


def format_journal(exchanges: Sequence[Mapping[str, Any]]) -> str:
    """The last exchanges, the first first, a line each: status, method, path, why; below it what was wrong with it."""
    if not exchanges:
        return "no request arrived"
    left_out = len(exchanges) - MAX_EXCHANGES
    head = [f"({left_out} earlier exchanges omitted)"] if left_out > 0 else []
    return "\n".join([*head, *map(_cut, _lines(exchanges[-MAX_EXCHANGES:]))])


def _lines(exchanges: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    rows = columns([tuple(map(_visible, exchange_row(each))) for each in exchanges])
    for row, exchange in zip(rows, exchanges, strict=True):
        yield row
        for detail in exchange_details(exchange):
            yield f"    {_visible(detail)}"


def _visible(text: str) -> str:
    """What a terminal shows as it is: a path may hold anything, escape sequences too."""
    shown = "".join(char if char.isprintable() else repr(char)[1:-1] for char in text[: WIDEST + 1])
    return _cut(shown)


def _cut(line: str) -> str:
    return line if len(line) <= WIDEST else f"{line[: WIDEST - 3]}..."
