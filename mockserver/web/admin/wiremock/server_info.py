"""WireMock's routes on the server itself."""

from mockserver.web.admin import server_info
from mockserver.web.admin.call import AdminCall
from mockserver.web.admin.schemas import COUNT, TEXT, Json, object_of
from mockserver.web.health import health

HEALTH = object_of(
    **server_info.HEALTH,
    message=TEXT,
    uptimeInSeconds=COUNT,
    timestamp={"type": "string", "format": "date-time"},
)
SETTINGS = object_of(server_info.SETTINGS, settings={"type": "object"})


def get_health(call: AdminCall) -> Json:
    """Return the health of server and store with uptime and time. Raises `StoreUnavailable`."""
    return health(call.server)


def settings(call: AdminCall) -> Json:
    """Return all settings, and WireMock's `settings`: there is no delay for all responses."""
    return {**server_info.settings(call), "settings": {"fixedDelay": None}}
