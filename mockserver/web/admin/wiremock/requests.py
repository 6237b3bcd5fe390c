"""WireMock's routes on the journal."""

from mockserver.web.admin import journal
from mockserver.web.admin.call import AdminCall
from mockserver.web.admin.schemas import BOOLEAN, Json, array_of, object_of
from mockserver.web.admin.wiremock.events import (
    LOGGED_REQUEST,
    SERVE_EVENT,
    logged_request,
    serve_event,
)
from mockserver.web.admin.wiremock.request_filters import FILTERS

SERVE_EVENTS = object_of(
    requests=array_of(SERVE_EVENT), meta=journal.META, requestJournalDisabled=BOOLEAN
)
LOGGED_REQUESTS = object_of(requests=array_of(LOGGED_REQUEST), requestJournalDisabled=BOOLEAN)


def list_requests(call: AdminCall) -> Json:
    """Return the journal as serve events, the latest first."""
    members = journal.list_requests(call)
    events = [serve_event(exchange, call.url) for exchange in members["requests"]]
    return {**members, "requests": events, **_journal_disabled(call)}


def get_request(call: AdminCall, exchange: str) -> Json:
    """Return one exchange as a serve event.

    Raises:
        UnknownExchange: the journal does not have it.
    """
    return serve_event(journal.get_request(call, exchange), call.url)


def count_requests(call: AdminCall) -> Json:
    """Return the number of exchanges that match the filters in the body."""
    exchanges = journal.matching(call, call.body, FILTERS)
    return {"count": sum(1 for _ in exchanges)}


def find_requests(call: AdminCall) -> Json:
    """Return the logged requests that match the filters in the body, the oldest first."""
    exchanges = list(journal.matching(call, call.body, FILTERS))
    return _logged_requests(call, exchanges[::-1])


def unmatched_requests(call: AdminCall) -> Json:
    """Return the unmatched requests as logged requests, the latest first."""
    return _logged_requests(call, list(journal.unmatched(call)))


def _logged_requests(call: AdminCall, exchanges: list[Json]) -> Json:
    requests = [logged_request(exchange, call.url) for exchange in exchanges]
    return {"requests": requests, **_journal_disabled(call)}


def _journal_disabled(call: AdminCall) -> Json:
    return {"requestJournalDisabled": call.server.settings.journal_size == 0}
