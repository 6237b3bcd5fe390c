"""One request and its answer while they are on their way, for the journal."""

import time
from collections.abc import Mapping
from typing import Any

from mockserver import journal
from mockserver.errors import Problem, Violation
from mockserver.journal import Reasons
from mockserver.message import Request, Response
from mockserver.naming import DEFAULT
from mockserver.responder import told


class Exchange:
    """What is known of one exchange so far. Belongs to the one request; the only thing that changes on its way."""

    __slots__ = ("_began", "arguments", "near_misses", "operation", "reasons", "remarks", "request", "sandbox", "violations")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.sandbox = DEFAULT
        self.operation: str | None = None
        self.arguments: Mapping[str, Any] = {}
        self.reasons = Reasons("")
        self.remarks: tuple[str, ...] = ()
        self.violations: tuple[Violation, ...] = ()
        self.near_misses: list[dict[str, Any]] = []
        self._began = time.perf_counter()

    def failed(self, problem: Problem) -> Response:
        """The response that tells a problem, which is the reason too."""
        self.reasons = Reasons(f"problem {problem.slug}")
        told_ones = problem.members.get("violations", ())
        self.violations = tuple(Violation(**each) for each in told_ones)
        return told(problem)

    def written(self, response: Response) -> bytes:
        """The exchange as the journal's JSON."""
        return journal.entry(
            self.request,
            response,
            sandbox=self.sandbox,
            operation=self.operation,
            arguments=self.arguments,
            reasons=self.reasons,
            remarks=self.remarks,
            violations=self.violations or response.violations,
            near_misses=self.near_misses,
            began=self._began,
        )
