"""Data variants that change the length of a list agree with paging, search and filters."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from helpers.admin import last_exchange
from helpers.generated_apis import generate_client
from helpers.shipped_api import EXPORTS, TRASH
from helpers.things_api import ITEMS, TOTAL, blueprint, ids, things

from mockserver.config.settings import Settings
from mockserver.pipeline.messages import Response
from mockserver.web.app import create_app

Ask = Callable[..., Response]
RECORDS = 7
"""The number of records of the API `things`: kinds b, c, a, b, c, a, b."""
OF_KIND_B = 3


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    """Return a client of a list with `limit`, `offset`, a filter and a total."""
    effect = "list: things, filter: {kind: kind}, total: total, limit: 5"
    return things(tmp_path, blueprint(ITEMS + TOTAL), effect)


def page(client: FlaskClient, data: str, query: str = "") -> tuple[list[int], int]:
    """Return the ids and the total of a page."""
    response = client.get(f"/things?{query}", headers={"Prefer": f"data={data}"})
    assert response.status_code == 200, response.text
    body: Any = response.json
    return ids(body), body["total"]


LENGTHS = {"empty": 0, "one": 1, "max": 1000, "0": 0, "1": 1, "7": 7, "8": 8, "23": 23}
"""Data variant to the length of the list."""


@pytest.mark.parametrize(("data", "length"), LENGTHS.items())
def test_all_pages_of_a_list_are_parts_of_one_list(
    client: FlaskClient, data: str, length: int
) -> None:
    whole, total = page(client, data, "limit=1000")
    assert len(whole) == len(set(whole)) == total == length
    assert whole[:RECORDS] == list(range(1, RECORDS + 1))[:length]
    for offset in {0, 1, 5, length - 3, length - 1, length, length + 1} - {-1, -2, -3}:
        for limit in (0, 1, 3, 10):
            part = whole[offset : offset + limit]
            assert page(client, data, f"limit={limit}&offset={offset}") == (part, length)
    assert page(client, data) == (whole[:5], length)


@pytest.mark.parametrize(("data", "matching"), {"0": 0, "1": 1, "4": 2, "7": 3, "15": 7}.items())
def test_a_filter_finds_the_records_of_the_whole_list(
    client: FlaskClient, data: str, matching: int
) -> None:
    whole, _ = page(client, data, "limit=1000")
    kind_b = [key for key in whole if key % 1_000_000 % 3 == 1]
    assert len(kind_b) == matching
    assert page(client, data, "kind=b&limit=1000") == (kind_b, matching)
    assert page(client, data, "kind=b&limit=2&offset=1") == (kind_b[1:3], matching)
    assert page(client, data, "kind=x") == ([], 0)


COPIES = {"7": (), "9": ("copies in the list: 2; copies exist in lists only",), "empty": ()}
"""Data variant to the notes in the journal."""


@pytest.mark.parametrize(("data", "notes"), COPIES.items())
def test_the_journal_has_the_number_of_copies(
    client: FlaskClient, data: str, notes: tuple[str, ...]
) -> None:
    page(client, data, "limit=1000")
    assert last_exchange(client)["notes"] == list(notes)
    page(client, data, "limit=1")
    assert last_exchange(client)["notes"] == []


def test_a_list_without_records_stays_empty(ask: Ask) -> None:
    body = orjson.loads(ask("GET", EXPORTS.replace("5f3c", "0000"), prefer="data=1000").body)
    assert body["push_notification_exports"] == []


def test_copies_of_a_text_key_differ(ask: Ask) -> None:
    body = orjson.loads(ask("GET", f"{TRASH}?limit=1000", prefer="data=max").body)
    keys = [record["id"] for record in body["trashed_push_notifications"]]
    assert len(keys) == len(set(keys)) == 1000
    plain = orjson.loads(ask("GET", f"{TRASH}?limit=1000").body)["trashed_push_notifications"]
    assert keys[: len(plain)] == [record["id"] for record in plain][:1000]


def test_a_header_with_the_total_has_the_length(tmp_path: Path) -> None:
    text = (
        "# Things\n\n## All [/things{?limit,offset}]\n\n### All [GET]\n\n"
        "+ Response 200 (application/json)\n    + Headers\n\n            X-Total-Count: 5\n\n"
        '    + Body\n\n            [{"id": 1, "name": "a"}]\n'
    )
    client = generate_client(tmp_path, text)
    response = client.get("/things?offset=9", headers={"Prefer": "data=12"})
    assert response.headers["X-Total-Count"] == "12"
    assert len(response.json or []) == 3


@pytest.mark.parametrize("data", ["1000001", "-1", "1e3", "full", ""])
def test_an_unknown_data_variant_is_refused_with_the_known_ones(ask: Ask, data: str) -> None:
    response = ask("GET", EXPORTS, prefer=f"data={data}")
    assert response.status == 400
    expected = b"empty, one, max, long, unicode, nulls or a number of records from 0 to 1000000"
    assert expected in response.body


KEYED = """# Codes

