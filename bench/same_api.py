"""Write the measured API as the files of each peer, in a folder, before the peer starts.

Each peer returns the same L (20 exports), R (one export) and E (the documented 404) as the mock server.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JSON = {"Content-Type": "application/json"}
# The headers of each request. Drakov and Specmatic accept only the values of the example.
HEADERS = {"X-Access-Token": "1234567890abcdef", **JSON}
BLUEPRINT = Path(__file__).parents[1] / "schemas/push_notifications/push_notifications.apib"
LIST, DETAIL = (f"/api/push_notifications/{{push_notification_id}}/exports{end}" for end in ("", "/{export_id}"))


@dataclass(frozen=True, slots=True)
class ExpectedResponse:
    """The response of the mock server to a GET of the path. Each peer has to return the same."""

    path: str
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class MeasuredApi:
    """The three responses by name, and the `/openapi.json` of the mock server."""

    responses: dict[str, ExpectedResponse]
    openapi: dict[str, Any]


def no_files(api: MeasuredApi, folder: Path) -> None:
    """Write nothing: the mock server has its own files."""


def write(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))


def wiremock(api: MeasuredApi, folder: Path) -> None:
    """Write a stub for each path, with its body in a file."""
    for name, expected in api.responses.items():
        response = {"status": expected.status, "bodyFileName": f"{name}.json", "headers": JSON}
        write(folder / f"mappings/{name}.json", {"request": {"method": "GET", "urlPath": expected.path}, "response": response})
        write(folder / f"__files/{name}.json", expected.json)


def mockoon(api: MeasuredApi, folder: Path) -> None:
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
    identity = {"uuid": "00000000-0000-4000-a000-000000000000", "name": "exports", "lastMigration": 33}
    write(folder / "exports.json", {**identity, "routes": routes, "rootChildren": children})


def prism(api: MeasuredApi, folder: Path) -> None:
    """Write our OpenAPI document with our responses as its examples, because its own list has one export."""
    openapi = json.loads(json.dumps(api.openapi))
    for path, name in ((LIST, "L"), (DETAIL, "R")):
        openapi["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["example"] = api.responses[name].json
    write(folder / "openapi.json", openapi)


def specmatic(api: MeasuredApi, folder: Path) -> None:
    """Write our OpenAPI document, and our responses as example files. Specmatic validates them at start."""
    write(folder / "openapi.json", api.openapi)
    for name, expected in api.responses.items():
        request = {"method": "GET", "path": expected.path, "headers": HEADERS}
        response = {"status": expected.status, "body": expected.json, "headers": JSON}
        write(folder / f"examples/{name}.json", {"http-request": request, "http-response": response})


def json_server(api: MeasuredApi, folder: Path) -> None:
    """Write a table of exports, and routes for our paths. It returns records without an envelope."""
    write(folder / "db.json", {"exports": api.responses["L"].json["push_notification_exports"]})
    rules = {f"/api/push_notifications/:notification/exports{end}": f"/exports{end}" for end in ("/:id", "?*", "")}
    write(folder / "routes.json", {name: rule.replace("?*", "?$2") for name, rule in rules.items()})


def drakov(api: MeasuredApi, folder: Path) -> None:
    """Write our blueprint with the 20 exports as the body of the list.

    The 404 is a separate resource, because Drakov returns the first response of each request. Its parser rejects the `Sample`
    of a type.
    """
    exports, missing = api.responses["L"], api.responses["E"]
    body = json.dumps(exports.json, indent=2).replace("\n", "\n" + 12 * " ")
    text = re.sub(r"^\+ Sample: .*\n", "", BLUEPRINT.read_text(), flags=re.MULTILINE)
    example = re.compile(r'\{\n {14}"push_notification_exports": .*?\n {12}\}\n', re.DOTALL)
    text = example.sub(lambda _: body + "\n", text, count=1)
    resource = f"## A Missing Export [{missing.path.removeprefix('/api')}]\n\n### Retrieve a Missing Export [GET]\n\n"
    response = f"+ Response {missing.status} (application/json)\n\n    + Body\n\n            {missing.body.decode()}\n\n"
    (folder / "exports.apib").write_text(text.replace("# Data Structures", resource + response + "# Data Structures"))
