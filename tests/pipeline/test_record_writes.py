"""Requests that create and update records, in the API of docs/own-api.md and in smaller ones."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.own_api import OWN_API_BLOCKS, OWN_API_PAGE
from helpers.processes import run_command

from mockserver.config.settings import Settings
from mockserver.contract import loader
from mockserver.errors import InvalidFiles
from mockserver.web.app import create_app

STORY = re.findall(
    r"^    ([A-Z]+) (/\S+)(?: (\{.*\}))? -> (\d+)(?: (.+))?$", OWN_API_PAGE, re.MULTILINE
)
TOKEN = {"Authorization": "Bearer abc"}
DRAFT = {
    "title": "Mine",
    "currency": "EUR",
    "lines": [{"sku": "B-2", "quantity": 1, "unit_price": 3.5}],
}
INVOICES = "/v2/customers/7/invoices"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders that the page writes, with schemas and records."""
    folder = tmp_path_factory.mktemp("own")
    for blueprint, yaml, text in OWN_API_BLOCKS:
        path = folder / (blueprint or yaml)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    folders = ("--schemas", str(folder / "schemas"), "--fixtures", str(folder / "fixtures"))
    for command in ("schemas", "fixtures"):
        assert run_command(command, *folders).returncode == 0
    said = run_command("check", *folders)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout in OWN_API_PAGE
    return folder


@pytest.fixture(scope="module")
def own(made: Path) -> FlaskClient:
    return create_app(
        Settings(schemas=made / "schemas", fixtures=made / "fixtures", store="memory:")
    ).test_client()


@pytest.fixture
def client(own: FlaskClient) -> FlaskClient:
    own.post("/__admin/reset", json={})
    return own


