"""The journey of one request, on one screen: see `MockServer.handle`."""

import logging
import time
from dataclasses import dataclass, replace
from functools import lru_cache

from mockserver.config.sandbox_names import HEADER
from mockserver.config.settings import Settings
from mockserver.contract import tokens
from mockserver.contract.model import Contract, ServedOperation, with_seed
from mockserver.contract.routes import Match
from mockserver.contract.scenarios.faults import FAULTS, ensure_supported
from mockserver.errors import (
    MethodNotAllowed,
    Problem,
    RequestBreaksContract,
    StoreUnavailable,
    UnknownOperation,
)
from mockserver.pipeline.coverage import ContractCoverage
from mockserver.pipeline.delays import MAX_DELAYED, DelayLimiter
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.execution import run_operation
from mockserver.pipeline.invalid_bodies import invalid_body_status, plan_invalid_body
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.near_misses import NearMisses
from mockserver.pipeline.planning import plan_exchange
from mockserver.pipeline.problem_responses import internal_error_response
from mockserver.pipeline.response_plan import ResponsePlan
from mockserver.pipeline.router import MAX_CACHED_MATCHES, Router
from mockserver.pipeline.sandbox_selection import resolve_sandbox, select_sandbox
from mockserver.pipeline.validation import check_request, parse_arguments
from mockserver.sandbox.journal import JournalEntry
from mockserver.sandbox.sandboxes import Sandboxes
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.stores.store import Store
from mockserver.telemetry.exchange_log import ExchangeLog
from mockserver.telemetry.metrics import Metrics
from mockserver.telemetry.traces import Tracing

log = logging.getLogger("mockserver")
MAX_IMMEDIATE_RECORDS = 1000
"""The maximum number of records in a collection whose list is built on an event loop."""


