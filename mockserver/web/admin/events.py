"""The admin API of the event stream."""

from functools import partial
from typing import Any

import flask

from mockserver.web.admin.call import AdminCall, EventStream
from mockserver.web.event_streams import is_disconnected
from mockserver.web.wsgi import socket_of


def stream(call: AdminCall) -> EventStream:
    """Return server-sent events.

    The event `exchange` has the journal entry of a new exchange. The event `state` follows any
    other change. A client that reconnects with `Last-Event-ID` first gets the later exchanges that
    the journal still has.

    Raises:
        TooManyStreams: this process has too many open streams.
        StoreUnavailable: the store does not respond.
    """
    connection = socket_of(flask.request.environ)
    last_id = call.request.headers.get("last-event-id")
    return EventStream(call.streams.stream(call.sandbox, last_id, partial(_is_gone, connection)))


def _is_gone(connection: Any) -> bool:
    """Return whether the client has disconnected; false if its socket is not accessible."""
    return bool(connection) and is_disconnected(connection)
