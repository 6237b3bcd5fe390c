"""`/openapi.json`, and Swagger UI at `/docs`, with the files of the package `flask-swagger-ui`.

`/docs?admin` shows the admin API instead.
"""

from importlib.util import find_spec
from pathlib import Path

import flask
import orjson

from mockserver.contract.openapi import openapi
from mockserver.pipeline.mock_server import MockServer

FILES = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
"""File of Swagger UI that the page needs to its media type."""

VIEWS = ("openapi", "docs", "docs-file")
"""The names of the views of this module."""

_START = """
window.addEventListener("load", () => {
  SwaggerUIBundle({
    url: new URLSearchParams(location.search).has("admin") ? "/__admin/openapi.json" : "/openapi.json",
    dom_id: "#docs",
    deepLinking: true,
    persistAuthorization: true,
    tryItOutEnabled: true,
  });
});
"""
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API documentation - mockserver</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
<nav class="swagger-ui"><p class="wrapper"><a href="/docs">The API</a> · <a href="/docs?admin">The admin API</a></p></nav>
<main id="docs"></main>
</html>
"""
# Swagger UI sets styles and has icons as data URLs. Scripts come from this server only.
_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"


def add(app: flask.Flask, server: MockServer) -> None:
    """Add the OpenAPI document, the page, and the page's files."""

    def document() -> flask.Response:
        return flask.Response(orjson.dumps(openapi(server.contract)), mimetype="application/json")

    def page() -> flask.Response:
        return _guarded(_PAGE, "text/html")

    def file(name: str) -> flask.Response:
        if name == "start.js":
            return _guarded(_START, "text/javascript")
        if name not in FILES:
            flask.abort(404)
        return _guarded((_folder() / name).read_bytes(), FILES[name])

    app.add_url_rule("/openapi.json", VIEWS[0], document)
    app.add_url_rule("/docs", VIEWS[1], page)
    app.add_url_rule("/docs/<name>", VIEWS[2], file)


def _folder() -> Path:
    """Return the folder of the files without importing the package, which would import its own routes."""
    spec = find_spec("flask_swagger_ui")
    if spec is None or spec.origin is None:
        flask.abort(404)
    return Path(spec.origin).parent / "dist"


def _guarded(content: str | bytes, kind: str) -> flask.Response:
    response = flask.Response(content, mimetype=kind)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
