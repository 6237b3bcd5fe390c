"""The files of the control panel: how they are served, and what no file may contain."""

import re

import pytest
from flask.testing import FlaskClient
from helpers.repository import ROOT

from mockserver.web.panel import FOLDER, read_files

FILES = read_files()
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Written out: a policy that becomes weaker is to be noticed."""


@pytest.mark.parametrize(
    "path", ["/__admin/", "/~anna/__admin/", *(f"/__admin/panel/{name}" for name in FILES)]
)
def test_every_file_has_its_type_the_policy_and_a_tag(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    file = FILES[path.rpartition("/")[2] or "index.html"]
    assert (response.data, response.content_type) == (file.content, file.type)
    assert response.headers["Content-Security-Policy"] == POLICY
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/", "/__admin/"),
        ("/__admin", "/__admin/"),
        ("/~anna", "/~anna/__admin/"),
        ("/~anna/", "/~anna/__admin/"),
        ("/~anna/__admin", "/~anna/__admin/"),
    ],
)
def test_other_paths_redirect_to_the_page(client: FlaskClient, path: str, to: str) -> None:
    response = client.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (response.status_code, response.headers["Location"]) == (307, to)


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/__admin/panel/nope.js", 404, "route-not-found"),
        ("/__admin/panel/__init__.py", 404, "route-not-found"),
        ("/__admin/panel/..%2f__init__.py", 404, "route-not-found"),
        ("/~a%20b/", 400, "sandbox-name-invalid"),
        ("/~a%20b/__admin/", 400, "sandbox-name-invalid"),
        ("/~/__admin", 400, "sandbox-name-invalid"),
    ],
)
def test_other_paths_are_a_problem(client: FlaskClient, path: str, status: int, slug: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.json["type"]) == (
        status,
        f"urn:mockserver:problem:{slug}",
    )  # type: ignore[index]


MAX_COLUMNS = 100
FORBIDDEN = [
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "eval(",
    "new Function",
    "<style",
    " style=",
    " onclick=",
]


@pytest.mark.parametrize("name", FILES)
def test_no_file_inserts_html_or_inline_script(name: str) -> None:
    text = FILES[name].content.decode()
    assert [word for word in FORBIDDEN if word in text] == []
    assert re.findall(r"<script(?![^>]* src=)", text) == []
    assert re.findall(r"(?:src|href|from|url)[=( ]*[\"'](?:https?:)?//", text) == []
    assert len(text.splitlines()) <= 400
    assert [line for line in text.splitlines() if len(line) > MAX_COLUMNS] == []


def test_every_file_is_shipped() -> None:
    line = next(
        line
        for line in (ROOT / "setup.cfg").read_text().splitlines()
        if line.startswith("mockserver.web.panel =")
    )
    patterns = line.partition("=")[2].strip().split(", ")
    for path in FOLDER.iterdir():
        if path.suffix not in (".py", "") and path.is_file():
            assert any(path.match(pattern) for pattern in patterns), path
            assert path.name in FILES, path


@pytest.mark.parametrize("name", FILES)
def test_no_file_stores_anything_in_the_browser(name: str) -> None:
    """Tests of the panel share a browser context, and remove the session cookie only."""
    storage = (
        rb"localStorage|sessionStorage|indexedDB|caches\.|document\.cookie|cookieStore"
        rb"|serviceWorker"
    )
    assert re.findall(storage, FILES[name].content) == []
