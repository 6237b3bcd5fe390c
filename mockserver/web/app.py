"""The Flask application: the API, the control plane, OpenAPI and its docs page."""

import logging
import os
from collections.abc import Callable
from typing import Any

import flask
import orjson
from werkzeug.exceptions import HTTPException

from mockserver import config, loading
from mockserver.contract import Contract
from mockserver.errors import InternalFault, MethodNotAllowed, Problem, UnknownControlRoute, UsageError
from mockserver.message import Response
from mockserver.pipeline import MockServer
from mockserver.responder import told
from mockserver.stores import State
from mockserver.stores.memory import MemoryStore
from mockserver.web import docs
from mockserver.web.control import ROUTES, Route, read_body
from mockserver.web.cors import Cors
from mockserver.web.door import Door, is_api
from mockserver.web.wire import answer

log = logging.getLogger("mockserver")


def create_app(settings: config.Settings | None = None, *, door: bool = True) -> flask.Flask:
    """The application, ready to serve; `settings` are taken from the environment where none are given.

    With `door=False` the API's operations go through Flask's own dispatch, so that their views can be wrapped.
    The server is at `app.extensions["mockserver"]`. Raises `FaultsFound` and `UsageError`.
    """
    settings = settings or config.load({}, os.environ)
    server = make_server(settings, loading.load(settings.schemas, settings.fixtures))
    app = flask.Flask("mockserver", static_folder=None)
    app.url_map.merge_slashes = False
    app.extensions["mockserver"] = server
    shown = (name for each in server.contract.served for t in each.operation.transactions for name, _ in t.response.headers)
    cors = Cors(settings.cors_origins, shown)
    _add_operations(app, server, cors)
    for route in ROUTES:
        _add_control(app, server, route)
    docs.add(app, server)
    app.register_error_handler(Exception, lambda error: _told(server, cors, error))
    if door:
        app.wsgi_app = Door(app.wsgi_app, server, cors)  # type: ignore[method-assign]
    return app


def make_server(settings: config.Settings, loaded: Contract) -> MockServer:
    """The pipeline over a loaded contract. Raises `UsageError` for a scenario that does not exist."""
    unknown = [name for name in settings.scenarios if name not in loaded.scenarios]
    if unknown:
        known = ", ".join(sorted(loaded.scenarios))
        raise UsageError("\n".join(f"--scenario: there is no scenario {name}; expected one of {known}" for name in unknown))
    return MockServer(loaded, settings, MemoryStore(State(scenarios=settings.scenarios)))


def _add_operations(app: flask.Flask, server: MockServer, cors: Cors) -> None:
    def view(**_variables: Any) -> flask.Response:
        return _flask(answer(server, cors, flask.request.environ))

    for served in server.contract.served:
        parts = (f"<{s.variable}>" if s.variable else s.literal for s in served.template.segments)
        rule = served.api.base_path + "".join(f"/{part}" for part in parts)
        _add(app, rule, served.operation.id, view, [served.operation.method])


def _add_control(app: flask.Flask, server: MockServer, route: Route) -> None:
    def view(**variables: str) -> flask.Response:
        request = flask.request
        body = read_body(request.method, request.content_type, request.get_data())
        return _json(200, route.call(server, *body, **variables))

    _add(app, f"/__admin{route.path}", f"control-{route.call.__name__.strip('_')}", view, [route.method])


def _add(app: flask.Flask, rule: str, name: str, view: Callable[..., flask.Response], methods: list[str]) -> None:
    app.add_url_rule(rule, name, view, methods=methods, provide_automatic_options=False)


def _told(server: MockServer, cors: Cors, error: Exception) -> flask.Response:
    """Any error of a Flask view, as a problem. What Flask cannot place below the API's path, the pipeline can."""
    if isinstance(error, Problem):
        return _flask(told(error))
    path, method = flask.request.path, flask.request.method
    if isinstance(error, HTTPException) and is_api(server, path):
        return _flask(answer(server, cors, flask.request.environ))
    if isinstance(error, HTTPException) and error.code == 405:
        allowed = sorted(getattr(error, "valid_methods", None) or [])
        headers = (("Allow", ", ".join(allowed)),)
        return _flask(told(MethodNotAllowed(f"{path} has {', '.join(allowed)}, not {method}", {"allowed": allowed}, headers)))
    if isinstance(error, HTTPException) and error.code == 404:
        return _flask(told(UnknownControlRoute(f"there is nothing at {path}; the API is below its base path, the rest at /docs")))
    log.exception("%s %s failed", method, path, exc_info=error)
    return _flask(told(InternalFault("the log of the mock server says what happened; please report it")))


def _json(status: int, value: Any) -> flask.Response:
    return _flask(Response(status, (("Content-Type", "application/json"), ("Cache-Control", "no-store")), orjson.dumps(value)))


def _flask(response: Response) -> flask.Response:
    made = flask.Response(response.body, status=response.status)
    made.headers.clear()
    for name, value in response.headers:
        made.headers.add(name, value)
    if response.status != 204:
        made.headers["Content-Length"] = str(len(response.body))
    return made
