"""Tables of figures, as text or as Markdown."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

NONE = "–"
"""A cell without a figure."""


@dataclass(frozen=True, slots=True)
class Table:
    """A title, the names of the columns, and rows of cells. The first cell is the row's name."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def as_text(self) -> str:
        """Return the table with aligned columns."""
        lines = [[self.title, *self.columns], *self.rows]
        widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
        text = []
        for first, *others in lines:
            cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
            text.append("  ".join([first.ljust(widths[0]), *cells]))
        return "\n".join(text)

    def as_markdown(self) -> str:
        """Return the table in Markdown, numbers to the right."""
        lines = [[self.title, *self.columns], ["---"] + ["---:"] * len(self.columns), *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def spread(values: Sequence[float], digits: int) -> str:
    """Return the median, of several values with the minimum and the maximum."""
    if len(values) < 2:
        return median(values, digits)
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def median(values: Sequence[float], digits: int) -> str:
    """Return the median; a dash if there are no values."""
    if not values:
        return NONE
    return f"{statistics.median(values):,.{digits}f}"
