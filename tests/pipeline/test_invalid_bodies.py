"""A documented status is the response to an invalid body, and the journal has the violations."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from helpers.generated_apis import generate_client, run_init

from mockserver.contract.scenarios.undocumented import UndocumentedResponse
from mockserver.formats import strict_yaml
from mockserver.pipeline.invalid_bodies import plan_invalid_body
from mockserver.pipeline.response_plan import ResponsePlan

TEXT = """FORMAT: 1A

# Orders

## Orders [/orders{?page}]

+ Parameters
    + page: 1 (number, optional)

### List [GET /orders]

+ Response 200 (application/json)
    + Attributes (array[Order])

### Add [POST]

+ Request (application/json)
    + Attributes
        + name: Pens (string, required)
        + kind: a (string)

+ Response 201 (application/json)
    + Attributes (Order)

+ Response 422 (application/json)

        {"error": "invalid"}

### Log in [POST /login]

+ Request (application/json)
    + Attributes
        + user: anna (string, required)

+ Response 200 (application/json)

        {"token": "t"}

+ Response 400 (application/json)

        {"error": "who?"}

### Log out [POST /logout]

+ Request (application/json)

        {"user": "anna"}

+ Response 204

+ Response 400 (application/json)

        {"error": "who?"}

### Ping [POST /ping]

+ Request (application/json)
    + Attributes
        + user: anna (string, required)

+ Response 204

+ Response 422

# Data Structures

## Order (object)
+ id: 1 (number, required)
+ name: Pens (string, required)
+ kind: a (enum, required)
    + a
    + b
"""


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return generate_client(tmp_path, TEXT)


def test_init_infers_the_status_for_an_invalid_body(tmp_path: Path) -> None:
    """It needs a schema of the request, and a body of the response."""
    assert run_init(tmp_path, TEXT).returncode == 0
    path = tmp_path / "fixtures/a/effects.yaml"
    operations = strict_yaml.read_yaml(path, "effects.yaml").value["operations"]
    assert {name: entry.get("invalid") for name, entry in operations.items()} == {
        "list": None,
        "add": 422,
        "log-in": 400,
    }


BODIES = [b'{"title": "Pens"}', b"{", b"[]", b'{"name": "Pens", "kind": "c"}']


@pytest.mark.parametrize("body", BODIES)
def test_an_invalid_body_gets_the_documented_response(client: FlaskClient, body: bytes) -> None:
    """The schema of the request accepts the last body, and the schema of the record does not."""
    response = client.post("/orders", data=body, content_type="application/json")
    assert (response.status_code, response.json) == (422, {"error": "invalid"})
    (entry,) = client.get("/__admin/requests").json["requests"]
    assert entry["reason"] == "the request's body is invalid"
    assert entry["status"] == 422
    assert entry["violations"]
    assert len(client.get("/orders").json) == 12


def test_a_valid_body_has_its_effect(client: FlaskClient) -> None:
    response = client.post("/orders", json={"name": "Pens", "kind": "b"})
    assert response.status_code == 201
    (entry,) = client.get("/__admin/requests").json["requests"]
    assert entry["violations"] == []


def test_another_invalid_part_of_the_request_is_a_problem(client: FlaskClient) -> None:
    response = client.post("/orders?page=x", json={"title": "Pens"})
    assert response.status_code == 400
    assert response.json["type"] == "urn:mockserver:problem:request-breaks-contract"
    assert len(response.json["violations"]) > 1


def test_an_operation_without_records_responds_to_an_invalid_body(client: FlaskClient) -> None:
    response = client.post("/login", json={"name": "anna"})
    assert (response.status_code, response.json) == (400, {"error": "who?"})
    assert client.post("/login", json={"user": "anna"}).json == {"token": "t"}


def test_a_preference_does_not_make_an_invalid_body_valid(client: FlaskClient) -> None:
    response = client.post("/login", json={"name": "anna"}, headers={"Prefer": "code=200"})
    assert response.status_code == 400
    assert "Preference-Applied" not in response.headers


def test_an_operation_without_a_documented_response_returns_a_problem(client: FlaskClient) -> None:
    response = client.post("/ping", json={"name": "anna"})
    assert response.json["type"] == "urn:mockserver:problem:request-breaks-contract"


def test_an_undocumented_response_does_not_replace_the_documented_one() -> None:
    plan = ResponsePlan(undocumented=UndocumentedResponse(418), fault="truncated")
    invalid = plan_invalid_body(plan, 400)
    assert (invalid.status, invalid.undocumented, invalid.fault) == (400, None, "truncated")
