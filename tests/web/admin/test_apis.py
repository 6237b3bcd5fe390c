"""Upload, list, download and delete APIs."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.admin import problem_slug
from helpers.console import named_files
from helpers.own_api import OWN_API_PAGE
from helpers.processes import run_command
from helpers.uploads import READER, counter_blueprint

from mockserver.config.settings import Settings
from mockserver.config.shipped import SCHEMAS
from mockserver.web.app import create_app

NOTES = dict(named_files(OWN_API_PAGE))["notes.apib"]
APIS = "/__admin/apis"


@pytest.fixture
def client() -> FlaskClient:
    app = create_app(Settings(store="memory:"))
    app.extensions["mockserver"].uploads.accept(READER)
    return app.test_client()


def put(client: FlaskClient, name: str, blueprint: str, query: str = "", **more: Any) -> Any:
    return client.put(f"{APIS}/{name}{query}", json={"blueprint": blueprint, **more})


def number(client: FlaskClient, path: str = "/counter/number", **headers: str) -> Any:
    response: Any = client.get(path, headers=headers)
    return response.json.get("number")


def test_an_upload_adds_an_api_with_records_and_effects(client: FlaskClient) -> None:
    response = put(client, "notes", NOTES)
    assert (response.status_code, response.json) == (
        201,
        {
            "api": "notes",
            "contract": "main",
            "base_path": "/v1",
            "operations": 4,
            "refused": 0,
            "messages": [],
        },
    )
    created: Any = client.post("/v1/notes", json={"text": "Call Bob"})
    assert created.status_code == 201
    one: Any = client.get(f"/v1/notes/{created.json['id']}")
    assert one.json["text"] == "Call Bob"


def test_an_upload_replaces_an_api_and_its_deletion_restores_it(client: FlaskClient) -> None:
    shipped = client.get(f"{APIS}/push_notifications").get_json()
    new = counter_blueprint(5, "api")
    assert put(client, "push_notifications", new).status_code == 200
    assert number(client, "/api/number") == 5
    uploaded = client.get(f"{APIS}/push_notifications").get_json()
    assert (shipped["source"], uploaded["source"]) == ("shipped", "uploaded")
    assert uploaded["blueprints"] == [{"file": "push_notifications.apib", "text": new}]
    assert client.delete(f"{APIS}/push_notifications").status_code == 200
    assert client.get(f"{APIS}/push_notifications").get_json() == shipped
    assert number(client, "/api/number") is None


def test_the_journal_of_a_deleted_api_can_be_filtered(client: FlaskClient) -> None:
    put(client, "notes", NOTES)
    client.get("/v1/notes")
    client.delete(f"{APIS}/notes")
    journal: Any = client.get("/__admin/requests?operation=list-notes").json
    assert journal["meta"]["total"] == 1
    assert client.get("/__admin/requests?operation=delete-a-note").status_code == 400


def test_the_blueprint_of_a_file_is_returned(client: FlaskClient) -> None:
    path = SCHEMAS / "push_notifications/push_notifications.apib"
    response = client.get(f"{APIS}/push_notifications").get_json()
    assert response["blueprints"] == [{"file": path.name, "text": path.read_text()}]


def test_a_new_contract_is_added_and_chosen_by_a_sandbox(client: FlaskClient) -> None:
    put(client, "counter", counter_blueprint(1))
    response = put(client, "counter", counter_blueprint(2), "?contract=next")
    assert (response.status_code, response.json["contract"]) == (201, "next")
    client.patch("/__admin/sandboxes/mine", json={"contract": "next"})
    assert (number(client), number(client, **{"X-Mock-Sandbox": "mine"})) == (1, 2)
    assert client.delete(f"{APIS}/counter?contract=next").status_code == 200
    unserved: Any = client.get("/counter/number", headers={"X-Mock-Sandbox": "mine"})
    assert problem_slug(unserved) == "contract-unavailable"
    assert number(client) == 1


def test_an_upload_to_a_contract_with_a_dot_in_its_name(client: FlaskClient) -> None:
    response = put(client, "counter", counter_blueprint(2), "?contract=v1.2")
    assert (response.status_code, response.json["contract"]) == (201, "v1.2")
    assert client.get(f"{APIS}/counter?contract=v1.2").status_code == 200


def test_the_messages_are_those_of_check(client: FlaskClient, tmp_path: Path) -> None:
    text = NOTES.replace("+ Response 204", "+ Response 204\n\n### Lost [GET /lost]\n")
    text = text.replace('{"error": "No such note"}', '{"error": "No such note",}')
    (tmp_path / "notes.apib").write_text(text)
    checked = json.loads(run_command("check", str(tmp_path / "notes.apib"), "--format=json").stdout)
    for message in checked:
        message["file"] = "notes.apib"
    response = put(client, "notes", text)
    assert (response.status_code, response.json["refused"]) == (201, 1)
    assert response.json["messages"] == checked
    assert {message["severity"] for message in checked} == {"error", "warning"}


NO_OPERATION = "FORMAT: 1A\n\n# Notes\n"
INVALID: dict[str, tuple[dict[str, Any], tuple[str, int, str]]] = {
    "no operation": ({"blueprint": NO_OPERATION}, ("x.apib", 3, "no operation")),
    "another format": ({"blueprint": '{"openapi": "3.1.0"}'}, ("x.apib", 1, "OpenAPI 3.1.0")),
    "include": (
        {"blueprint": "# GET /a\n\n+ Response 204\n\n<!-- include(/etc/passwd) -->\n"},
        ("x.apib", 5, "cannot include files"),
    ),
    "include of hercule": (
        {"blueprint": "# GET /a\n\n    :[x](../x.md)\n\n+ Response 204\n"},
        ("x.apib", 3, "cannot include files"),
    ),
    "effects": (
        {"blueprint": NOTES, "fixtures": {"effects.yaml": "operations:\n  nope: {list: a}\n"}},
        ("effects.yaml", 1, "collections"),
    ),
    "records": (
        {
            "blueprint": NOTES,
            "fixtures": {
                "effects.yaml": "collections:\n  notes: {key: note_id}\n"
                "operations:\n  list-notes: {list: notes}\n",
                "records/notes.yaml": "- id: 1\n  text: [1]\n",
            },
        },
        ("records/notes.yaml", 2, "text"),
    ),
    "recipes": (
        {"blueprint": NOTES, "fixtures": {"recipes.yaml": "nonsense: 1\n"}},
        ("recipes.yaml", 1, "nonsense"),
    ),
    "schema": (
        {"blueprint": NOTES, "schemas": {"list-notes.200.json": '{\n"type": "text"}'}},
        ("list-notes.200.json", 2, "type"),
    ),
    "schema in another document": (
        {"blueprint": NOTES, "schemas": {"list-notes.200.json": '{"$ref": "file:///etc/a"}'}},
        ("list-notes.200.json", 1, "not fetched"),
    ),
}


@pytest.mark.parametrize(("body", "expected"), INVALID.values(), ids=INVALID)
def test_an_invalid_upload_is_rejected_with_positions(
    client: FlaskClient, body: dict[str, Any], expected: tuple[str, int, str]
) -> None:
    response: Any = client.put(f"{APIS}/x", json=body)
    assert (response.status_code, problem_slug(response)) == (422, "api-invalid")
    file, line, text = expected
    found = [
        message
        for message in response.json["messages"]
        if (message["file"], message["line"]) == (file, line) and text in message["message"]
    ]
    assert found, response.json["messages"]
    assert "/tmp" not in response.text.replace("/etc", "")
    assert [api["name"] for api in client.get(APIS).get_json()["apis"]] == ["push_notifications"]


def test_an_invalid_upload_keeps_the_former_one(client: FlaskClient) -> None:
    put(client, "counter", counter_blueprint(1))
    assert put(client, "counter", NO_OPERATION).status_code == 422
    assert number(client) == 1


def test_a_conflict_with_another_api_is_rejected(client: FlaskClient) -> None:
    put(client, "zoo", counter_blueprint(1))
    response = put(client, "counter", counter_blueprint(2))
    assert (response.status_code, problem_slug(response)) == (422, "api-invalid")
    messages = response.json["messages"]
    assert {message["file"] for message in messages} == {"counter.apib"}
    assert [message["line"] for message in messages if "already an operation" in message["message"]]
    assert number(client) == 1


def test_a_deletion_that_would_cause_a_conflict_is_rejected(client: FlaskClient) -> None:
    put(client, "push_notifications", counter_blueprint(1))
    original = (SCHEMAS / "push_notifications/push_notifications.apib").read_text()
    assert put(client, "copy", original).status_code == 201
    response: Any = client.delete(f"{APIS}/push_notifications")
    assert (response.status_code, problem_slug(response)) == (422, "api-invalid")
    assert number(client) == 1


@pytest.mark.parametrize("action", ["Výpis", "一覧", "Список 2", "हिन्दी", "𐐀"])
def test_a_schema_file_has_the_id_of_its_operation_in_any_script(
    client: FlaskClient, action: str
) -> None:
    blueprint = counter_blueprint(5).replace("## counter", f"## {action}")
    response = put(client, "x", blueprint)
    assert response.get_json()["messages"] == []
    operations = client.get("/openapi.json").get_json()["paths"]["/counter/number"]
    name = f"{operations['get']['operationId']}.200.json"
    strict = '{"type": "object", "properties": {"n": {"const": 5}, "number": {"const": 5}}}'
    response = put(client, "x", blueprint, schemas={name: strict})
    assert response.status_code == 200, response.get_json()
    assert not name.isascii()
    (message,) = response.get_json()["messages"]
    assert message["file"] == name
    assert "differs from the blueprint; the file is used" in message["message"]


@pytest.mark.parametrize("name", [".x", "a b", "x" * 65, "%2e%2e", "a.b", "~a", "con", "AUX"])
def test_a_name_that_is_not_a_folder_is_rejected(client: FlaskClient, name: str) -> None:
    response = put(client, name, counter_blueprint(1))
    assert problem_slug(response) in ("admin-request-invalid", "route-not-found")
    assert response.status_code in (400, 404)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"blueprint": 1},
        {"blueprint": "# GET /a", "fixtures": {"../a.yaml": ""}},
        {"blueprint": "# GET /a", "fixtures": {"/etc/a.yaml": ""}},
        {"blueprint": "# GET /a", "fixtures": {"records/../../a.yaml": ""}},
        {"blueprint": "# GET /a", "fixtures": {"records/.a.yaml": ""}},
        {"blueprint": "# GET /a", "fixtures": {"other.yaml": ""}},
        {"blueprint": "# GET /a", "fixtures": {f"records/{'a' * 240}.yaml": ""}},
        {"blueprint": "# GET /a", "fixtures": {"effects.yaml\n": ""}},
        {"blueprint": "# GET /a", "fixtures": {"effects.yaml": {}}},
        {"blueprint": "# GET /a", "schemas": {"a/b.200.json": "{}"}},
        {"blueprint": "# GET /a", "schemas": {"a.apib": "{}"}},
        {"blueprint": "# GET /a", "path": "/etc"},
    ],
    ids=str,
)
def test_a_body_with_other_members_or_names_is_rejected(
    client: FlaskClient, body: dict[str, Any]
) -> None:
    response: Any = client.put(f"{APIS}/x", json=body)
    assert (response.status_code, problem_slug(response)) == (400, "admin-request-invalid")


@pytest.mark.parametrize(
    "data",
    [
        b'{"blueprint": "\xff"}',
        b'{"blueprint": "\\ud800"}',
        b'{"blueprint": %b}' % (b"9" * 400),
        b'{"blueprint":' + b"[" * 100_000,
    ],
    ids=["no UTF-8", "surrogate", "large number", "deep"],
)
def test_a_body_that_is_not_exact_json_is_rejected(client: FlaskClient, data: bytes) -> None:
    response: Any = client.put(f"{APIS}/x", data=data, content_type="application/json")
    assert (response.status_code, problem_slug(response)) == (400, "admin-request-invalid")


def test_an_unknown_api_or_contract_is_not_found(client: FlaskClient) -> None:
    for method, path in (("GET", "nope"), ("GET", "push_notifications?contract=nope")):
        assert client.open(f"{APIS}/{path}", method=method).status_code == 404
    deleted: Any = client.delete(f"{APIS}/push_notifications")
    assert (deleted.status_code, problem_slug(deleted)) == (404, "route-not-found")


def test_an_embedded_application_takes_no_uploads() -> None:
    embedded = create_app(Settings(store="memory:")).test_client()
    response = put(embedded, "counter", counter_blueprint(1))
    assert (response.status_code, problem_slug(response)) == (404, "route-not-found")


def test_sent_fixtures_are_served_as_they_are(client: FlaskClient) -> None:
    fixtures = {
        "effects.yaml": "collections:\n  notes: {key: note_id}\n"
        "operations:\n  get-a-note: {retrieve: notes, not_found: 404}\n",
        "records/notes.yaml": "- id: 41\n  text: Mine\n",
        "scenarios/gone.yaml": "title: Gone\noperations: [get-a-note]\nstatus: 404\n",
    }
    response = put(client, "notes", NOTES, fixtures=fixtures)
    assert (response.status_code, response.json["messages"]) == (201, [])
    assert client.get("/v1/notes/41").get_json() == {"id": 41, "text": "Mine"}
    assert client.get("/v1/notes/1").status_code == 404
    assert client.put("/__admin/scenarios/gone", json={}).status_code == 200
    assert client.get("/v1/notes/41").status_code == 404


def test_sandboxes_keep_their_changes(client: FlaskClient) -> None:
    put(client, "notes", NOTES)
    created: Any = client.post("/v1/notes", json={"text": "Call Bob"})
    assert put(client, "notes", NOTES.replace("Buy milk", "Buy tea")).status_code == 200
    kept: Any = client.get(f"/v1/notes/{created.json['id']}")
    assert kept.json["text"] == "Call Bob"
