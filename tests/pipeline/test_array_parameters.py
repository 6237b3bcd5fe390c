"""An array in the query is comma-separated or repeated, for every template."""

import json
from typing import Any

import pytest
from helpers.generated_apis import generated_contract, generated_server, send_request

TYPED = """# A

## Users [GET /users{?ids*,odds,flags,kinds,tags}]

+ Parameters
    + ids: 1, 2 (array[number], optional)
    + odds: 0.5 (array[number], optional)
    + flags (array[boolean], optional)
    + kinds (array[enum], optional)
        + Items
            + a
            + b
    + tags (array, optional)

+ Response 204
"""
TAKEN = [
    ("ids=1,2", {"ids": [1, 2]}),
    ("ids=1&ids=2", {"ids": [1, 2]}),
    ("ids=1%2C2&ids=3", {"ids": [1, 2, 3]}),
    ("ids=1234567890123456789", {"ids": [1234567890123456789]}),
    ("odds=0.5&odds=1", {"odds": [0.5, 1]}),
    ("flags=true,false", {"flags": [True, False]}),
    ("tags=x&tags=y%20z", {"tags": ["x", "y z"]}),
    ("tags=", {"tags": [""]}),
]


def arguments(source: str, target: str) -> tuple[int, Any]:
    server = generated_server(source)
    response = send_request(server, "GET", target)
    return response.status, json.loads(server.store.journal("default")[-1])["arguments"]


@pytest.mark.parametrize(("query", "expected"), TAKEN)
def test_both_forms_are_taken(query: str, expected: object) -> None:
    assert arguments(TYPED, f"/users?{query}") == (204, expected)


@pytest.mark.parametrize(
    "query",
    ["ids=x", "ids=1&ids=x", "ids=1.5", "ids=1,,2", "flags=1", "ids=12345678901234567890123"],
)
def test_an_item_of_another_type_is_a_violation(query: str) -> None:
    assert send_request(generated_server(TYPED), "GET", f"/users?{query}").status == 400


@pytest.mark.parametrize("query", ["tags=a,b", "tags=a&tags=b", "tags=a"])
def test_the_case_of_tags(query: str) -> None:
    status, given = arguments("arrays", f"/v1/users?{query}")
    assert (status, given) == (
        200,
        {"tags": query.replace("tags=", "").replace("&", ",").split(",")},
    )


def test_other_parameters_are_given_once() -> None:
    source = "# A\n\n## Get [GET /t{?a}]\n\n+ Response 204\n"
    assert send_request(generated_server(source), "GET", "/t?a=1&a=2").status == 400


def test_items_have_their_types() -> None:
    schemas = {
        check.parameter.name: check.schema()
        for check in generated_contract(TYPED).served[0].parameters
    }
    assert {name: schema["items"]["type"] for name, schema in schemas.items()} == {
        "ids": "integer",
        "odds": "number",
        "flags": "boolean",
        "kinds": "string",
        "tags": "string",
    }
