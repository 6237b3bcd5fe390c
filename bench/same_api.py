"""Write the measured API as the files of each peer, in a folder, before the peer starts on a port.

Each peer returns the same list of 20 exports, the same 20 exports and the same documented 404 as
the mock server, as far as it can.
"""

import getpass
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JSON = {"Content-Type": "application/json"}
# The headers of each request. Drakov and Specmatic accept only the values of the example.
HEADERS = {"X-Access-Token": "1234567890abcdef", **JSON}
BLUEPRINT = Path(__file__).parents[1] / "schemas/push_notifications/push_notifications.apib"
OPENAPI_LIST = "/api/push_notifications/{push_notification_id}/exports"
OPENAPI_DETAIL = OPENAPI_LIST + "/{export_id}"
CONSTANT = ("L", "R", "E")
"""The names of the responses of the constant workload. The other exports are named by their id."""


@dataclass(frozen=True, slots=True)
class ExpectedResponse:
    """The response of the mock server to a GET of a path. Each peer has to return the same."""

    path: str
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class MeasuredApi:
    """The responses by name, L, R and E first, and the `/openapi.json` of the mock server."""

    responses: dict[str, ExpectedResponse]
    openapi: dict[str, Any]


def no_files(api: MeasuredApi, folder: Path, port: int) -> None:
    """Write nothing: the mock server has its own files."""


def write(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))


def wiremock(api: MeasuredApi, folder: Path, port: int) -> None:
    """Write a stub for each path. WireMock tries L, R and E first."""
    for name, expected in api.responses.items():
        response = {"status": expected.status, "body": expected.body.decode(), "headers": JSON}
        stub = {
            "priority": 1 if name in CONSTANT else 2,
            "request": {"method": "GET", "urlPath": expected.path},
            "response": response,
        }
        write(folder / f"mappings/{name}.json", stub)


def nginx(api: MeasuredApi, folder: Path, port: int) -> None:
    """Write a file for each path, and a configuration without logs."""
    for expected in api.responses.values():
        file = folder / "files" / f"{expected.path.lstrip('/')}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        if expected.status == 404:
            file = folder / "files/missing.json"
        file.write_bytes(expected.body)
    # Workers of root run as nobody otherwise, who cannot read a temporary folder.
    text = NGINX.replace("USER", getpass.getuser()).replace("FOLDER", str(folder))
    (folder / "nginx.conf").write_text(text.replace("PORT", str(port)))


NGINX = """
user USER;
daemon off;
worker_processes 2;
pid FOLDER/nginx.pid;
error_log FOLDER/error.log crit;
events { worker_connections 1024; }
http {
    access_log off;
    log_not_found off;
    default_type application/json;
    keepalive_requests 1000000000;
    open_file_cache max=100 inactive=1h;
    open_file_cache_valid 1h;
    open_file_cache_errors on;
    client_body_temp_path FOLDER/body;
    proxy_temp_path FOLDER/proxy;
    fastcgi_temp_path FOLDER/fastcgi;
    uwsgi_temp_path FOLDER/uwsgi;
    scgi_temp_path FOLDER/scgi;
    server {
        listen 127.0.0.1:PORT reuseport;
        root FOLDER/files;
        location /api/ {
            try_files $uri.json =404;
            error_page 404 /missing.json;
        }
    }
}
"""


def mockoon(api: MeasuredApi, folder: Path, port: int) -> None:
    """Write a route for each path, without templating, which would scan each body."""
    headers = [{"key": name, "value": value} for name, value in JSON.items()]
    routes = [
        {
            "uuid": f"00000000-0000-4000-8000-{number:012}",
            "type": "http",
            "method": "get",
            "endpoint": expected.path.lstrip("/"),
            "responses": [
                {
                    "uuid": f"00000000-0000-4000-9000-{number:012}",
                    "body": expected.body.decode(),
                    "statusCode": expected.status,
                    "headers": headers,
                    "disableTemplating": True,
                    "default": True,
                }
            ],
        }
        for number, expected in enumerate(api.responses.values(), 1)
    ]
    children = [{"type": "route", "uuid": route["uuid"]} for route in routes]
    identity = {"uuid": "00000000-0000-4000-a000-000000000000", "name": "exports"}
    document = {**identity, "lastMigration": 33, "routes": routes, "rootChildren": children}
    write(folder / "exports.json", document)


def prism(api: MeasuredApi, folder: Path, port: int) -> None:
    """Write our OpenAPI document with our responses as its examples.

    Its own list has one export.
    """
    openapi = json.loads(json.dumps(api.openapi))
    for path, name in ((OPENAPI_LIST, "L"), (OPENAPI_DETAIL, "R")):
        response = openapi["paths"][path]["get"]["responses"]["200"]
        response["content"]["application/json"]["example"] = api.responses[name].json
    write(folder / "openapi.json", openapi)


def specmatic(api: MeasuredApi, folder: Path, port: int) -> None:
    """Write our OpenAPI document, and our responses as example files.

    Specmatic validates them at start.
    """
    write(folder / "openapi.json", api.openapi)
    for name, expected in api.responses.items():
        request = {"method": "GET", "path": expected.path, "headers": HEADERS}
        response = {"status": expected.status, "body": expected.json, "headers": JSON}
        example = {"http-request": request, "http-response": response}
        write(folder / f"examples/{name}.json", example)


def json_server(api: MeasuredApi, folder: Path, port: int) -> None:
    """Write a table of exports. It returns records without an envelope."""
    # In production, version 1 reads the names of its static files at start.
    (folder / "public").mkdir()
    exports = api.responses["L"].json["push_notification_exports"]
    write(folder / "db.json", {"exports": exports})


def drakov(api: MeasuredApi, folder: Path, port: int) -> None:
    """Write our blueprint with the 20 exports as the body of the list.

    The 404 and the other exports are separate resources, because Drakov returns the first response
    of each request. Its parser rejects the `Sample` of a type.
    """
    exports = api.responses["L"]
    body = json.dumps(exports.json, indent=2).replace("\n", "\n" + 12 * " ")
    text = re.sub(r"^\+ Sample: .*\n", "", BLUEPRINT.read_text(), flags=re.MULTILINE)
    pattern = r'\{\n {14}"push_notification_exports": .*?\n {12}\}\n'
    example = re.compile(pattern, re.DOTALL)
    text = example.sub(lambda _: body + "\n", text, count=1)
    resources = "".join(drakov_resources(api))
    text = text.replace("# Data Structures", resources + "# Data Structures")
    (folder / "exports.apib").write_text(text)


def drakov_resources(api: MeasuredApi) -> Iterator[str]:
    """Yield a resource with one response for each path that the blueprint does not name."""
    for name, expected in api.responses.items():
        if name in ("L", "R"):
            continue
        path = expected.path.removeprefix("/api")
        yield f"## Export {name} [{path}]\n\n### Retrieve the Export {name} [GET]\n\n"
        yield f"+ Response {expected.status} (application/json)\n\n"
        yield f"    + Body\n\n            {expected.body.decode()}\n\n"
