"""Uploads of small APIs to a running server."""

import http.client
import json
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from mockserver.cli.blueprints import upload_process, uploads
from mockserver.contract.api_files import ApiFiles
from mockserver.contract.api_folder import load_files
from mockserver.contract.loader import combine
from mockserver.pipeline.loaded_uploads import CompleteApi
from mockserver.pipeline.uploads import UploadReader

JSON = {"Content-Type": "application/json"}


def complete_here(files: ApiFiles) -> CompleteApi:
    """Complete an upload in this process, which is faster than a child process."""
    return uploads.read_result(upload_process.complete(files))


READER = UploadReader(load_files, combine, complete_here)


def connect(url: str) -> http.client.HTTPConnection:
    """Return a new connection, which stays open between requests."""
    return http.client.HTTPConnection(urlsplit(url).netloc)


def call(
    connection: http.client.HTTPConnection, method: str, target: str, body: Any = None
) -> tuple[int, Any]:
    """Send a request on a connection. Return the status and the JSON."""
    data = None if body is None else json.dumps(body)
    connection.request(method, target, data, JSON)
    response = connection.getresponse()
    return response.status, json.loads(response.read() or b"null")


def call_once(url: str, method: str, target: str, body: Any = None) -> tuple[int, Any]:
    """Send a request on a new connection. Return the status and the JSON."""
    with closing(connect(url)) as connection:
        return call(connection, method, target, body)


def counter_blueprint(number: int, host: str = "counter") -> str:
    """Return a blueprint with one operation, whose response has a number."""
    return (
        f"FORMAT: 1A\nHOST: https://a.example/{host}\n\n# Counter {number}\n\n"
        f"## {host} [GET /number]\n\n"
        f'+ Response 200 (application/json)\n\n        {{"number": {number}}}\n'
    )


def upload(url: str, number: int, name: str = "counter", query: str = "") -> tuple[int, Any]:
    """Upload the API of a number. Return the status and the JSON."""
    body = {"blueprint": counter_blueprint(number)}
    return call_once(url, "PUT", f"/__admin/apis/{name}{query}", body)


def number_of(url: str) -> Any:
    """Return the number that a server responds with; `None` if it does not serve the API."""
    return call_once(url, "GET", "/counter/number")[1].get("number")
