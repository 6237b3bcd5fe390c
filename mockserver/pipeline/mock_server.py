"""The journey of one request, on one screen: see `MockServer.handle`."""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

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
from mockserver.pipeline.planning import is_slow, plan_exchange
from mockserver.pipeline.problem_responses import internal_error_response
from mockserver.pipeline.reload_errors import ReloadErrors
from mockserver.pipeline.response_plan import ResponsePlan
from mockserver.pipeline.sandbox_selection import resolve_sandbox, select_sandbox
from mockserver.pipeline.served_contracts import ServedContract, ServedContracts
from mockserver.pipeline.uploads import Uploads
from mockserver.pipeline.validation import check_request
from mockserver.sandbox.journal import JournalEntry
from mockserver.sandbox.sandboxes import Sandboxes
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.stores.store import Store
from mockserver.telemetry.exchange_log import ExchangeLog
from mockserver.telemetry.metrics import Metrics
from mockserver.telemetry.traces import Tracing

log = logging.getLogger("mockserver")


class MockServer:
    """Serves one contract, or several, of which each sandbox chooses one. Safe for threads."""

    def __init__(
        self,
        contract: Contract,
        settings: Settings,
        store: Store,
        traces: Tracing | None = None,
        others: Iterable[Contract] = (),
    ) -> None:
        """Create a server that keeps its sandboxes in `store`.

        `contract` is the main one, and `others` are those of `--contract`.

        Raises:
            UsageError: a token of the settings has an unknown feature.
            AdminRequestInvalid: no contract has the name of the default contract.
        """
        self.settings, self.store = settings, store
        self.reload_errors = ReloadErrors()
        self.uploads = Uploads(self._serve)
        self._served: Mapping[Contract, ServedContract] = {}
        """What is served, by contract. Contracts are compared by identity."""
        self._configured_tokens: tokens.Tokens = {}
        self.delays = DelayLimiter(MAX_DELAYED)
        self.metrics, self.traces = Metrics(), traces
        self.log = None
        if settings.access_log:
            self.log = ExchangeLog(settings.log_format)
        self.use(contract, *others)

    def use(self, *contracts: Contract) -> None:
        """Serve these contracts from now on, each in place of the former one of its name.

        A contract of a new name is added, and uploaded APIs are still served. After an error, the
        former contracts are served.

        Raises:
            InvalidFiles: an uploaded API conflicts with the contracts.
            UsageError: a token of the settings has an unknown feature.
            AdminRequestInvalid: no contract has the name of the default contract.
        """
        self.uploads.use_files(contracts)

    def _serve(self, contracts: Sequence[Contract]) -> None:
        """Serve exactly these contracts from now on. `Uploads` calls it in one thread at a time.

        Raises:
            UsageError: a token of the settings has an unknown feature.
            AdminRequestInvalid: no contract has the name of the default contract.
        """
        seeded = [with_seed(contract, self.settings.seed) for contract in contracts]
        apis = chain.from_iterable(contract.apis for contract in seeded)
        configured = tokens.parse_token_settings(self.settings.tokens, tuple(apis))
        served = {}
        for contract, with_its_seed in zip(contracts, seeded, strict=True):
            former = self._served.get(contract)
            if former is None or configured != self._configured_tokens:
                former = ServedContract(with_its_seed, configured, self._coverage(with_its_seed))
            served[contract] = former
        all_contracts = ServedContracts(served.values(), self.settings.contract, self.store)
        if self.traces:
            self.traces.routes = all_contracts.routes()
        self.contracts = all_contracts
        self._served, self._configured_tokens = served, configured

    def _coverage(self, contract: Contract) -> ContractCoverage | None:
        if self.settings.coverage:
            return ContractCoverage(contract, self.store)
        return None

    @property
    def sandboxes(self) -> Sandboxes:
        """The sandboxes, with the contracts that are served now."""
        return self.contracts.sandboxes

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
        settings, contracts = self.settings, self.contracts
        sandboxes = contracts.sandboxes
        try:
            snapshot = exchange.snapshot or _select_sandbox(exchange, contracts, settings)
            if snapshot and not contracts.serve(snapshot.contract):
                # The contract was replaced after `prepare`.
                snapshot = exchange.snapshot = None
            contract, snapshot = _select_contract(exchange, contracts, snapshot)
            match = self._find_operation(exchange, contract)
            invalid_status = self._check_request(exchange, contract, match)
            plan = plan_exchange(exchange, match, snapshot, sandboxes, settings.max_delay)
            if invalid_status:
                plan = plan_invalid_body(plan, invalid_status)
            if plan.fault:
                self._check_fault(plan.fault, exchange.request)
            if plan.delay:
                return self._delay(exchange, match.served, plan, sandboxes)
            response = run_operation(exchange, match.served, plan, sandboxes, settings.on_violation)
        except Exception as error:
            response = _error_response(exchange, error)
        return self._record(exchange, response)

    def finish(
        self, exchange: Exchange, served: ServedOperation, plan: ResponsePlan, sandboxes: Sandboxes
    ) -> Response:
        """Return the response to an exchange whose delay is over.

        `sandboxes` are those at its begin, with the contract of the operation.
        """
        try:
            response = run_operation(exchange, served, plan, sandboxes, self.settings.on_violation)
        except Exception as error:
            response = _error_response(exchange, error)
        return self._record(exchange, response)

    def prepare(self, exchange: Exchange) -> bool:
        """Return whether `handle` needs no change, no call of the store, and little time.

        An event loop then calls `handle` itself. For all other requests it calls `handle` in a
        thread. The exchange gets its sandbox and the current snapshot, so that `handle` does not
        read the store.
        """
        request, contracts = exchange.request, self.contracts
        if request.method not in ("GET", "HEAD") or request.body:
            return False
        try:
            name = resolve_sandbox(request, contracts.tokens, self.settings.require_sandbox)
            snapshot = contracts.sandboxes.current_snapshot(name)
            if snapshot is None:
                return False
            contract = contracts.only or contracts.by_name[snapshot.contract.name]
            served = contract.router.match(
                request.method, request.path, request.segments, request.query
            ).served
        except Problem:
            return False  # near misses take long
        if snapshot.state.bindings or served.effect.writes:
            return False
        if snapshot.advances_on_read or snapshot.has_stateful_scenarios:
            return False
        if is_slow(request, served, snapshot):
            return False
        exchange.sandbox, exchange.snapshot = name, snapshot
        return True

    def contract_of(self, sandbox: str) -> ServedContract:
        """Return the contract of a sandbox, which is read only if there are several contracts.

        Raises:
            ContractUnavailable: the sandbox has chosen a contract that is not served.
            StoreUnavailable: the sandbox cannot be read.
        """
        contracts = self.contracts
        if contracts.only:
            return contracts.only
        return contracts.of_sandbox(sandbox)

    def contract_of_request(self, request: Request) -> ServedContract:
        """Return the contract of the sandbox that a request selects.

        Raises:
            SandboxNameInvalid, ContractUnavailable, StoreUnavailable: see `contract_of`.
        """
        contracts = self.contracts
        if contracts.only:
            return contracts.only
        sandbox, _, _ = select_sandbox(request, contracts.tokens, contracts.sandboxes)
        return contracts.of_sandbox(sandbox)

    def open(self) -> None:
        """Get ready to serve from this process.

        Call it after the fork: connections and threads do not survive one.
        """
        self.store.open(self.metrics.count_lost, self.metrics.publish_unwritten)
        self.uploads.open(self.store.uploads, shared=self.store.shared)
        if self.traces:
            self.traces.open()
        try:
            self.store.check()
        except StoreUnavailable as error:
            log.warning("%s; until it is available, every response is a 503", error.detail)

    def close(self) -> None:
        """Write what is still queued, and disconnect from the store."""
        self.uploads.close()
        self.store.close()
        if self.log:
            self.log.close()
        if self.traces:
            self.traces.close()

    def _find_operation(self, exchange: Exchange, contract: ServedContract) -> Match:
        """Return the operation, and note it in the exchange.

        Raises:
            UnknownOperation, MethodNotAllowed: no operation matches. The problem and the journal
                list the near misses.
        """
        request = exchange.request
        try:
            match = contract.router.match(
                request.method, request.path, request.segments, request.query
            )
        except (UnknownOperation, MethodNotAllowed) as problem:
            near_misses = contract.near_misses.nearest(request.method, request.path, request.query)
            if isinstance(problem, UnknownOperation):
                problem.detail += contract.near_misses.hint(request.path, near_misses)
            exchange.near_misses = [miss.as_json() for miss in near_misses]
            problem.extensions = {**problem.extensions, "near_misses": exchange.near_misses}
            raise
        exchange.operation = match.served.operation.id
        if contract.coverage:
            exchange.coverage = contract.coverage.of(match.served)
        return match

    def _check_request(
        self, exchange: Exchange, contract: ServedContract, match: Match
    ) -> int | None:
        """Validate the request, and note its arguments, body and ignored parts in the exchange.

        Returns:
            The documented status for an invalid body, if the body is invalid; else `None`.

        Raises:
            Problem: see `check_request`. An invalid body without such a status is a problem.
        """
        try:
            exchange.arguments, exchange.body, notes = check_request(
                match, exchange.request, contract.token_features, contract.parse_arguments
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
        self, exchange: Exchange, served: ServedOperation, plan: ResponsePlan, sandboxes: Sandboxes
    ) -> "DelayedResponse":
        """Return the rest of the work.

        Raises:
            TooManyDelayedResponses: the limit is reached.
        """
        self.delays.acquire()
        exchange.snapshot = None  # the response shows the records after the delay
        seconds = plan.delay or 0.0
        undelayed = replace(plan, delay=None)
        return DelayedResponse(self, exchange, served, undelayed, sandboxes, seconds)

    def _record(self, exchange: Exchange, response: Response) -> Response:
        """Record the exchange, and return the response with the headers of the mock server."""
        if exchange.request.sandbox:
            response = response.with_location_prefix(f"/~{exchange.request.sandbox}")
        if exchange.coverage and exchange.covered:
            exchange.counted_in = exchange.coverage.of_contract.count(
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
    sandboxes: Sandboxes
    seconds: float
    """The delay."""

    def wait(self) -> Response:
        """Wait in this thread, and return the response."""
        time.sleep(self.seconds)
        return self.finish()

    def finish(self) -> Response:
        """Return the response. Call it exactly once, after the delay."""
        self.server.delays.release()
        return self.server.finish(self.exchange, self.served, self.plan, self.sandboxes)


def _error_response(exchange: Exchange, error: Exception) -> Response:
    if isinstance(error, Problem):
        return exchange.fail(error)
    log.error("%s %a failed", exchange.request.method, exchange.request.path, exc_info=error)
    return internal_error_response()


def _select_sandbox(
    exchange: Exchange, contracts: ServedContracts, settings: Settings
) -> Snapshot | None:
    """Note the sandbox in the exchange. Return its snapshot, if it was read already."""
    exchange.sandbox, snapshot, exchange.notes = select_sandbox(
        exchange.request, contracts.tokens, contracts.sandboxes, settings.require_sandbox
    )
    return snapshot


def _select_contract(
    exchange: Exchange, contracts: ServedContracts, snapshot: Snapshot | None
) -> tuple[ServedContract, Snapshot | None]:
    """Return the contract of the exchange's sandbox, and note it in the exchange.

    The sandbox is read only if there are several contracts. The second result is its snapshot,
    if it was read.

    Raises:
        ContractUnavailable: the sandbox has chosen a contract that is not served.
    """
    if contracts.only:
        return contracts.only, snapshot
    if snapshot is None:
        snapshot = contracts.sandboxes.snapshot(exchange.sandbox)
    exchange.contract = snapshot.contract.name
    return contracts.by_name[exchange.contract], snapshot
