"""Near misses in WireMock's words: the closest operation as `stubMapping`, its distance as `matchResult`."""

from mockserver.formats.json_schema import Validator
from mockserver.web.admin import journal
from mockserver.web.admin.call import AdminCall
from mockserver.web.admin.exchange_schemas import NEAR_MISS
from mockserver.web.admin.schemas import NUMBER, TEXT, Json, array_of, object_of
from mockserver.web.admin.wiremock.events import LOGGED_REQUEST, logged_request, stub_json

_CLOSEST = {
    "stubMapping": object_of(
        id=TEXT, name=TEXT, request=object_of(method=TEXT, urlPathTemplate=TEXT)
    ),
    "matchResult": object_of(distance=NUMBER),
}
UNMATCHED_NEAR_MISSES = object_of(
    nearMisses=array_of(
        object_of(_CLOSEST, request=LOGGED_REQUEST, near_misses=array_of(NEAR_MISS))
    )
)
NEAR_MISS_REQUEST = Validator(
    {"type": "object", "required": ["method", "url"], "properties": {"method": TEXT, "url": TEXT}}
)
"""A request as WireMock's clients describe it; its other members are ignored."""
REQUEST_NEAR_MISSES = object_of(
    nearMisses=array_of(
        object_of(_CLOSEST, request={"type": "object"}, near_misses=array_of(NEAR_MISS))
    )
)


def unmatched_near_misses(call: AdminCall) -> Json:
    """Return `nearMisses`: each unmatched request with its near misses, the latest first."""
    requests = [logged_request(exchange, call.url) for exchange in journal.unmatched(call)]
    return {
        "nearMisses": [
            _near_miss_json(request, request.get("near_misses", [])) for request in requests
        ]
    }


def request_near_misses(call: AdminCall) -> Json:
    """Return `nearMisses`: the operations closest to a request that is described in the body, at most three."""
    path, _, query = str(call.body["url"]).partition("?")
    near_misses = call.server.near_misses.nearest(str(call.body["method"]).upper(), path, query)
    return {
        "nearMisses": [
            _near_miss_json(dict(call.body), [near_miss.as_json()]) for near_miss in near_misses
        ]
    }


def _near_miss_json(request: Json, near_misses: list[Json]) -> Json:
    """Return a request with its near misses, the closest first."""
    members = {"request": request, "near_misses": near_misses}
    if not near_misses:
        return members
    closest = near_misses[0]
    pattern = {"method": closest["method"], "urlPathTemplate": closest["uri_template"]}
    return {
        **members,
        "stubMapping": {**stub_json(closest["operation"]), "request": pattern},
        "matchResult": {"distance": closest["distance"]},
    }
