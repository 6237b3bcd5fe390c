"""One exchange in progress: a request, and the results of the steps of the pipeline."""

import itertools
import secrets
import time
from collections.abc import Mapping
from typing import Any

from mockserver.config.processes import call_after_fork
from mockserver.config.sandbox_names import DEFAULT
from mockserver.errors import ContractUnavailable, Problem, Violation
from mockserver.pipeline.coverage import OperationCoverage
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.problem_responses import problem_response
from mockserver.sandbox.journal import MAX_BODY_BYTES, RECORDED_HEADERS, Explanation, JournalEntry
from mockserver.sandbox.snapshot import Snapshot

_NO_EXPLANATION = Explanation("")


class _Ids:
    """Ids of exchanges, unique among all processes that share a store."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._reset_after_fork()
        call_after_fork(self._reset_after_fork)

    def _reset_after_fork(self) -> None:
        self._process = secrets.token_hex(4)

    def next(self) -> tuple[str, int]:
        return self._process, next(self._numbers)


next_exchange_id = _Ids().next
"""Returns the id of a new exchange: the process, and the number of the exchange in it."""


class Exchange:
    """One exchange so far. Only the pipeline changes it, step by step."""

    __slots__ = (
        "_started_at",
        "arguments",
        "body",
        "contract",
        "counted_in",
        "coverage",
        "covered",
        "entry",
        "explanation",
        "near_misses",
        "notes",
        "operation",
        "repeatable_in",
        "request",
        "sandbox",
        "snapshot",
        "test",
        "violations",
    )

    def __init__(self, request: Request) -> None:
        self.request = request
        self.sandbox = DEFAULT
        self.contract = ""
        """The name of the contract that the request is for; empty for the main one."""
        self.snapshot: Snapshot | None = None
        """The snapshot to build the response from, if it was read before the pipeline started."""
        self.operation: str | None = None
        self.arguments: Mapping[str, Any] = {}
        self.body: Any = None
        """The request's body, parsed as JSON; `None` for none."""
        self.explanation = _NO_EXPLANATION
        self.notes: tuple[str, ...] = ()
        self.violations: tuple[Violation, ...] = ()
        self.near_misses: list[dict[str, Any]] = []
        self.entry: JournalEntry | None = None
        """The journal entry, once the exchange is finished."""
        self.repeatable_in: Snapshot | None = None
        """The snapshot in which an equal request has the same response; `None` for none."""
        self.coverage: OperationCoverage | None = None
        """Finds what the exchange covers; `None` for no operation, and if coverage is off."""
        self.covered = 0
        """The covered items, as a bit set."""
        self.test = ""
        """The title of the test that uses the sandbox."""
        self.counted_in: int | None = None
        """The generation of the coverage in which the covered items are counted."""
        self._started_at = time.perf_counter()

    def fail(self, problem: Problem) -> Response:
        """Return the response for a problem, and add the problem to the explanation."""
        reasons = [self.explanation.reason, f"problem {problem.slug}"]
        reason = ", ".join(filter(None, reasons))
        self.explanation = Explanation(reason, self.explanation.scenario)
        self.note_violations(problem)
        return problem_response(problem)

    def check_contract(self, snapshot: Snapshot) -> None:
        """Check that the sandbox still has the contract in which the operation was found.

        Raises:
            ContractUnavailable: it has another one.
        """
        if snapshot.contract.name != self.contract:
            detail = (
                f"the sandbox {self.sandbox!r} has the contract {snapshot.contract.choice!r} since "
                "the server received this request; send the request again"
            )
            raise ContractUnavailable(detail)

    def note_violations(self, problem: Problem) -> None:
        """Note the violations that a problem lists, for the journal."""
        violations = problem.extensions.get("violations", ())
        self.violations = tuple(Violation(**violation) for violation in violations)

    def to_journal_entry(self, response: Response) -> JournalEntry:
        """Return the finished exchange. The entry keeps no reference to the connection."""
        request, get, body = self.request, self.request.headers.get, response.body
        return JournalEntry(
            next_exchange_id(),
            time.time(),
            request.address,
            time.perf_counter() - self._started_at,
            self.sandbox,
            self.contract,
            self.operation,
            request.method,
            request.path,
            request.query,
            {name: get(name) for name in RECORDED_HEADERS},
            get("x-access-token"),
            self.arguments,
            response.status,
            response.fault,
            self.explanation,
            self.violations or response.violations,
            self.notes,
            self.near_misses,
            request.body[:MAX_BODY_BYTES],
            len(request.body),
            body[:MAX_BODY_BYTES],
            len(body),
        )
