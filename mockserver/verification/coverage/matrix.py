"""The coverage as tables for people: a row an operation, the gaps, the tests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mockserver.verification.coverage.model import Coverage, ReportItem, ServedTest

COLUMNS = {
    "status": "statuses",
    "parameter": "parameters",
    "request": "request members",
    "response": "response members",
    "list": "lists",
    "scenario": "scenarios",
}
"""Kind of item to the title of its column."""
DENOMINATORS = {
    "contract": "whole contract",
    "called": "operations that were called",
    "required": "operations that were called, without exclusions",
}
"""Name of a denominator in the summary to its title."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many items were served, and how many there are."""

    served: int
    items: int

    def __str__(self) -> str:
        if not self.items:
            return "-"
        return f"{self.served}/{self.items}"

    @property
    def percent(self) -> str:
        """The percentage, rounded down, so that only all items are 100 %."""
        if not self.items:
            return "-"
        thousandths = self.served * 1000 // self.items
        return f"{thousandths // 10}.{thousandths % 10} %"

    @property
    def level(self) -> str:
        """`all`, `some` or `none` of the items were served; empty without items."""
        if not self.items:
            return ""
        if self.served == self.items:
            return "all"
        if self.served:
            return "some"
        return "none"


def counted(number: int) -> str:
    """Return a number of items in words."""
    if number == 1:
        return "1 item"
    return f"{number} items"


@dataclass(frozen=True, slots=True)
class OperationRow:
    """The items of one operation. Exclusions are left out."""

    operation: str
    """The id; empty for the row of all scenarios."""
    label: str
    called: bool
    counts: tuple[Count, ...]
    """In the order of `COLUMNS`. A scenario is counted for each operation that it applies to."""
    gaps: tuple[ReportItem, ...]


@dataclass(frozen=True, slots=True)
class TestRow:
    """What was served to one test."""

    test: ServedTest
    items: int
    alone: tuple[ReportItem, ...]
    """The items that were served to this test alone."""


def denominators(coverage: Coverage) -> list[tuple[str, Count]]:
    """Return the title of each denominator and its count."""
    rows = []
    for name, title in DENOMINATORS.items():
        counts = coverage.summary[name]
        rows.append((title, Count(counts["served"], counts["items"])))
    return rows


def operation_rows(coverage: Coverage) -> list[OperationRow]:
    """Return a row for each operation, in the order of the contract."""
    groups: dict[str, list[ReportItem]] = {}
    for item in coverage.items:
        groups.setdefault(item.operation, []).append(item)
    scenarios = [item for item in coverage.items if item.kind == "scenario"]
    rows = []
    for operation, items in groups.items():
        own = [item for item in scenarios if operation in item.operations]
        rows.append(_row(operation, items, own))
    return rows


def excluded_items(coverage: Coverage) -> list[ReportItem]:
    """Return the items that coverage.yaml excludes."""
    return [item for item in coverage.items if item.excluded is not None]


def rows_of_tests(coverage: Coverage) -> list[TestRow]:
    """Return a row for each test."""
    served: dict[ServedTest, list[ReportItem]] = {test: [] for test in coverage.tests}
    for item in coverage.items:
        for test in item.tests:
            served[test].append(item)
    rows = []
    for test, items in served.items():
        alone = tuple(item for item in items if len(item.tests) == 1)
        rows.append(TestRow(test, len(items), alone))
    return rows


def _row(
    operation: str, items: Sequence[ReportItem], scenarios: Sequence[ReportItem]
) -> OperationRow:
    label, called = operation, False
    for item in items:
        if item.kind == "operation":
            label, called = item.label, item.covered
    counted = [item for item in (*items, *scenarios) if item.excluded is None]
    counts = tuple(_count(counted, kind) for kind in COLUMNS)
    gaps = tuple(item for item in items if item.is_gap)
    return OperationRow(operation, label, called, counts, gaps)


def _count(items: Iterable[ReportItem], kind: str) -> Count:
    covered = [item.covered for item in items if item.kind == kind]
    return Count(sum(covered), len(covered))
