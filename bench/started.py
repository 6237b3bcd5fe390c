"""A server of `bench/contenders.py`, started as it is there, asked, looked at, and ended with whatever it started."""

import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from contenders import ADMIN_TOKEN, Contender
from same_api import HEADERS, World
from throughput import TARGETS, rate

COUNTS = {"L": 20, "R": 1, "E": 0}
PATIENCE = 60.0


class Unfit(Exception):
    """It cannot be measured, and why."""


@dataclass(frozen=True, slots=True)
class Running:
    """A contender that listens."""

    contender: Contender
    port: int

    def path(self, name: str) -> str:
        return self.contender.below + TARGETS[name].removeprefix("/api")

    def headers(self, name: str) -> dict[str, str]:
        return HEADERS | (self.contender.missing if name == "E" else {})

    def ask(self, path: str, headers: dict[str, str] = HEADERS, method: str = "GET") -> tuple[int, bytes]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unfit(f"it did not answer {method} {path}: {error}") from error

    def wrong(self, name: str) -> str:
        """What is wrong with the answer to this target, or nothing."""
        status, body = self.ask(self.path(name), self.headers(name))
        expected, count = 404 if name == "E" else 200, body.count(b'"message_counts"')
        if (status, count) == (expected, COUNTS[name]):
            return ""
        return f"{name} expected {expected} with {COUNTS[name]} exports, actual {status} with {count}: {body[:200].decode()!r}"

    def check(self, name: str) -> None:
        if wrong := self.wrong(name):
            raise Unfit(wrong)

    def rate(self, name: str, seconds: int) -> float:
        try:
            return rate(f"http://127.0.0.1:{self.port}{self.path(name)}", seconds, self.headers(name))
        except subprocess.CalledProcessError as error:
            raise Unfit(f"wrk could not measure {name}: {error.stderr.strip()}") from error

    def does(self) -> dict[str, bool]:
        """Whether it refuses a request that breaks the contract, has noted the requests, remembers what was canceled."""
        invalid, _ = self.ask(self.path("L") + "?limit=abc")
        journal = self.contender.journal or "/no-journal"
        noted = self.ask(journal, HEADERS | {"Authorization": f"Bearer {ADMIN_TOKEN}"})
        before = self.ask(self.path("R"))
        self.ask(self.path("R"), method="DELETE")
        state = self.ask(self.path("R")) != before
        return {"requests": invalid >= 400, "state": state, "journal": noted[0] == 200 and b"/exports" in noted[1]}


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def running(contender: Contender, modules: Path, world: World) -> Iterator[tuple[Running, float]]:
    """The contender and the seconds from exec to its first right answer; ended afterwards, with whatever it started."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as said:
        contender.write(world, Path(folder))
        server = Running(contender, free_port())
        command = contender.started_by(modules, Path(folder), server.port)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
        # As it is run in earnest; and Drakov, which listens on localhost, where it is asked.
        environ = {**kept, "NODE_ENV": "production", "NODE_OPTIONS": "--dns-result-order=ipv4first"}
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environ, stdout=said, stderr=said, cwd=folder, start_new_session=True)
        try:
            wrong = first_answer(server, process, began)
            seconds = time.perf_counter() - began
            if wrong:
                said.seek(0)
                raise Unfit(f"{wrong}; it said: {said.read()[-600:].decode(errors='replace')!r}")
            yield server, seconds
        finally:
            end(process)


def first_answer(server: Running, process: subprocess.Popen[bytes], began: float) -> str:
    """Wait for it; what is wrong, if it does not come."""
    wrong = "it did not answer"
    while process.poll() is None and time.perf_counter() - began < PATIENCE:
        with suppress(Unfit):
            wrong = server.wrong("L")
            if not wrong:
                break
        time.sleep(0.01)
    return wrong


def end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(15)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
