"""The SQLite store: full disks, locks, and other processes."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from helpers.shipped_api import EXPORTS
from helpers.stores import count_in, encoder_of, increment, open_store_at

from mockserver.config.settings import Settings
from mockserver.contract.model import Contract
from mockserver.errors import StoreUnavailable
from mockserver.pipeline.messages import Request
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import Activation, SandboxState


def test_a_persistent_file_is_read_after_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.sqlite"
    with open_store_at(url) as store:
        store.change("a", increment)
        store.append("a", encoder_of(b"1"))
    with open_store_at(url) as store:
        assert store.change("a", increment) == 2
        assert store.journal("a") == [b"1"]


def test_a_sandbox_that_is_missing_in_the_journal_is_evicted_in_order(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.sqlite"
    with open_store_at(url) as store:
        store.change("a", increment)
    for path in tmp_path.glob("s.sqlite-journal*"):
        path.unlink()
    with open_store_at(url, sandboxes=1) as store:
        store.change("b", increment)
        assert [info.name for info in store.sandboxes()] == ["b"]
        assert count_in(store.read("a")) == 0
        assert store.evicted() == 1


def test_a_full_disk_rejects_changes_and_recovers(tmp_path: Path) -> None:
    with open_store_at(f"sqlite:///{tmp_path}/s.sqlite") as opened_store:
        store: Any = opened_store
        store.change("a", increment)
        before = store.read("a")
        store._states.rows("PRAGMA max_page_count = 1")  # SQLite takes the present size
        with pytest.raises(StoreUnavailable, match="full") as caught:
            store.change(
                "b", lambda state: (SandboxState(scenarios=(Activation("x" * 100_000),)), None)
            )
        assert not caught.value.unknown
        assert store.read("a") is before
        assert store.read("b").scenarios == ()
        store._states.rows("PRAGMA max_page_count = 100000")
        assert store.change("a", increment) == 2


def test_on_a_full_disk_the_journal_waits_and_requests_succeed(tmp_path: Path) -> None:
    lost: list[int] = []
    with open_store_at(
        f"sqlite:///{tmp_path}/s.sqlite", lost=lost.append, exchanges=4
    ) as opened_store:
        store: Any = opened_store
        store.append("a", encoder_of(b"first"))
        assert store.journal("a") == [b"first"]
        store._journal._database.rows("PRAGMA max_page_count = 1")
        for number in range(3):
            store.append("a", encoder_of(b"%d" % number * 100_000))
        assert [entry[:1] for entry in store.journal("a")] == [b"f", b"0", b"1", b"2"]
        for number in range(3, 6):
            store.append("a", encoder_of(b"%d" % number * 100_000))
        assert [entry[:1] for entry in store.journal("a")] == [b"2", b"3", b"4", b"5"]
        store._journal._database.rows("PRAGMA max_page_count = 100000")
        assert len(store.journal("a")) == 4
        assert store._queue.unwritten("a") == []
    assert sum(lost) == 0, "the journal keeps four exchanges only"


def test_journal_entries_are_written_without_a_reader(tmp_path: Path) -> None:
    """Without a reader no process is asked to write; a worker that is killed then loses little."""
    with open_store_at(f"sqlite:///{tmp_path}/s.sqlite") as opened_store:
        store: Any = opened_store
        journal = store._journal
        flush, written = journal.flush, threading.Event()

        def noted() -> None:
            flush()
            written.set()

        journal.flush = noted
        store.append("a", encoder_of(b"first"))
        assert written.wait(60), "the writer of the journal has written nothing"
        assert journal._database.rows("SELECT sandbox, entry FROM entries") == [("a", b"first")]


def test_an_unchanged_state_is_read_without_the_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s"
    with open_store_at(url) as store, open_store_at(url) as other:
        store.change("a", increment)
        before = store.read("a")
        store._states.close()  # type: ignore[attr-defined]
        store._states._path = tmp_path / "elsewhere"  # type: ignore[attr-defined]
        assert store.read("a") is before
        other.change("b", increment)
        with pytest.raises(StoreUnavailable, match="elsewhere"):
            store.read("a")


def test_reads_are_correct_after_a_crash_during_a_change(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s"
    with open_store_at(url) as store, open_store_at(url) as other:
        words = store._shared  # type: ignore[attr-defined]
        with other._shared.mark_change():  # type: ignore[attr-defined]
            assert words.stable_counters() is None
            for number in (1, 2):
                other.change("a", increment)
                assert count_in(store.read("a")) == number
        assert words.stable_counters() is not None


def test_a_change_waits_for_the_lock_and_a_read_does_not(tmp_path: Path) -> None:
    with (
        open_store_at(f"sqlite:///{tmp_path}/s.sqlite") as store,
        closing(sqlite3.connect(tmp_path / "s.sqlite")) as other,
    ):
        store.change("a", increment)
        other.execute("BEGIN IMMEDIATE")
        results: list[Any] = []
        waiting = threading.Thread(target=lambda: results.append(store.change("a", increment)))
        waiting.start()
        assert count_in(store.read("a")) == 1
        other.rollback()
        waiting.join()
        assert results == [2]


def test_a_response_that_changes_nothing_needs_no_transaction(
    tmp_path: Path, contract: Contract
) -> None:
    """A transaction would wait for the open one of the other process."""
    with (
        open_store_at(f"sqlite:///{tmp_path}/s.sqlite") as store,
        closing(sqlite3.connect(tmp_path / "s.sqlite")) as other,
    ):
        server = MockServer(contract, Settings(), store)
        other.execute("BEGIN IMMEDIATE")
        headers = {"x-access-token": "any"}
        assert server.respond(Request("GET", f"{EXPORTS}/100", "", headers)).status == 200
        assert server.respond(Request("GET", f"{EXPORTS}/1", "", headers)).status == 404
        other.rollback()


def test_a_file_that_stays_locked_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.sandbox.stores.sqlite_connection.TRANSACTION_SECONDS", 0.05)
    with (
        open_store_at(f"sqlite:///{tmp_path}/s.sqlite") as store,
        closing(sqlite3.connect(tmp_path / "s.sqlite")) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            store.change("a", increment)
        other.rollback()
        assert store.change("a", increment) == 1


def test_a_removed_file_rejects_changes(tmp_path: Path) -> None:
    with open_store_at(f"sqlite:///{tmp_path}/s.sqlite") as store:
        store.change("a", increment)
        (tmp_path / "s.sqlite").unlink()
        for ask in (store.check, lambda: store.change("a", increment)):
            with pytest.raises(StoreUnavailable, match="No such file"):
                ask()


def test_a_store_whose_connection_fails_recovers(tmp_path: Path) -> None:
    with open_store_at(f"sqlite:///{tmp_path}/s.sqlite") as opened_store:
        store: Any = opened_store
        store.change("a", increment)
        store._states._connection.close()
        with pytest.raises(StoreUnavailable):
            store.change("a", increment)
        assert store.change("a", increment) == 2
        hidden = (tmp_path / "s.sqlite").rename(tmp_path / "hidden")
        store._states.close()
        for ask in (lambda: store.read("a"), store.check):
            with pytest.raises(StoreUnavailable, match=r"unable to open|No such file"):
                ask()
        hidden.rename(tmp_path / "s.sqlite")
        assert count_in(store.read("a")) == 2
