"""Start a server of `bench/contenders.py`, send requests to it, and stop it with all its child processes."""

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
from same_api import HEADERS, MeasuredApi
from throughput import TARGETS, rate

COUNTS = {"L": 20, "R": 1, "E": 0}
START_TIMEOUT = 60.0


class NotMeasurable(Exception):
    """The reason why a server cannot be measured."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A started contender."""

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
            raise NotMeasurable(f"no response to {method} {path}: {error}") from error

    def mismatch(self, name: str) -> str:
        """Return what is wrong with the response of this target; empty if it is right."""
        status, body = self.ask(self.path(name), self.headers(name))
        expected, count = 404 if name == "E" else 200, body.count(b'"message_counts"')
        if (status, count) == (expected, COUNTS[name]):
            return ""
        return f"{name} expected {expected} with {COUNTS[name]} exports, actual {status} with {count}: {body[:200].decode()!r}"

    def check(self, name: str) -> None:
        if mismatch := self.mismatch(name):
            raise NotMeasurable(mismatch)

    def rate(self, name: str, seconds: int) -> float:
        try:
            return rate(f"http://127.0.0.1:{self.port}{self.path(name)}", seconds, self.headers(name))
        except subprocess.CalledProcessError as error:
            raise NotMeasurable(f"wrk could not measure {name}: {error.stderr.strip()}") from error

    def features(self) -> dict[str, bool]:
        """Return whether it rejects an invalid request, keeps the state after a cancel, and has a journal."""
        invalid, _ = self.ask(self.path("L") + "?limit=abc")
        path = self.contender.journal or "/no-journal"
        status, journal = self.ask(path, HEADERS | {"Authorization": f"Bearer {ADMIN_TOKEN}"})
        before = self.ask(self.path("R"))
        self.ask(self.path("R"), method="DELETE")
        has_state = self.ask(self.path("R")) != before
        has_journal = status == 200 and b"/exports" in journal
        return {"requests": invalid >= 400, "state": has_state, "journal": has_journal}


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def running(contender: Contender, modules: Path, api: MeasuredApi) -> Iterator[tuple[RunningServer, float]]:
    """Start the contender. Yield it with the seconds to its first right response, then stop it with its child processes."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as output:
        contender.write(api, Path(folder))
        server = RunningServer(contender, free_port())
        command = contender.arguments(modules, Path(folder), server.port)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
        # Production settings; the DNS order is for Drakov, which listens on localhost only.
        environ = {**inherited, "NODE_ENV": "production", "NODE_OPTIONS": "--dns-result-order=ipv4first"}
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environ, stdout=output, stderr=output, cwd=folder, start_new_session=True)
        try:
            mismatch = await_first_response(server, process, began)
            seconds = time.perf_counter() - began
            if mismatch:
                output.seek(0)
                raise NotMeasurable(f"{mismatch}; its output: {output.read()[-600:].decode(errors='replace')!r}")
            yield server, seconds
        finally:
            end(process)


def await_first_response(server: RunningServer, process: subprocess.Popen[bytes], began: float) -> str:
    """Wait for the first right response. Return what is wrong; empty if it is right."""
    mismatch = "no response"
    while process.poll() is None and time.perf_counter() - began < START_TIMEOUT:
        with suppress(NotMeasurable):
            mismatch = server.mismatch("L")
            if not mismatch:
                break
        time.sleep(0.01)
    return mismatch


def end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(15)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
