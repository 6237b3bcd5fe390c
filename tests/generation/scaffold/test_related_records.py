"""Records that belong to parents, and members that name records of other collections."""

import json
from pathlib import Path

import pytest
from helpers.blueprints import operation_text
from helpers.created_apis import HEADERS, Ask, asker, init, server_of

from mockserver.pipeline.messages import Request


def created(folder: Path, text: str) -> Ask:
    (folder / "a.apib").write_text(f"FORMAT: 1A\n\n# A\n\n## Things\n\n{text}")
    process = init(folder, folder / "a.apib")
    assert process.returncode == 0, process.stderr
    assert "No effect inferred" not in process.stdout, process.stdout
    return asker(server_of(folder))


USERS = operation_text("/users", '[{"id": 7, "name": "Anna"}]', name="List users")
ONE_USER = operation_text("/users/{id}", '{"id": 7, "name": "Anna"}', name="One user")


@pytest.mark.parametrize("order", ['{"id": 1, "total": 5}', '{"id": 1, "user_id": 7, "total": 5}'])
@pytest.mark.parametrize("parent", ["id", "user_id", "userId"])
def test_a_list_has_the_records_of_the_parent(tmp_path: Path, parent: str, order: str) -> None:
    path = f"/users/{{{parent}}}/orders"
    ask = created(
        tmp_path,
        USERS
        + ONE_USER
        + operation_text(path, f"[{order}]", name="Orders")
        + operation_text(path, order, "POST", "Add")
        + operation_text(f"{path}/{{order_id}}", order, name="Order"),
    )
    first = ask("GET", "/users/7/orders")[1]
    users = [user["id"] for user in ask("GET", "/users")[1]]
    others = ask("GET", f"/users/{users[1]}/orders")[1]
    assert (len(first), len(others)) == (9, 2)
    keys = [each["id"] for each in first + others]
    assert len(keys) == len(set(keys))
    status, added = ask("POST", f"/users/{users[1]}/orders", {"total": 6})
    assert status == 200
    assert added["id"] not in keys
    if "user_id" in order:
        assert {each["user_id"] for each in others} == {users[1]}
        assert added["user_id"] == users[1]
    assert ask("GET", f"/users/{users[1]}/orders")[1] == [*others, added]
    assert ask("GET", f"/users/{users[1]}/orders/{added['id']}") == (200, added)
    assert len(ask("GET", "/users/7/orders")[1]) == 9


def test_the_parent_is_the_collection_of_the_path_if_variables_have_one_name(
    tmp_path: Path,
) -> None:
    ask = created(
        tmp_path,
        operation_text("/shops/{id}", '{"id": 3}', name="Shop")
        + ONE_USER
        + operation_text("/users/{id}/orders", '[{"id": 1}]', name="Orders"),
    )
    assert len(ask("GET", "/users/7/orders")[1]) == 9
    assert ask("GET", "/users/3/orders")[1] == []


REFERENCES = ["user_id", "userId"]


@pytest.mark.parametrize("member", REFERENCES)
def test_a_member_names_a_record_of_the_other_collection(tmp_path: Path, member: str) -> None:
    ask = created(
        tmp_path,
        USERS + ONE_USER + operation_text("/orders", f'[{{"id": 1, "{member}": 42}}]', name="List"),
    )
    orders = ask("GET", "/orders")[1]
    assert orders[0][member] == 42
    keys = {order[member] for order in orders}
    assert len(keys) > 1
    for key in keys:
        assert ask("GET", f"/users/{key}")[0] == 200


def test_a_member_of_another_kind_than_the_keys_is_not_a_reference(tmp_path: Path) -> None:
    ask = created(tmp_path, USERS + operation_text("/orders", '[{"id": 1, "user_id": "u-1"}]'))
    assert {order["user_id"][:2] for order in ask("GET", "/orders")[1]} == {"u-"}


def test_a_created_record_has_the_next_text_key(tmp_path: Path) -> None:
    ask = created(
        tmp_path,
        operation_text("/a", '[{"id": "a1", "n": 1}, {"id": "a2", "n": 2}]', name="List")
        + operation_text("/a", '{"id": "a3", "n": 3}', "POST", "Add"),
    )
    keys = [record["id"] for record in ask("GET", "/a")[1]]
    assert keys == [f"a{number}" for number in range(1, 13)]
    assert ask("POST", "/a", {"n": 5})[1] == {"id": "a13", "n": 5}
    assert ask("POST", "/a", {"n": 5})[1]["id"] == "a14"


def test_the_links_of_a_record_name_the_record(tmp_path: Path) -> None:
    def text_of(key: int) -> str:
        links = f'{{"self": {{"href": "/a/{key}"}}, "parts": {{"href": "/a/{key}/parts?n=1"}}}}'
        return f'{{"id": {key}, "url": "https://api.example.com/1/a/{key}", "_links": {links}}}'

    ask = created(
        tmp_path,
        operation_text("/a", f"[{text_of(1)}]", name="List")
        + operation_text("/a/{id}", text_of(1), name="One")
        + operation_text("/a", text_of(1), "POST", "Add"),
    )
    for record in [*ask("GET", "/a")[1], ask("POST", "/a", {})[1]]:
        assert json.dumps(record) == text_of(record["id"])
    assert ask("GET", "/a/13")[0] == 200


@pytest.mark.parametrize("one", [True, False])
def test_the_location_of_a_created_record_names_it(tmp_path: Path, one: bool) -> None:
    """Also if no operation retrieves the record."""
    add = operation_text("/a", '{"id": 2, "n": 1}', "POST", "Add")
    headers = "    + Headers\n\n            Location: /a/2\n\n    + Body\n\n            {"
    text = operation_text("/a", '[{"id": 1, "n": 1}]', name="List")
    text += add.replace("        {", headers, 1)
    if one:
        text += operation_text("/a/{id}", '{"id": 1, "n": 1}', name="One")
    created(tmp_path, text)
    response = server_of(tmp_path).respond(Request("POST", "/a", "", HEADERS, b'{"n": 5}'))
    key = json.loads(response.body)["id"]
    assert key > 12
    assert dict(response.headers)["Location"] == f"/a/{key}"