## All [/codes{{?limit,q,code}}]

+ Parameters
    + limit (number, optional)
    + q (string, optional)
    + code (string, optional)

### All [GET]

+ Response 200 (application/json)
    + Body

            {{"items": [{{"code": {example}}}], "total": 1}}

    + Schema

            {{"type": "object", "properties": {{
              "items": {{"type": "array", "items": {{"type": "object", "required": ["code"],
                "properties": {{"code": {schema}}}}}}},
              "total": {{"type": "integer"}}}}, "required": ["items", "total"]}}
"""


def codes(folder: Path, keys: list[Any], schema: str, more: str = "") -> FlaskClient:
    """Return a client of records with these keys."""
    (folder / "c/records").mkdir(parents=True)
    example = orjson.dumps(keys[0]).decode()
    (folder / "c/c.apib").write_text(KEYED.format(example=example, schema=schema))
    (folder / "c/effects.yaml").write_text(
        "collections: {codes: {key: code, id_field: code}}\n"
        f"operations: {{all: {{list: codes, total: total{more}}}}}\n"
    )
    records = [f"- code: {orjson.dumps(key).decode()}\n" for key in keys]
    (folder / "c/records/codes.yaml").write_text("".join(records))
    return create_app(Settings(schemas=folder, fixtures=folder, store="memory:")).test_client()


def keys_of(client: FlaskClient, query: str, data: str = "max") -> tuple[list[Any], int]:
    """Return the keys and the total of a page."""
    response = client.get(f"/codes?limit=1000&{query}", headers={"Prefer": f"data={data}"})
    assert response.status_code == 200, response.text[:500]
    body: Any = response.json
    return [item["code"] for item in body["items"]], body["total"]


UUID = "5f3c1a9e-27d4-4b68-9c0e-8a7d6b5e4f32"
DISTINCT: dict[str, tuple[list[Any], str]] = {
    "numbers with the distance of copies": ([1, 1_000_001, 2_000_001], '{"type": "integer"}'),
    "negative numbers": ([-2_000_000, 3], '{"type": "integer"}'),
    "the largest number": ([2**64 - 1, 5], '{"type": "integer"}'),
    "texts that look like copies": (["a", "a-1", "a-1-1"], '{"type": "string"}'),
    "a uuid": ([UUID], '{"type": "string", "format": "uuid"}'),
    "a pattern of copies": (["ab"], '{"type": "string", "pattern": "^[a-z0-9-]+$"}'),
    "a text or a number": (["ab"], '{"anyOf": [{"type": "string"}, {"type": "integer"}]}'),
}


@pytest.mark.parametrize(("keys", "schema"), DISTINCT.values(), ids=DISTINCT)
def test_each_copy_has_a_key_of_its_own(tmp_path: Path, keys: list[Any], schema: str) -> None:
    listed, total = keys_of(codes(tmp_path, keys, schema), "")
    assert listed[: len(keys)] == keys
    assert len(set(listed)) == len(listed) == total == 1000


RESTRICTED: dict[str, tuple[list[Any], str]] = {
    "a maximum": ([1, 2], '{"type": "integer", "maximum": 1000}'),
    "a minimum": ([2**64 - 1], '{"type": "integer", "minimum": 18446744073709551615}'),
    "an enumeration": ([1, 2, 3], '{"type": "integer", "enum": [1, 2, 3]}'),
    "a constant": (["ab"], '{"const": "ab"}'),
    "a length": (["abc"], '{"type": "string", "maxLength": 4}'),
    "a pattern": (["ab", "cd"], '{"type": "string", "pattern": "^[a-z]+$"}'),
    "a date": (["2026-01-01"], '{"type": "string", "format": "date"}'),
}


@pytest.mark.parametrize(("keys", "schema"), RESTRICTED.values(), ids=RESTRICTED)
def test_a_copy_keeps_the_key_if_the_schema_allows_no_other(
    tmp_path: Path, keys: list[Any], schema: str
) -> None:
    listed, _ = keys_of(codes(tmp_path, keys, schema), "", "9")
    assert listed == [keys[index % len(keys)] for index in range(9)]


def test_a_filter_by_key_finds_the_copies_by_their_own_keys(tmp_path: Path) -> None:
    client = codes(tmp_path, ["a", "b"], '{"type": "string"}', ", filter: {code: code}")
    assert keys_of(client, "code=a") == (["a"], 1)
    assert keys_of(client, "code=a-7") == (["a-7"], 1)
    assert keys_of(client, "code=a-7", "14") == ([], 0)
    assert keys_of(client, "code=a-7", "15") == (["a-7"], 1)


def test_a_search_in_keys_finds_the_copies_by_their_own_keys(tmp_path: Path) -> None:
    client = codes(tmp_path, ["a", "b"], '{"type": "string"}', ", search: {q: code}")
    whole, _ = keys_of(client, "")
    for text in ("a", "a-7", "-", "1", "x"):
        matching = [key for key in whole if text in key]
        assert keys_of(client, f"q={text}") == (matching, len(matching))
