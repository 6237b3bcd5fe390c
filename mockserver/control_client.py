"""The control plane of a running server, called over HTTP."""

import http.client
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from mockserver.errors import StartError, UsageError


def call(url: str, method: str, path: str) -> Mapping[str, Any]:
    """One control operation of a running server. Raises `StartError` with what the server said, or why it said nothing."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"--url: expected http://HOST:PORT, got {url!r}")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=10)
    try:
        body = b"{}" if method == "PUT" else None
        connection.request(
            method, f"{parts.path.rstrip('/')}/__admin{path}", body, {"Content-Type": "application/json"} if body else {}
        )
        response = connection.getresponse()
        answer = orjson.loads(response.read())
    except (OSError, http.client.HTTPException) as error:
        raise StartError(f"no mock server answers at {url}: {error}") from error
    except orjson.JSONDecodeError as error:
        raise StartError(f"what answers at {url} is no mock server: expected JSON, got something else") from error
    finally:
        connection.close()
    if response.status != 200:
        known = answer.get("scenarios")
        raise StartError(f"{answer.get('detail', response.reason)}{'; expected one of ' + ', '.join(known) if known else ''}")
    found: Mapping[str, Any] = answer
    return found
