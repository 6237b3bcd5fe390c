"""The coverage of a contract, as reports see it."""

from dataclasses import dataclass, replace
from typing import Any

from mockserver.contract.coverage.summary import Summary, summary_of


@dataclass(frozen=True, slots=True, order=True)
class ServedTest:
    """A test, or all requests of a sandbox without a test."""

    sandbox: str
    """Empty for the oldest tests, which the store has joined to one."""
    title: str
    """The full title; empty if the client named no test."""

    def __str__(self) -> str:
        if not self.sandbox:
            return "older tests"
        if not self.title:
            return f"sandbox {self.sandbox}"
        return f"{self.title} (sandbox {self.sandbox})"


@dataclass(frozen=True, slots=True)
class ReportItem:
    """An item of the contract, and the tests that it was served to."""

    id: str
    kind: str
    operation: str
    """The id of its operation; empty for a scenario."""
    operations: tuple[str, ...]
    """The ids of the operations that a scenario applies to; empty for other items."""
    label: str
    file: str
    line: int
    column: int
    closed_by: str
    """How to reach it; empty if there is no way."""
    why_not: str
    """Why there is no way."""
    excluded: str | None
    """The reason of its exclusion; `None` if it is not excluded."""
    covered: bool
    tests: frozenset[ServedTest]

    @property
    def is_gap(self) -> bool:
        """Whether the item was not served, and is not excluded."""
        return not self.covered and self.excluded is None


@dataclass(frozen=True, slots=True)
class Coverage:
    """A coverage document."""

    contract: str
    fingerprint: str
    is_complete: bool
    """Whether the store has kept each item that was served."""
    apis: tuple[dict[str, Any], ...]
    items: tuple[ReportItem, ...]
    """In the order of the contract."""
    tests: tuple[ServedTest, ...]
    """In order and without repetition."""

    @property
    def summary(self) -> Summary:
        """The three denominators."""
        return summary_of(self.items)


def of_sandbox(coverage: Coverage, sandbox: str) -> Coverage:
    """Return the coverage by one sandbox alone."""
    tests = tuple(test for test in coverage.tests if test.sandbox == sandbox)
    items = []
    for item in coverage.items:
        served_to = item.tests.intersection(tests)
        items.append(replace(item, covered=bool(served_to), tests=served_to))
    return replace(coverage, items=tuple(items), tests=tests)
