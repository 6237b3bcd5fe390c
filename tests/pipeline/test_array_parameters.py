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
ACCEPTED = [
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


@pytest.mark.parametrize(("query", "expected"), ACCEPTED)
def test_an_array_may_be_repeated_or_comma_separated(query: str, expected: object) -> None:
    assert arguments(TYPED, f"/users?{query}") == (204, expected)


@pytest.mark.parametrize(
    "query",
    ["ids=x", "ids=1&ids=x", "ids=1.5", "ids=1,,2", "flags=1", "ids=12345678901234567890123"],
)
def test_an_item_of_another_type_is_a_violation(query: str) -> None:
    assert send_request(generated_server(TYPED), "GET", f"/users?{query}").status == 400


@pytest.mark.parametrize("query", ["tags=a,b", "tags=a&tags=b", "tags=a"])
def test_a_documented_array_is_parsed_in_both_forms(query: str) -> None:
    tags = query.replace("tags=", "").replace("&", ",").split(",")
    assert arguments("arrays", f"/v1/users?{query}") == (200, {"tags": tags})


def test_a_repeated_parameter_that_is_not_an_array_is_a_violation() -> None:
    source = "# A\n\n## Get [GET /t{?a}]\n\n+ Response 204\n"
    assert send_request(generated_server(source), "GET", "/t?a=1&a=2").status == 400


def test_array_items_have_their_documented_type() -> None:
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
