"""Stores shared by several real processes: nothing is lost, whoever is killed, and each sees what the others did."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, clean_environ
from stores_under_test import counted, opened, redis_running

WORKER = """
import gevent.monkey
if {gevent}:
    gevent.monkey.patch_all()
import sys
from stores_under_test import count, opened
from mockserver.stores import StoreUnavailable
with opened({url!r}) as store:
    print("ready", flush=True)
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        try:
            if word == "count":
                for _ in range(int(rest)):
                    print(store.change("a", count), flush=True)
            elif word == "log":
                store.log("a", rest.encode())
            elif word == "read":
                print(store.read("a").records, flush=True)
            elif word == "grow":
                store.change("big", lambda state: (type(state)(scenarios=("x" * 500_000,)), None))
            elif word == "limit":
                import resource
                resource.setrlimit(resource.RLIMIT_FSIZE, (int(rest), resource.RLIM_INFINITY))
            print("done", flush=True)
        except StoreUnavailable as error:
            print("unavailable", flush=True)
"""


class Worker:
    """Another process with the store open, that does what it is told."""

    def __init__(self, url: str, *, gevent: bool = False) -> None:
        code = WORKER.format(url=url, gevent=gevent)
        environ = clean_environ(PYTHONPATH=os.pathsep.join([str(ROOT), str(ROOT / "tests")]))
        self.process: Any = subprocess.Popen(
            [sys.executable, "-c", code], env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
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

    def end(self) -> None:
        self.process.stdin.close()
        self.process.stdout.read()
        assert self.process.wait() in (0, -signal.SIGKILL)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_running(tmp_path_factory.mktemp("redis")) as (_, url):
        yield url


@pytest.fixture(params=["sqlite", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/s.sqlite"
    found = str(request.getfixturevalue("redis_url"))
    with opened(found) as store:
        store.forget("a")
    return found


@pytest.mark.parametrize("gevent", [False, True], ids=["threads", "gevent"])
def test_of_changes_by_many_processes_none_is_lost(url: str, gevent: bool) -> None:
    workers = [Worker(url, gevent=gevent) for _ in range(3)]
    for worker in workers:
        worker.tell("count 100")
    numbers = [int(line) for worker in workers for line in worker.answer()[:-1]]
    assert sorted(numbers) == list(range(1, 301))
    with opened(url) as store:
        assert counted(store.read("a")) == 300
    for worker in workers:
        worker.end()


def test_what_was_acknowledged_outlives_a_kill(url: str) -> None:
    told = 0
    for _ in range(3):
        worker = Worker(url)
        worker.tell("count 100000")
        for _ in range(100):
            told = int(worker.line())
        worker.process.kill()
        rest = [line for line in worker.process.stdout.read().split("\n")[:-1] if line]
        told = int(rest[-1]) if rest else told
        worker.process.wait()
        worker.process.stdout.close()
        worker.process.stdin.close()
        with opened(url) as store:
            # One more may have been made, and not yet been said.
            assert counted(store.read("a")) in (told, told + 1)
            assert [each.name for each in store.sandboxes()] == ["a"]


@pytest.mark.parametrize("gevent", [False, True], ids=["threads", "gevent"])
def test_the_journal_holds_what_another_process_has_just_added(url: str, gevent: bool) -> None:
    with ExitStack() as stack:
        store = stack.enter_context(opened(url))
        workers = [Worker(url, gevent=gevent) for _ in range(2)]
        expected = []
        for number in range(10):
            worker = workers[number % 2]
            worker.tell(f"log {number}")
            assert worker.answer() == ["done"]
            expected.append(b"%d" % number)
            assert store.logged("a") == expected
        store.clear_log("a")
        assert store.logged("a") == []
        for worker in workers:
            worker.end()


def test_a_process_that_was_killed_is_not_waited_for(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.sqlite"
    with opened(url) as store:
        worker = Worker(url)
        worker.process.kill()
        worker.process.wait()
        store.log("a", b"1")
        assert store.logged("a") == [b"1"]
        others = store._journal._barrier  # type: ignore[attr-defined]
        assert [slot for slot in range(2, 12, 2) if others._lives(slot)] == [2]
        worker.process.stdin.close()
        worker.process.stdout.close()


def test_a_file_that_may_not_grow_refuses_changes_and_recovers(tmp_path: Path) -> None:
    worker = Worker(f"sqlite:///{tmp_path}/s.sqlite")

    def told(order: str) -> list[str]:
        worker.tell(order)
        return worker.answer()

    assert told("count 1") == ["1", "done"]
    assert told("limit 100000") == ["done"]
    assert told("grow") == ["unavailable"]
    assert told("log kept back") == ["done"]
    assert told("read") == ["{('numbers', '1'): {'count': 1}}", "done"]
    assert told("limit -1") == ["done"]
    assert told("grow") == ["done"]
    assert told("count 1") == ["2", "done"]
    worker.end()
