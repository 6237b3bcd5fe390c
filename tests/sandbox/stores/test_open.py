"""Opening stores, and what is particular to one kind: full disks, lost connections, lost races."""

import errno
import gc
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import redis
from helpers.processes import clean_environ
from helpers.shipped_api import EXPORTS
from helpers.stores import count_in, encoder_of, increment, open_store_at, running_redis

from mockserver.config.settings import Settings
from mockserver.config.tempfiles import writable_directory
from mockserver.contract.model import Contract
from mockserver.errors import StartError, UsageError
from mockserver.pipeline.messages import Request
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import Activation, SandboxState
from mockserver.sandbox.stores.open import open_store
from mockserver.sandbox.stores.store import StoreLimits, StoreUnavailable

# -- opening ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "", "sqlite", "mysql://x", "memory:x", "sqlite:x", "sqlite:///", "sqlite://host/x",
        "redis://h/0?socket_timeout=5", "redis://h/0?socket_timeout=0", "redis://h:x/0", "redis://h/0?nonsense=1",
        "redis://h/x", "rediss://h/1/2", "redis://h/-1", "redis://[h/0",
    ],
)  # fmt: skip
def test_a_url_that_cannot_be_meant_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="expected one of memory:, sqlite:"):
        open_store(url, SandboxState(), StoreLimits())


def test_the_password_in_a_url_is_not_shown() -> None:
    with pytest.raises(UsageError) as caught:
        open_store("mysql://me:secret@host/0", SandboxState(), StoreLimits())
    assert "secret" not in str(caught.value)


def test_a_missing_package_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "mockserver.sandbox.stores.redis", raising=False)
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(StartError, match=r"pip install 'mockserver\[redis\]'"):
        open_store("redis://localhost/0", SandboxState(), StoreLimits())


def write_text(path: Path) -> None:
    path.write_text("not a database, but long enough for SQLite to look at it " * 100)


def write_other_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")


@pytest.mark.parametrize(
    ("name", "spoil", "said"),
    [
        ("no/such/folder.sqlite", lambda path: None, "is not a folder"),
        ("s.sqlite", write_text, "not a database"),
        ("s.sqlite", write_other_database, "a database of another program"),
        ("s.sqlite", Path.mkdir, "unable to open"),
    ],
)
def test_a_file_that_cannot_be_used_is_said(tmp_path: Path, name: str, spoil: Callable[[Path], None], said: str) -> None:
    spoil(tmp_path / name)
    with pytest.raises(StartError, match=said) as caught:
        open_store(f"sqlite:///{tmp_path / name}", SandboxState(), StoreLimits())
    assert "\n" not in str(caught.value)


def test_the_temporary_file_goes_with_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with open_store_at("sqlite:") as store:
        assert store.change("a", increment) == 1
        assert len(list(tmp_path.iterdir())) == 1
    del store
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_the_temporary_file_of_a_killed_server_goes_with_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    code = """
import os
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.store import StoreLimits
from mockserver.sandbox.stores.open import open_store
store = open_store("sqlite:", SandboxState(), StoreLimits())
os._exit(9)
"""
    subprocess.run([sys.executable, "-c", code], env=clean_environ(TMPDIR=str(tmp_path)), check=False)
    (left,) = tmp_path.iterdir()
    with open_store_at("sqlite:") as store, open_store_at("sqlite:"):
        assert not left.exists()
        assert len(list(tmp_path.iterdir())) == 2
        assert store.change("a", increment) == 1, "who lives is not taken for abandoned"


def test_a_temporary_folder_that_cannot_be_written_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/no/such/folder")
    with open_store_at("sqlite:") as store:
        assert store.change("a", increment) == 1


