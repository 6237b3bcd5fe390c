"""The control plane of a running server, called over HTTP."""

import http.client
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from mockserver.config.sandbox_names import validate_sandbox_name
from mockserver.errors import SandboxNameInvalid, StartError, UsageError

__tracebackhide__ = True
"""pytest shows a test that was refused, and the words; not the lines here that refused it."""
_port = os.environ.get("MOCKSERVER_PORT", "")
TOKEN_VARIABLE = "MOCKSERVER_ADMIN_TOKEN"  # noqa: S105 - where it is, not what it is
"""Where a server that is started in this environment takes its admin token from, and these calls too."""
DEFAULT_URL = f"http://localhost:{_port if _port.isdecimal() else 8080}"
"""Where a server with the settings of this environment is."""


def sandbox_url(url: str, sandbox: str | None) -> str:
    """The base URL of a sandbox. Raises `UsageError` for what cannot be its name."""
    if sandbox is None:
        return url
    try:
        return f"{url.rstrip('/')}/~{validate_sandbox_name(sandbox)}"
    except SandboxNameInvalid as error:
        raise UsageError(f"--sandbox: {error.detail}") from error


def call(
    url: str, method: str, path: str, token: str | None = None, *, sent: Mapping[str, Any] | None = None
) -> Mapping[str, Any]:
    """One control operation of a running server, with its admin token: this one, else that of this environment.

    POST and PUT send an object, which is empty where none is given.

    Raises `StartError` with what the server said, or why it said nothing.
    """
    try:
        parts = urlsplit(url)
        kind = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}[parts.scheme]
        connection = kind(parts.hostname or "", parts.port, timeout=10)
    except (KeyError, ValueError, http.client.InvalidURL) as error:
        raise UsageError(f"invalid server URL {url!r}; expected http://HOST:PORT") from error
    try:
        body = orjson.dumps(sent or {}) if method in ("POST", "PUT") else None
        headers = _headers(body, token or os.environ.get(TOKEN_VARIABLE, ""))
        connection.request(method, f"{parts.path.rstrip('/')}/__admin{path}", body, headers)
        response = connection.getresponse()
        answer = orjson.loads(response.read())
    except (OSError, http.client.HTTPException) as error:
        raise StartError(f"no mock server is reachable at {url}: {error}") from error
    except orjson.JSONDecodeError as error:
        raise StartError(f"the server at {url} is not a mock server: its response is not JSON") from error
    finally:
        connection.close()
    if response.status != 200:
        known = answer.get("scenarios")
        raise StartError(f"{answer.get('detail', response.reason)}{'; expected one of ' + ', '.join(known) if known else ''}")
    found: Mapping[str, Any] = answer
    return found


def _headers(body: bytes | None, token: str) -> dict[str, str]:
    if not (token.isascii() and token.isprintable()):
        raise UsageError(f"--admin-token ({TOKEN_VARIABLE}): expected visible ASCII characters")
    kind = {"Content-Type": "application/json"} if body else {}
    return {**kind, "Authorization": f"Bearer {token}"} if token else kind
