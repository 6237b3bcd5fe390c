"""Uploaded APIs in real servers: all workers and servers switch before the response."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from helpers.processes import child_ids, running_server
from helpers.stores import running_redis
from helpers.uploads import call, call_once, connect, counter_blueprint, number_of, upload

pytestmark = pytest.mark.server

READERS = 6
UPLOADS = 4
PAUSE = 0.002
"""Seconds between two requests of a reader. Without it, the readers slow the uploads down."""


class Reading:
    """Clients that read a number while it is replaced. Each has an open connection."""

    def __init__(self) -> None:
        self.sent = self.confirmed = 0
        self.end = threading.Event()

    def read(self, url: str) -> int:
        """Read until the end, and return the number of requests."""
        requests, last = 0, 0
        with closing(connect(url)) as connection:
            while not self.end.wait(PAUSE):
                earliest = max(last, self.confirmed)
                status, body = call(connection, "GET", "/counter/number")
                assert status == 200, body
                last = body["number"]
                assert earliest <= last <= self.sent
                requests += 1
        return requests


def replace_while_reading(urls: list[str]) -> None:
    """Upload several versions through the servers in turn, while clients read from all of them."""
    reading = Reading()
    reading.sent = 1
    assert upload(urls[0], 1)[0] == 201
    reading.confirmed = 1
    with ThreadPoolExecutor(READERS) as pool:
        readers = [pool.submit(reading.read, urls[index % len(urls)]) for index in range(READERS)]
        try:
            for number in range(2, UPLOADS + 1):
                reading.sent = number
                status, body = upload(urls[number % len(urls)], number)
                assert status == 200, body
                reading.confirmed = number
        finally:
            reading.end.set()
        assert min(reader.result() for reader in readers) > UPLOADS


def test_no_connection_gets_the_former_api_after_the_response() -> None:
    with running_server("--workers", "2") as process:
        replace_while_reading([process.url])
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
        assert "Traceback" not in process.stderr.read()


def test_all_servers_of_a_redis_switch_before_the_response(tmp_path: Path) -> None:
    with ExitStack() as stack:
        _, redis_url = stack.enter_context(running_redis(tmp_path))
        arguments = ("--workers", "1", "--store", redis_url)
        servers = [stack.enter_context(running_server(*arguments)) for _ in range(2)]
        replace_while_reading([server.url for server in servers])
        later = stack.enter_context(running_server(*arguments))
        assert "/counter/number" in later.banner
        assert number_of(later.url) == UPLOADS
        assert call_once(later.url, "DELETE", "/__admin/apis/counter")[0] == 200
        assert [number_of(server.url) for server in (*servers, later)] == [None, None, None]


def test_a_worker_that_starts_later_serves_the_upload() -> None:
    with running_server("--workers", "2") as process:
        assert upload(process.url, 1)[0] == 201
        workers = child_ids(process.pid)
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        while set(child_ids(process.pid)) & set(workers) or len(child_ids(process.pid)) < 2:
            time.sleep(0.05)
        for _ in range(20):
            assert number_of(process.url) == 1


def children_of_threads(pid: int) -> list[str]:
    """Return the ids of the child processes that any thread of a process has started."""
    children: list[str] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        children += path.read_text().split()
    return children


def test_a_worker_that_is_killed_during_an_upload_does_not_hang_it() -> None:
    with running_server("--workers", "3") as process, closing(connect(process.url)) as connection:
        assert upload(process.url, 1)[0] == 201
        assert call(connection, "GET", "/counter/number")[0] == 200  # connected to one worker
        victims = child_ids(process.pid)
        with ThreadPoolExecutor(1) as pool:
            uploading = pool.submit(upload, process.url, 2)
            while not any(map(children_of_threads, victims)):
                time.sleep(0.01)  # until the child process of the upload runs
            other = next(worker for worker in victims if not children_of_threads(worker))
            os.kill(other, signal.SIGKILL)
            assert uploading.result()[0] == 200
        for _ in range(20):
            assert number_of(process.url) == 2


def test_a_persistent_store_keeps_uploads_for_the_next_start(tmp_path: Path) -> None:
    arguments = ("--workers", "2", "--store", f"sqlite:///{tmp_path}/store.sqlite")
    with running_server(*arguments) as process:
        assert upload(process.url, 7)[0] == 201
        assert upload(process.url, 8, "counter", "?contract=next")[0] == 201
    with running_server(*arguments) as process:
        assert "/counter/number" in process.banner
        assert number_of(process.url) == 7
        _, body = call_once(process.url, "GET", "/__admin/apis")
        sources = [(api["contract"], api["name"], api["source"]) for api in body["apis"]]
        assert sources == [
            ("main", "push_notifications", "shipped"),
            ("main", "counter", "uploaded"),
            ("next", "counter", "uploaded"),
        ]


def test_one_of_several_uploads_at_once_is_served_completely() -> None:
    with running_server("--workers", "2") as process, ThreadPoolExecutor(6) as pool:
        numbers = range(1, 7)
        results = list(pool.map(lambda number: (number, *upload(process.url, number)), numbers))
        done = [number for number, status, _ in results if status in (200, 201)]
        refused = [body["type"] for _, status, body in results if status == 503]
        assert len(done) + len(refused) == len(results)
        assert done
        assert set(refused) <= {"urn:mockserver:problem:upload-not-served"}
        assert {number_of(process.url) for _ in range(20)} <= {done[-1], *done}
        assert len({number_of(process.url) for _ in range(20)}) == 1


def resources(process: Any) -> list[tuple[int, int]]:
    """Return the number of open files and of threads of each worker."""
    counts = []
    for worker in sorted(child_ids(process.pid)):
        folder = Path(f"/proc/{worker}")
        counts.append((len(list(folder.glob("fd/*"))), len(list(folder.glob("task/*")))))
    return counts


def memory(process: Any) -> int:
    """Return the private memory of all workers in kB."""
    total = 0
    for worker in child_ids(process.pid):
        text = Path(f"/proc/{worker}/smaps_rollup").read_text()
        for line in text.splitlines():
            if line.startswith(("Private_Dirty", "Private_Clean")):
                total += int(line.split()[1])
    return total


def test_many_uploads_leave_no_files_threads_or_child_processes(tmp_path: Path) -> None:
    with running_server("--workers", "2", TMPDIR=str(tmp_path)) as process:
        for number in range(4):
            assert upload(process.url, number)[0] in (200, 201)
        files = sorted(path.name for path in tmp_path.rglob("*"))
        before = resources(process)
        for number in range(4, 8):
            assert upload(process.url, number)[0] == 200
            assert call_once(process.url, "PUT", "/__admin/apis/x", {"blueprint": "#"})[0] == 422
        assert sorted(path.name for path in tmp_path.rglob("*")) == files
        assert resources(process) <= [(open_files + 1, 40) for open_files, _ in before]
        assert [children_of_threads(worker) for worker in child_ids(process.pid)] == [[], []]


@pytest.mark.usefixtures("thorough")
def test_a_hundred_uploads_leave_no_memory() -> None:
    with running_server("--workers", "2") as process:
        for number in range(30):
            upload(process.url, number)
        before = memory(process)
        for number in range(30, 100):
            upload(process.url, number)
        assert memory(process) < before * 1.1


def test_a_large_upload_is_rejected_before_it_is_read() -> None:
    with running_server("--workers", "1", "--max-upload", "2000") as process:
        body = {"blueprint": counter_blueprint(1) + "x" * 2000}
        status, problem = call_once(process.url, "PUT", "/__admin/apis/counter", body)
        assert (status, problem["type"]) == (413, "urn:mockserver:problem:body-too-large")
        assert upload(process.url, 1)[0] == 201
