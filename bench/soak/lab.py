"""Shared by the soak scripts: servers on free ports, clients in threads, Redis."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

BUSY = "5f3c1a9e-27d4-4b68-9c0e-8a7d6b5e4f32"
EXPORTS = f"/api/push_notifications/{BUSY}/exports"
TRASH = "/api/push_notifications/trash"
TOKEN = {"X-Access-Token": "soak"}


class Server:
    """One `mockserver serve`."""

    def __init__(self, *arguments: str, port: int = 0) -> None:
        command = [sys.executable, "-m", "mockserver", "serve", "--port", str(port), *arguments]
        environ = {
            name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")
        }
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ)
        self.port = port
        for line in self.process.stdout or ():
            if match := re.search(r"docs +http://\S+?:(\d+)/docs", line):
                self.port = int(match[1])
            if line == "\n" and self.port:
                break
        self.wait()

    def wait(self) -> None:
        """Wait until the server responds."""
        for _ in range(400):
            with suppress(OSError, http.client.HTTPException):
                if self.ask("GET", "/__admin/health")[0] == 200:
                    return
            time.sleep(0.05)
        raise RuntimeError("the server does not respond")

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Send one request on a new connection. Return status and JSON."""
        connection = self.connect()
        try:
            return call(connection, method, path, body, **headers)
        finally:
            connection.close()

    def workers(self) -> list[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def memory(self) -> float:
        """Return the RSS of all its processes, in megabytes."""
        texts = [
            Path(f"/proc/{pid}/status").read_text() for pid in (self.process.pid, *self.workers())
        ]
        kilobytes = [int(re.search(r"VmRSS:\s+(\d+)", text)[1]) for text in texts]
        return sum(kilobytes) / 1024

    def stop(self, number: int = signal.SIGTERM) -> int:
        with suppress(ProcessLookupError):
            self.process.send_signal(number)
        return self.process.wait(30)


def call(
    connection: http.client.HTTPConnection, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, Any]:
    """Send one request. Return status and JSON."""
    extra_headers = {name.replace("_", "-"): value for name, value in headers.items()}
    data = None if body is None else json.dumps(body)
    content_type = {} if body is None else {"Content-Type": "application/json"}
    connection.request(method, path, data, {**TOKEN, **content_type, **extra_headers})
    response = connection.getresponse()
    text = response.read()
    return response.status, json.loads(text) if text else None


@contextmanager
def serving(*arguments: str) -> Iterator[Server]:
    server = Server(*arguments)
    try:
        yield server
    finally:
        server.stop()


def in_parallel(number: int, work: Callable[[int], Any]) -> list[Any]:
    """Return the results of `work(0)` to `work(number - 1)`, run in one thread per call."""
    results: list[Any] = [None] * number
    barrier = threading.Barrier(number)

    def run(index: int) -> None:
        barrier.wait()
        results[index] = work(index)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@contextmanager
def many_exports(count: int) -> Iterator[list[str]]:
    """Yield the flags for fixtures with this number of exports of one push notification."""
    with tempfile.TemporaryDirectory() as folder:
        fixtures = Path(folder) / "fixtures"
        shutil.copytree(Path(__file__).parents[2] / "fixtures", fixtures)
        command = [
            sys.executable,
            "-m",
            "mockserver",
            "fixtures",
            "--fixtures",
            str(fixtures),
            "--count",
            f"exports={count}",
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        yield ["--fixtures", str(fixtures)]


class Redis:
    """A Redis process with an append-only file."""

    def __init__(self, folder: str, port: int) -> None:
        self.port, self.folder = port, folder
        self.start()

    def start(self) -> None:
        command = [
            "redis-server",
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
        ]
        self.process = subprocess.Popen(
            [*command, "--dir", self.folder, "--save", ""], stdout=subprocess.DEVNULL
        )
        time.sleep(0.3)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def stop(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        if number != signal.SIGSTOP:
            self.process.wait(20)
