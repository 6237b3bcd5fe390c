"""The admin API of the journal."""

from collections.abc import Iterator

import orjson

from mockserver.errors import UnknownExchange
from mockserver.web.admin.call import AdminCall
from mockserver.web.admin.journal_filters import (
    QUERY_FILTERS,
    ExchangeTest,
    is_unmatched,
    matches_all,
)
from mockserver.web.admin.schemas import COUNT, EMPTY, SMALL_COUNT, TEXT, Json, object_of

META = object_of(total=COUNT, lost=COUNT)
_FILTER_SCHEMAS = {name: filter_.schema for name, filter_ in QUERY_FILTERS.items()}
QUERY = object_of({**_FILTER_SCHEMAS, "limit": SMALL_COUNT})
"""The query parameters of `list_requests`."""
REQUEST_COUNT = object_of(count=COUNT)
CLEARED_JOURNAL = object_of(sandbox=TEXT, requests=EMPTY)


def list_requests(call: AdminCall) -> Json:
    """Return the exchanges that match the query, the latest first, with counts in `meta`.

    The query parameter `limit` limits the list, but not `meta.total`. `meta.lost` is the number of
    exchanges of all sandboxes that could not be stored.
    """
    filters = call.query_params(QUERY)
    limit = filters.pop("limit", None)
    if filters:
        exchanges = list(matching(call, matches_all(filters, QUERY_FILTERS, "query")))
        total = len(exchanges)
    else:  # the panel calls this often: entries beyond the limit are not decoded
        entries = call.server.store.journal(call.sandbox)[::-1]
        exchanges = [orjson.loads(entry) for entry in entries[:limit]]
        total = len(entries)
    return {
        "requests": exchanges[:limit],
        "meta": {"total": total, "lost": call.server.metrics.total_lost()},
    }


def get_request(call: AdminCall, exchange: str) -> Json:
    """Return one exchange.

    Raises:
        UnknownExchange: the journal does not have it.
    """
    for entry in _entries(call):
        if entry["id"] == exchange:
            return entry
    raise UnknownExchange(
        f"unknown exchange {exchange!r} in the journal of sandbox {call.sandbox!r}; "
        "the id is wrong, or the journal does not have the exchange any more"
    )


def matching(call: AdminCall, test: ExchangeTest) -> Iterator[Json]:
    """Yield the exchanges that match, the latest first."""
    return filter(test, _entries(call))


def unmatched(call: AdminCall) -> Iterator[Json]:
    """Yield the exchanges without an operation, the latest first."""
    return filter(is_unmatched, _entries(call))


def clear_requests(call: AdminCall) -> Json:
    """Empty the journal."""
    call.server.store.clear_journal(call.sandbox)
    return {"sandbox": call.sandbox, "requests": []}


def _entries(call: AdminCall) -> Iterator[Json]:
    """Yield the exchanges, the latest first. Each is decoded when it is requested."""
    return map(orjson.loads, reversed(call.server.store.journal(call.sandbox)))