class MockServer:
    """Serves one contract. Safe for threads."""

    def __init__(
        self, contract: Contract, settings: Settings, store: Store, traces: Tracing | None = None
    ) -> None:
        """Create a server that answers from `contract` and keeps its sandboxes in `store`.

        Raises:
            UsageError: a token of the settings has an unknown feature.
        """
        self.settings = settings
        self.reload_errors: tuple[str, ...] = ()
        """The errors of the files that `--reload` did not load; empty after a successful reload."""
        self.delays = DelayLimiter(MAX_DELAYED)
        self.metrics, self.traces = Metrics(), traces
        self.coverage: ContractCoverage | None = None
        """Counts what the exchanges cover; `None` if the setting is off."""
        self.log = None
        if settings.access_log:
            self.log = ExchangeLog(settings.log_format)
        self.use(contract, store)

    def use(self, contract: Contract, store: Store) -> None:
        """Serve this contract from now on.

        After an error, the previous contract is served.

        Raises:
            UsageError: a token of the settings has an unknown feature.
        """
        contract = with_seed(contract, self.settings.seed)
        configured = tokens.parse_token_settings(self.settings.tokens, contract.apis)
        self.store = store
        self.tokens = contract.access_tokens
        self.token_features = {**contract.tokens, **configured}
        if self.settings.coverage:
            # Before the router, so that each matched operation has a coverage.
            self.coverage = ContractCoverage(contract, store, self.coverage)
        self.sandboxes, self.router = Sandboxes(contract, store), Router(contract.served)
        self.varies = _varies(contract)
        self.near_misses = NearMisses(contract.served)
        self.base_paths = tuple(api.base_path for api in contract.apis)
        self.parse_arguments = lru_cache(maxsize=MAX_CACHED_MATCHES)(parse_arguments)
        # Last, so that a thread that reads this contract also reads the objects made from it.
        self.contract = contract
        if self.traces:
            self.traces.routes = {served.operation.id: served.route for served in contract.served}

    def respond(self, request: Request) -> Response:
        """Return the response to one request, after its delay."""
        result = self.handle(Exchange(request))
        if isinstance(result, DelayedResponse):
            return result.wait()
        return result

    def handle(self, exchange: Exchange) -> "Response | DelayedResponse":
        """Return the response to the request of an exchange, or the rest of the work, if delayed.

        Every error becomes a problem response. An event loop calls this, so that a delay occupies
        no thread.
        """
        settings = self.settings
        try:
            snapshot = exchange.snapshot or self._select_sandbox(exchange)
            match = self._find_operation(exchange)
            invalid_status = self._check_request(exchange, match)
            plan = plan_exchange(exchange, match, snapshot, self.sandboxes, settings.max_delay)
            if invalid_status:
                plan = plan_invalid_body(plan, invalid_status)
            if plan.fault:
                self._check_fault(plan.fault, exchange.request)
            if plan.delay:
                return self._delay(exchange, match.served, plan)
            response = run_operation(
                exchange, match.served, plan, self.sandboxes, settings.on_violation
            )
        except Exception as error:
            response = _error_response(exchange, error)
        return self._record(exchange, response)

    def finish(self, exchange: Exchange, served: ServedOperation, plan: ResponsePlan) -> Response:
        """Return the response to an exchange whose delay is over."""
        try:
            response = run_operation(
                exchange, served, plan, self.sandboxes, self.settings.on_violation
            )
        except Exception as error:
            response = _error_response(exchange, error)
        return self._record(exchange, response)

    def prepare(self, exchange: Exchange) -> bool:
        """Return whether `handle` needs no change, no call of the store, and little time.

        An event loop then calls `handle` itself. For all other requests it calls `handle` in a
        thread. The exchange gets its sandbox and the current snapshot, so that `handle` does not
        read the store.
        """
        request = exchange.request
        if request.method not in ("GET", "HEAD") or request.body:
            return False
        try:
            name = resolve_sandbox(request, self.tokens)
            served = self.router.match(
                request.method, request.path, request.segments, request.query
            ).served
        except Problem:
            return False  # near misses take long
        snapshot = self.sandboxes.current_snapshot(name)
        if snapshot is None or snapshot.state.bindings or served.effect.writes:
            return False
        if snapshot.advances_on_read or snapshot.has_stateful_scenarios:
            return False
        records = self.contract.collections.get(served.collection, ())
        if served.effect.kind == "list" and len(records) > MAX_IMMEDIATE_RECORDS:
            return False
        exchange.sandbox, exchange.snapshot = name, snapshot
        return True

    def open(self) -> None:
        """Get ready to serve from this process.

        Call it after the fork: connections and threads do not survive one.
        """
        self.store.open(self.metrics.count_lost, self.metrics.publish_unwritten)
        if self.traces:
            self.traces.open()
        try:
            self.store.check()
        except StoreUnavailable as error:
            log.warning("%s; until it is available, every response is a 503", error.detail)

    def close(self) -> None:
        """Write what is still queued, and disconnect from the store."""
        self.store.close()
        if self.log:
            self.log.close()
        if self.traces:
            self.traces.close()

    def _select_sandbox(self, exchange: Exchange) -> Snapshot | None:
        """Note the sandbox in the exchange. Return its snapshot, if it was read already."""
        exchange.sandbox, snapshot, exchange.notes = select_sandbox(
            exchange.request, self.tokens, self.sandboxes
        )
        return snapshot

    def _find_operation(self, exchange: Exchange) -> Match:
        """Return the operation, and note it in the exchange.

        Raises:
            UnknownOperation, MethodNotAllowed: no operation matches. The problem and the journal
                list the near misses.
        """
        request = exchange.request
        try:
            match = self.router.match(request.method, request.path, request.segments, request.query)
        except (UnknownOperation, MethodNotAllowed) as problem:
            near_misses = self.near_misses.nearest(request.method, request.path, request.query)
            if isinstance(problem, UnknownOperation):
                problem.detail += self.near_misses.hint(request.path, near_misses)
            exchange.near_misses = [miss.as_json() for miss in near_misses]
            problem.extensions = {**problem.extensions, "near_misses": exchange.near_misses}
            raise
        exchange.operation = match.served.operation.id
        if self.coverage:
            exchange.coverage = self.coverage.of(match.served)
        return match

    def _check_request(self, exchange: Exchange, match: Match) -> int | None:
        """Validate the request, and note its arguments, body and ignored parts in the exchange.

        Returns:
            The documented status for an invalid body, if the body is invalid; else `None`.

        Raises:
            Problem: see `check_request`. An invalid body without such a status is a problem.
        """
        try:
            exchange.arguments, exchange.body, notes = check_request(
                match, exchange.request, self.token_features, self.parse_arguments
            )
        except RequestBreaksContract as problem:
            exchange.note_violations(problem)
            return invalid_body_status(match.served, problem)
        exchange.notes += notes
        return None

    def _check_fault(self, fault: str, request: Request) -> None:
        """Check that the fault is possible, before the operation changes anything.

        Raises:
            FaultNotSupported, TooManyDelayedResponses: it is not.
        """
        ensure_supported(fault, request.connection_owner)
        if FAULTS[fault].holds_response:
            self.delays.check()

    def _delay(
        self, exchange: Exchange, served: ServedOperation, plan: ResponsePlan
    ) -> "DelayedResponse":
        """Return the rest of the work.

        Raises:
            TooManyDelayedResponses: the limit is reached.
        """
        self.delays.acquire()
        exchange.snapshot = None  # the response shows the records after the delay
        return DelayedResponse(self, exchange, served, replace(plan, delay=None), plan.delay or 0.0)

    def _record(self, exchange: Exchange, response: Response) -> Response:
        """Record the exchange, and return the response with the headers of the mock server."""
        if exchange.request.sandbox:
            response = response.with_location_prefix(f"/~{exchange.request.sandbox}")
        if exchange.coverage and exchange.covered:
            exchange.counted_in = exchange.coverage.count(
                exchange.sandbox, exchange.test, exchange.covered
            )
        exchange.entry = exchange.to_journal_entry(response)
        self._write(exchange.entry)
        return response.with_headers(((HEADER, exchange.sandbox),))

    def _write(self, entry: JournalEntry) -> None:
        """Write a finished exchange to the journal, the metrics, the log and the traces."""
        self.store.append(entry.sandbox, entry.to_json)
        self.metrics.count(entry)
        if self.log:
            self.log.write(entry)
        if self.traces:
            self.traces.export(entry)


@dataclass(frozen=True, slots=True)
class DelayedResponse:
    """An exchange that waits for its delay. It counts as delayed until it is finished."""

    server: MockServer
    exchange: Exchange
    served: ServedOperation
    plan: ResponsePlan
    seconds: float
    """The delay."""

    def wait(self) -> Response:
        """Wait in this thread, and return the response."""
        time.sleep(self.seconds)
        return self.finish()

    def finish(self) -> Response:
        """Return the response. Call it exactly once, after the delay."""
        self.server.delays.release()
        return self.server.finish(self.exchange, self.served, self.plan)


def _error_response(exchange: Exchange, error: Exception) -> Response:
    if isinstance(error, Problem):
        return exchange.fail(error)
    log.error("%s %a failed", exchange.request.method, exchange.request.path, exc_info=error)
    return internal_error_response()


def _varies(contract: Contract) -> bool:
    """Return whether any response has a Vary header, which must be merged with the one of CORS."""
    for served in contract.served:
        if served.media.by_accept:
            return True
        for transaction in served.operation.transactions:
            if any(name.lower() == "vary" for name, _ in transaction.response.headers):
                return True
    return False
