"""Flask's test client over the HTTP server: it sends requests and receives responses as bytes."""

import string
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from flask.testing import FlaskClient

from helpers.http_front import Front

NOT_OF_WSGI = ("date", "server", "connection")
"""The headers that the HTTP server adds."""


class FrontClient(FlaskClient):
    """Flask's test client over an HTTP server."""

    front: Front

    def run_wsgi_app(self, environ: Any, buffered: bool = False) -> Any:
        """See `werkzeug.test.Client`, which calls the application here."""
        flask_app = self.application
        self.application = self._exchange  # type: ignore[assignment]
        try:
            return super().run_wsgi_app(environ, buffered)
        finally:
            self.application = flask_app

    def _exchange(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        with self.front.connect(environ.get("REMOTE_ADDR") or "") as client:
            status, headers, body = parse_response(
                *client.exchange(encode_request(environ), methods=(method,))
            )
        start_response(status, headers)
        return [body]


def encode_request(environ: dict[str, Any]) -> bytes:
    """Return the bytes of the request of a WSGI environ."""
    body = environ["wsgi.input"].read()
    target = quote(environ["RAW_URI"].encode("latin-1"), safe=string.punctuation)
    if environ["QUERY_STRING"] and "?" not in target:
        target = f"{target}?{environ['QUERY_STRING']}"
    lines = [f"{environ['REQUEST_METHOD']} {target} HTTP/1.1"]
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            lines.append(f"{key.removeprefix('HTTP_').replace('_', '-').title()}: {value}")
    if environ.get("CONTENT_TYPE"):
        lines.append(f"Content-Type: {environ['CONTENT_TYPE']}")
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def parse_response(response: bytes) -> tuple[str, list[tuple[str, str]], bytes]:
    """Return the status, the headers that a WSGI application sends, and the body."""
    head, _, body = response.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = []
    for line in lines:
        name, _, value = line.partition(": ")
        if name.lower() not in NOT_OF_WSGI:
            headers.append((name, value))
    return first.partition(" ")[2], headers, body


def front_client(front: Front) -> FrontClient:
    """Return a client of a server that is running."""
    flask_app = front.application.flask()
    client = FrontClient(flask_app, flask_app.response_class, use_cookies=False)
    client.front = front
    return client
