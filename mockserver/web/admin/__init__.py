"""The admin API: one table of the routes with which testers and CI jobs control the mock server.

It includes the routes that WireMock's admin API has too (`wiremock/`). Each call is for one
sandbox. The base URL `/~NAME/__admin/...` or the header `X-Mock-Sandbox` selects it, otherwise it
is `default`.
"""

from functools import cache

from mockserver.errors import (
    AdminTokenMissing,
    ApiInvalid,
    ContractUnavailable,
    RecordNotFound,
    RouteNotFound,
    SandboxTooLarge,
    TooManyStreams,
    TransitionNotAllowed,
    UnknownSandbox,
    UnknownScenario,
    UploadNotServed,
)
from mockserver.telemetry.metrics import CONTENT_TYPE
from mockserver.web.admin import (
    apis,
    bindings,
    clock,
    contract,
    coverage,
    events,
    records,
    sandboxes,
    scenarios,
    server_info,
    session,
)
from mockserver.web.admin import openapi as openapi_document
from mockserver.web.admin.call import AdminCall
from mockserver.web.admin.route import Route
from mockserver.web.admin.schemas import NOTHING, TEXT, Json
from mockserver.web.admin.wiremock import routes as wiremock

__all__ = ["ROUTES", "Route", "openapi"]


def openapi(_call: AdminCall) -> Json:
    """Return the OpenAPI document of this table."""
    return _document()


@cache
def _document() -> Json:
    return openapi_document.document(ROUTES)


