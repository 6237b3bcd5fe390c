"""The admin API of the journal."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from mockserver.config.similar_names import similar_hint
from mockserver.errors import AdminRequestInvalid, UnknownExchange, Violation
from mockserver.formats.json_text import abbreviated_json
from mockserver.web.admin.call import AdminCall
from mockserver.web.admin.journal_filters import (
    QUERY_FILTERS,
    Filter,
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
        exchanges = matching(call, filters, QUERY_FILTERS, "query")
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
) -> list[Json]:
    """Return the exchanges that match all values, the latest first.

    The arguments after `call` are those of `matches_all`.

    Raises:
        AdminRequestInvalid: a value cannot be parsed, or is an unknown operation.
    """
    exchanges = list(filter(matches_all(values, filters, location), _entries(call)))
    if not exchanges and "operation" in values:
        _check_operation(call, values["operation"], location)
    return exchanges


def _check_operation(call: AdminCall, name: str, location: str) -> None:
    """Reject an operation that no contract has. A test with its name would always pass.

    Raises:
        AdminRequestInvalid: the operation is unknown.
    """
    known = {served.operation.id for served in call.server.contracts.operations()}
    if name.casefold() in map(str.casefold, known):
        return
    expected = f"one of {', '.join(sorted(known))}"
    violation = Violation(f"{location}/operation", expected, abbreviated_json(name))
    detail = f"{violation}{similar_hint(name, known)}"
    raise AdminRequestInvalid(detail, {"violations": [violation.as_json()]})


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
