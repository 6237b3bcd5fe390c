"""Records in wrappers: HAL, lists with metadata, and records two levels down."""

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.blueprints import operation_text
from helpers.created_apis import Ask, asker, init, server_of

from mockserver.formats import strict_yaml

ITEM = {"id": 1, "name": "A"}
HAL = {
    "_links": {"self": {"href": "/a"}},
    "_embedded": {"a": [ITEM]},
    "page": {"size": 20, "totalElements": 1},
}
LISTS: dict[str, tuple[dict[str, Any], str | None, str | None]] = {
    "HAL": (HAL, "_embedded.a", "totalElements"),
    "data and meta": ({"data": [ITEM], "meta": {"total": 1, "source": "x"}}, None, "total"),
    "items and total": ({"items": [ITEM], "total": 1}, None, "total"),
    "a list in data": ({"data": {"items": [ITEM], "total": 1}}, "data.items", "total"),
    "two levels": (
        {"response": {"data": {"a": [ITEM], "next": None}}, "ok": True},
        "response.data.a",
        None,
    ),
    "two lists in an object": (
        {"data": {"a": [ITEM], "errors": [{"code": 1}]}, "total": 1},
        "data.a",
        "total",
    ),
}


def value_at(body: Any, path: str) -> Any:
    for name in path.split("."):
        body = body[name]
    return body


def created(folder: Path, text: str) -> Ask:
    (folder / "a.apib").write_text(f"FORMAT: 1A\n\n# A\n\n## Things\n\n{text}")
    process = init(folder, folder / "a.apib")
    assert process.returncode == 0, process.stderr
    assert "No effect inferred" not in process.stdout, process.stdout
    return asker(server_of(folder))


@pytest.mark.parametrize("case", LISTS)
def test_a_list_in_a_wrapper_shows_the_records(tmp_path: Path, case: str) -> None:
    body, container, total = LISTS[case]
    ask = created(
        tmp_path,
        operation_text("/a", json.dumps(body), name="List")
        + operation_text("/a/{id}", json.dumps(ITEM), name="One")
        + operation_text("/a/{id}", json.dumps(ITEM), "DELETE", "Delete"),
    )
    path = tmp_path / "fixtures/a/effects.yaml"
    effects = strict_yaml.read_yaml(path, "effects.yaml").value["operations"]
    assert effects["list"].get("container") == container
    status, response = ask("GET", "/a")
    records = value_at(response, container or ("items" if "items" in body else "data"))
    assert (status, len(records), records[0]) == (200, 12, ITEM)
    # The other members are as in the example, except for the total.
    text = json.dumps(response).replace(json.dumps(records), json.dumps([ITEM]))
    if total:
        assert f'"{total}": 12' in text
        text = text.replace(f'"{total}": 12', f'"{total}": 1')
    assert json.loads(text) == body
    assert ask("DELETE", "/a/1")[0] == 200
    after = json.dumps(ask("GET", "/a")[1])
    assert (f'"{total}": 11' in after) == bool(total)
    assert after.count('"name"') == 11


SINGLES: dict[str, dict[str, Any]] = {
    "in data": {"data": ITEM},
    "in data, with metadata": {"data": ITEM, "meta": {"version": 2}},
    "two levels": {"data": {"a": ITEM}},
    "HAL": {**ITEM, "_links": {"self": {"href": "/a/1"}}},
    "JSON:API": {"data": {"type": "a", "id": "1", "attributes": {"name": "A"}}},
}


@pytest.mark.parametrize("case", SINGLES)
def test_a_single_record_in_a_wrapper_is_the_one_in_the_path(tmp_path: Path, case: str) -> None:
    body = SINGLES[case]
    ask = created(
        tmp_path,
        operation_text("/a/{id}", json.dumps(body), name="One")
        + operation_text("/a/{id}", json.dumps(body), "PATCH", "Change"),
    )
    assert ask("GET", "/a/1") == (200, body)
    other = ask("GET", "/a/2")[1]
    assert other.keys() == body.keys()
    assert ('"id": 2' in json.dumps(other)) != ('"id": "2"' in json.dumps(other))
    sent = json.loads(json.dumps(body).replace('"A"', '"B"'))
    if "meta" in sent:
        sent = {"data": sent["data"]}
    assert ask("PATCH", "/a/2", sent)[0] == 200
    assert '"B"' in json.dumps(ask("GET", "/a/2")[1])
