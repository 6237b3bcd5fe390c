"""The control panel at `/__admin/`: the page, style sheets and modules of this directory.

`/~NAME/__admin/` is the same page. It takes the sandbox from its URL. The panel shows untrusted
requests and files, so its policy allows only its own modules, and no other page may embed it.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import flask

from mockserver.config.sandbox_names import validate_sandbox_name
from mockserver.errors import RouteNotFound
from mockserver.web.wsgi import SANDBOX

FOLDER = Path(__file__).parent
PAGE = "index.html"
ELSEWHERE = "the control panel is at /__admin/, the API below its base path, its docs at /docs"
"""The hint of a 404 outside the API."""
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
"""Suffix of a file to its media type; files with other suffixes are not served."""
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""Content Security Policy, level 3."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of the panel, read when the server starts."""

    content: bytes
    type: str
    """Its media type."""
    tag: str
    """Its entity tag (RFC 9110, section 8.8.3), from its bytes."""


def read_files(folder: Path = FOLDER) -> dict[str, File]:
    """Return the files of the panel by name."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in TYPES)
    return {path.name: _file(path.read_bytes(), path.suffix) for path in paths}


def _file(content: bytes, suffix: str) -> File:
    return File(content, TYPES[suffix], sha256(content).hexdigest()[:32])


def add(app: flask.Flask) -> None:
    """Add the page and its files, and the redirect from `/__admin`."""
    files = read_files()

    def page() -> flask.Response:
        check_sandbox()
        return _file_response(files[PAGE])

    def file(name: str) -> flask.Response:
        if name not in files:
            raise RouteNotFound(f"the control panel has no file {name[:80]}")
        return _file_response(files[name])

    rules = (("/__admin", to_page), ("/__admin/", page), ("/__admin/panel/<name>", file))
    for rule, view in rules:
        name = f"panel-{view.__name__.strip('_')}"
        app.add_url_rule(
            rule, name, view, methods=["GET"], provide_automatic_options=False, strict_slashes=False
        )


def check_sandbox() -> None:
    """Raise `SandboxNameInvalid` if the base URL contains an invalid sandbox name."""
    if SANDBOX in flask.request.environ:
        validate_sandbox_name(flask.request.environ[SANDBOX])


def to_page() -> flask.Response:
    """Redirect to the page of this sandbox. Its relative URLs need the slash at the end."""
    check_sandbox()
    return flask.Response(
        status=307,
        headers={"Location": f"{flask.request.script_root}/__admin/", "Cache-Control": "no-cache"},
    )


def _file_response(file: File) -> flask.Response:
    response = flask.Response(file.content, content_type=file.type)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(file.tag)
    response.make_conditional(flask.request)
    return response
