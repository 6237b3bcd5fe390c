"""The journey of one request, on one screen: see `MockServer.handle`."""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from mockserver.config.sandbox_names import HEADER
from mockserver.config.servers import SERVERS
from mockserver.config.settings import Settings
from mockserver.contract import tokens
from mockserver.contract.model import Contract, ServedOperation, with_seed
from mockserver.contract.negotiation import MediaTypes, Negotiation
from mockserver.contract.routes import Match
from mockserver.contract.scenarios.faults import FAULTS, ensure_supported
from mockserver.errors import InternalError, MethodNotAllowed, Problem, StoreUnavailable, UnknownOperation
from mockserver.pipeline.delays import DelayLimiter
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.near_misses import NearMisses
from mockserver.pipeline.responder import ExplainedResponse, build_response, problem_response
from mockserver.pipeline.response_plan import DEFAULT_PLAN, ResponsePlan, matchable_request, plan_response
from mockserver.pipeline.router import MAX_CACHED_MATCHES, Router
from mockserver.pipeline.sandbox_selection import select_sandbox
from mockserver.pipeline.validation import check_request, check_token, parse_arguments
from mockserver.sandbox.journal import JournalEntry
from mockserver.sandbox.sandboxes import Sandboxes
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.store import Store
from mockserver.telemetry.exchange_log import ExchangeLog
from mockserver.telemetry.metrics import Metrics
from mockserver.telemetry.traces import Tracing

log = logging.getLogger("mockserver")


