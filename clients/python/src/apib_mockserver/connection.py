"""Calls of a mock server's admin API: JSON in, JSON out, problems as errors."""

from __future__ import annotations

import http.client
import json
import re
import socket
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from apib_mockserver.errors import NoResponse, ProblemError

__tracebackhide__ = True
"""pytest shows the failed test and the message, not the lines of this module."""
TIMEOUT = 10.0
"""Seconds without a response until a call fails."""
_NOT_FOUND = frozenset(
    {"urn:mockserver:problem:unknown-operation", "urn:mockserver:problem:route-not-found"}
)
"""The problems of a call to a URL with a path, such as the path of the API."""
_INVALID = re.compile(r"[^!-~]|[?#]")
"""What the URL of a server must not contain: spaces, other alphabets, a query, a fragment."""
_TYPES = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}


class _Response(NamedTuple):
    """What a server sent."""

    status: int
    media_type: str
    body: bytes


class Connection:
    """Calls of one server. Each opens its own connection, so threads and forks can share it."""

    def __init__(self, url: str, token: str | None = None, timeout: float = TIMEOUT) -> None:
        self.url = _base_url(url)
        self._timeout = timeout
        self._headers = {}
        if token:
            if not (token.isascii() and token.isprintable()):
                raise ValueError("invalid admin token; expected visible ASCII characters")
            self._headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Return the JSON of the response.

        Raises:
            ProblemError: The mock server responded with a problem.
            NoResponse: No mock server responded completely.
        """
        response = self._send(method, path, body)
        content: Any = None
        if re.match(r"application/(problem\+)?json\b", response.media_type):
            content = _parse_json(response.body)
        if response.status < 300 and content is not None:
            return content
        if not _is_problem(content):
            actual = f"{response.status}, {response.media_type}"
            raise NoResponse(f"expected JSON of a mock server from {self.url}{path}, got {actual}")
        url_path = urlsplit(self.url).path
        if content["type"] not in _NOT_FOUND or not url_path:
            raise ProblemError(content)
        expected = f"expected the URL of a mock server without the path {url_path}"
        raise NoResponse(f"{expected}, got {self.url}: {content['detail']}")

    def _send(self, method: str, path: str, body: object) -> _Response:
        headers = dict(self._headers)
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body, allow_nan=False).encode()
        parts = urlsplit(self.url)
        connection = _TYPES[parts.scheme](parts.hostname or "", parts.port, timeout=self._timeout)
        try:
            connection.request(method, parts.path + path, content, headers)
            response = connection.getresponse()
            media_type = response.getheader("Content-Type", "no media type")
            return _Response(response.status, media_type, response.read())
        except socket.timeout as error:
            reason = f"none within {self._timeout:g} s"
            raise NoResponse(self._no_response(reason)) from error
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
            raise NoResponse(self._no_response(reason)) from error
        finally:
            connection.close()

    def _no_response(self, reason: str) -> str:
        return f"expected a mock server at {self.url}, got no response: {reason}"


def _base_url(url: str) -> str:
    """Return the URL of a server without a slash at its end. Raises `ValueError`."""
    expected = "expected the URL of a mock server, such as http://localhost:8080"
    error = ValueError(f"{expected}, got {url!r}")
    try:
        parts = urlsplit(url)
        _TYPES[parts.scheme](parts.hostname or "", parts.port)
        host = (parts.hostname or "").encode("idna")
    except (AttributeError, KeyError, TypeError, ValueError, http.client.InvalidURL):
        raise error from None
    if not host or "@" in parts.netloc or _INVALID.search(url):
        raise error
    return url.rstrip("/")


def _parse_json(body: bytes) -> Any:
    """Return the value of a JSON text; `None` if it is not JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def _is_problem(content: Any) -> bool:
    if not isinstance(content, dict):
        return False
    return str(content.get("type")).startswith("urn:mockserver:problem:")
