"""The errors of the client.

Their `args` are the arguments of `__init__`, so that pickle can copy them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from apib_mockserver.journal_text import format_journal, violation_line

if TYPE_CHECKING:
    from apib_mockserver.types import Exchange, Problem


class ProblemError(Exception):
    """The mock server responded with a problem; the message has its title, detail and type."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return _message(self.problem)

    @property
    def type(self) -> str:
        """`urn:mockserver:problem:...`; compare with this in a test."""
        return self.problem["type"]

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.problem["status"]


class NoResponse(Exception):
    """No mock server responded: nothing did, it timed out, or something else responded."""


class _ExchangesFound(AssertionError):
    """The journal of a sandbox has exchanges that a test does not expect."""

    def __init__(self, sandbox: str, exchanges: Sequence[Exchange]) -> None:
        super().__init__(sandbox, exchanges)
        self.exchanges = exchanges
        self._sandbox = sandbox

    def _text(self, expected: str, actual: str) -> str:
        message = f"expected {expected} in sandbox {self._sandbox}, got {actual}"
        return f"{message}:\n\n{format_journal(self.exchanges)}"


class ViolationsFound(_ExchangesFound):
    """Messages broke the contract."""

    def __str__(self) -> str:
        return self._text("no violation", f"{len(self.exchanges)} exchange(s) with one")


class UnmatchedFound(_ExchangesFound):
    """Requests matched no operation."""

    def __str__(self) -> str:
        return self._text("no unmatched request", str(len(self.exchanges)))


def _message(problem: Problem) -> str:
    detail = problem["detail"]
    lines = [f"{problem['title']}: {detail} ({problem['type']})"]
    for violation in problem.get("violations", ()):
        line = violation_line(violation)
        if line not in detail:
            lines.append(f"  {line}")
    return "\n".join(lines)
