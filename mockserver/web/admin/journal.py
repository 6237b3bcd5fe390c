"""Control operations on the journal."""

from collections.abc import Iterator

import orjson

from mockserver.errors import UnknownExchange
from mockserver.formats.json_schema import Validator
from mockserver.web.admin.call import Call, Json
from mockserver.web.admin.journal_filters import BODY, QUERY, Test, fits_all
from mockserver.web.admin.schemas import BOOLEAN, COUNT, EMPTY, NUMBER, SMALL_COUNT, TEXT, Schema, a_list, an_object
from mockserver.web.admin.wiremock_events import EVENT, LOGGED, NEAR_MISS, event, logged, stub

VARIABLES: dict[str, Schema] = {**{name: each.schema for name, each in QUERY.items()}, "limit": SMALL_COUNT}
"""The query variables of `every`."""
EVENTS = an_object(requests=a_list(EVENT), meta=an_object(total=COUNT, lost=COUNT), requestJournalDisabled=BOOLEAN)
FOUND = an_object(requests=a_list(LOGGED), requestJournalDisabled=BOOLEAN)
COUNTED = an_object(count=COUNT)
CLEARED = an_object(sandbox=TEXT, requests=EMPTY)
_NEAREST = {
    "stubMapping": an_object(id=TEXT, name=TEXT, request=an_object(method=TEXT, urlPathTemplate=TEXT)),
    "matchResult": an_object(distance=NUMBER),
}
MISSED = an_object(nearMisses=a_list(an_object(_NEAREST, request=LOGGED, near_misses=a_list(NEAR_MISS))))
ASKED = Validator({"type": "object", "required": ["method", "url"], "properties": {"method": TEXT, "url": TEXT}})
"""A request as WireMock's clients tell it; its other members change nothing."""
NEAREST = an_object(nearMisses=a_list(an_object(_NEAREST, request={"type": "object"}, near_misses=a_list(NEAR_MISS))))


def every(call: Call) -> Json:
    """`requests`, the last first, and `meta.total` of them; `limit` cuts the list, not the total.

    `meta.lost` says how many exchanges, of all sandboxes, this server's journal could not keep.
    """
    wanted = call.asked(VARIABLES)
    limit = wanted.pop("limit", None)
    encoded = call.server.store.logged(call.sandbox)[::-1]
    total = len(encoded)
    if wanted:
        test = fits_all(wanted, QUERY, "query")
        found = [entry for entry in map(orjson.loads, encoded) if test(entry)]
        total = len(found)
    else:  # as the panel asks again and again: what is not shown is not even decoded
        found = [orjson.loads(entry) for entry in encoded[:limit]]
    return {
        "requests": [event(each, call.url) for each in found[:limit]],
        "meta": {"total": total, "lost": call.server.metrics.all_lost()},
        **_disabled(call),
    }


def one(call: Call, exchange: str) -> Json:
    """One exchange. Raises `UnknownExchange`."""
    found = next(_found(call, lambda entry: bool(entry["id"] == exchange)), None)
    if found is None:
        raise UnknownExchange(f"the journal of {call.sandbox} has no exchange {exchange}: it was dropped, or never was")
    return event(found, call.url)


def count(call: Call) -> Json:
    """`count` of the exchanges that fit the filters of the body."""
    return {"count": sum(1 for _ in _found(call, fits_all(call.body, BODY)))}


def find(call: Call) -> Json:
    """`requests`: the exchanges that fit the filters of the body, the first first, as WireMock has it."""
    found = _listed(call, fits_all(call.body, BODY))
    return {**found, "requests": found["requests"][::-1]}


def unmatched(call: Call) -> Json:
    """`requests`: those that no operation was found for, the last first."""
    return _listed(call, _unmatched)


def clear(call: Call) -> Json:
    """Empty it."""
    call.server.store.clear_log(call.sandbox)
    return {"sandbox": call.sandbox, "requests": []}


def unmatched_near_misses(call: Call) -> Json:
    """`nearMisses`: each unmatched request with the operations that it came closest to, the last first."""
    found = [logged(each, call.url) for each in _found(call, _unmatched)]
    return {"nearMisses": [_missed(request, request.get("near_misses", [])) for request in found]}


def request_near_misses(call: Call) -> Json:
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


def _listed(call: Call, test: Test) -> Json:
    return {"requests": [logged(each, call.url) for each in _found(call, test)], **_disabled(call)}


def _disabled(call: Call) -> Json:
    return {"requestJournalDisabled": call.server.settings.journal_size == 0}


def _found(call: Call, test: Test) -> Iterator[Json]:
    """The entries that fit, the last first; each is decoded when it is come to."""
    return filter(test, map(orjson.loads, reversed(call.server.store.logged(call.sandbox))))
