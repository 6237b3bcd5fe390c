"""Calls to the admin API of a running server."""

import http.client
import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from mockserver.config.sandbox_names import validate_sandbox_name
from mockserver.config.settings import ADMIN_TOKEN_VARIABLE, PREFIX, URL_VARIABLE
from mockserver.errors import (
    RouteNotFound,
    SandboxNameInvalid,
    StartError,
    UnknownOperation,
    UsageError,
)

__tracebackhide__ = True
"""pytest shows the failed test and the message, not the lines of this module."""
_PROBLEM = "urn:mockserver:problem:"
"""The start of the type of each problem."""
_WRONG_PATHS = [_PROBLEM + kind.slug for kind in (UnknownOperation, RouteNotFound)]
"""The types of problems that a URL with a path causes, such as that of the API or the panel."""
_HOST_AND_PORT = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?(/.*)?")
"""A URL without its scheme."""

_CONNECTION_TYPES = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}


def default_url() -> str:
    """Return the URL of the server that this environment names, or of one on this machine."""
    port = os.environ.get(f"{PREFIX}PORT", "")
    if not port.isdecimal():
        port = "8080"
    return os.environ.get(URL_VARIABLE) or f"http://localhost:{port}"


def sandbox_url(url: str, sandbox: str | None) -> str:
    """Return the base URL of a sandbox. Raises `UsageError` for an invalid name."""
    if sandbox is None:
        return url
    try:
        return f"{url.rstrip('/')}/~{validate_sandbox_name(sandbox)}"
    except SandboxNameInvalid as error:
        raise UsageError(f"--sandbox: {error.detail}") from error


def call(
    url: str,
    method: str,
    path: str,
    token: str | None = None,
    *,
    sent: Mapping[str, Any] | None = None,
) -> Mapping[str, Any]:
    """Call the admin API of a running server and return the JSON object of the response.

    Args:
        url: The base URL of the server or of a sandbox.
        method: The HTTP method.
        path: The path below `/__admin`.
        token: The admin token; by default that of the environment.
        sent: The JSON object of a POST, PUT or PATCH request; empty by default.

    Raises:
        StartError: The server is not reachable or rejected the call; the text has the reason.
        UsageError: The URL or the token is invalid.
    """
    try:
        parts = urlsplit(url)
        connection_type = _CONNECTION_TYPES[parts.scheme]
        connection = connection_type(parts.hostname or "", parts.port, timeout=10)
    except (KeyError, ValueError, http.client.InvalidURL) as error:
        raise UsageError(invalid_url(url)) from error
    body = None
    if method in ("POST", "PUT", "PATCH"):
        body = orjson.dumps(sent or {})
    try:
        headers = _headers(body, token or os.environ.get(ADMIN_TOKEN_VARIABLE, ""))
        connection.request(method, f"{parts.path.rstrip('/')}/__admin{path}", body, headers)
        response = connection.getresponse()
        payload = orjson.loads(response.read())
    except (UnicodeError, http.client.InvalidURL) as error:
        raise UsageError(invalid_url(url)) from error
    except (OSError, http.client.HTTPException) as error:
        start = f"start one with `mockserver serve`, or name another URL ({URL_VARIABLE})"
        raise StartError(f"no mock server is reachable at {url}: {error}; {start}") from error
    except orjson.JSONDecodeError as error:
        raise _other_server(url, "its response is not JSON") from error
    finally:
        connection.close()
    if not isinstance(payload, dict):
        raise _other_server(url, "its response is not a JSON object")
    if response.status != 200:
        raise _rejection(url, payload, response.reason)
    return payload


def call_list(url: str, path: str, member: str, token: str | None) -> list[Mapping[str, Any]]:
    """Call the admin API, and return the list in a member of the response.

    Raises:
        StartError: The server is not reachable, or is not a mock server.
    """
    payload = call(url, "GET", path, token)
    items = payload.get(member)
    if not isinstance(items, list):
        raise _other_server(url, f"its response has no {member!r}")
    return items


def invalid_url(url: str) -> str:
    """Return the message for an invalid URL of a server."""
    hint = ""
    if _HOST_AND_PORT.fullmatch(url):
        hint = f"; did you mean http://{url}?"
    return f"invalid server URL {url!r}; expected http://HOST:PORT{hint}"


def _other_server(url: str, reason: str) -> StartError:
    advice = "check the port; `mockserver serve` prints its URL"
    return StartError(f"the server at {url} is not a mock server: {reason}; {advice}")


def _rejection(url: str, problem: Mapping[str, Any], reason: str) -> StartError:
    """Return the error for a problem of the server."""
    if not str(problem.get("type")).startswith(_PROBLEM):
        return _other_server(url, f"its response is {reason}")
    message = str(problem["detail"])
    parts = urlsplit(url)
    if problem["type"] in _WRONG_PATHS and parts.path.strip("/"):
        message += f"; use the URL without this path: {parts.scheme}://{parts.netloc}"
    return StartError(message)


def _headers(body: bytes | None, token: str) -> dict[str, str]:
    if not (token.isascii() and token.isprintable()):
        raise UsageError(
            f"--admin-token ({ADMIN_TOKEN_VARIABLE}): expected visible ASCII characters"
        )
    headers = {}
    if body:
        headers["Content-Type"] = "application/json"
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return headers
