"""Example bodies that contradict their schema or their media type: they are sent as documented."""

import json
from pathlib import Path

from helpers.generated_apis import client_of_folder, folder_flags, run_init
from helpers.processes import run_command

BROKEN = """FORMAT: 1A
HOST: http://h/v1

# Broken

## Show [GET /broken]

+ Response 200 (application/json)

    + Body

            {"id": "x", "extra": 1}

    + Schema

            {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["name"]}
"""
NOTES = [
    'the documented example violates its schema at /id: expected integer, got string "x"',
    'the documented example violates its schema at /: expected member "name", '
    "got none of that name",
]


def test_an_example_that_breaks_its_schema_is_sent_with_a_note(tmp_path: Path) -> None:
    process = run_init(tmp_path, BROKEN)
    assert (process.returncode, "[B601]" in process.stderr) == (0, True), process
    client = client_of_folder(tmp_path)
    response = client.get("/v1/broken")
    assert (response.status_code, response.json) == (200, {"id": "x", "extra": 1})
    assert "X-Mock-Violations" not in response.headers
    [entry] = client.get("/__admin/requests").json["requests"]
    assert (entry["status"], entry["violations"], entry["notes"]) == (200, [], NOTES)


TEXT = """FORMAT: 1A
HOST: http://h/v1

# Text

## Read [GET /text]

+ Response 200 (application/json)

        {"id": <id>}

## Write [POST /text]

+ Request (application/json)

        {"name": <name>}

+ Response 201 (application/json)

        {"id": 1, "name": name}
"""


def test_json_that_is_text_is_sent_and_accepted(tmp_path: Path) -> None:
    folders = folder_flags(tmp_path)
    _write_folders(tmp_path)
    client = client_of_folder(tmp_path)
    read = client.get("/v1/text")
    assert (read.status_code, read.text, read.mimetype) == (200, '{"id": <id>}', "application/json")
    for body in ('{"name": <name>}', '{"name": "a"}'):
        written = client.post("/v1/text", data=body, content_type="application/json")
        assert (written.status_code, written.text) == (201, '{"id": 1, "name": name}')
    openapi = run_command("openapi", *folders)
    assert openapi.returncode == 0, openapi
    content = json.loads(openapi.stdout)["paths"]["/v1/text"]["get"]["responses"]["200"]["content"]
    assert content["application/json"]["example"] == '{"id": <id>}'


def _write_folders(folder: Path) -> None:
    for name in ("schemas", "fixtures"):
        (folder / name / "text").mkdir(parents=True)
    (folder / "schemas/text/text.apib").write_text(TEXT, encoding="utf-8")
    (folder / "fixtures/text/effects.yaml").write_text(
        "collections: {}\noperations: {}\n", encoding="utf-8"
    )
    (folder / "fixtures/text/recipes.yaml").write_text(
        "now: 2024-01-01 00:00:00\nseed: 1\nlocale: [en_US]\ncollections: {}\n", encoding="utf-8"
    )
