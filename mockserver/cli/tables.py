"""Text tables that fit the terminal, and exchanges as rows."""

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from mockserver.cli.terminal_text import display_width, printable

GAP = "  "
"""What separates two columns."""
_CUT = "..."
_MIN_WIDTH = 12
"""The width below which no column is cut."""


MAX_INDENT = "    "
"""The longest start of a line of a table."""


def print_table(
    rows: Sequence[tuple[str, ...]], *, indent: str = "", complete: int | None = None
) -> None:
    """Print each row as a line of aligned columns, cut to the width of the terminal.

    Args:
        rows: The cells of each row.
        indent: The start of each line.
        complete: The column that is never cut.
    """
    for line in columns(fit_terminal(rows, complete)):
        print(f"{indent}{line}")


def fit_terminal(
    rows: Sequence[tuple[str, ...]], complete: int | None = None
) -> Sequence[tuple[str, ...]]:
    """Return printable rows, as `fit` does for this terminal; complete for a pipe or a file."""
    printable_rows: list[tuple[str, ...]] = []
    for row in rows:
        printable_rows.append(tuple(map(_printable_cell, row)))
    if not writes_to_terminal():
        return printable_rows
    width = shutil.get_terminal_size().columns - len(MAX_INDENT)
    return fit(printable_rows, width, complete)


def _printable_cell(text: str) -> str:
    """Return a text without characters that would end the line, or control the terminal."""
    return printable(text).replace("\t", "\\t")


def writes_to_terminal() -> bool:
    """Return whether stdout is a terminal."""
    return sys.stdout.isatty()


def fit(
    rows: Sequence[tuple[str, ...]], width: int, complete: int | None = None
) -> list[tuple[str, ...]]:
    """Return the rows with their longest cells cut in the middle, so that lines fit a width.

    A width that is too small for all columns is exceeded.
    """
    widths = _widths(rows)
    while sum(widths) + len(GAP) * (len(widths) - 1) > width:
        widest = _widest(widths, complete)
        if widest is None:
            break
        widths[widest] -= 1
    cut_rows: list[tuple[str, ...]] = []
    for row in rows:
        cut_rows.append(tuple(map(_cut, row, widths)))
    return cut_rows


def _widest(widths: Sequence[int], complete: int | None) -> int | None:
    """Return the column to cut; `None` if no column can be cut."""
    columns = [index for index in range(len(widths)) if index != complete]
    widest = max(columns, key=widths.__getitem__, default=None)
    if widest is None or widths[widest] <= _MIN_WIDTH:
        return None
    return widest


def _cut(text: str, width: int) -> str:
    """Return a text without its middle, if it is longer than the width."""
    if display_width(text) <= width:
        return text
    kept = width - len(_CUT)
    start = _start(text, (kept + 1) // 2)
    end = _start(text[::-1], kept - display_width(start))[::-1]
    return start + _CUT + end


def _start(text: str, width: int) -> str:
    """Return the start of a text that fits a width."""
    used = 0
    for index, character in enumerate(text):
        used += display_width(character)
        if used > width:
            return text[:index]
    return text


def _widths(rows: Sequence[tuple[str, ...]]) -> list[int]:
    widths: list[int] = []
    for column in zip_longest(*rows, fillvalue=""):
        widths.append(max(map(display_width, column)))
    return widths


def columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield each row as a line of aligned columns."""
    widths = _widths(rows)
    for row in rows:
        cells: list[str] = []
        for text, width in zip(row, widths, strict=False):
            cells.append(text + " " * (width - display_width(text)))
        yield GAP.join(cells).rstrip()


def exchange_row(exchange: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a row for `columns`: status, method, path with query, reason."""
    path = exchange["path"]
    if exchange["query"]:
        path += f"?{exchange['query']}"
    return str(exchange["status"]), exchange["method"], path, exchange["reason"]


def exchange_details(exchange: Mapping[str, Any]) -> list[str]:
    """Return a line for each violation, and the closest operation of an unmatched request."""
    lines = []
    for violation in exchange["violations"]:
        pointer = violation["pointer"] or "/"
        expected, actual = violation["expected"], violation["actual"]
        lines.append(f"{pointer}: expected {expected}, got {actual}")
    near_misses = exchange.get("near_misses")
    if near_misses:
        closest = near_misses[0]
        operation = f"{closest['method']} {closest['uri_template']}"
        lines.append(f"closest is {operation} ({'; '.join(closest['differences'])})")
    return lines
