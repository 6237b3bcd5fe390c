"""The control plane: what testers and CI jobs steer the mock server with, as one table of routes.

Shaped after WireMock's admin API where that has the thing. Every operation is for one sandbox, chosen as for the API: the base
URL `/~NAME/__admin/...`, else the header `X-Mock-Sandbox`, else `default`.
"""

from functools import cache

from mockserver.errors import (
    AdminTokenMissing,
    EventsNotServed,
    RecordNotFound,
    SandboxTooLarge,
    TooManyStreams,
    TransitionNotAllowed,
    UnknownExchange,
    UnknownSandbox,
    UnknownScenario,
)
from mockserver.telemetry.metrics import CONTENT_TYPE
from mockserver.web.admin import (
    bindings,
    clock,
    events,
    journal,
    records,
    sandboxes,
    scenarios,
    server_info,
    session,
    wiremock_events,
)
from mockserver.web.admin import openapi as described
from mockserver.web.admin.call import AdminCall, Json
from mockserver.web.admin.journal_filters import TAKEN
from mockserver.web.admin.route import Route
from mockserver.web.admin.schemas import NOTHING, TEXT

__all__ = ["ROUTES", "Route", "openapi"]


def openapi(_call: AdminCall) -> Json:
    """The OpenAPI document of this very table."""
    return _document()


@cache
def _document() -> Json:
    return described.document(ROUTES)


