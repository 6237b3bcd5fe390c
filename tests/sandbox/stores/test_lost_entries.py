"""Lost journal entries are counted once: by the process that loses them, or by the next one."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.stores import encoder_of, open_store_at, running_redis

from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.journal_queue import JournalQueue
from mockserver.sandbox.stores.open import open_store
from mockserver.sandbox.stores.store import StoreLimits
from mockserver.telemetry.metrics import Metrics


@pytest.fixture(params=["sqlite", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the URL of a store that writes its journal only for a reader, or when it is closed."""
    monkeypatch.setattr("mockserver.sandbox.stores.sqlite_journal.FLUSH_INTERVAL", 1e9)
    monkeypatch.setattr("mockserver.sandbox.stores.redis_journal.FLUSH_INTERVAL", 30.0)
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/s.sqlite"
    return str(request.getfixturevalue("redis_url"))


def in_child(work: Callable[[], None]) -> None:
    """Run it in a forked process, which is killed at the end."""
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def test_the_entries_of_a_killed_process_are_counted_by_the_next(url: str) -> None:
    metrics = Metrics()
    store: Any = open_store(url, SandboxState(), StoreLimits(exchanges=10))

    def append(count: int) -> Callable[[], None]:
        def work() -> None:
            store.open(metrics.count_lost, metrics.publish_unwritten)
            for number in range(count):
                store.append("a", encoder_of(b"%d" % number))

        return work

    in_child(append(3))
    for _ in range(2):
        in_child(append(0))
        assert metrics.total_lost() == 3
    in_child(append(2))
    in_child(append(1))
    assert metrics.total_lost() == 5


def test_a_kill_loses_no_written_entry(url: str) -> None:
    metrics = Metrics()
    store: Any = open_store(url, SandboxState(), StoreLimits(exchanges=10))

    def write() -> None:
        store.open(metrics.count_lost, metrics.publish_unwritten)
        store.append("a", encoder_of(b"1"))
        store.journal("a")
        store.append("a", encoder_of(b"2"))
        store.append("a", encoder_of(b"3"))

    in_child(write)
    metrics.count_response("list", 200, 0.0)
    assert metrics.total_lost() == 2


def test_closing_during_an_outage_counts_the_entries_that_the_journal_would_keep(
    tmp_path: Path,
) -> None:
    lost: list[int] = []
    unwritten: list[int] = []
    store: Any = open_store(
        f"sqlite:///{tmp_path}/s.sqlite", SandboxState(), StoreLimits(exchanges=3)
    )
    store.open(lost.append, unwritten.append)
    store._journal._database.rows("PRAGMA max_page_count = 1")  # a full disk
    for number in range(5):
        store.append("a", encoder_of(b"%d" % number * 100_000))
    store._journal.flush()
    store.close()
    assert (sum(lost), unwritten[-1]) == (3, 0)


def test_an_unreachable_redis_loses_only_entries_that_the_journal_would_keep(
    tmp_path: Path,
) -> None:
    lost: list[int] = []
    with (
        running_redis(tmp_path) as (process, url),
        open_store_at(url, lost=lost.append, exchanges=3) as store,
    ):
        process.kill()
        process.wait()
        for number in range(5):
            store.append("a", encoder_of(b"%d" % number))
    assert sum(lost) == 3


def test_an_entry_that_cannot_be_encoded_does_not_affect_other_entries(url: str) -> None:
    lost: list[int] = []

    def fails() -> bytes:
        raise ValueError("not encodable")

    with open_store_at(url, lost=lost.append) as store:
        store.delete("encoded")
        for entry in (encoder_of(b"1"), fails, encoder_of(b"2")):
            store.append("encoded", entry)
        assert store.journal("encoded") == [b"1", b"2"]
    assert sum(lost) == 1


def test_the_queue_drops_only_entries_that_the_journal_would_drop() -> None:
    lost: list[int] = []
    unwritten: list[int] = []
    limits = StoreLimits(sandboxes=2, exchanges=3, total_exchanges=10)
    queue = JournalQueue(limits, lost.append, unwritten.append)
    for number in range(100):
        queue.append(f"s{number % 7}", encoder_of(b"%d" % number))
        if number % 4 == 0:
            queue.take()
        assert unwritten[-1] <= 20
    entries, uses = queue.take()
    assert [entry() for _, _, entry in entries] == [b"%d" % number for number in range(90, 100)]
    assert set(uses) == {"s5", "s6", "s0", "s1"}
    for number in range(100, 200):
        queue.append("busy", encoder_of(b"%d" % number))
    assert unwritten[-1] == 13, "the ten that a writer has, and the newest three of the sandbox"
    entries, _ = queue.take()
    assert [entry() for _, _, entry in entries] == [
        b"%d" % number for number in (*range(93, 100), 197, 198, 199)
    ]
    queue.written(9)
    queue.publish()
    assert unwritten[-1] == 1
    assert lost == []
    queue.lose()
    assert (lost, unwritten[-1]) == ([1], 0)
