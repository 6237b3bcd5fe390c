"""The control panel at `/__admin/`: a page, its style and its modules, as they lie in this folder.

`/~NAME/__admin/` is the same page; it takes the sandbox from its own address. What it shows comes from other people's
requests and files, so the policy lets it run its own modules only, and be shown in no other page.
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
"""Where to look, for who looked at a place where nothing is."""
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
"""Suffix of a file to its media type; a file of another suffix is not served."""
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
    """The panel's files, by name."""
    found = sorted(path for path in folder.iterdir() if path.suffix in TYPES)
    return {path.name: _file(path.read_bytes(), path.suffix) for path in found}


def _file(content: bytes, suffix: str) -> File:
    return File(content, TYPES[suffix], sha256(content).hexdigest()[:32])


def add(app: flask.Flask) -> None:
    """Add the page, its files, and the ways to it from `/__admin` and from a sandbox's base URL."""
    files = read_files()

    def page() -> flask.Response:
        check_sandbox()
        return _sent(files[PAGE])

    def file(name: str) -> flask.Response:
        if name not in files:
            raise RouteNotFound(f"the control panel has no file {name[:80]}")
        return _sent(files[name])

    rules = (("/__admin", to_page), ("/__admin/", page), ("/__admin/panel/<name>", file))
    for rule, view in rules:
        name = f"panel-{view.__name__.strip('_')}"
        app.add_url_rule(rule, name, view, methods=["GET"], provide_automatic_options=False, strict_slashes=False)


def check_sandbox() -> None:
    """Raise `SandboxNameInvalid` if the base URL names what cannot be a sandbox."""
    if SANDBOX in flask.request.environ:
        validate_sandbox_name(flask.request.environ[SANDBOX])


def to_page() -> flask.Response:
    """Redirect to the page, with the last slash that its relative addresses need, in the sandbox that the base URL names."""
    check_sandbox()
    return flask.Response(status=307, headers={"Location": f"{flask.request.script_root}/__admin/", "Cache-Control": "no-cache"})


def _sent(file: File) -> flask.Response:
    made = flask.Response(file.content, content_type=file.type)
    made.headers["Content-Security-Policy"] = POLICY
    made.headers["X-Content-Type-Options"] = "nosniff"
    made.headers["Referrer-Policy"] = "no-referrer"
    made.headers["Cache-Control"] = "no-cache"
    made.set_etag(file.tag)
    made.make_conditional(flask.request)
    return made
