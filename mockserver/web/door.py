"""The short way in: the API's own requests are answered before Flask sees them.

Flask's dispatch costs more than the whole pipeline. A middleware on `app.wsgi_app` is the way that Flask documents for
what stands in front of it; the same operations are Flask views too (`web.app`), for whoever wants to wrap those.
"""

from collections.abc import Iterable
from typing import Any

from mockserver.naming import in_path
from mockserver.pipeline import MockServer
from mockserver.web.cors import Cors
from mockserver.web.faulty import send_broken
from mockserver.web.wire import SANDBOX, Environ, StartResponse, answer, send

OWN = ("/__admin", "/docs", "/openapi.json")
"""First segments of what Flask answers, wherever the API is."""


class Door:
    """A WSGI application in front of another; takes the sandbox off a base URL `/~NAME`."""

    def __init__(self, behind: Any, server: MockServer, cors: Cors, *, short: bool) -> None:
        self._behind, self._server, self._cors, self._short = behind, server, cors, short

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the API's requests; hand on the others (PEP 3333)."""
        found = in_path(environ["PATH_INFO"])
        if found:
            environ[SANDBOX], environ["PATH_INFO"] = found
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/~{found[0]}"
        if not self._short or not is_api(self._server, environ["PATH_INFO"]):
            rest: Iterable[bytes] = self._behind(environ, start_response)
            return rest
        response = answer(self._server, self._cors, environ)
        if response.fault:
            return send_broken(self._server, response, environ, start_response)
        return send(response, environ["REQUEST_METHOD"], start_response)


def is_api(server: MockServer, path: str) -> bool:
    """Whether a path lies below the base path of an API, and is not one of the mock server's own."""
    for api in server.contract.apis:
        prefix = api.base_path
        if path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("/", ""):
            return bool(prefix) or not any(path == own or path.startswith(own + "/") for own in OWN)
    return False
