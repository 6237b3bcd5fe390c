"""The API that is measured, written out for each peer in the peer's own way: files in a folder, before it is started.

Each answers L (20 exports), R (one export) and E (the documented 404) as we do, and is not slowed by what is not asked for.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JSON = {"Content-Type": "application/json"}
# What each request has. Drakov and Specmatic take only the values of the example.
HEADERS = {"X-Access-Token": "1234567890abcdef", **JSON}
BLUEPRINT = Path(__file__).parents[1] / "schemas/push_notifications/push_notifications.apib"
LIST, DETAIL = (f"/api/push_notifications/{{push_notification_id}}/exports{end}" for end in ("", "/{export_id}"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What our own server answers to a GET of the path: the same is asked of each peer."""

    path: str
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class World:
    """The three answers by name, and our `/openapi.json`."""

    answers: dict[str, Answer]
    openapi: dict[str, Any]


def nothing(world: World, folder: Path) -> None:
    """Ours brings its own."""


def write(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))


def wiremock(world: World, folder: Path) -> None:
    """A stub for each path, its body in a file."""
    for name, answer in world.answers.items():
        response = {"status": answer.status, "bodyFileName": f"{name}.json", "headers": JSON}
        write(folder / f"mappings/{name}.json", {"request": {"method": "GET", "urlPath": answer.path}, "response": response})
        write(folder / f"__files/{name}.json", answer.json)


def mockoon(world: World, folder: Path) -> None:
    """A route for each path; templating, which would look through each body, is off."""
    headers = [{"key": name, "value": value} for name, value in JSON.items()]
    routes = [
        {
            "uuid": f"00000000-0000-4000-8000-{number:012}",
            "type": "http",
            "method": "get",
            "endpoint": answer.path.lstrip("/"),
            "responses": [
                {
                    "uuid": f"00000000-0000-4000-9000-{number:012}",
                    "body": answer.body.decode(),
                    "statusCode": answer.status,
                    "headers": headers,
                    "disableTemplating": True,
                    "default": True,
                }
            ],
        }
        for number, answer in enumerate(world.answers.values(), 1)
    ]
    children = [{"type": "route", "uuid": route["uuid"]} for route in routes]
    identity = {"uuid": "00000000-0000-4000-a000-000000000000", "name": "exports", "lastMigration": 33}
    write(folder / "exports.json", {**identity, "routes": routes, "rootChildren": children})


def prism(world: World, folder: Path) -> None:
    """Our own OpenAPI, with our answers as its examples: its own example of the list is one export."""
    openapi = json.loads(json.dumps(world.openapi))
    for path, name in ((LIST, "L"), (DETAIL, "R")):
        openapi["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["example"] = world.answers[name].json
    write(folder / "openapi.json", openapi)


def specmatic(world: World, folder: Path) -> None:
    """Our own OpenAPI, and our answers as examples in files, which it holds against the OpenAPI when it starts."""
    write(folder / "openapi.json", world.openapi)
    for name, answer in world.answers.items():
        request = {"method": "GET", "path": answer.path, "headers": HEADERS}
        response = {"status": answer.status, "body": answer.json, "headers": JSON}
        write(folder / f"examples/{name}.json", {"http-request": request, "http-response": response})


def json_server(world: World, folder: Path) -> None:
    """A table of exports, and our paths written as its own; it answers records without what stands around them."""
    write(folder / "db.json", {"exports": world.answers["L"].json["push_notification_exports"]})
    rules = {f"/api/push_notifications/:notification/exports{end}": f"/exports{end}" for end in ("/:id", "?*", "")}
    write(folder / "routes.json", {name: rule.replace("?*", "?$2") for name, rule in rules.items()})


def drakov(world: World, folder: Path) -> None:
    """Our own blueprint with the 20 exports as its list's body.

    A resource of its own has the 404: Drakov gives the first answer of each request. Its parser refuses the `Sample` of a type.
    """
    listed, missing = world.answers["L"], world.answers["E"]
    body = json.dumps(listed.json, indent=2).replace("\n", "\n" + 12 * " ")
    text = re.sub(r"^\+ Sample: .*\n", "", BLUEPRINT.read_text(), flags=re.MULTILINE)
    example = re.compile(r'\{\n {14}"push_notification_exports": .*?\n {12}\}\n', re.DOTALL)
    text = example.sub(lambda _: body + "\n", text, count=1)
    resource = f"## A Missing Export [{missing.path.removeprefix('/api')}]\n\n### Retrieve a Missing Export [GET]\n\n"
    response = f"+ Response {missing.status} (application/json)\n\n    + Body\n\n            {missing.body.decode()}\n\n"
    (folder / "exports.apib").write_text(text.replace("# Data Structures", resource + response + "# Data Structures"))
