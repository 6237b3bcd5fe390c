"""The uploaded APIs of a store: all processes read them, and a change waits for all processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import redis
from helpers.processes import clean_environ
from helpers.stores import open_store_at

from mockserver.errors import StoreUnavailable
from mockserver.sandbox.stores import redis_uploads
from mockserver.sandbox.stores.store import Store

WORKER = """
import sys
from contextlib import closing
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.open import open_store
from mockserver.sandbox.stores.store import StoreLimits
with closing(open_store({url!r}, SandboxState(), StoreLimits())) as store:
    store.open()
    uploads = store.uploads
    print(uploads.version(), flush=True)
    for line in sys.stdin:
        print(eval(line), flush=True)
"""


class Process:
    """Another process with the store open, which evaluates expressions."""

    def __init__(self, url: str) -> None:
        self.process: Any = subprocess.Popen(
            [sys.executable, "-c", WORKER.format(url=url)],
            env=clean_environ(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.line()

    def line(self) -> str:
        return str(self.process.stdout.readline()).strip()

    def eval(self, expression: str) -> str:
        self.process.stdin.write(f"{expression}\n")
        self.process.stdin.flush()
        return self.line()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture(params=["sqlite", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "redis":
        url: str = request.getfixturevalue("redis_url")
        redis.Redis.from_url(url).flushall()
        return url
    return f"sqlite:///{tmp_path}/store.sqlite"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store_at(url) as opened:
        yield opened


@pytest.fixture
def other(url: str, store: Store) -> Iterator[Process]:
    process = Process(url)
    yield process
    process.end()


def change(store: Store, key: str, document: bytes | None) -> int:
    assert store.uploads.begin()
    version = store.uploads.change(key, document)
    store.uploads.confirm(version)
    store.uploads.end()
    return version


def test_the_memory_store_keeps_documents_in_order_of_their_keys() -> None:
    with open_store_at("memory:") as store:
        change(store, "/b", b"2")
        assert change(store, "/a", b"1") == store.uploads.version()
        assert list(store.uploads.read().documents.items()) == [("/a", b"1"), ("/b", b"2")]
        change(store, "/b", None)
        assert store.uploads.read().documents == {"/a": b"1"}
        assert store.uploads.wait(store.uploads.version(), 0)


def test_another_process_reads_a_change(store: Store, other: Process) -> None:
    before = other.eval("uploads.version()")
    version = change(store, "/notes", b"text \x00")
    assert str(version) == other.eval("uploads.version()") != before
    assert other.eval("uploads.read().documents") == str({"/notes": b"text \x00"})
    change(store, "/notes", None)
    assert other.eval("uploads.read().documents") == "{}"


def test_a_change_waits_until_the_other_process_confirms(store: Store, other: Process) -> None:
    version = change(store, "/notes", b"text")
    assert not store.uploads.wait(version, 0)
    assert other.eval(f"uploads.confirm({version})") == "None"
    assert store.uploads.wait(version, 0)


def test_a_change_does_not_wait_for_a_closed_process(url: str, store: Store) -> None:
    with ExitStack() as stack:
        store_of_other = stack.enter_context(open_store_at(url))
        store_of_other.uploads.version()
        version = change(store, "/notes", b"text")
        assert not store.uploads.wait(version, 0)
    assert store.uploads.wait(version, 0)


def test_only_one_process_changes_uploads_at_a_time(store: Store, other: Process) -> None:
    assert store.uploads.begin()
    assert not store.uploads.begin()
    assert other.eval("uploads.begin()") == "False"
    store.uploads.end()
    assert other.eval("uploads.begin()") == "True"
    assert not store.uploads.begin()
    assert other.eval("uploads.end()") == "None"
    assert store.uploads.begin()
    store.uploads.end()


def test_a_killed_process_neither_blocks_changes_nor_is_waited_for(
    store: Store, other: Process
) -> None:
    assert other.eval("uploads.begin()") == "True"
    os.kill(other.process.pid, signal.SIGKILL)
    other.process.wait()
    while not store.uploads.begin():  # Redis forgets the process after ALIVE_SECONDS
        time.sleep(0.1)
    version = store.uploads.change("/notes", b"text")
    store.uploads.end()
    assert store.uploads.wait(version, redis_uploads.ALIVE_SECONDS + 1)


def test_a_persistent_file_keeps_uploads(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/kept.sqlite"
    with open_store_at(url) as first:
        change(first, "next/notes", b"text")
    with open_store_at(url) as second:
        assert second.uploads.read().documents == {"next/notes": b"text"}


def test_a_redis_process_that_lost_its_change_stores_nothing(redis_url: str) -> None:
    redis.Redis.from_url(redis_url).flushall()
    with open_store_at(redis_url) as first, open_store_at(redis_url) as second:
        assert first.uploads.begin()
        first.uploads._client.delete("mockserver:uploads-changing")  # type: ignore[attr-defined]
        assert second.uploads.begin()
        with pytest.raises(StoreUnavailable, match="another process"):
            first.uploads.change("/notes", b"text")
        first.uploads.end()
        assert "/notes" not in second.uploads.read().documents
        assert second.uploads.change("/notes", b"new") > 0
        second.uploads.end()


def test_redis_forgets_a_change_whose_end_was_lost(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_uploads, "CHANGE_SECONDS", 1)
    redis.Redis.from_url(redis_url).flushall()
    with open_store_at(redis_url) as first, open_store_at(redis_url) as second:
        for _ in range(2):
            assert first.uploads.begin()
            first.uploads._changing.release()  # type: ignore[attr-defined]
        assert not second.uploads.begin()
        while not second.uploads.begin():
            first.uploads.version()  # the process is alive
            time.sleep(0.1)
        second.uploads.end()


def test_reading_the_version_often_writes_little_to_redis(redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    client.flushall()
    with open_store_at(redis_url) as store:
        client.config_resetstat()
        for _ in range(50):
            assert store.uploads.version() == 0
        statistics: Any = client.info("commandstats")
        assert statistics["cmdstat_zadd"]["calls"] < 10
