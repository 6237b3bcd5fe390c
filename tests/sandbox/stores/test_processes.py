"""Stores that several processes share: no change is lost, and each process reads all changes."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from helpers.processes import clean_environ
from helpers.stores import count_in, encoder_of, open_store_at

WORKER = """
import sys
from contextlib import closing
from mockserver.errors import StoreUnavailable
from mockserver.sandbox.state import Activation, SandboxState
from mockserver.sandbox.stores.open import open_store
from mockserver.sandbox.stores.store import StoreLimits
def count(state):
    number = state.records.get(("numbers", "1"), {{"count": 0}})["count"] + 1
    return SandboxState(records={{("numbers", "1"): {{"count": number}}}}), number
with closing(open_store({url!r}, SandboxState(), StoreLimits())) as store:
    store.open()
    print("ready", flush=True)
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        try:
            if word == "count":
                for _ in range(int(rest)):
                    print(store.change("a", count), flush=True)
            elif word == "log":
                store.append("a", rest.encode)
            elif word == "read":
                print(store.read("a").records, flush=True)
            elif word == "grow":
                big = SandboxState(scenarios=(Activation("x" * 500_000),))
                store.change("big", lambda state: (big, None))
            elif word == "limit":
                import resource
                resource.setrlimit(resource.RLIMIT_FSIZE, (int(rest), resource.RLIM_INFINITY))
            print("done", flush=True)
        except StoreUnavailable as error:
            print("unavailable", flush=True)
"""


class Worker:
    """Another process with the store open, which executes commands."""

    def __init__(self, url: str) -> None:
        code = WORKER.format(url=url)
        self.process: Any = subprocess.Popen(
            [sys.executable, "-c", code],
            env=clean_environ(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.line() == "ready"

    def send(self, command: str) -> None:
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()

    def line(self) -> str:
        return str(self.process.stdout.readline()).strip()

    def reply(self) -> list[str]:
        """Return the lines of the reply to a command. The last one is its outcome."""
        lines = [self.line()]
        while lines[-1] not in ("done", "unavailable"):
            assert lines[-1], "the worker died"
            lines.append(self.line())
        return lines

    def kill(self) -> list[str]:
        """Kill the process, and return the lines that it had still printed."""
        self.process.kill()
        output = str(self.process.stdout.read())
        self.process.wait()
        return output.split("\n")[:-1]

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.process.stdin.close()
        if kind:
            self.process.kill()
        self.process.stdout.read()
        status = self.process.wait()
        self.process.stdout.close()
        assert kind or status in (0, -signal.SIGKILL)


@pytest.fixture(params=["sqlite", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/s.sqlite"
    redis_url = str(request.getfixturevalue("redis_url"))
    with open_store_at(redis_url) as store:
        store.delete("a")
    return redis_url


def test_no_change_of_many_processes_is_lost(url: str) -> None:
    with ExitStack() as stack:
        workers = [stack.enter_context(Worker(url)) for _ in range(3)]
        for worker in workers:
            worker.send("count 100")
        numbers = []
        for worker in workers:
            numbers += map(int, worker.reply()[:-1])
        assert sorted(numbers) == list(range(1, 301))
    with open_store_at(url) as store:
        assert count_in(store.read("a")) == 300


def test_acknowledged_changes_survive_a_kill(url: str) -> None:
    for _ in range(3):
        with Worker(url) as worker:
            worker.send("count 100000")
            replies = [worker.line() for _ in range(100)] + worker.kill()
        with open_store_at(url) as store:
            # One more change may be stored, and not printed yet.
            assert count_in(store.read("a")) - int(replies[-1]) in (0, 1)
            assert [info.name for info in store.sandboxes()] == ["a"]


def test_the_journal_contains_entries_that_another_process_just_added(url: str) -> None:
    with Worker(url) as one, Worker(url) as other, open_store_at(url) as store:
        expected = []
        for number in range(10):
            worker = (one, other)[number % 2]
            worker.send(f"log {number}")
            assert worker.reply() == ["done"]
            expected.append(b"%d" % number)
            assert store.journal("a") == expected
        one.send("log late")
        assert one.reply() == ["done"]
        store.clear_journal("a")
        assert store.journal("a") == []


def test_a_reader_does_not_wait_for_a_killed_process(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with open_store_at(f"sqlite:///{path}") as store, Worker(f"sqlite:///{path}") as worker:
        worker.kill()
        store.append("a", encoder_of(b"1"))
        assert store.journal("a") == [b"1"]
        shared_memory: Any = store._shared  # type: ignore[attr-defined]
        assert [
            bool(shared_memory._words[slot]) and shared_memory._is_alive(slot) for slot in (2, 4)
        ] == [
            True,
            False,
        ]
        with open_store_at(f"sqlite:///{path}"):
            assert shared_memory._is_alive(4), "the slot of the killed process is used again"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_another_process_with_the_id_of_a_killed_one_is_not_waited_for(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.sqlite"
    with open_store_at(url) as store, Worker(url) as worker:
        worker.kill()
        shared_memory: Any = store.uploads._shared  # type: ignore[attr-defined]
        shared_memory._words[4] += os.getpid() - worker.process.pid
        version = store.uploads.change("/notes", b"text")
        assert store.uploads.wait(version, 0)


def test_a_file_that_cannot_grow_rejects_changes_and_recovers(tmp_path: Path) -> None:
    with Worker(f"sqlite:///{tmp_path}/s.sqlite") as worker:

        def reply_to(command: str) -> list[str]:
            worker.send(command)
            return worker.reply()

        assert reply_to("count 1") == ["1", "done"]
        assert reply_to("limit 100000") == ["done"]
        assert reply_to("grow") == ["unavailable"]
        assert reply_to("log queued") == ["done"]
        assert reply_to("read") == ["{('numbers', '1'): {'count': 1}}", "done"]
        assert reply_to("limit -1") == ["done"]
        assert reply_to("grow") == ["done"]
        assert reply_to("count 1") == ["2", "done"]
