"""Calls to the admin API of a running server."""

import http.client
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from mockserver.config.sandbox_names import validate_sandbox_name
from mockserver.config.settings import ADMIN_TOKEN_VARIABLE
from mockserver.errors import SandboxNameInvalid, StartError, UsageError

__tracebackhide__ = True
"""pytest shows the failed test and the message, not the lines of this module."""
_port = os.environ.get("MOCKSERVER_PORT", "")
DEFAULT_URL = f"http://localhost:{_port if _port.isdecimal() else 8080}"
"""The URL of a server with the settings of this environment."""


_CONNECTION_TYPES = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}


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
        raise UsageError(f"invalid server URL {url!r}; expected http://HOST:PORT") from error
    body = None
    if method in ("POST", "PUT", "PATCH"):
        body = orjson.dumps(sent or {})
    try:
        headers = _headers(body, token or os.environ.get(ADMIN_TOKEN_VARIABLE, ""))
        connection.request(method, f"{parts.path.rstrip('/')}/__admin{path}", body, headers)
        response = connection.getresponse()
        payload = orjson.loads(response.read())
    except (OSError, http.client.HTTPException) as error:
        raise StartError(f"no mock server is reachable at {url}: {error}") from error
    except orjson.JSONDecodeError as error:
        raise StartError(
            f"the server at {url} is not a mock server: its response is not JSON"
        ) from error
    finally:
        connection.close()
    if response.status != 200:
        raise StartError(_rejection(payload, response.reason))
    result: Mapping[str, Any] = payload
    return result


def _rejection(problem: Mapping[str, Any], reason: str) -> str:
    """Return the message of a problem, with the scenarios that it lists."""
    message = str(problem.get("detail", reason))
    if "scenarios" in problem:
        message += f"; expected one of {', '.join(problem['scenarios'])}"
    return message


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
