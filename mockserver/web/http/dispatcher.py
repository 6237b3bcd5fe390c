"""Handle requests: repeated and quick ones on the event loop, all others in threads.

A delay is a timer of the loop. It needs no thread.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from mockserver.config.sandbox_names import SERVER_PATHS
from mockserver.errors import HeadersTooLarge, MalformedRequest, Problem, TargetTooLong
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.mock_server import DelayedResponse
from mockserver.pipeline.problem_responses import internal_error_response, problem_response
from mockserver.web import health
from mockserver.web.admin_access import max_admin_body
from mockserver.web.application import Application
from mockserver.web.http.background import Background
from mockserver.web.http.connection import HttpConnection
from mockserver.web.http.faulty_response import send_faulty
from mockserver.web.http.flask_view import FlaskResponse, call_flask, send_flask_response
from mockserver.web.http.limits import KEEP_ALIVE
from mockserver.web.http.message import Message, Target, to_environ, to_request
from mockserver.web.http.quick_path import Meaning, QuickPath
from mockserver.web.http.responses import CLOSE, connection_header, encode

log = logging.getLogger("mockserver")
T = TypeVar("T")


class Dispatcher:
    """Handles the requests of all connections of one process: the `Handler` of the connections."""

    def __init__(
        self, application: Application, loop: asyncio.AbstractEventLoop, local: tuple[str, int]
    ) -> None:
        """Take the application, the loop, and the `local` address that receives requests."""
        self.application = application
        self.server, self.api = application.server, application.api
        self.background = Background(loop)
        self.connections: set[HttpConnection] = set()
        self.read_timeout = self.server.settings.read_timeout
        self.keep_alive: float = KEEP_ALIVE
        self.is_stopping = False
        self.now = int(time.monotonic())
        self._loop, self._local = loop, local
        self._quick_path = QuickPath(self.server)

    def tick(self) -> None:
        """Update the clock, and check the timeouts of all connections. Call it once a second."""
        self.now = int(time.monotonic())
        for connection in list(self.connections):
            connection.check_timeouts()

    def repeat(self, data: bytes) -> bytes | None:
        """See `Handler`."""
        return self._quick_path.repeat(data)

    def opened(self, connection: HttpConnection) -> None:
        """See `Handler`."""
        self.connections.add(connection)

    def closed(self, connection: HttpConnection) -> None:
        """See `Handler`."""
        self.connections.discard(connection)

    def body_limit(self, message: Message) -> int:
        """See `Handler`."""
        target = Target(message.target)
        if self._is_api(message, target):
            return self.server.settings.max_body
        return max_admin_body(self.server.settings, target.path)

    def reject(self, connection: HttpConnection, problem: Problem, message: Message | None) -> None:
        """See `Handler`. Bytes that may not be HTTP at all are not counted as a request."""
        message = message or Message()
        origin = None
        if self._is_api(message):
            origin = message.header("origin")
        if message.is_complete_head or isinstance(problem, TargetTooLong | HeadersTooLarge):
            response = self.api.reject(problem, origin)
        else:
            response = self.api.with_cors(problem_response(problem), origin)
        connection.respond(encode(response, message.method, CLOSE), close=True)

    def handle(self, connection: HttpConnection, message: Message) -> None:
        """See `Handler`."""
        try:
            meaning = self._quick_path.meaning_of(message)
            if meaning is not None:
                payload = self._quick_path.repeat_meaning(meaning, message)
                if payload is not None:
                    connection.respond(payload, close=False)
                    return
            target = Target(message.target)
            _check_target(target, message.method)
            if self._is_api(message, target):
                self._handle_api(connection, message, target, meaning)
            else:
                self._handle_server_path(connection, message, target)
        except Exception as error:
            self._fail(connection, message, error)

    def _is_api(self, message: Message, target: Target | None = None) -> bool:
        """Return whether the API responds to a message, which may be incomplete."""
        target = target or Target(message.target)
        accept = message.header("accept") or ""
        return self.api.owns(message.method, target.path, accept, SERVER_PATHS)

    def _handle_api(
        self, connection: HttpConnection, message: Message, target: Target, meaning: Meaning | None
    ) -> None:
        """Handle a request to the API, on the loop if it is quick.

        A request with a body goes to a thread at once: decompressing the body takes time.
        """
        respond = partial(self._respond_after_delay, connection, message)
        if message.body:

            def begin() -> tuple[Request, Response | DelayedResponse]:
                return self._begin(self._exchange(connection, message, target))

            self._in_thread(begin, respond, connection, message)
            return
        exchange = self._exchange(connection, message, target)
        if not self.server.prepare(exchange):
            self._in_thread(partial(self._begin, exchange), respond, connection, message)
            return
        result = self.api.begin(exchange)
        if meaning is not None and isinstance(result, Response):
            self._quick_path.keep(meaning, exchange, result)
        respond((exchange.request, result))

    def _exchange(self, connection: HttpConnection, message: Message, target: Target) -> Exchange:
        settings = self.server.settings
        request = to_request(
            message, target, connection.address, settings.max_body, settings.trusted_proxies
        )
        return Exchange(request)

    def _begin(self, exchange: Exchange) -> tuple[Request, Response | DelayedResponse]:
        return exchange.request, self.api.begin(exchange)

    def _in_thread(
        self,
        function: Callable[[], T],
        on_result: Callable[[T], None],
        connection: HttpConnection,
        message: Message,
    ) -> None:
        """Run a function in a thread, and `on_result` with its result on the loop."""
        self.background.run(function, on_result, partial(self._fail, connection, message))

    def _respond_after_delay(
        self,
        connection: HttpConnection,
        message: Message,
        outcome: tuple[Request, Response | DelayedResponse],
    ) -> None:
        """Respond now, or start the timer of a delay."""
        request, result = outcome
        if isinstance(result, Response):
            self._respond(connection, message, result)
            return
        origin = request.headers.get("origin")
        respond = partial(self._respond, connection, message)
        finish = partial(self._finish_delay, result, origin)
        self._loop.call_later(result.seconds, self._in_thread, finish, respond, connection, message)

    def _finish_delay(self, delay: DelayedResponse, origin: str | None) -> Response:
        return self.api.with_cors(delay.finish(), origin)

    def _handle_server_path(
        self, connection: HttpConnection, message: Message, target: Target
    ) -> None:
        """Handle a request to the mock server itself: health without Flask, all others with it."""
        environ = to_environ(message, target, connection.address, self._local)
        if health.is_health_check(message.method, target.prefix + target.path):
            check = partial(health.respond, self.server, environ)
            respond = partial(self._respond, connection, message)
            self._in_thread(check, respond, connection, message)
            return

        def call() -> FlaskResponse:
            return call_flask(self.application.flask(), environ)

        send = partial(send_flask_response, self.background, connection, message)
        self._in_thread(call, send, connection, message)

    def _respond(self, connection: HttpConnection, message: Message, response: Response) -> None:
        if response.fault:
            self.background.start(send_faulty(self.server, connection, message, response))
            return
        payload = encode(response, message.method, connection_header(message))
        connection.respond(payload, close=message.close)

    def _fail(self, connection: HttpConnection, message: Message, error: Exception) -> None:
        """Respond with the problem that an error is. Any other error is a bug, and is logged."""
        if isinstance(error, Problem):
            response = self.api.reject(error, message.header("origin"))
        else:
            log.error("%s %a failed", message.method, message.target, exc_info=error)
            response = internal_error_response()
        self._respond(connection, message, response)


def _check_target(target: Target, method: str) -> None:
    """Check the form of a target (RFC 9112, section 3.2).

    Raises:
        MalformedRequest: the target is neither a path nor a URL.
    """
    if target.raw.startswith("/"):
        return
    is_url = target.raw.lower().startswith(("http://", "https://"))
    if not is_url and (method, target.raw) != ("OPTIONS", "*"):
        raise MalformedRequest("the target of the request must be a path or a URL")
