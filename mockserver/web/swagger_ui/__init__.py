"""`/openapi.json`, and Swagger UI at `/docs`, with the files of the package `flask-swagger-ui`.

`/docs?admin` shows the admin API instead. The page, its script and its style sheet are in this
directory. Their URLs are relative, so a proxy may serve the server below a path.
"""

from importlib.util import find_spec
from pathlib import Path

import flask
import orjson

from mockserver.contract.openapi import openapi
from mockserver.pipeline.mock_server import MockServer
from mockserver.web.admin_access import MAX_ADMIN_BODY
from mockserver.web.wsgi import parse_request

FOLDER = Path(__file__).parent
PAGE = "docs.html"
OWN_FILES = {"docs.css": "text/css", "start.js": "text/javascript"}
"""File of this directory to its media type."""
SWAGGER_FILES = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
"""File of Swagger UI that the page needs to its media type."""

VIEWS = ("openapi", "docs", "docs-file")
"""The names of the views of this module."""

POLICY = "; ".join(
    (
        "default-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "frame-ancestors 'none'",
    )
)
"""Content Security Policy. Swagger UI has icons as data URLs."""


def add(app: flask.Flask, server: MockServer) -> None:
    """Add the OpenAPI document, the page, and the page's files."""

    def document() -> flask.Response:
        name = flask.request.args.get("contract")
        if name is None:
            request = parse_request(flask.request.environ, MAX_ADMIN_BODY)
            served = server.contract_of_request(request)
        else:
            served = server.contracts.named(name)
        content = orjson.dumps(openapi(served.contract))
        return flask.Response(content, mimetype="application/json")

    def page() -> flask.Response:
        return _file_response(FOLDER / PAGE, "text/html")

    def file(name: str) -> flask.Response:
        if name in OWN_FILES:
            return _file_response(FOLDER / name, OWN_FILES[name])
        if name in SWAGGER_FILES:
            return _file_response(_swagger_folder() / name, SWAGGER_FILES[name])
        flask.abort(404)

    app.add_url_rule("/openapi.json", VIEWS[0], document)
    app.add_url_rule("/docs", VIEWS[1], page)
    app.add_url_rule("/docs/<name>", VIEWS[2], file)


def _swagger_folder() -> Path:
    """Return the folder of Swagger UI. Importing the package would import its routes."""
    spec = find_spec("flask_swagger_ui")
    if spec is None or spec.origin is None:
        flask.abort(404)
    return Path(spec.origin).parent / "dist"


def _file_response(path: Path, media_type: str) -> flask.Response:
    response = flask.Response(path.read_bytes(), mimetype=media_type)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
