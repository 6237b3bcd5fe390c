"""The fast path: a WSGI middleware that responds to requests to the API without Flask.

Flask's dispatch takes longer than the pipeline. Flask documents middleware on `app.wsgi_app`. The
operations are Flask views too (`web.app`), so that they can be wrapped.

A path without a view is a client's mistake. The pipeline handles it, so that the journal contains
it and a page of another origin can read the problem.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import flask
from werkzeug.exceptions import HTTPException

from mockserver.config.sandbox_names import split_sandbox_path
from mockserver.contract.model import ServedOperation
from mockserver.errors import Problem
from mockserver.pipeline.messages import Response
from mockserver.web.api import Api
from mockserver.web.faulty_wsgi import send_faulty
from mockserver.web.home import HOME
from mockserver.web.wsgi import SANDBOX, Environ, StartResponse, parse_request, start_wsgi_response


class FastPath:
    """A WSGI middleware. It also removes the sandbox of a base URL `/~NAME` from the path.

    With `enabled=False`, Flask dispatches the operations, so that their views can be wrapped.
    """

    def __init__(self, app: flask.Flask, api: Api, *, enabled: bool) -> None:
        self._flask_app: Any = app.wsgi_app
        self._api, self._enabled = api, enabled
        self._views = app.url_map
        self._operations = frozenset(map(view_name, api.server.contracts.operations()))

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Handle a request to the API, or forward the request to Flask (PEP 3333)."""
        sandbox_path = split_sandbox_path(environ["PATH_INFO"])
        if sandbox_path:
            name, rest = sandbox_path
            environ[SANDBOX], environ["PATH_INFO"] = name, rest or "/"
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/~{name}"
        if self._is_server_path(environ) or (not self._enabled and self._has_view(environ)):
            body: Iterable[bytes] = self._flask_app(environ, start_response)
            return body
        response = handle_environ(self._api, environ)
        if response.fault:
            return send_faulty(self._api.server, response, environ, start_response)
        return start_wsgi_response(response, environ["REQUEST_METHOD"], start_response)

    def _is_server_path(self, environ: Environ) -> bool:
        """Return whether a request is for the server itself, not for an API."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        accept = environ.get("HTTP_ACCEPT", "")
        return not self._api.owns(method, path, accept, self._server_segments)

    @cached_property
    def _server_segments(self) -> frozenset[str]:
        """The first path segments of all views except the operations.

        They are computed once, because Flask adds no view after the first request.
        """
        segments = set()
        for rule in self._views.iter_rules():
            if rule.endpoint not in self._operations:
                segments.add(rule.rule.split("/")[1])
        return frozenset(segments - {""})

    def _has_view(self, environ: Environ) -> bool:
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        try:
            view, _ = self._views.bind("localhost").match(path, environ["REQUEST_METHOD"])
        except HTTPException:
            return False
        return bool(view != HOME)  # `/` belongs to the API if the API has no base path


def view_name(served: ServedOperation) -> str:
    """Return the name of the Flask view of an operation. No view of the server itself has it."""
    return f"operation {served.operation.id}"


def handle_environ(api: Api, environ: Environ) -> Response:
    """Return the response to one request to the API, with CORS headers."""
    settings = api.server.settings
    try:
        request = parse_request(environ, settings.max_body, settings.trusted_proxies)
    except Problem as problem:
        return api.reject(problem, environ.get("HTTP_ORIGIN"))
    return api.respond(request)
