"""Many threads in one process: each change happens once and is atomic."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import orjson
from helpers.shipped_api import EXPORTS, TRASH

from mockserver.pipeline.messages import Response

Ask = Callable[..., Response]
THREADS = 16


def test_of_many_restores_of_one_notification_one_succeeds(ask: Ask) -> None:
    trash = orjson.loads(ask("GET", f"{TRASH}?limit=1000").body)["trashed_push_notifications"]
    ids = [record["id"] for record in trash]
    assert ids
    attempts = 8

    def restore(name: str) -> int:
        return ask("PATCH", f"{TRASH}/{name}").status

    with ThreadPoolExecutor(THREADS) as pool:
        statuses = list(pool.map(restore, ids * attempts))
    assert statuses.count(200) == len(ids)
    assert statuses.count(404) == (attempts - 1) * len(ids)


def test_concurrent_cancels_of_one_export_return_the_same_record(ask: Ask) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        responses = list(pool.map(lambda _: ask("DELETE", f"{EXPORTS}/100"), range(200)))
    assert {response.status for response in responses} == {200}
    assert len({response.body for response in responses}) == 1


def test_concurrent_changes_of_different_records_are_all_stored(ask: Ask) -> None:
    exports = orjson.loads(ask("GET", f"{EXPORTS}?limit=1000").body)["push_notification_exports"]
    open_ones = [export["id"] for export in exports if export["status"] in ("waiting", "running")]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda number: ask("DELETE", f"{EXPORTS}/{number}"), open_ones))
    after = orjson.loads(ask("GET", f"{EXPORTS}?limit=1000").body)["push_notification_exports"]
    assert {export["status"] for export in after if export["id"] in open_ones} == {"canceled"}
