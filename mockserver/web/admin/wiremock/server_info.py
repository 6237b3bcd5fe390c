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
    """Return the health of server and store, with uptime and time.

    Raises:
        StoreUnavailable: the store does not respond or accepts no changes.
    """
    return health(call.server)


def settings(call: AdminCall) -> Json:
    """Return all settings, and the member `settings` of WireMock. It has no global delay."""
    return {**server_info.settings(call), "settings": {"fixedDelay": None}}
