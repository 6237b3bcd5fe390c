"""`/__admin/health` without Flask, so that it responds as soon as the API does."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from mockserver import __version__
from mockserver.config.sandbox_names import HEADER
from mockserver.errors import Problem, StoreUnavailable
from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.pipeline.problem_responses import problem_response
from mockserver.pipeline.sandbox_selection import resolve_sandbox
from mockserver.web.admin_access import HEADERS, AdminAccess
from mockserver.web.wsgi import Environ, parse_request

PATH = "/__admin/health"
_STARTED = time.monotonic()


def is_health_check(method: str, path: str) -> bool:
    """Return whether a request is for the health of the server."""
    return method == "GET" and path == PATH


def respond(server: MockServer, environ: Environ) -> Response:
    """Return the response of the admin API to a health check.

    It calls the store, so it may take long.
    """
    access = AdminAccess(server.settings)
    try:
        access.check_host(environ)
        access.check_origin(environ)
        sandbox = resolve_sandbox(parse_request(environ, 0), server.contracts.tokens)
        headers = (("Content-Type", "application/json"), (HEADER, sandbox))
        response = Response(200, headers, orjson.dumps(health(server)))
    except Problem as problem:
        response = problem_response(problem)
    return response.with_headers((*HEADERS, *access.cors.headers(environ.get("HTTP_ORIGIN"))))


def health(server: MockServer) -> dict[str, Any]:
    """Return the health of server and store.

    Raises:
        StoreUnavailable: the store does not respond, or accepts no changes. The problem has `reads`
            and `writes`.
    """
    _probe(server.store.check, reads=False)
    _probe(server.store.check_writes, reads=True)
    operations = dict.fromkeys(served.operation.id for served in server.contracts.operations())
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {
        "status": "healthy",
        "version": __version__,
        "store": without_password(server.settings.store),
        "reads": True,
        "writes": True,
        "operations": list(operations),
        "message": "the store responds and accepts changes, and every operation is served",
        "uptimeInSeconds": int(time.monotonic() - _STARTED),
        "timestamp": now.replace("+00:00", "Z"),
    }


def without_password(url: str) -> str:
    """Return the URL of a store with its password masked."""
    return re.sub(r"//[^/@]*@", "//***@", url)


def _probe(check: Callable[[], None], *, reads: bool) -> None:
    """Call a check of the store. `reads` is whether the store is known to respond to reads.

    Raises:
        StoreUnavailable: the check failed.
    """
    try:
        check()
    except StoreUnavailable as error:
        detail = error.detail
        if reads:
            detail = f"changes fail, reads work: {detail}"
        raise StoreUnavailable(detail, {"reads": reads, "writes": False}) from error
