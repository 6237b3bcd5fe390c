"""Requests that create, change and delete records with a lifecycle, and their invalid effects."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from mockserver.config.settings import Settings
from mockserver.contract import loader
from mockserver.errors import InvalidFiles
from mockserver.web.app import create_app


def ask(client: FlaskClient, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    response = client.open(path, method=method, json=body)
    return response.status_code, response.get_json(silent=True)


THING = """
## Thing
+ id: 983d437d-eac6-423b-beb5-40a619be332f (required)
+ name: first (required)
+ state (enum, required)
    + new
    + done
+ log (object, required)
    + new: `2017-01-01 15:35:00`
    + done: `2017-01-01 15:35:00`
+ sent: 3 (number, required)
+ total: 3 (number, required)
+ note
"""
THINGS = f"""# Things

## All [/things]

### Make [POST]

+ Request (application/json)
+ Response 201 (application/json)
    + Attributes (Thing)
+ Response 422 (application/json)

        {{"error": "taken"}}

## One [/things/{{id}}]

### See [GET]

+ Response 200 (application/json)
    + Attributes (Thing)

### Put [PUT]

+ Request (application/json)
+ Response 200 (application/json)
    + Attributes (Thing)

### Drop [DELETE]

+ Response 200 (application/json)

        {{"message": "Deleted"}}

# Data Structures
{THING}"""
EFFECTS = """collections: {things: {key: id}}
operations:
  make: {create: things}
  see: {retrieve: things}
  put: {update: things}
  drop: {remove: things, respond_with: example}
"""
LIFECYCLES = """things:
  state: state
  history: log
  counts: {total: total, parts: [sent], complete: [done]}
  states: {new: {next: done, increments: sent}, done: {}}
"""


def things(folder: Path, effects: str = EFFECTS) -> FlaskClient:
    (folder / "t").mkdir()
    for name, text in {
        "t.apib": THINGS,
        "effects.yaml": effects,
        "lifecycles.yaml": LIFECYCLES,
    }.items():
        (folder / "t" / name).write_text(text)
    return create_app(Settings(schemas=folder, fixtures=folder, store="memory:")).test_client()


def test_a_created_record_has_the_first_state_and_a_uuid(tmp_path: Path) -> None:
    client = things(tmp_path)
    status, thing = ask(
        client, "POST", "/things", {"name": "Mine", "state": "done", "sent": 2, "secret": 1}
    )
    assert status == 201
    assert re.fullmatch(r"[0-9a-f-]{36}", thing.pop("id"))
    assert thing == {
        "name": "Mine",
        "state": "new",
        "log": {"new": "2000-01-01 00:00:00"},
        "sent": 0,
        "total": 3,
    }


def test_an_update_of_the_state_is_a_transition_of_the_lifecycle(tmp_path: Path) -> None:
    client = things(tmp_path)
    thing = ask(client, "POST", "/things", {"name": "Mine"})[1]
    status, done = ask(
        client, "PUT", f"/things/{thing['id']}", {"state": "done", "id": "another", "note": "x"}
    )
    assert (status, done) == (
        200,
        {
            **thing,
            "state": "done",
            "note": "x",
            "log": {**thing["log"], "done": "2000-01-01 00:00:00"},
            "sent": 3,
        },
    )
    status, problem = ask(client, "PUT", f"/things/{thing['id']}", {"state": "new"})
    assert (status, problem["type"][-22:], problem["next_states"]) == (
        409,
        "transition-not-allowed",
        [],
    )
    assert ask(client, "GET", f"/things/{thing['id']}") == (200, done)
    entry = client.get("/__admin/requests?transition=true").get_json()["requests"][0]
    assert (entry["transition"]["from"], entry["transition"]["to"]) == ("new", "done")


@pytest.mark.parametrize(
    ("effects", "status", "expected"),
    [
        (EFFECTS, 409, "key-conflict"),
        (EFFECTS.replace("create: things", "create: things, conflict: 422"), 422, "taken"),
    ],
    ids=["undocumented", "documented"],
)
def test_a_creation_with_an_existing_key_is_rejected(
    tmp_path: Path, effects: str, status: int, expected: str
) -> None:
    client, body = things(tmp_path, effects), {"id": "00000000-0000-4000-8000-000000000001"}
    assert ask(client, "POST", "/things", body)[0] == 201
    actual_status, problem = ask(client, "POST", "/things", {**body, "name": "Other"})
    assert actual_status == status
    assert expected in str(problem)
    assert ask(client, "GET", f"/things/{body['id']}")[1]["name"] == "first"


def test_an_invalid_record_is_not_created(tmp_path: Path) -> None:
    client = things(tmp_path)
    status, problem = ask(client, "POST", "/things", {"id": "x", "name": 7})
    assert (status, problem["type"][-23:]) == (400, "request-breaks-contract")
    assert [violation["pointer"] for violation in problem["violations"]] == ["/id", "/name"]
    assert client.get("/__admin/records").get_json()["collections"][0]["records"] == []
    assert (
        client.get("/__admin/requests?violations=true").get_json()["requests"][0]["status"] == 400
    )


def test_an_invalid_change_is_not_stored(tmp_path: Path) -> None:
    client = things(tmp_path)
    thing = ask(client, "POST", "/things", {})[1]
    assert ask(client, "PUT", f"/things/{thing['id']}", {"sent": 99})[0] == 400, (
        "more than the total"
    )
    assert ask(client, "GET", f"/things/{thing['id']}") == (200, thing)


def test_a_deletion_can_respond_with_the_example(tmp_path: Path) -> None:
    client = things(tmp_path)
    thing = ask(client, "POST", "/things", {})[1]
    assert ask(client, "DELETE", f"/things/{thing['id']}") == (200, {"message": "Deleted"})
    assert ask(client, "GET", f"/things/{thing['id']}")[0] == 404


INVALID_EFFECTS = {
    "a timestamp that no response contains": (
        "create: things, timestamps: [at]",
        "3:39: the response has no string member 'at'",
    ),
    "a timestamp that is not a text": (
        "create: things, timestamps: [total]",
        "3:39: the response has no string member 'total'",
    ),
    "an undocumented status": (
        "create: things, conflict: 409",
        "3:36: the blueprint does not document status 409 for this operation",
    ),
    "an unknown kind of response": (
        "create: things, respond_with: all",
        '3:40: /operations/make/respond_with: expected "record" or "example"',
    ),
}


@pytest.mark.parametrize(("effect", "message"), INVALID_EFFECTS.values(), ids=INVALID_EFFECTS)
def test_invalid_effects_are_rejected_with_their_position(
    tmp_path: Path, effect: str, message: str
) -> None:
    with pytest.raises(InvalidFiles) as caught:
        things(tmp_path, EFFECTS.replace("create: things", effect))
    assert f"t/effects.yaml:{message}" in str(caught.value)


def test_an_effect_that_shows_records_needs_a_json_response(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t/t.apib").write_text("## One [/things/{id}]\n\n### See [GET]\n\n+ Response 204\n")
    (tmp_path / "t/effects.yaml").write_text(
        "collections: {things: {key: id}}\noperations:\n  see: {retrieve: things}\n"
    )
    with pytest.raises(
        InvalidFiles,
        match=r"effects.yaml:3:3: see: the 204 response has no JSON body; expected one",
    ):
        loader.load_contract(tmp_path, tmp_path)
