"""The Flask application: the API, the admin API and its panel, OpenAPI and its docs page."""

import logging
import os
from collections.abc import Callable
from itertools import count
from typing import Any

import flask
import orjson
from werkzeug.exceptions import HTTPException

from mockserver.config.sandbox_names import HEADER
from mockserver.config.setting_sources import load_settings
from mockserver.config.settings import Settings
from mockserver.contract import loader
from mockserver.contract.api_folder import load_files
from mockserver.contract.model import ServedOperation
from mockserver.errors import MethodNotAllowed, Problem, RouteNotFound, UsageError
from mockserver.pipeline.factory import make_server
from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.pipeline.problem_responses import internal_error_response, problem_response
from mockserver.pipeline.sandbox_selection import resolve_sandbox
from mockserver.pipeline.uploads import UploadReader
from mockserver.web import admin_guard, home, panel, swagger_ui
from mockserver.web.admin import ROUTES, Route
from mockserver.web.admin.call import AdminCall, Created, EventStream, Text, read_body
from mockserver.web.admin.wiremock.unsupported import alternative_to
from mockserver.web.admin_access import max_admin_body
from mockserver.web.api import Api
from mockserver.web.event_streams import EventStreams, with_pauses
from mockserver.web.fast_path import FastPath, handle_environ, view_name
from mockserver.web.faulty_wsgi import FaultyFlaskResponse
from mockserver.web.statuses import UNMEASURED
from mockserver.web.wsgi import PACES_STREAMS, parse_request

log = logging.getLogger("mockserver")


def create_app(
    settings: Settings | None = None, *, fast_path: bool = True, open_store: bool = True
) -> flask.Flask:
    """Return the application, ready to serve. Its server is `app.extensions["mockserver"]`.

    Args:
        settings: by default those of the environment variables.
        fast_path: with false, Flask dispatches the operations, so that their views can be wrapped.
        open_store: with false, each serving process has to call `server.open()` after the fork.

    Raises:
        InvalidFiles: a schema or fixture file is invalid.
        UsageError: a setting is invalid.
        StartError: the server cannot start, for example because of its store.
        ExceptionGroup: several of these errors.
    """
    settings = settings or load_settings({}, os.environ)
    if settings.files:
        advice = "an embedded application serves folders; create them with `mockserver init FILE`"
        raise UsageError(f"MOCKSERVER_FILES: {advice}")
    folders = settings.schemas, settings.fixtures, settings.scenarios_folder
    if settings.contracts:
        raise UsageError("MOCKSERVER_CONTRACTS: an embedded application serves one contract")
    server = make_server(settings, loader.load_contract(*folders))
    # Another server of the same store may take uploads, which this one has to serve too.
    server.uploads.accept(UploadReader(load_files, loader.combine))
    if open_store:
        server.open()
    return flask_app(Api(server), fast_path=fast_path)


def flask_app(api: Api, *, fast_path: bool) -> flask.Flask:
    """Return the Flask application of an API. Its store may be opened later, after the fork."""
    server = api.server
    app = flask.Flask("mockserver", static_folder=None)
    app.url_map.merge_slashes = False
    app.extensions["mockserver"] = server
    _add_operations(app, api)
    streams = app.extensions["mockserver-streams"] = EventStreams(server)
    for route in ROUTES:
        _add_admin_api(app, server, streams, route)
    swagger_ui.add(app, server)
    panel.add(app)
    home.add(app, server)
    operation_views = map(view_name, server.contracts.operations())
    admin_guard.add(app, server, public=(*swagger_ui.VIEWS, *operation_views))
    app.register_error_handler(Exception, _error_response)
    app.wsgi_app = FastPath(app, api, enabled=fast_path)  # type: ignore[method-assign]
    return app


def _add_operations(app: flask.Flask, api: Api) -> None:
    server = api.server

    def view(**_variables: Any) -> flask.Response:
        return _to_flask(handle_environ(api, flask.request.environ), server)

    for served in server.contracts.operations():
        _add(app, _rule(served), view_name(served), view, [served.operation.method])


