"""The journey of one request, on one screen."""

import logging
from dataclasses import replace
from functools import lru_cache

from mockserver.config.sandbox_names import HEADER
from mockserver.config.settings import Settings
from mockserver.contract import tokens
from mockserver.contract.model import Contract, ServedOperation, with_seed
from mockserver.contract.negotiation import MediaTypes, Negotiation
from mockserver.contract.parameters import BODY
from mockserver.contract.routes import Match
from mockserver.contract.scenarios.faults import FAULTS, ensure_supported
from mockserver.errors import InternalError, MethodNotAllowed, Problem, StoreUnavailableProblem, UnknownOperation
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
from mockserver.sandbox.stores.store import Store, StoreUnavailable
from mockserver.telemetry.exchange_log import ExchangeLog
from mockserver.telemetry.metrics import Metrics
from mockserver.telemetry.traces import Tracing

log = logging.getLogger("mockserver")


class MockServer:
    """A contract, served. Safe to call from many threads or greenlets at once."""

    def __init__(self, contract: Contract, settings: Settings, store: Store, traces: Tracing | None = None) -> None:
        """Raises `UsageError` for tokens of the settings with features that do not exist."""
        self.settings = settings
        self.delays, self.metrics, self.traces = DelayLimiter(), Metrics(), traces
        self.log = ExchangeLog(settings.log_format) if settings.log_exchanges else None
        self.use(contract, store)

    def use(self, contract: Contract, store: Store) -> None:
        """Serve this contract from now on."""
        contract = with_seed(contract, self.settings.seed)
        self.contract, self.store = contract, store
        self.tokens = contract.access_tokens
        self.token_features = {**contract.tokens, **tokens.parse_token_settings(self.settings.tokens, contract.apis)}
        self.sandboxes, self.router = Sandboxes(contract, store), Router(contract.served)
        self.varies = _varies(contract)
        self.near_misses = NearMisses(contract.served)
        self.base_paths = tuple(api.base_path for api in contract.apis)
        self.parse_arguments = lru_cache(maxsize=MAX_CACHED_MATCHES)(parse_arguments)
        if self.traces:
            self.traces.routes = {served.operation.id: served.route for served in contract.served}

    def handle(self, request: Request) -> Response:
        """Answer one request: with what the contract says, or with a problem that says why not. Raises nothing."""
        exchange = Exchange(request)
        try:
            exchange.sandbox, opened, exchange.notes = select_sandbox(request, self.tokens, self.sandboxes)
            match = self._find_operation(request, exchange)
            exchange.arguments, exchange.body, notes = check_request(match, request, self.token_features, self.parse_arguments)
            exchange.notes += notes
            wish = self._plan(opened or self.sandboxes.snapshot(exchange.sandbox), exchange, match)
            if wish is not DEFAULT_PLAN:
                exchange.explanation = wish.explanation
            if wish.token_features is not None and match.served.access_token:
                check_token(match.served, wish.token_features)
            if wish.delay or wish.fault:
                wish = self._delay(wish, request)
            answer = self._respond(exchange, match.served, wish)
            exchange.explanation, response = answer.explanation, answer.response
            exchange.notes += answer.notes
        except Problem as problem:
            response = exchange.fail(problem)
        except StoreUnavailable as error:
            response = exchange.fail(store_unavailable(error))
        except Exception:
            log.exception("%s %a failed", request.method, request.path)
            response = problem_response(InternalError("the log of the mock server says what happened; please report it"))
        if request.sandbox:
            response = response.with_location_prefix(f"/~{request.sandbox}")
        self._record(exchange.to_journal_entry(response))
        return response.with_headers(((HEADER, exchange.sandbox),))

    def open(self) -> None:
        """Be ready to serve from this process: what is opened does not live through a fork."""
        self.store.open(self.metrics.count_lost)
        if self.traces:
            self.traces.open()
        try:
            self.store.check()
        except StoreUnavailable as error:
            log.warning("%s; until it answers, every answer is a 503", error)

    def close(self) -> None:
        """Write what is still to be written, and let the store go."""
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

    def _find_operation(self, request: Request, exchange: Exchange) -> Match:
        """The operation; where there is none, what the request came closest to goes into problem and journal."""
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

    def _plan(self, world: Snapshot, exchange: Exchange, match: Match) -> ResponsePlan:
        """What to answer with. A scenario that counts has counted this request before any other is looked at."""
        request, most = exchange.request, self.settings.max_delay
        if not world.scenarios:
            return plan_response(request, match, world, most)
        matchable = matchable_request(request, match)
        if not world.counters_for(matchable):
            return plan_response(request, match, world, most)

        def step(now: Snapshot) -> tuple[SandboxState, ResponsePlan]:
            wish = plan_response(request, match, now, most)
            return now.after_request(matchable, wish.counted_scenarios), wish

        return self.sandboxes.change(exchange.sandbox, step)

    def _delay(self, wish: ResponsePlan, request: Request) -> ResponsePlan:
        """The wish, its delay over. What cannot be made here, or not wait now, is refused while nothing has happened yet."""
        if wish.fault:
            ensure_supported(wish.fault, request.connection_owner)
        if wish.fault and FAULTS[wish.fault].holds_response:
            self.delays.check()
        if wish.delay:
            self.delays.delay(wish.delay)
        return replace(wish, delay=None)

    def _respond(self, exchange: Exchange, served: ServedOperation, wish: ResponsePlan) -> ExplainedResponse:
        """Reads are answered from the world as it is; what writes is one step that no other change can part."""
        arguments, world = exchange.arguments, self.sandboxes.snapshot(exchange.sandbox)
        if exchange.body is not None:
            arguments = {**arguments, BODY: exchange.body}

        request, media = exchange.request, served.media
        negotiation = _negotiation(media, request) if media.by_accept or media.by_request else None

        def step(now: Snapshot) -> tuple[SandboxState, ExplainedResponse]:
            return build_response(
                now.with_scenarios_for_request(wish.scenarios), served, arguments, wish, self.settings.on_violation, negotiation
            )

        if request.method == "HEAD" and world.advances_on_read:
            world = world.without_polling()  # who asks for a head alone has not seen the record
        if served.effect.writes or (world.advances_on_read and served.effect.kind == "retrieve"):
            return self.sandboxes.change(exchange.sandbox, step)
        plan = wish if wish is not DEFAULT_PLAN else None
        # A path has several operations, and each has responses of its own.
        key = (served.operation.id, request.path, request.segments, request.query, negotiation, plan)
        answer: ExplainedResponse | None = world.cached_response(key)
        if answer is None:
            _, answer = step(world)
            if not answer.response.violations:
                world.cache_response(key, answer)
        return answer


def _varies(contract: Contract) -> bool:
    """Whether a response has a Vary header, which the one of CORS has to be merged with."""
    responses = (each.response for served in contract.served for each in served.operation.transactions)
    is_documented = any(name.lower() == "vary" for response in responses for name, _ in response.headers)
    return is_documented or any(served.media.by_accept for served in contract.served)


def _negotiation(media: MediaTypes, request: Request) -> Negotiation:
    headers = request.headers
    return media.negotiation(headers.get("content-type"), headers.get("accept"), has_body=bool(request.body))


def store_unavailable(error: StoreUnavailable) -> StoreUnavailableProblem:
    """A store that does not answer, as the problem to tell."""
    unknown = "; the change may have been made all the same" if error.unknown else ""
    return StoreUnavailableProblem(f"{error}{unknown}", headers=(("Retry-After", "1"),))
