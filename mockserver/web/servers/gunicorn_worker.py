"""The gunicorn worker: gevent's, with a quick stop and problem responses for rejected requests."""

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
"""Seconds until open event streams are abandoned at a stop."""
REFUSALS: tuple[tuple[type[Exception], type[Problem]], ...] = (
    (refused.LimitRequestLine, TargetTooLong),
    (refused.LimitRequestHeaders, HeadersTooLarge),
    (refused.ParseException, MalformedRequest),
)
"""Errors of gunicorn's parser, and the problem for each; the first match counts."""


class MockServerWorker(GeventWorker):  # type: ignore[misc]
    """One greenlet per connection; a slow client blocks only its own.

    gunicorn's own worker checks for a stop once a second and waits for idle keep-alive connections. This one stops at once and
    waits only for open requests.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_flight = 0
        self.streams: EventStreams | None = None
        """The event streams of this process, set after the fork."""

    def run(self) -> None:
        """Serve until a signal stops the worker, then until the last request ends or the grace period is over."""
        self._stop = Event()
        for number in (signal.SIGTERM, signal.SIGQUIT):
            gevent.signal_handler(number, self._stop.set)
        pool = Pool(self.worker_connections)
        servers = [StreamServer(listener, handle=self._serve(listener), spawn=pool) for listener in self.sockets]
        for server in servers:
            if self.cfg.workers > 1:
                server.max_accept = 1  # otherwise the first worker that wakes up accepts all waiting connections
            server.start()
        while self.alive and not self._stop.wait(1.0):
            self.notify()
        self.wsgi.extensions["mockserver"].delays.stopping = True
        for server in servers:
            server.close()
        with gevent.Timeout(self.cfg.graceful_timeout, False):
            self._finish()

    def _finish(self) -> None:
        """Wait for open requests. Event streams are ended; one whose client does not read is abandoned."""
        abandoned = 0
        if self.streams:
            self.streams.end()
            with gevent.Timeout(STREAMS_END, False):
                while self.streams.open:
                    gevent.sleep(0.01)
            abandoned = self.streams.open
        while self._in_flight > abandoned:
            gevent.sleep(0.01)

    def _serve(self, listener: Any) -> Any:
        handle = self.handle
        listener.setblocking(1)
        return lambda client, address: handle(listener, client, address)

    def handle_request(self, *args: Any) -> None:
        """See `GeventWorker`; counts open requests."""
        self._in_flight += 1
        try:
            super().handle_request(*args)
        finally:
            self._in_flight -= 1

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Any) -> None:
        """Respond to a parser error with a problem; leave other errors to gunicorn."""
        problem_type = next((problem for error, problem in REFUSALS if isinstance(exc, error)), None)
        if problem_type is None:
            super().handle_error(req, client, addr, exc)
            return
        response = problem_response(problem_type(str(exc)))
        if problem_type is not MalformedRequest:  # may not even be HTTP
            self.wsgi.extensions["mockserver"].metrics.count_response(NO_OPERATION, response.status, 0.0)
        head = [f"HTTP/1.1 {response.status} {problem_type.title}", "Connection: close", f"Content-Length: {len(response.body)}"]
        head += [f"{name}: {value}" for name, value in response.headers]
        try:
            client.sendall("\r\n".join([*head, "", ""]).encode("latin-1") + response.body)
            client.shutdown(socket.SHUT_WR)
            drain(client)
        except OSError:
            self.log.debug("the client disconnected before the response: %s", exc)
