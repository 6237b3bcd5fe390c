"""The errors of the client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from apib_mockserver.journal_text import format_journal, violation_line

if TYPE_CHECKING:
    from apib_mockserver.types import Exchange, Problem


class ProblemError(Exception):
    """The mock server responded with a problem; the message has its title, detail and type."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(_message(problem))

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


class ViolationsFound(AssertionError):
    """Messages broke the contract."""

    def __init__(self, sandbox: str, exchanges: Sequence[Exchange]) -> None:
        self.exchanges = exchanges
        message = f"expected no violation in sandbox {sandbox}"
        message += f", got {len(exchanges)} exchange(s) with one"
        super().__init__(f"{message}:\n\n{format_journal(exchanges)}")


class UnmatchedFound(AssertionError):
    """Requests matched no operation."""

    def __init__(self, sandbox: str, exchanges: Sequence[Exchange]) -> None:
        self.exchanges = exchanges
        message = f"expected no unmatched request in sandbox {sandbox}, got {len(exchanges)}"
        super().__init__(f"{message}:\n\n{format_journal(exchanges)}")


def _message(problem: Problem) -> str:
    detail = problem["detail"]
    message = f"{problem['title']}: {detail}"
    if "scenarios" in problem:
        message += f"; expected one of {', '.join(problem['scenarios'])}"
    lines = [f"{message} ({problem['type']})"]
    for violation in problem.get("violations", ()):
        line = violation_line(violation)
        if line not in detail:
            lines.append(f"  {line}")
    return "\n".join(lines)
