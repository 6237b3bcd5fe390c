"""The gunicorn worker: gevent's, with a quick stop and with refusals in the mock server's own words."""

import signal
import socket
from typing import Any

import gevent
from gevent.event import Event
from gevent.pool import Pool
from gevent.server import StreamServer
from gunicorn.http import errors as refused
from gunicorn.workers.ggevent import GeventWorker

from mockserver.errors import HeadersTooLarge, MalformedRequest, Problem, TargetTooLong
from mockserver.pipeline.responder import problem_response
from mockserver.telemetry.metrics import NO_OPERATION
from mockserver.web.event_streams import EventStreams
from mockserver.web.faulty_connection import drain

STREAMS_END = 1.0
"""Seconds that event streams are given to end."""
REFUSALS: tuple[tuple[type[Exception], type[Problem]], ...] = (
    (refused.LimitRequestLine, TargetTooLong),
    (refused.LimitRequestHeaders, HeadersTooLarge),
    (refused.ParseException, MalformedRequest),
)
"""What gunicorn refuses before there is a request, and the problem that says so; the first that fits counts."""


class MockServerWorker(GeventWorker):  # type: ignore[misc]
    """One greenlet a connection; a slow client holds nothing but its own.

    gunicorn's own worker looks for the end once a second, and waits for idle keep-alive connections; this one is told, and
    waits for requests only.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_flight = 0
        self.streams: EventStreams | None = None
        """The event streams of this process, once there may be any."""

    def run(self) -> None:
        """Serve until told to stop; then until the last request ends, or the grace is over."""
        self._stop = Event()
        for number in (signal.SIGTERM, signal.SIGQUIT):
            gevent.signal_handler(number, self._stop.set)
        pool = Pool(self.worker_connections)
        servers = [StreamServer(s, handle=self._serve(s), spawn=pool) for s in self.sockets]
        for each in servers:
            if self.cfg.workers > 1:
                each.max_accept = 1  # or the worker that wakes up first takes all that wait
            each.start()
        while self.alive and not self._stop.wait(1.0):
            self.notify()
        self.wsgi.extensions["mockserver"].delays.stopping = True
        for each in servers:
            each.close()
        with gevent.Timeout(self.cfg.graceful_timeout, False):
            self._finish()

    def _finish(self) -> None:
        """Wait for the requests under way. Streams are told to end; one whose client reads nothing cannot hear it."""
        deaf = 0
        if self.streams:
            self.streams.end()
            with gevent.Timeout(STREAMS_END, False):
                while self.streams.open:
                    gevent.sleep(0.01)
            deaf = self.streams.open
        while self._in_flight > deaf:
            gevent.sleep(0.01)

    def _serve(self, listener: Any) -> Any:
        for_all = self.handle
        listener.setblocking(1)
        return lambda client, address: for_all(listener, client, address)

    def handle_request(self, *args: Any) -> None:
        """See `GeventWorker`; counts what is under way."""
        self._in_flight += 1
        try:
            super().handle_request(*args)
        finally:
            self._in_flight -= 1

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Any) -> None:
        """Tell a refusal of gunicorn's as a problem; leave the rest to gunicorn."""
        kind = next((problem for error, problem in REFUSALS if isinstance(exc, error)), None)
        if kind is None:
            super().handle_error(req, client, addr, exc)
            return
        response = problem_response(kind(str(exc)))
        if kind is not MalformedRequest:  # which may be no HTTP at all
            self.wsgi.extensions["mockserver"].metrics.count_response(NO_OPERATION, response.status, 0.0)
        head = [f"HTTP/1.1 {response.status} {kind.title}", "Connection: close", f"Content-Length: {len(response.body)}"]
        head += [f"{name}: {value}" for name, value in response.headers]
        try:
            client.sendall("\r\n".join([*head, "", ""]).encode("latin-1") + response.body)
            client.shutdown(socket.SHUT_WR)
            drain(client)
        except OSError:
            self.log.debug("the client left before it was told: %s", exc)