def _rule(served: ServedOperation) -> str:
    """Return the Flask rule of an operation. The names of its variables are not used."""
    rule = served.api.base_path
    numbers = count()
    for segment in served.template.segments:
        texts = segment.texts
        if any(character in "<>|" for character in "".join(texts)):
            # Flask has no syntax for these texts. The router compares them.
            rule += f"/<segment{next(numbers)}>"
            continue
        rule += f"/{texts[0]}"
        for variable, text in zip(segment.variables, texts[1:], strict=True):
            converter = ""
            if variable.is_rest:
                converter = "path:"
            rule += f"<{converter}segment{next(numbers)}>{text}"
    return rule


def _add_admin_api(
    app: flask.Flask, server: MockServer, streams: EventStreams, route: Route
) -> None:
    """Add the view of one route of the admin API."""

    def view(**variables: str) -> flask.Response:
        environ = flask.request.environ
        settings = server.settings
        max_body = max_admin_body(settings, environ["PATH_INFO"])
        request = parse_request(environ, max_body, settings.trusted_proxies)
        sandbox = resolve_sandbox(request, server.contracts.tokens)
        body = read_body(request.method, flask.request.content_type, request.body)
        query = flask.request.args.to_dict()
        url = flask.request.host_url.rstrip("/")
        call = AdminCall(server, sandbox, body, query, request, streams, url)
        result = route.call(call, **variables)
        if isinstance(result, EventStream):
            return _stream_response(result, sandbox)
        return _json_response(result, route.media, sandbox)

    # Flask allows no dot in the name of a view.
    name = f"admin {route.method} {route.path.replace('.', '-')}"
    _add(app, f"/__admin{route.path}", name, view, [route.method])


def _add(
    app: flask.Flask, rule: str, name: str, view: Callable[..., flask.Response], methods: list[str]
) -> None:
    app.add_url_rule(rule, name, view, methods=methods, provide_automatic_options=False)


def _error_response(error: Exception) -> flask.Response:
    """Return the response to any error of a Flask view, as a problem."""
    if isinstance(error, Problem):
        return _to_flask(problem_response(error))
    path, method = flask.request.path[:200], flask.request.method
    if isinstance(error, HTTPException) and error.code == 405:
        methods = sorted(getattr(error, "valid_methods", None) or [])
        return _to_flask(problem_response(_method_not_allowed(path, method, methods)))
    if isinstance(error, HTTPException) and error.code == 404:
        hint = alternative_to(method, path) or panel.ELSEWHERE
        return _to_flask(problem_response(RouteNotFound(f"no route matches {path}; {hint}")))
    log.exception("%s %a failed", method, path, exc_info=error)
    return _to_flask(internal_error_response())


def _method_not_allowed(path: str, method: str, methods: list[str]) -> MethodNotAllowed:
    """Return the problem of a route that has only these `methods`."""
    names = ", ".join(methods)
    detail = f"{path} allows {names}, not {method}"
    hint = alternative_to(method, path)
    if hint:
        detail = f"{detail}; {hint}"
    return MethodNotAllowed(detail, {"allowed": methods}, (("Allow", names),))


def _json_response(result: Any, media: str, sandbox: str) -> flask.Response:
    status = 200
    if isinstance(result, Created):
        status, result = 201, result.content
    if isinstance(result, Text):
        body = result.content.encode()
    else:
        body = orjson.dumps(result)
    return _to_flask(Response(status, (("Content-Type", media), (HEADER, sandbox)), body))


def _stream_response(stream: EventStream, sandbox: str) -> flask.Response:
    chunks = stream.chunks
    if not flask.request.environ.get(PACES_STREAMS, False):
        chunks = with_pauses(chunks)
    response = flask.Response(chunks, mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"  # otherwise a proxy may buffer events
    response.headers[HEADER] = sandbox
    return response


def _to_flask(response: Response, server: MockServer | None = None) -> flask.Response:
    """Return a response as Flask's. `server` is necessary for a response that may have a fault."""
    if server and response.fault:
        flask_response: flask.Response = FaultyFlaskResponse(server, response)
    else:
        flask_response = flask.Response(response.body, status=response.status)
    flask_response.headers.clear()
    for name, value in response.headers:
        flask_response.headers.add(name, value)
    if response.status not in UNMEASURED:
        flask_response.headers["Content-Length"] = str(len(response.body))
    return flask_response
