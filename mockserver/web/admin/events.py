"""The admin API of events, as they happen."""

from functools import partial
from typing import Any

import flask

from mockserver.web.admin.call import AdminCall, EventStream
from mockserver.web.event_streams import is_disconnected
from mockserver.web.wsgi import socket_of


def stream(call: AdminCall) -> EventStream:
    """Return server-sent events: `exchange`, with the journal's JSON of each new one, and `state` after every other change.

    A client that reconnects with `Last-Event-ID` receives what it has missed, as far as the journal reaches. Raises
    `TooManyStreams` and `StoreUnavailable`.
    """
    connection = socket_of(flask.request.environ)
    last_id = call.request.headers.get("last-event-id")
    return EventStream(call.streams.stream(call.sandbox, last_id, partial(_is_gone, connection)))


def _is_gone(connection: Any) -> bool:
    """Return whether the client has disconnected; false if the server keeps the socket to itself."""
    return bool(connection) and is_disconnected(connection)
