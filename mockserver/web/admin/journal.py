"""Control operations on the journal."""

from collections.abc import Iterator

import orjson

from mockserver.errors import UnknownExchange
from mockserver.formats.json_schema import Schema, Validator
from mockserver.web.admin.call import AdminCall, Json
from mockserver.web.admin.journal_filters import BODY, QUERY, Test, matches_all
from mockserver.web.admin.schemas import BOOLEAN, COUNT, EMPTY, NUMBER, SMALL_COUNT, TEXT, array_of, object_of
from mockserver.web.admin.wiremock_events import EVENT, LOGGED, NEAR_MISS, event, logged, stub

VARIABLES: dict[str, Schema] = {**{name: each.schema for name, each in QUERY.items()}, "limit": SMALL_COUNT}
"""The query variables of `every`."""
EVENTS = object_of(requests=array_of(EVENT), meta=object_of(total=COUNT, lost=COUNT), requestJournalDisabled=BOOLEAN)
REQUEST_LIST = object_of(requests=array_of(LOGGED), requestJournalDisabled=BOOLEAN)
REQUEST_COUNT = object_of(count=COUNT)
CLEARED_JOURNAL = object_of(sandbox=TEXT, requests=EMPTY)
_NEAREST = {
    "stubMapping": object_of(id=TEXT, name=TEXT, request=object_of(method=TEXT, urlPathTemplate=TEXT)),
    "matchResult": object_of(distance=NUMBER),
}
UNMATCHED_NEAR_MISSES = object_of(nearMisses=array_of(object_of(_NEAREST, request=LOGGED, near_misses=array_of(NEAR_MISS))))
NEAR_MISS_REQUEST = Validator({"type": "object", "required": ["method", "url"], "properties": {"method": TEXT, "url": TEXT}})
"""A request as WireMock's clients tell it; its other members change nothing."""
NEAR_MISS_LIST = object_of(nearMisses=array_of(object_of(_NEAREST, request={"type": "object"}, near_misses=array_of(NEAR_MISS))))


def list_requests(call: AdminCall) -> Json:
    """`requests`, the last first, and `meta.total` of them; `limit` cuts the list, not the total.

    `meta.lost` says how many exchanges, of all sandboxes, this server's journal could not keep.
    """
    wanted = call.query_params(VARIABLES)
    limit = wanted.pop("limit", None)
    encoded = call.server.store.journal(call.sandbox)[::-1]
    total = len(encoded)
    if wanted:
        test = matches_all(wanted, QUERY, "query")
        found = [entry for entry in map(orjson.loads, encoded) if test(entry)]
        total = len(found)
    else:  # as the panel asks again and again: what is not shown is not even decoded
        found = [orjson.loads(entry) for entry in encoded[:limit]]
    return {
        "requests": [event(each, call.url) for each in found[:limit]],
        "meta": {"total": total, "lost": call.server.metrics.total_lost()},
        **_disabled(call),
    }


def get_request(call: AdminCall, exchange: str) -> Json:
    """One exchange. Raises `UnknownExchange`."""
    found = next(_matching(call, lambda entry: bool(entry["id"] == exchange)), None)
    if found is None:
        raise UnknownExchange(f"the journal of {call.sandbox} has no exchange {exchange}: it was dropped, or never was")
    return event(found, call.url)


def count_requests(call: AdminCall) -> Json:
    """`count` of the exchanges that fit the filters of the body."""
    return {"count": sum(1 for _ in _matching(call, matches_all(call.body, BODY)))}


def find_requests(call: AdminCall) -> Json:
    """`requests`: the exchanges that fit the filters of the body, the first first, as WireMock has it."""
    found = _listed(call, matches_all(call.body, BODY))
    return {**found, "requests": found["requests"][::-1]}


def unmatched_requests(call: AdminCall) -> Json:
    """`requests`: those that no operation was found for, the last first."""
    return _listed(call, _unmatched)


def clear_requests(call: AdminCall) -> Json:
    """Empty it."""
    call.server.store.clear_journal(call.sandbox)
    return {"sandbox": call.sandbox, "requests": []}


def unmatched_near_misses(call: AdminCall) -> Json:
    """`nearMisses`: each unmatched request with the operations that it came closest to, the last first."""
    found = [logged(each, call.url) for each in _matching(call, _unmatched)]
    return {"nearMisses": [_missed(request, request.get("near_misses", [])) for request in found]}


def request_near_misses(call: AdminCall) -> Json:
    """`nearMisses`: the operations that come closest to a request that is described, not sent; at most three."""
    path, _, query = str(call.body["url"]).partition("?")
    found = call.server.near_misses.nearest(str(call.body["method"]).upper(), path, query)
    return {"nearMisses": [_missed(dict(call.body), [each.as_json()]) for each in found]}


def _missed(request: Json, near: list[Json]) -> Json:
    """A request with what it came close to, the nearest first; that one in WireMock's words too."""
    told = {"request": request, "near_misses": near}
    if not near:
        return told
    nearest = near[0]
    pattern = {"method": nearest["method"], "urlPathTemplate": nearest["uri_template"]}
    return {
        **told,
        "stubMapping": {**stub(nearest["operation"]), "request": pattern},
        "matchResult": {"distance": nearest["distance"]},
    }


def _unmatched(entry: Json) -> bool:
    return entry["operation"] is None


def _listed(call: AdminCall, test: Test) -> Json:
    return {"requests": [logged(each, call.url) for each in _matching(call, test)], **_disabled(call)}


def _disabled(call: AdminCall) -> Json:
    return {"requestJournalDisabled": call.server.settings.journal_size == 0}


def _matching(call: AdminCall, test: Test) -> Iterator[Json]:
    """The entries that fit, the last first; each is decoded when it is come to."""
    return filter(test, map(orjson.loads, reversed(call.server.store.journal(call.sandbox))))
