"""Stores that several real processes share: no change is lost, and each process sees the changes of the others."""

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
                store.change("big", lambda state: (SandboxState(scenarios=(Activation("x" * 500_000),)), None))
            elif word == "limit":
                import resource
                resource.setrlimit(resource.RLIMIT_FSIZE, (int(rest), resource.RLIM_INFINITY))
            print("done", flush=True)
        except StoreUnavailable as error:
            print("unavailable", flush=True)
"""


class Worker:
    """Another process with the store open, that obeys orders."""

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

    def tell(self, order: str) -> None:
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()

    def line(self) -> str:
        return str(self.process.stdout.readline()).strip()

    def answer(self) -> list[str]:
        """The lines up to the one that ends the order; that one last."""
        lines = [self.line()]
        while lines[-1] not in ("done", "unavailable"):
            assert lines[-1], "the worker died"
            lines.append(self.line())
        return lines

    def kill(self) -> list[str]:
        """kill -9; what it had still said."""
        self.process.kill()
        said = str(self.process.stdout.read())
        self.process.wait()
        return said.split("\n")[:-1]

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.process.stdin.close()
        if kind:
            self.process.kill()
        self.process.stdout.read()
        ended = self.process.wait()
        self.process.stdout.close()
        assert kind or ended in (0, -signal.SIGKILL)


@pytest.fixture(params=["sqlite", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/s.sqlite"
    found = str(request.getfixturevalue("redis_url"))
    with open_store_at(found) as store:
        store.delete("a")
    return found


def test_of_changes_by_many_processes_none_is_lost(url: str) -> None:
    with ExitStack() as stack:
        workers = [stack.enter_context(Worker(url)) for _ in range(3)]
        for worker in workers:
            worker.tell("count 100")
        numbers = [int(line) for worker in workers for line in worker.answer()[:-1]]
        assert sorted(numbers) == list(range(1, 301))
    with open_store_at(url) as store:
        assert count_in(store.read("a")) == 300


def test_acknowledged_changes_survive_a_kill(url: str) -> None:
    for _ in range(3):
        with Worker(url) as worker:
            worker.tell("count 100000")
            replies = [worker.line() for _ in range(100)] + worker.kill()
        with open_store_at(url) as store:
            # One more may have been made, and not yet been said.
            assert count_in(store.read("a")) - int(replies[-1]) in (0, 1)
            assert [each.name for each in store.sandboxes()] == ["a"]


def test_the_journal_holds_what_another_process_has_just_added(url: str) -> None:
    with Worker(url) as one, Worker(url) as other, open_store_at(url) as store:
        expected = []
        for number in range(10):
            worker = other if number % 2 else one
            worker.tell(f"log {number}")
            assert worker.answer() == ["done"]
            expected.append(b"%d" % number)
            assert store.journal("a") == expected
        one.tell("log late")
        assert one.answer() == ["done"]
        store.clear_journal("a")
        assert store.journal("a") == []


def test_a_process_that_was_killed_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with open_store_at(f"sqlite:///{path}") as store, Worker(f"sqlite:///{path}") as worker:
        worker.kill()
        store.append("a", encoder_of(b"1"))
        assert store.journal("a") == [b"1"]
        barrier: Any = store._shared  # type: ignore[attr-defined]
        assert [bool(barrier._words[slot]) and barrier._is_alive(slot) for slot in (2, 4)] == [
            True,
            False,
        ]
        with open_store_at(f"sqlite:///{path}"):
            assert barrier._is_alive(4), "the slot of the dead is used again"


def test_a_file_that_may_not_grow_refuses_changes_and_recovers(tmp_path: Path) -> None:
    with Worker(f"sqlite:///{tmp_path}/s.sqlite") as worker:

        def reply_to(order: str) -> list[str]:
            worker.tell(order)
            return worker.answer()

        assert reply_to("count 1") == ["1", "done"]
        assert reply_to("limit 100000") == ["done"]
        assert reply_to("grow") == ["unavailable"]
        assert reply_to("log kept back") == ["done"]
        assert reply_to("read") == ["{('numbers', '1'): {'count': 1}}", "done"]
        assert reply_to("limit -1") == ["done"]
        assert reply_to("grow") == ["done"]
        assert reply_to("count 1") == ["2", "done"]
