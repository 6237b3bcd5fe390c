"""The admin API of the journal."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import orjson

from mockserver.config.similar_names import similar_name
from mockserver.errors import UnknownExchange, Violation
from mockserver.formats.json_text import abbreviated_json
from mockserver.web.admin.call import AdminCall
from mockserver.web.admin.journal_filters import (
    FILTERS,
    QUERY_FILTERS,
    Filter,
    is_unmatched,
    matches_all,
)
from mockserver.web.admin.schemas import COUNT, EMPTY, SMALL_COUNT, TEXT, Json, object_of
from mockserver.web.admin.violations import raise_invalid

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
        exchanges = list(matching(call, filters, QUERY_FILTERS, "query"))
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


def matching(
    call: AdminCall, values: Mapping[str, Any], filters: Mapping[str, Filter], location: str = ""
) -> Iterator[Json]:
    """Return the exchanges that match the values of filters, the latest first.

    Args:
        call: of the sandbox whose journal is read.
        values: name of a filter to its value, which is valid against the schema of the filter.
        filters: by name.
        location: the prefix of the pointers in violations.

    Raises:
        AdminRequestInvalid: values cannot be parsed, or name an unknown operation or scenario.
    """
    matches = matches_all(values, filters, location)
    raise_invalid(list(_unknown_names(call, values, location)))
    return filter(matches, _entries(call))


def unmatched(call: AdminCall) -> Iterator[Json]:
    """Yield the exchanges without an operation, the latest first."""
    return filter(is_unmatched, _entries(call))


def clear_requests(call: AdminCall) -> Json:
    """Empty the journal."""
    call.server.store.clear_journal(call.sandbox)
    return {"sandbox": call.sandbox, "requests": []}


def _unknown_names(
    call: AdminCall, values: Mapping[str, Any], location: str
) -> Iterator[Violation]:
    """Yield a violation for each value that names an unknown operation or scenario.

    It would match nothing, so that a test that expects no such request would pass. An exchange may
    have a name that is not served any more.
    """
    names: dict[str, set[str]] = {"operation": set(), "scenario": set()}
    for contract in (one.contract for one in call.server.contracts):
        names["operation"].update(served.operation.id for served in contract.served)
        names["scenario"].update(contract.scenarios)
    for member in sorted(names.keys() & values.keys()):
        value = values[member]
        known = [{member: name, "reason": ""} for name in names[member]]
        exchanges = chain(known, _entries(call))
        if not any(FILTERS[member].matches(exchange, value) for exchange in exchanges):
            expected = f"one of {', '.join(sorted(names[member]))}"
            similar = similar_name(value, names[member])
            if similar:
                expected += f" (did you mean '{similar}'?)"
            yield Violation(f"{location}/{member}", expected, abbreviated_json(value))


def _entries(call: AdminCall) -> Iterator[Json]:
    """Yield the exchanges, the latest first. Each is decoded when it is requested."""
    return map(orjson.loads, reversed(call.server.store.journal(call.sandbox)))