_FULL = (SandboxTooLarge,)
_SWITCH = (UnknownScenario, SandboxTooLarge)
_WRITE = (RecordNotFound, SandboxTooLarge)
# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("GET", "/openapi.json", openapi, "The control API as OpenAPI 3.1.", {"type": "object", "required": ["openapi", "paths"]}),
    Route("GET", "/health", server_info.health, "Whether the server and its store answer, and the store takes changes.", server_info.HEALTH),
    Route("GET", "/version", server_info.version, "The version, and the hash of each blueprint.", server_info.VERSION),
    Route("GET", "/settings", server_info.settings, "What the server runs with.", server_info.SETTINGS),
    Route("GET", "/metrics", server_info.metrics, "What was counted since the start, for Prometheus.", TEXT, media=CONTENT_TYPE),
    Route("POST", "/session", session.begin, "Hand the admin token in for a cookie that stands for it.", session.SESSION, session.BEGIN, problems=(AdminTokenMissing,)),
    Route("DELETE", "/session", session.end, "Give the cookie back.", session.SESSION),
    Route("POST", "/reset", sandboxes.reset, "Put records, scenarios, clock and journal back to how the server started.", sandboxes.RESET, NOTHING),
    Route("GET", "/scenarios", scenarios.list_scenarios, "Every scenario, what it does, and whether it is on.", scenarios.LISTED),
    Route("POST", "/scenarios/reset", scenarios.reset, "Switch all scenarios to how the server started; records, clock and journal stay.", scenarios.RESET, NOTHING, problems=_FULL),
    Route("GET", "/scenarios/<name>", scenarios.get_scenario, "One scenario.", scenarios.SCENARIO, problems=(UnknownScenario,)),
    Route("PUT", "/scenarios/<name>", scenarios.switch_on, "Switch a scenario on.", scenarios.SCENARIO, scenarios.OVERRIDES, problems=_SWITCH),
    Route("DELETE", "/scenarios/<name>", scenarios.switch_off, "Switch a scenario off.", scenarios.SCENARIO, problems=_SWITCH),
    Route("PUT", "/scenarios/<name>/state", scenarios.put_state, "Switch a scenario on or off, or to how the server started.", scenarios.SCENARIO, scenarios.STATE_REQUEST, problems=_SWITCH),
    Route("GET", "/clock", clock.get_clock, "What the sandbox's clock shows, and what moves records on.", clock.CLOCK),
    Route("PUT", "/clock", clock.set_clock, "Set, freeze or run the clock; choose what moves records on.", clock.CLOCK, clock.CLOCK_REQUEST, problems=_FULL),
    Route("POST", "/clock/advance", clock.advance, "Put the clock forward by some seconds.", clock.CLOCK, clock.ADVANCE, problems=_FULL),
    Route("GET", "/records", records.list_records, "The records as they are now, by collection, and where each can be moved.", records.LISTED, query=records.VARIABLES, problems=(RecordNotFound,)),
    Route("POST", "/records/move", records.transition, "Move one record along its lifecycle.", records.TRANSITIONED, records.TRANSITION, problems=(RecordNotFound, TransitionNotAllowed, SandboxTooLarge)),
    Route("POST", "/records/restore", records.restore, "Put one record back as shipped.", records.RECORD, records.RESTORE, problems=(RecordNotFound,)),
    Route("POST", "/records/put", records.put, "Put a record there: a new one, or in the place of that of its key.", records.RECORD, records.RECORD_REQUEST, problems=_WRITE),
    Route("POST", "/records/patch", records.patch, "Change some members of one record (a JSON merge patch).", records.RECORD, records.PATCH, problems=_WRITE),
    Route("POST", "/records/remove", records.remove, "Take one record away.", records.RECORD, records.REMOVE, problems=_WRITE),
    Route("GET", "/sandboxes", sandboxes.list_sandboxes, "The sandboxes that are kept, the one used last first.", sandboxes.LISTED),
    Route("GET", "/sandboxes/<name>", sandboxes.export_sandbox, "One sandbox, whole: what `PUT` takes to make it again.", sandboxes.SANDBOX_EXPORT, query=sandboxes.VARIABLES),
    Route("PUT", "/sandboxes/<name>", sandboxes.import_sandbox, "Make a sandbox what another was.", sandboxes.SANDBOX_EXPORT, sandboxes.EXPORTED, problems=_FULL),
    Route("DELETE", "/sandboxes/<name>", sandboxes.delete, "Drop a sandbox.", sandboxes.DROPPED, problems=(UnknownSandbox,)),
    Route("POST", "/sandboxes/<name>/reset", sandboxes.reset, "Put a sandbox back to how it started.", sandboxes.RESET, NOTHING),
    Route("GET", "/bindings", bindings.get_bindings, "The caller's address, and which sandboxes addresses are bound to.", bindings.BINDINGS),
    Route("PUT", "/bindings", bindings.bind, "Bind the caller's address to a sandbox.", bindings.BINDINGS, bindings.BINDING_REQUEST, problems=_FULL),
    Route("DELETE", "/bindings", bindings.unbind, "Bind the caller's address to none.", bindings.BINDINGS),
    Route("GET", "/requests", journal.list_requests, "The journal, the last exchange first; filtered by query variables.", journal.EVENTS, query=journal.VARIABLES),
    Route("DELETE", "/requests", journal.clear_requests, "Empty the journal.", journal.CLEARED_JOURNAL),
    Route("POST", "/requests/reset", journal.clear_requests, "Empty the journal.", journal.CLEARED_JOURNAL, NOTHING),
    Route("DELETE", "/requests/reset", journal.clear_requests, "Empty the journal.", journal.CLEARED_JOURNAL),
    Route("POST", "/requests/count", journal.count_requests, "How many exchanges of the journal fit filters.", journal.REQUEST_COUNT, TAKEN),
    Route("POST", "/requests/find", journal.find_requests, "The exchanges of the journal that fit filters, the first first.", journal.REQUEST_LIST, TAKEN),
    Route("GET", "/requests/unmatched", journal.unmatched_requests, "The requests that no operation was found for.", journal.REQUEST_LIST),
    Route("GET", "/requests/unmatched/near-misses", journal.unmatched_near_misses, "What unmatched requests came closest to.", journal.UNMATCHED_NEAR_MISSES),
    Route("GET", "/requests/<exchange>", journal.get_request, "One exchange of the journal.", wiremock_events.EVENT, problems=(UnknownExchange,)),
    Route("GET", "/events", events.stream, "Each exchange, and each change of the world, while it happens (server-sent events).", TEXT, media="text/event-stream", problems=(EventsNotServed, TooManyStreams)),
    Route("POST", "/near-misses/request", journal.request_near_misses, "The operations closest to a request that is described.", journal.NEAR_MISS_LIST, journal.NEAR_MISS_REQUEST),
)
# fmt: on
"""Every control operation."""
