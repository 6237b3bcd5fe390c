"""WireMock's routes on the server itself."""

import time
from datetime import UTC, datetime

from mockserver.web.admin import server_info
from mockserver.web.admin.call import AdminCall
from mockserver.web.admin.schemas import COUNT, TEXT, Json, object_of

HEALTH = object_of(
    **server_info.HEALTH,
    message=TEXT,
    uptimeInSeconds=COUNT,
    timestamp={"type": "string", "format": "date-time"},
)
SETTINGS = object_of(server_info.SETTINGS, settings={"type": "object"})
_STARTED = time.monotonic()


def health(call: AdminCall) -> Json:
    """Return the health of server and store with uptime and time. Raises `StoreUnavailable`."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {
        **server_info.health(call),
        "message": "the store responds and accepts changes, and every operation is served",
        "uptimeInSeconds": int(time.monotonic() - _STARTED),
        "timestamp": now.replace("+00:00", "Z"),
    }


def settings(call: AdminCall) -> Json:
    """Return all settings, and WireMock's `settings`: there is no delay for all responses."""
    return {**server_info.settings(call), "settings": {"fixedDelay": None}}
