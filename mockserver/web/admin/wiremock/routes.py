"""The table of the routes that WireMock's admin API also has."""

from mockserver.errors import ContractUnavailable, SandboxTooLarge, UnknownExchange, UnknownScenario
from mockserver.web.admin import journal, scenarios
from mockserver.web.admin.route import Route
from mockserver.web.admin.schemas import NOTHING
from mockserver.web.admin.wiremock import near_misses, requests, server_info
from mockserver.web.admin.wiremock import scenarios as scenario_states
from mockserver.web.admin.wiremock.events import SERVE_EVENT
from mockserver.web.admin.wiremock.request_filters import REQUEST_PATTERN

_SWITCH = (UnknownScenario, ContractUnavailable, SandboxTooLarge)
# One row for each route: what it is, then the schemas of response, request and query.
# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("GET", "/health", server_info.get_health,
          "Check that server and store respond, and that the store accepts changes.",
          server_info.HEALTH),
    Route("GET", "/settings", server_info.settings, "Get the settings of the server.",
          server_info.SETTINGS),
    Route("GET", "/scenarios", scenario_states.list_scenarios,
          "List all scenarios with their definitions and states.",
          scenario_states.SCENARIOS, problems=(ContractUnavailable,)),
    Route("PUT", "/scenarios/<name>/state", scenario_states.set_state,
          "Switch a scenario on or off, or to its state at server start.",
          scenarios.SCENARIO, scenario_states.STATE_REQUEST, problems=_SWITCH),
    Route("GET", "/requests", requests.list_requests,
          "List the exchanges of the journal that match the query, the latest first.",
          requests.SERVE_EVENTS, query=journal.QUERY),
    Route("DELETE", "/requests", journal.clear_requests, "Empty the journal.",
          journal.CLEARED_JOURNAL),
    Route("POST", "/requests/reset", journal.clear_requests, "Empty the journal.",
          journal.CLEARED_JOURNAL, NOTHING),
    Route("DELETE", "/requests/reset", journal.clear_requests, "Empty the journal.",
          journal.CLEARED_JOURNAL),
    Route("POST", "/requests/count", requests.count_requests,
          "Count the exchanges that match the filters.",
          journal.REQUEST_COUNT, REQUEST_PATTERN),
    Route("POST", "/requests/find", requests.find_requests,
          "List the exchanges that match the filters, the oldest first.",
          requests.LOGGED_REQUESTS, REQUEST_PATTERN),
    Route("GET", "/requests/unmatched", requests.unmatched_requests,
          "List the requests that matched no operation.",
          requests.LOGGED_REQUESTS),
    Route("GET", "/requests/unmatched/near-misses", near_misses.unmatched_near_misses,
          "List the unmatched requests with their near misses.",
          near_misses.UNMATCHED_NEAR_MISSES),
    Route("GET", "/requests/<exchange>", requests.get_request, "Get one exchange of the journal.",
          SERVE_EVENT, problems=(UnknownExchange,)),
    Route("POST", "/near-misses/request", near_misses.request_near_misses,
          "List the operations closest to a described request.",
          near_misses.REQUEST_NEAR_MISSES, near_misses.NEAR_MISS_REQUEST,
          problems=(ContractUnavailable,)),
)
# fmt: on
"""Responses have our members, and in addition those that WireMock's clients read."""
