"""A documented creation succeeds in a new sandbox, although its record is shipped."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.generated_apis import CASES, generate_client

WILLY = {"name": "willy", "n": 1}


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return generate_client(tmp_path, CASES / "text_keys.apib")


def names(client: FlaskClient, sandbox: str) -> list[str]:
    return [record["name"] for record in client.get(f"/~{sandbox}/t").json]


def test_the_documented_record_exists_and_can_be_created_once(client: FlaskClient) -> None:
    assert client.get("/~anna/t/willy").json == WILLY
    response = client.post("/~anna/t", json=WILLY)
    assert (response.status_code, response.json) == (201, WILLY)
    assert client.get("/~anna/t/willy").json == WILLY
    again = client.post("/~anna/t", json=WILLY)
    assert (again.status_code, again.json["type"]) == (409, "urn:mockserver:problem:key-conflict")
    assert names(client, "anna").count("willy") == 1


def test_the_documented_creation_succeeds_in_each_sandbox_and_after_each_reset(
    client: FlaskClient,
) -> None:
    for sandbox in ("anna", "ben"):
        assert client.post(f"/~{sandbox}/t", json=WILLY).status_code == 201
    assert client.post("/~ben/__admin/reset", json={}).status_code == 200
    assert client.post("/~ben/t", json=WILLY).status_code == 201
    assert client.post("/~anna/t", json=WILLY).status_code == 409


def test_the_created_record_has_the_sent_fields(client: FlaskClient) -> None:
    assert client.post("/t", json={"name": "willy", "n": 7}).status_code == 201
    assert client.get("/t/willy").json == {"name": "willy", "n": 7}


def test_creating_another_shipped_record_is_a_conflict(client: FlaskClient) -> None:
    other = names(client, "anna")[1]
    assert client.post("/t", json={"name": other, "n": 1}).status_code == 409


CHANGES = """
### Change [PUT]

+ Request (application/json)

        {"name": "willy", "n": 2}

+ Response 200 (application/json)

        {"name": "willy", "n": 2}
"""


def test_creating_a_changed_record_is_a_conflict(tmp_path: Path) -> None:
    client = generate_client(tmp_path, (CASES / "text_keys.apib").read_text() + CHANGES)
    assert client.put("/t/willy", json={"name": "willy", "n": 2}).status_code == 200
    assert client.post("/t", json=WILLY).status_code == 409


def variant(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        text = text.replace(old, new)
    return text


VARIANTS: dict[str, tuple[list[tuple[str, str]], Any]] = {
    "a documented conflict": (
        [('"n": 1}\n\n## One', '"n": 1}\n\n+ Response 409\n\n## One')],
        WILLY,
    ),
    "the key is an example of the path": (
        [
            (
                "## One [/t/{name}]\n",
                "## One [/t/{name}]\n\n+ Parameters\n    + name: willy (string, required)\n",
            )
        ],
        WILLY,
    ),
    "a key that init makes": (
        [
            (
                '+ Request (application/json)\n\n        {"name": "willy"',
                '+ Request (application/json)\n\n        {"name": "willy-3"',
            )
        ],
        {"name": "willy-3", "n": 1},
    ),
    "a number": ([('"willy"', "3"), ("{name}", "{t_name}")], {"name": 3, "n": 1}),
}


@pytest.mark.parametrize("case", VARIANTS)
def test_each_documented_creation_succeeds_once(tmp_path: Path, case: str) -> None:
    changes, body = VARIANTS[case]
    client = generate_client(tmp_path, variant((CASES / "text_keys.apib").read_text(), *changes))
    assert [client.post("/t", json=body).status_code for _ in range(2)] == [201, 409]
