"""Near misses as WireMock's clients read them.

The closest operation is `stubMapping`, and its distance is in `matchResult`.
"""

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
"""A request as WireMock's clients describe it. Other members are ignored."""
REQUEST_NEAR_MISSES = object_of(
    nearMisses=array_of(
        object_of(_CLOSEST, request={"type": "object"}, near_misses=array_of(NEAR_MISS))
    )
)


def unmatched_near_misses(call: AdminCall) -> Json:
    """Return the unmatched requests with their near misses, the latest request first."""
    near_misses = []
    for exchange in journal.unmatched(call):
        request = logged_request(exchange, call.url)
        near_misses.append(_near_miss_json(request, request.get("near_misses", [])))
    return {"nearMisses": near_misses}


def request_near_misses(call: AdminCall) -> Json:
    """Return at most three operations that are closest to the request in the body."""
    path, _, query = str(call.body["url"]).partition("?")
    method = str(call.body["method"]).upper()
    near_misses = []
    for near_miss in call.server.contract_of(call.sandbox).near_misses.nearest(method, path, query):
        near_misses.append(_near_miss_json(dict(call.body), [near_miss.as_json()]))
    return {"nearMisses": near_misses}


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