def ask(client: FlaskClient, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    response = client.open(path, method=method, json=body, headers=TOKEN)
    return response.status_code, response.get_json(silent=True)


def create(client: FlaskClient, **members: Any) -> dict[str, Any]:
    status, body = ask(client, "POST", INVOICES, {**DRAFT, **members})
    assert status == 201
    invoice: dict[str, Any] = body["invoice"]
    return invoice


def test_the_documented_responses_are_sent(client: FlaskClient) -> None:
    assert len(OWN_API_BLOCKS) == 5
    assert len(STORY) == 11
    for method, path, body, status, text in STORY:
        response = client.open(
            path, method=method, json=json.loads(body) if body else None, headers=TOKEN
        )
        assert (response.status_code, text in response.text) == (int(status), True), (
            f"{method} {path}: {response.text}"
        )


def test_a_created_record_is_in_list_and_detail(client: FlaskClient) -> None:
    invoice = create(client)
    assert {name: invoice[name] for name in DRAFT} == DRAFT
    assert ask(client, "GET", f"{INVOICES}/{invoice['id']}") == (200, {"invoice": invoice})
    assert invoice in ask(client, "GET", f"{INVOICES}?limit=1000")[1]["invoices"]
    assert ask(client, "GET", f"/v2/customers/8/invoices/{invoice['id']}")[0] == 404, (
        "it belongs to the customer of the path"
    )


def test_a_key_is_never_given_twice(client: FlaskClient) -> None:
    first = create(client)["id"]
    ask(client, "DELETE", f"{INVOICES}/{first}")
    assert create(client)["id"] == first + 1


def test_a_created_record_is_the_sandboxs_own_and_goes_with_a_reset(client: FlaskClient) -> None:
    invoice = create(client)
    assert ask(client, "GET", f"/~other{INVOICES}/{invoice['id']}")[0] == 404
    client.post("/__admin/reset", json={})
    assert ask(client, "GET", f"{INVOICES}/{invoice['id']}")[0] == 404
    assert create(client) == invoice, "and each run makes the same"


def test_a_patch_merges_and_keeps_what_it_does_not_say(client: FlaskClient) -> None:
    before = create(client)
    path = f"{INVOICES}/{before['id']}"
    address = {"city": "Praha", "zip": "11000"}
    assert ask(client, "PATCH", path, {"address": address}) == (
        200,
        {"invoice": {**before, "address": address}},
    )
    assert ask(client, "GET", path)[1]["invoice"]["address"] == address


def test_a_missing_record_is_the_documented_404(client: FlaskClient) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        assert ask(client, method, f"{INVOICES}/999", {} if method == "PATCH" else None) == (
            404,
            {"error": "No such invoice"},
        )


def test_a_deletion_without_a_body_deletes(client: FlaskClient) -> None:
    assert ask(client, "DELETE", f"{INVOICES}/1") == (204, None)
    assert ask(client, "DELETE", f"{INVOICES}/1")[0] == 404


def test_a_refused_body_changes_nothing(client: FlaskClient) -> None:
    before = ask(client, "GET", f"{INVOICES}?limit=1000")
    assert ask(client, "POST", INVOICES, {**DRAFT, "currency": "USD"})[0] == 400
    assert ask(client, "PATCH", f"{INVOICES}/1", {"status": "paid"})[0] == 400
    assert ask(client, "GET", f"{INVOICES}?limit=1000") == before


def test_the_token_of_authorization_follows_its_scheme(made: Path) -> None:
    settings = Settings(
        schemas=made / "schemas",
        fixtures=made / "fixtures",
        store="memory:",
        tokens=("old=expired",),
    )
    client = create_app(settings).test_client()
    for value, status in {
        "Bearer new": 200,
        "Bearer old": 401,
        "old": 401,
        "bearer old@anna": 401,
        "": 401,
        "new": 200,
    }.items():
        response = client.get(INVOICES, headers={"Authorization": value})
        assert (value, response.status_code) == (value, status)
    assert client.get(INVOICES).headers["WWW-Authenticate"] == 'Bearer realm="invoices"'


def test_a_variable_that_the_blueprint_says_nothing_of_finds_numbers_too(
    made: Path, tmp_path: Path
) -> None:
    path = tmp_path / "schemas/invoices/invoices.apib"
    path.parent.mkdir(parents=True)
    path.write_text(
        (made / "schemas/invoices/invoices.apib")
        .read_text()
        .replace("    + customer_id: 7 (number, required)\n", "")
    )
    path.write_text(re.sub(r"\+ Parameters\n\n", "", path.read_text()))
    client = create_app(
        Settings(schemas=tmp_path / "schemas", fixtures=made / "fixtures", store="memory:")
    ).test_client()
    assert len(ask(client, "GET", INVOICES)[1]["invoices"]) == 20
    assert create(client)["customer_id"] == 7
    assert len(ask(client, "GET", f"{INVOICES}?limit=100")[1]["invoices"]) == 21


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


def test_a_created_record_begins_its_life_and_has_a_uuid(tmp_path: Path) -> None:
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


def test_an_update_moves_the_record_where_its_lifecycle_leads(tmp_path: Path) -> None:
    client = things(tmp_path)
    made = ask(client, "POST", "/things", {"name": "Mine"})[1]
    status, done = ask(
        client, "PUT", f"/things/{made['id']}", {"state": "done", "id": "another", "note": "x"}
    )
    assert (status, done) == (
        200,
        {
            **made,
            "state": "done",
            "note": "x",
            "log": {**made["log"], "done": "2000-01-01 00:00:00"},
            "sent": 3,
        },
    )
    status, problem = ask(client, "PUT", f"/things/{made['id']}", {"state": "new"})
    assert (status, problem["type"][-22:], problem["next_states"]) == (
        409,
        "transition-not-allowed",
        [],
    )
    assert ask(client, "GET", f"/things/{made['id']}") == (200, done)
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
def test_a_key_that_is_taken_is_refused(
    tmp_path: Path, effects: str, status: int, expected: str
) -> None:
    client, body = things(tmp_path, effects), {"id": "00000000-0000-4000-8000-000000000001"}
    assert ask(client, "POST", "/things", body)[0] == 201
    answered, problem = ask(client, "POST", "/things", {**body, "name": "Other"})
    assert answered == status
    assert expected in str(problem)
    assert ask(client, "GET", f"/things/{body['id']}")[1]["name"] == "first"


def test_a_record_that_could_not_be_answered_is_not_made(tmp_path: Path) -> None:
    client = things(tmp_path)
    status, problem = ask(client, "POST", "/things", {"id": "x", "name": 7})
    assert (status, problem["type"][-23:]) == (400, "request-breaks-contract")
    assert [each["pointer"] for each in problem["violations"]] == ["/id", "/name"]
    assert client.get("/__admin/records").get_json()["collections"][0]["records"] == []
    assert (
        client.get("/__admin/requests?violations=true").get_json()["requests"][0]["status"] == 400
    )


def test_a_change_that_could_not_be_answered_is_not_made(tmp_path: Path) -> None:
    client = things(tmp_path)
    made = ask(client, "POST", "/things", {})[1]
    assert ask(client, "PUT", f"/things/{made['id']}", {"sent": 99})[0] == 400, (
        "more than the total"
    )
    assert ask(client, "GET", f"/things/{made['id']}") == (200, made)


def test_a_removal_can_answer_with_the_example(tmp_path: Path) -> None:
    client = things(tmp_path)
    made = ask(client, "POST", "/things", {})[1]
    assert ask(client, "DELETE", f"/things/{made['id']}") == (200, {"message": "Deleted"})
    assert ask(client, "GET", f"/things/{made['id']}")[0] == 404


WRONG = {
    "a stamp that no answer shows": (
        "create: things, timestamps: [at]",
        "3:39: the response has no string member 'at'",
    ),
    "a stamp that is no text": (
        "create: things, timestamps: [total]",
        "3:39: the response has no string member 'total'",
    ),
    "an undocumented status": (
        "create: things, conflict: 409",
        "3:36: the blueprint does not document status 409 for this operation",
    ),
    "an answer of another kind": (
        "create: things, respond_with: all",
        '3:40: /operations/make/respond_with: expected "record" or "example"',
    ),
}


@pytest.mark.parametrize(("effect", "message"), WRONG.values(), ids=WRONG)
def test_invalid_effects_are_rejected_with_their_position(
    tmp_path: Path, effect: str, message: str
) -> None:
    with pytest.raises(InvalidFiles) as caught:
        things(tmp_path, EFFECTS.replace("create: things", effect))
    assert f"t/effects.yaml:{message}" in str(caught.value)


def test_a_list_or_a_record_needs_an_answer_with_json(tmp_path: Path) -> None:
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


@pytest.mark.parametrize("base", ["", "/~anna"])
@pytest.mark.parametrize(
    "documented",
    ["/v2/customers/7/invoices/1", "https://billing.example.com/v2/customers/7/invoices/1"],
)
def test_the_location_of_a_new_record_is_where_it_is_read(
    made: Path, tmp_path: Path, base: str, documented: str
) -> None:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    blueprint = tmp_path / "schemas/invoices/invoices.apib"
    text = blueprint.read_text()
    head = "+ Response 201 (application/json)\n"
    assert text.count(head) == 1
    blueprint.write_text(
        text.replace(head, f"{head}    + Headers\n\n            Location: {documented}\n\n")
    )
    folders = Settings(
        schemas=tmp_path / "schemas", fixtures=tmp_path / "fixtures", store="memory:"
    )
    client = create_app(folders).test_client()
    answer = client.post(f"{base}{INVOICES}", json=DRAFT, headers=TOKEN)
    path = answer.headers["Location"]
    assert path.startswith(f"{base}{INVOICES}/")
    assert client.get(path, headers=TOKEN).json == answer.json
