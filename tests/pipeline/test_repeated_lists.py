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

from mockserver.pipeline.messages import Response

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