def test_a_worker_that_ends_leaves_the_temporary_file_to_the_others(tmp_path: Path) -> None:
    code = """
import os, sys
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.store import StoreLimits
from mockserver.sandbox.stores.open import open_store
store = open_store("sqlite:", SandboxState(), StoreLimits())
if os.fork() == 0:
    sys.exit()
os.wait()
print(len(os.listdir(os.environ["TMPDIR"])))
"""
    call = [sys.executable, "-c", code]
    done = subprocess.run(call, env=clean_environ(TMPDIR=str(tmp_path)), capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("refused", [1, 2, 3])
def test_the_folders_for_temporary_files_are_tried_in_turn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, refused: int) -> None:
    """As where the root of a container is read-only."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    places = [str(tmp_path), "/tmp", "/dev/shm"]
    make = tempfile.TemporaryFile

    def read_only(*arguments: Any, dir: str, **members: Any) -> Any:
        if dir in places[:refused]:
            raise OSError(errno.EROFS, "Read-only file system")
        return make(*arguments, dir=dir, **members)

    monkeypatch.setattr(tempfile, "TemporaryFile", read_only)
    if refused < len(places):
        assert writable_directory() == Path(places[refused])
        return
    with pytest.raises(StartError, match="neither TMPDIR nor /tmp nor /dev/shm; set TMPDIR to one that can"):
        writable_directory()


def test_memory_and_sqlite_load_no_redis() -> None:
    code = (
        "import sys\n"
        "from mockserver.sandbox.state import SandboxState\n"
        "from mockserver.sandbox.stores.open import open_store\n"
        "from mockserver.sandbox.stores.store import StoreLimits\n"
        "for url in ('memory:', 'sqlite:'): store = open_store(url, SandboxState(), StoreLimits()); store.open(); store.close()\n"
        "sys.exit('redis' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], env=clean_environ(), check=True)


# -- SQLite ----------------------------------------------------------------------------------------------------------------


def test_a_kept_file_is_used_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.sqlite"
    with open_store_at(url) as store:
        store.change("a", increment)
        store.append("a", encoder_of(b"1"))
    with open_store_at(url) as store:
        assert store.change("a", increment) == 2
        assert store.journal("a") == [b"1"]


def test_a_sandbox_that_the_journal_does_not_know_is_dropped_in_its_turn(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.sqlite"
    with open_store_at(url) as store:
        store.change("a", increment)
    for path in tmp_path.glob("s.sqlite-journal*"):
        path.unlink()
    with open_store_at(url, sandboxes=1) as store:
        store.change("b", increment)
        assert [each.name for each in store.sandboxes()] == ["b"]
        assert count_in(store.read("a")) == 0
        assert store.evicted() == 1


def test_a_full_disk_refuses_changes_and_recovers(tmp_path: Path) -> None:
    with open_store_at(f"sqlite:///{tmp_path}/s.sqlite") as opened_store:
        store: Any = opened_store
        store.change("a", increment)
        before = store.read("a")
        store._states.rows("PRAGMA max_page_count = 1")  # SQLite takes the present size
        with pytest.raises(StoreUnavailable, match="full") as caught:
            store.change("b", lambda state: (SandboxState(scenarios=(Activation("x" * 100_000),)), None))
        assert not caught.value.unknown
        assert store.read("a") is before
        assert store.read("b").scenarios == ()
        store._states.rows("PRAGMA max_page_count = 100000")
        assert store.change("a", increment) == 2


def test_a_full_disk_makes_the_journal_forget_and_no_request_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.sandbox.stores.sqlite_journal.MAX_HELD_ENTRIES", 3)
    lost: list[int] = []
    with open_store_at(f"sqlite:///{tmp_path}/s.sqlite", lost=lost.append) as opened_store:
        store: Any = opened_store
        store.append("a", encoder_of(b"first"))
        assert store.journal("a") == [b"first"]
        store._journal._database.rows("PRAGMA max_page_count = 1")
        for number in range(5):
            store.append("a", encoder_of(b"%d" % number * 100_000))
        assert [entry[:1] for entry in store.journal("a")] == [b"f", b"2", b"3", b"4"]
        assert sum(lost) == 2
        store._journal._database.rows("PRAGMA max_page_count = 100000")
        assert len(store.journal("a")) == 4
        assert not store._journal._held


def test_an_entry_that_nobody_asks_for_is_written_all_the_same(tmp_path: Path) -> None:
    """Without a reader no process is asked to write; a worker that is killed then loses little."""
    with open_store_at(f"sqlite:///{tmp_path}/s.sqlite") as opened_store:
        store: Any = opened_store
        journal = store._journal
        write, written = journal.write, threading.Event()

        def noted() -> None:
            write()
            written.set()

        journal.write = noted
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


def test_a_process_that_dies_within_a_change_makes_reads_slower_and_never_wrong(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s"
    with open_store_at(url) as store, open_store_at(url) as other:
        words = store._barrier  # type: ignore[attr-defined]
        with other._barrier.mark_change():  # type: ignore[attr-defined]
            assert words.stable_counters() is None
            for number in (1, 2):
                other.change("a", increment)
                assert count_in(store.read("a")) == number
        assert words.stable_counters() is not None


def test_who_changes_waits_for_another_process_and_who_reads_does_not(tmp_path: Path) -> None:
    with open_store_at(f"sqlite:///{tmp_path}/s.sqlite") as store, closing(sqlite3.connect(tmp_path / "s.sqlite")) as other:
        store.change("a", increment)
        other.execute("BEGIN IMMEDIATE")
        results: list[Any] = []
        waiting = threading.Thread(target=lambda: results.append(store.change("a", increment)))
        waiting.start()
        assert count_in(store.read("a")) == 1
        other.rollback()
        waiting.join()
        assert results == [2]


def test_an_answer_that_changes_nothing_needs_no_transaction(tmp_path: Path, contract: Contract) -> None:
    """A transaction would wait for the other process, which does not end its own."""
    with open_store_at(f"sqlite:///{tmp_path}/s.sqlite") as store, closing(sqlite3.connect(tmp_path / "s.sqlite")) as other:
        server = MockServer(contract, Settings(), store)
        other.execute("BEGIN IMMEDIATE")
        headers = {"x-access-token": "any"}
        assert server.handle(Request("GET", f"{EXPORTS}/100", "", headers)).status == 200
        assert server.handle(Request("GET", f"{EXPORTS}/1", "", headers)).status == 404
        other.rollback()


def test_a_file_that_stays_locked_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.sandbox.stores.sqlite_connection.PATIENCE", 0.05)
    with open_store_at(f"sqlite:///{tmp_path}/s.sqlite") as store, closing(sqlite3.connect(tmp_path / "s.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            store.change("a", increment)
        other.rollback()
        assert store.change("a", increment) == 1


def test_a_file_that_was_removed_takes_no_change(tmp_path: Path) -> None:
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


# -- Redis -----------------------------------------------------------------------------------------------------------------


def test_a_redis_that_is_gone_is_unavailable_and_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.sandbox.stores.redis.MAX_HELD_ENTRIES", 1)
    lost: list[int] = []
    with ExitStack() as stack:
        with running_redis(tmp_path, 0, "--appendonly", "yes", "--appendfsync", "always") as (_, url):
            store = stack.enter_context(open_store_at(url, lost=lost.append))
            store.change("a", increment)
        for ask in (store.check, lambda: store.read("a"), lambda: store.journal("a"), lambda: store.change("a", increment)):
            with pytest.raises(StoreUnavailable):
                ask()
        store.append("a", encoder_of(b"too many to hold back"))
        store.append("a", encoder_of(b"held back"))
        assert sum(lost) == 1
        port = int(url.rpartition(":")[2].partition("/")[0])
        stack.enter_context(running_redis(tmp_path, port, "--appendonly", "yes"))
        assert store.change("a", increment) == 2
        store._next_try = 0.0  # type: ignore[attr-defined] # no need to wait for it
        assert store.journal("a") == [b"held back"]


def test_a_redis_that_hangs_leaves_open_whether_the_change_was_made(tmp_path: Path) -> None:
    with running_redis(tmp_path) as (process, url), open_store_at(f"{url}?socket_timeout=0.2") as store:

        def hangs(state: SandboxState) -> tuple[SandboxState, int]:
            process.send_signal(signal.SIGSTOP)
            return increment(state)

        with pytest.raises(StoreUnavailable) as caught:
            store.change("a", hangs)
        assert caught.value.unknown
        store.append("a", encoder_of(b"1"))
        with pytest.raises(StoreUnavailable) as caught:
            store.read("a")
        assert not caught.value.unknown
        process.send_signal(signal.SIGCONT)
        assert count_in(store.read("a")) == 1  # made once, and not again
        store._next_try = 0.0  # type: ignore[attr-defined] # no need to wait for it
        store.append("a", encoder_of(b"2"))
        assert store.journal("a") == [b"1", b"2"]


def test_a_change_that_loses_a_race_is_made_on_what_the_other_left(redis_url: str) -> None:
    with open_store_at(redis_url) as one, open_store_at(redis_url) as other:
        one.delete("race")
        tries = []

        def overtaken(state: SandboxState) -> tuple[SandboxState, int]:
            tries.append(count_in(state))
            if len(tries) < 3:
                other.change("race", increment)
            return increment(state)

        assert one.change("race", overtaken) == 3
        assert tries == [0, 1, 2]


def test_a_change_that_always_loses_gives_up(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.sandbox.stores.redis.RACES", 3)
    with open_store_at(redis_url) as one, open_store_at(redis_url) as other:

        def overtaken(state: SandboxState) -> tuple[SandboxState, int]:
            other.change("race", increment)
            return increment(state)

        with pytest.raises(StoreUnavailable, match="other processes"):
            one.change("race", overtaken)


def test_a_redis_that_refuses_to_write_is_known_not_to_have(redis_url: str) -> None:
    with open_store_at(redis_url) as store, closing(redis.Redis.from_url(redis_url)) as client:
        client.config_set("maxmemory", 1)
        with pytest.raises(StoreUnavailable) as caught:
            store.change("full", increment)
        client.config_set("maxmemory", 0)
        assert not caught.value.unknown
        assert store.change("full", increment) == 1
