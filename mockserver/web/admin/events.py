"""The control operation that tells what happens while it happens."""

from functools import partial

import flask

from mockserver.errors import EventsNotServed
from mockserver.web.admin.call import AdminCall, EventStream
from mockserver.web.event_streams import is_disconnected


def stream(call: AdminCall) -> EventStream:
    """Server-sent events: `exchange`, with the journal's JSON of each new one, and `world` when anything else has changed.

    A client that comes back with `Last-Event-ID` gets what it has missed, as far as the journal reaches. Raises
    `EventsNotServed`, `TooManyStreams` and `StoreUnavailable`.
    """
    if call.server.settings.server == "granian":
        raise EventsNotServed("a stream would hold one of granian's few threads; ask GET /__admin/requests?limit=50 now and then")
    connection = flask.request.environ.get("gunicorn.socket")
    left = partial(is_disconnected, connection) if connection else lambda: False
    return EventStream(call.streams.stream(call.sandbox, call.request.headers.get("last-event-id"), left))
