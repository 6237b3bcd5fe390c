"""The shipped records: their number, their examples, and their consistency."""

from collections import Counter
from typing import Any

import pytest
from helpers.shipped_api import BUSY, TRASHED

from mockserver.config.shipped import FIXTURES
from mockserver.contract import lifecycles
from mockserver.contract import records as fixtures

FOLDER = FIXTURES / "push_notifications"
RECORDS = {
    name: collection.records
    for name, collection in fixtures.read_collections(FOLDER, "push_notifications").items()
}
NOW = fixtures.read_now(FOLDER / "recipes.yaml", "recipes.yaml")


def test_each_collection_has_more_than_a_page() -> None:
    assert len(RECORDS["push_notifications"]) >= 4
    assert len(RECORDS["exports"]) > 60
    assert len(RECORDS["trash"]) > 30


def test_one_push_notification_has_more_than_a_page_of_exports_and_one_has_none() -> None:
    owners = Counter(record["push_notification_id"] for record in RECORDS["exports"])
    assert RECORDS["push_notifications"][0]["id"] == BUSY
    assert owners[BUSY] > 40
    ids = [record["id"] for record in RECORDS["push_notifications"]]
    assert set(owners) < set(ids)
    states = {
        record["status"] for record in RECORDS["exports"] if record["push_notification_id"] == BUSY
    }
    assert states == {"waiting", "running", "finished", "error", "canceled"}


def test_the_first_export_is_the_example_of_the_blueprint() -> None:
    assert RECORDS["exports"][0] == {
        "push_notification_id": BUSY,
        "id": 100,
        "user_id": 200,
        "segments": [{"id": 100, "name": "segment name", "type": "custom", "deleted": False}],
        "segment_name": "segment name example",
        "name": "export example",
        "status": "running",
        "stats": {
            "statuses_history": {"waiting": "2017-01-01 15:35:00", "running": "2017-01-01 15:35:00"}
        },
        "message_counts": {
            "total": 123,
            "sent": 100,
            "excluded_invalid": 3,
            "excluded_by_frequency_cap": 20,
        },
        "created": "2017-01-01 15:35:00",
    }


def test_the_first_trashed_notification_is_the_example_of_the_blueprint() -> None:
    assert RECORDS["trash"][0] == {
        "id": TRASHED,
        "name": "My push notification",
        "title_template": "title",
        "body_template": "body",
        "modified": "2018-11-07T10:19:48Z",
        "modified_by": 1,
        "last_activation": "2018-11-07T10:19:48Z",
        "last_activation_by": 1,
    }


def test_every_export_is_valid_by_its_lifecycle() -> None:
    lifecycle = lifecycles.read_lifecycles(FOLDER / "lifecycles.yaml", "x")["exports"]
    assert [v for record in RECORDS["exports"] for v in lifecycle.violations(record, NOW)] == []


def test_a_segment_is_the_same_in_every_export() -> None:
    seen: dict[int, Any] = {}
    for record in RECORDS["exports"]:
        for segment in record["segments"]:
            assert seen.setdefault(segment["id"], segment) == segment
    assert len(seen) > 10


@pytest.mark.parametrize("name", ["exports", "trash"])
def test_names_have_diacritics_and_keys_are_unique(name: str) -> None:
    assert sum(not record["name"].isascii() for record in RECORDS[name]) > 5
    assert len({record["id"] for record in RECORDS[name]}) == len(RECORDS[name])


def test_the_last_activation_is_not_after_the_last_change() -> None:
    assert all(
        record["last_activation"] <= record["modified"] <= f"{NOW.replace(' ', 'T')}Z"
        for record in RECORDS["trash"]
    )