class MockServer:
    """Serves one contract. Safe for threads and greenlets."""

    def __init__(self, contract: Contract, settings: Settings, store: Store, traces: Tracing | None = None) -> None:
        """Create a server that answers from `contract` and keeps its sandboxes in `store`.

        Raises:
            UsageError: a token of the settings has an unknown feature.
        """
        self.settings = settings
        self.delays = DelayLimiter(SERVERS[settings.server].max_delayed)
        self.metrics, self.traces = Metrics(), traces
        self.log = ExchangeLog(settings.log_format) if settings.access_log else None
        self.use(contract, store)

    def use(self, contract: Contract, store: Store) -> None:
        """Serve this contract from now on.

        Raises:
            UsageError: a token of the settings has an unknown feature; the previous contract is kept.
        """
        contract = with_seed(contract, self.settings.seed)
        configured = tokens.parse_token_settings(self.settings.tokens, contract.apis)
        self.contract, self.store = contract, store
        self.tokens = contract.access_tokens
        self.token_features = {**contract.tokens, **configured}
        self.sandboxes, self.router = Sandboxes(contract, store), Router(contract.served)
        self.varies = _varies(contract)
        self.near_misses = NearMisses(contract.served)
        self.base_paths = tuple(api.base_path for api in contract.apis)
        self.parse_arguments = lru_cache(maxsize=MAX_CACHED_MATCHES)(parse_arguments)
        if self.traces:
            self.traces.routes = {served.operation.id: served.route for served in contract.served}

    def handle(self, request: Request) -> Response:
        """Return the response to one request. Every error becomes a problem response."""
        exchange = Exchange(request)
        try:
            exchange.sandbox, snapshot, exchange.notes = select_sandbox(request, self.tokens, self.sandboxes)
            match = self._find_operation(exchange)
            self._check_request(exchange, match)
            plan = self._plan(exchange, match, snapshot or self.sandboxes.snapshot(exchange.sandbox))
            if plan.delay or plan.fault:
                plan = self._delay(plan, request)
            response = self._respond(exchange, match.served, plan)
        except Problem as problem:
            response = exchange.fail(problem)
        except Exception:
            log.exception("%s %a failed", request.method, request.path)
            response = problem_response(InternalError("see the log of the mock server for details; please report this"))
        if request.sandbox:
            response = response.with_location_prefix(f"/~{request.sandbox}")
        self._record(exchange.to_journal_entry(response))
        return response.with_headers(((HEADER, exchange.sandbox),))

    def open(self) -> None:
        """Get ready to serve from this process.

        Call it after the fork: connections and threads do not survive one.
        """
        self.store.open(self.metrics.count_lost)
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

    def _record(self, entry: JournalEntry) -> None:
        self.store.append(entry.sandbox, entry.to_json)
        self.metrics.count(entry)
        if self.log:
            self.log.write(entry)
        if self.traces:
            self.traces.export(entry)

    def _find_operation(self, exchange: Exchange) -> Match:
        """Return the operation, and note it in the exchange.

        Raises:
            UnknownOperation, MethodNotAllowed: no operation matches. Problem and journal list the near misses.
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
        return match

    def _check_request(self, exchange: Exchange, match: Match) -> None:
        """Validate the request, and note its arguments, body and ignored parts in the exchange."""
        exchange.arguments, exchange.body, notes = check_request(
            match, exchange.request, self.token_features, self.parse_arguments
        )
        exchange.notes += notes

    def _plan(self, exchange: Exchange, match: Match, snapshot: Snapshot) -> ResponsePlan:
        """Return the plan for the response, and note its explanation in the exchange."""
        if snapshot.scenarios:
            plan = self._plan_with_scenarios(exchange, match, snapshot)
        else:
            plan = plan_response(exchange.request, match, snapshot, self.settings.max_delay)
        if plan is not DEFAULT_PLAN:
            exchange.explanation = plan.explanation
        if plan.token_features is not None and match.served.access_token:
            check_token(match.served, plan.token_features)
        return plan

    def _plan_with_scenarios(self, exchange: Exchange, match: Match, snapshot: Snapshot) -> ResponsePlan:
        """Return the plan, and count the request for the scenarios that depend on counts.

        Planning and counting are one change of the sandbox, so that two requests never get the same count.
        """
        request, max_delay = exchange.request, self.settings.max_delay
        matchable = matchable_request(request, match)
        if not snapshot.counters_for(matchable):
            return plan_response(request, match, snapshot, max_delay)

        def plan_and_count(current: Snapshot) -> tuple[SandboxState, ResponsePlan]:
            plan = plan_response(request, match, current, max_delay)
            return current.after_request(matchable, plan.counted_scenarios), plan

        return self.sandboxes.change(exchange.sandbox, plan_and_count)

    def _delay(self, plan: ResponsePlan, request: Request) -> ResponsePlan:
        """Wait, and return the plan without its delay.

        Raises:
            FaultNotSupported, TooManyDelayedResponses: raised before the operation changes anything.
        """
        if plan.fault:
            ensure_supported(plan.fault, request.connection_owner)
        if plan.fault and FAULTS[plan.fault].holds_response:
            self.delays.check()
        if plan.delay:
            self.delays.delay(plan.delay)
        return replace(plan, delay=None)

    def _respond(self, exchange: Exchange, served: ServedOperation, plan: ResponsePlan) -> Response:
        """Run the operation, and return its response.

        An operation that writes is one change of the sandbox. A read uses the current snapshot.
        """
        request, arguments, body = exchange.request, exchange.arguments, exchange.body
        media, negotiation = served.media, None
        if media.by_accept or media.by_request:
            negotiation = _negotiation(media, request)
        on_violation = self.settings.on_violation

        def build(current: Snapshot) -> tuple[SandboxState, ExplainedResponse]:
            planned = current.with_scenarios_for_request(plan.scenarios)
            return build_response(planned, served, plan, arguments, body, on_violation, negotiation)

        snapshot = self.sandboxes.snapshot(exchange.sandbox)
        if request.method == "HEAD" and snapshot.advances_on_read:
            # A HEAD response does not show the record, so it must not advance it.
            snapshot = snapshot.without_polling()
        if served.effect.writes or (snapshot.advances_on_read and served.effect.kind == "retrieve"):
            explained = self.sandboxes.change(exchange.sandbox, build)
        else:
            key_plan = None if plan is DEFAULT_PLAN else plan
            # The operation's id is part of the key: one path has several operations.
            key = (served.operation.id, request.path, request.segments, request.query, negotiation, key_plan)
            explained = snapshot.cached_response(key) or _build_and_cache(snapshot, key, build)
        exchange.explanation = explained.explanation
        exchange.notes += explained.notes
        return explained.response


def _build_and_cache(
    snapshot: Snapshot,
    key: object,
    build: Callable[[Snapshot], tuple[SandboxState, ExplainedResponse]],
) -> ExplainedResponse:
    _, explained = build(snapshot)
    if not explained.response.violations:
        snapshot.cache_response(key, explained)
    return explained


def _varies(contract: Contract) -> bool:
    """Return whether any response has a Vary header, which must be merged with the one of CORS."""
    for served in contract.served:
        if served.media.by_accept:
            return True
        for transaction in served.operation.transactions:
            if any(name.lower() == "vary" for name, _ in transaction.response.headers):
                return True
    return False


def _negotiation(media: MediaTypes, request: Request) -> Negotiation:
    content_type, accept = request.headers.get("content-type"), request.headers.get("accept")
    return media.negotiation(content_type, accept, has_body=bool(request.body))
