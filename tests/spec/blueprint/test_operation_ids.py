"""Ids of operations whose actions have the same name, and resources named Group."""

from pathlib import Path

import pytest
from helpers.generated_apis import CASES, generate_client

from mockserver.spec import blueprint

OK = "+ Response 204\n\n"


def ids(*headings: str) -> list[str]:
    """Return the ids of the operations of a blueprint with these headings.

    Each action has one response.
    """
    text = "# A\n\n"
    for heading in headings:
        text += f"{heading}\n\n"
        if heading.split("[")[-1].startswith(METHODS):
            text += OK
    api = blueprint.parse_blueprint(text, "a.apib", "a")
    return [operation.id for operation in api.operations]


METHODS = ("GET", "POST", "PUT", "## GET", "### GET")
NAMES: dict[str, tuple[list[str], list[str]]] = {
    "two resources": (
        ["## Users [/users]", "### List [GET]", "## Orders [/orders]", "### List [GET]"],
        ["list-users", "list-orders"],
    ),
    "three resources, one other action": (
        [
            "## A [/a]",
            "### List [GET]",
            "### Add [POST]",
            "## B [/b]",
            "### List [GET]",
            "## C [/c]",
            "### List [GET]",
        ],
        ["list-a", "add", "list-b", "list-c"],
    ),
    "same resource in two groups": (
        [
            "# Group X",
            "## Users [/x/users]",
            "### List [GET]",
            "# Group Y",
            "## Users [/y/users]",
            "### List [GET]",
        ],
        ["list-get-x-users", "list-get-y-users"],
    ),
    "unnamed resources": (
        ["## /users/{id}", "### Show [GET]", "## /orders/{id}", "### Show [GET]"],
        ["show-users-id", "show-orders-id"],
    ),
    "unnamed actions": (
        ["## Users [/a/b]", "### GET", "## Orders [/a-b]", "### GET"],
        ["get-a-b-users", "get-a-b-orders"],
    ),
    "the id of another action": (
        [
            "## Users [/users]",
            "### List [GET]",
            "## Orders [/orders]",
            "### List [GET]",
            "## Admin [/admin]",
            "### List Users [GET]",
        ],
        ["list-get-users", "list-orders", "list-users"],
    ),
    "one resource": (
        ["## Users [/users]", "### Get [GET]", "### Get [GET /users/{id}]"],
        ["get-get-users", "get-get-users-id"],
    ),
    "nothing but their signs": (
        ["## Users [/users]", "### Get [GET /a/b]", "### Get [GET /a-b]", "### Get [GET /a_b]"],
        ["get-get-a-b-2", "get-get-a-b-3", "get-get-a-b-4"],
    ),
    "devices of Windows": (
        ["## Ports [/ports]", "### Con [GET]", "### COM1 [POST]", "## Aux [/aux]", "### Con [GET]"],
        ["con-ports", "com1-ports", "con-aux"],
    ),
    "a device of Windows without a resource": (["## /nul", "### Nul [GET]"], ["nul-nul"]),
    "without words": (["## Users [/users]", "### ! [GET]"], ["get-users"]),
    "long": (
        ["## Users [/a/b]", f"### {'x' * 300} [GET /a/b]", f"### {'x' * 300} [GET /a-b]"],
        [f"{'x' * 192}-2", f"{'x' * 192}-3"],
    ),
}


@pytest.mark.parametrize("case", NAMES)
def test_each_operation_has_a_unique_id(case: str) -> None:
    headings, expected = NAMES[case]
    assert ids(*headings) == expected


def test_an_id_does_not_depend_on_the_order_in_the_blueprint() -> None:
    headings, expected = NAMES["the id of another action"]
    pairs = [headings[index : index + 2] for index in range(0, len(headings), 2)]
    reordered: list[str] = []
    for pair in reversed(pairs):
        reordered += pair
    assert ids(*reordered) == expected[::-1]


def test_operations_with_the_same_name_are_served(tmp_path: Path) -> None:
    client = generate_client(tmp_path, CASES / "samenames.apib")
    assert client.get("/v1/users").json[0] == {"id": 1, "name": "Ann"}
    assert client.get("/v1/orders").json[0] == {"id": 1, "total": 5}
    assert client.post("/v1/orders", json={"total": 7}).status_code == 201
    assert (
        client.get("/v1/orders", headers={"Prefer": "scenario=list-orders-200"}).status_code == 200
    )
    paths = client.get("/openapi.json").json["paths"]
    assert [paths[path]["get"]["operationId"] for path in paths] == ["list-users", "list-orders"]


GROUPS = """# A

# Group X

## Users [/users]

### List [GET]

+ Response 204

## Group [/groups/{id}]

### Group members [GET]

+ Response 204

## group [/groups]

### List groups [GET]

+ Response 204

## Group Collection [GET /all-groups]

+ Response 204

# Group Beta [new]

## /beta

### GET

+ Response 204
"""


def test_a_resource_can_be_named_group() -> None:
    api = blueprint.parse_blueprint(GROUPS, "a.apib", "a")
    assert [(o.group, o.resource, o.id) for o in api.operations] == [
        ("X", "Users", "list"),
        ("X", "Group", "group-members"),
        ("X", "group", "list-groups"),
        ("X", "group", "group-collection"),
        ("Beta [new]", "/beta", "get-beta"),
    ]
