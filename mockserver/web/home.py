"""`/`: it redirects browsers to the control panel, and returns a list of URLs to other clients."""

import flask
import orjson

from mockserver import __version__
from mockserver.pipeline.mock_server import MockServer
from mockserver.web import panel
from mockserver.web.admin_access import MAX_ADMIN_BODY
from mockserver.web.api import wants_page
from mockserver.web.wsgi import parse_request

HOME = "home"
"""The name of the view."""


def add(app: flask.Flask, server: MockServer) -> None:
    """Add the view of `/`, which is also `/~NAME/` of a sandbox."""

    def home() -> flask.Response:
        if wants_page(flask.request.method, flask.request.headers.get("Accept", "")):
            response = panel.to_page()
        else:
            response = _urls_response(server)
        response.headers["Vary"] = "Accept"
        return response

    app.add_url_rule("/", HOME, home, methods=["GET"], provide_automatic_options=False)


def _urls_response(server: MockServer) -> flask.Response:
    panel.check_sandbox()
    request = parse_request(flask.request.environ, MAX_ADMIN_BODY)
    contract = server.contract_of_request(request).contract
    root, host = flask.request.url_root.rstrip("/"), flask.request.host_url.rstrip("/")
    urls = {
        "mockserver": __version__,
        "panel": f"{root}/__admin/",
        "docs": f"{host}/docs",
        "openapi": f"{host}/openapi.json",
        "apis": {api.id: root + api.base_path for api in contract.apis},
    }
    content = orjson.dumps(urls, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return flask.Response(content, mimetype="application/json")