_OPENAPI = {"type": "object", "required": ["openapi", "paths"]}
_READ = (ContractUnavailable,)
_FULL = (*_READ, SandboxTooLarge)
_SWITCH = (UnknownScenario, *_FULL)
_WRITE = (RecordNotFound, *_FULL)
_TRANSITION = (RecordNotFound, TransitionNotAllowed, *_FULL)
_UPLOAD = (ApiInvalid, RouteNotFound, UploadNotServed)
# One row for each route: what it is, then the schemas of response, request and query.
# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("GET", "/openapi.json", openapi, "Get the admin API as OpenAPI 3.1.", _OPENAPI),
    Route("GET", "/version", server_info.version,
          "Get the version, and the hash of each blueprint.",
          server_info.VERSION, problems=_READ),
    Route("GET", "/contract", contract.get_contract,
          "Get the sandbox's contract with its operations, the names of all contracts, and the "
          "errors of files that `--reload` did not load.",
          contract.CONTRACT, problems=_READ),
    Route("GET", "/apis", apis.list_apis, "List all APIs with their contract and source.",
          apis.APIS),
    Route("GET", "/apis/<name>", apis.get_api, "Get the blueprint of an API.",
          apis.API, query=apis.CONTRACT_QUERY, problems=(RouteNotFound,)),
    Route("PUT", "/apis/<name>", apis.put_api,
          "Replace or add an API in all processes of the server.",
          apis.UPLOADED, apis.UPLOAD, query=apis.CONTRACT_QUERY, problems=_UPLOAD,
          statuses=(200, 201)),
    Route("DELETE", "/apis/<name>", apis.delete_api, "Delete an uploaded API.",
          apis.DELETED, query=apis.CONTRACT_QUERY,
          problems=(RouteNotFound, ApiInvalid, UploadNotServed)),
    Route("GET", "/metrics", server_info.metrics,
          "Get the metrics since server start, for Prometheus.",
          TEXT, media=CONTENT_TYPE),
    Route("POST", "/session", session.begin, "Exchange the admin token for a session cookie.",
          session.SESSION, session.BEGIN, problems=(AdminTokenMissing,)),
    Route("DELETE", "/session", session.end, "Delete the session cookie.", session.SESSION),
    Route("POST", "/reset", sandboxes.reset,
          "Reset records, scenarios, clock and journal to their state at server start.",
          sandboxes.RESET, NOTHING, problems=_READ),
    Route("POST", "/scenarios/reset", scenarios.reset,
          "Reset all scenarios to their state at server start, and nothing else.",
          scenarios.RESET, NOTHING, problems=_FULL),
    Route("GET", "/scenarios/<name>", scenarios.get_scenario, "Get one scenario.",
          scenarios.SCENARIO, problems=(UnknownScenario, *_READ)),
    Route("PUT", "/scenarios/<name>", scenarios.switch_on, "Switch a scenario on.",
          scenarios.SCENARIO, scenarios.OVERRIDES, problems=_SWITCH),
    Route("DELETE", "/scenarios/<name>", scenarios.switch_off, "Switch a scenario off.",
          scenarios.SCENARIO, problems=_SWITCH),
    Route("GET", "/clock", clock.get_clock,
          "Get the time, mode and progression of the sandbox's clock.",
          clock.CLOCK, problems=_READ),
    Route("PUT", "/clock", clock.set_clock,
          "Set, freeze or run the clock, or choose the progression of records.",
          clock.CLOCK, clock.CLOCK_REQUEST, problems=_FULL),
    Route("POST", "/clock/advance", clock.advance, "Advance the clock by a number of seconds.",
          clock.CLOCK, clock.ADVANCE, problems=_FULL),
    Route("GET", "/records", records.list_records,
          "List the current records by collection, and the next states of each.",
          records.COLLECTIONS, query=records.LIST_QUERY, problems=(RecordNotFound, *_READ)),
    Route("PUT", "/records", records.put_record, "Create or replace a record.",
          records.RECORD, records.RECORD_REQUEST, query=records.RECORD_QUERY, problems=_WRITE),
    Route("PATCH", "/records", records.patch_record,
          "Change fields of a record (JSON Merge Patch).",
          records.RECORD, records.RECORD_REQUEST, query=records.RECORD_QUERY, problems=_WRITE),
    Route("DELETE", "/records", records.delete_record, "Delete a record.",
          records.RECORD, query=records.RECORD_QUERY, problems=_WRITE),
    Route("POST", "/records/transition", records.transition_record,
          "Move a record to another state of its lifecycle.",
          records.TRANSITIONED, records.TRANSITION, problems=_TRANSITION),
    Route("POST", "/records/restore", records.restore_record, "Restore a record as shipped.",
          records.RECORD, records.RESTORE, problems=(RecordNotFound, *_READ)),
    Route("GET", "/sandboxes", sandboxes.list_sandboxes,
          "List the sandboxes, the most recently used first.",
          sandboxes.SANDBOXES),
    Route("GET", "/sandboxes/<name>", sandboxes.export_sandbox,
          "Export a sandbox, for an import with `PUT`.",
          sandboxes.EXPORT, query=sandboxes.EXPORT_QUERY, problems=_READ),
    Route("PUT", "/sandboxes/<name>", sandboxes.import_sandbox,
          "Replace a sandbox with an exported one.",
          sandboxes.EXPORT, sandboxes.IMPORT, problems=_FULL),
    Route("PATCH", "/sandboxes/<name>", sandboxes.assign,
          "Set the title of the test that uses a sandbox, or choose its contract.",
          sandboxes.ASSIGNED, sandboxes.ASSIGNMENT, problems=_FULL),
    Route("DELETE", "/sandboxes/<name>", sandboxes.delete, "Delete a sandbox.",
          sandboxes.DELETED, problems=(UnknownSandbox,)),
    Route("POST", "/sandboxes/<name>/reset", sandboxes.reset,
          "Reset a sandbox to its state at server start.",
          sandboxes.RESET, NOTHING, problems=_READ),
    Route("GET", "/bindings", bindings.get_bindings,
          "Get the caller's address, and the sandbox of each bound address.",
          bindings.BINDINGS),
    Route("PUT", "/bindings", bindings.bind, "Bind the caller's address to a sandbox.",
          bindings.BINDINGS, bindings.BINDING_REQUEST, problems=_FULL),
    Route("DELETE", "/bindings", bindings.unbind, "Remove the binding of the caller's address.",
          bindings.BINDINGS, problems=_READ),
    Route("GET", "/coverage", coverage.get_coverage,
          "Get the items of the contract, and the tests to which each was served.",
          coverage.COVERAGE, query=coverage.QUERY, problems=(*_READ, RouteNotFound)),
    Route("DELETE", "/coverage", coverage.clear_coverage,
          "Count the served items again from now on, in all sandboxes.",
          coverage.COVERAGE, problems=(*_READ, RouteNotFound)),
    Route("GET", "/events", events.stream,
          "Stream exchanges and state changes as they happen (server-sent events).",
          TEXT, media="text/event-stream", problems=(TooManyStreams,)),
    *wiremock.ROUTES,
)
# fmt: on
"""All routes of the admin API."""
