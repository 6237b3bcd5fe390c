"""The coverage of the lines of the contract's files, for tools that colour lines.

A line has the items whose position it is. Its hits are the tests that any of these items was served
to, and its branches are the items. Exclusions are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mockserver.verification.coverage.model import Coverage, ReportItem, ServedTest


@dataclass(frozen=True, slots=True)
class Line:
    """A line with items."""

    number: int
    hits: int
    branches: tuple[int, ...]
    """The hits of each item; empty if the line has only one."""

    @property
    def branches_hit(self) -> int:
        """How many branches were served."""
        return sum(hits > 0 for hits in self.branches)


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums over lines."""

    lines: int
    lines_hit: int
    branches: int
    branches_hit: int


def lines_by_file(coverage: Coverage) -> dict[str, list[Line]]:
    """Return the lines of each file in order. Items without a position are left out."""
    files: dict[str, dict[int, list[ReportItem]]] = {}
    for item in coverage.items:
        if item.file and item.line and item.excluded is None:
            files.setdefault(item.file, {}).setdefault(item.line, []).append(item)
    result = {}
    for name, items_by_line in sorted(files.items()):
        result[name] = [_line(number, items) for number, items in sorted(items_by_line.items())]
    return result


def totals(lines: Sequence[Line]) -> Totals:
    """Return the sums over these lines."""
    return Totals(
        len(lines),
        sum(line.hits > 0 for line in lines),
        sum(len(line.branches) for line in lines),
        sum(line.branches_hit for line in lines),
    )


def _line(number: int, items: Sequence[ReportItem]) -> Line:
    tests: set[ServedTest] = set()
    for item in items:
        tests |= item.tests
    branches: tuple[int, ...] = ()
    if len(items) > 1:
        branches = tuple(len(item.tests) for item in items)
    return Line(number, len(tests), branches)
