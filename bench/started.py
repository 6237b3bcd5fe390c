"""Start a server of `bench/contenders.py`, check its responses, and send load to it."""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from contenders import ADMIN_TOKEN, Contender
from load import EXPORT_IDS, WORKLOADS, LoadResult, check_count, run_wrk, send_load
from same_api import HEADERS, MeasuredApi
from servers import CONNECTION_FAULTS, NotMeasurable, RunningProcess, ask, free_port, running

COUNTS = {"L": 20, "R": 1, "E": 0, "B": 1}
BROWSER = {
    "Origin": "http://localhost:5173",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "traceparent": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
}
"""Those headers of `bench/lua/browser.lua` that can change a response."""
# Production settings; the DNS order is for Drakov, which listens on localhost only.
ENVIRON = {"NODE_ENV": "production", "NODE_OPTIONS": "--dns-result-order=ipv4first"}


@dataclass(frozen=True, slots=True)
class ContenderClient:
    """Requests to a contender on a port."""

    contender: Contender
    port: int

    def path(self, name: str) -> str:
        return self.contender.exports + WORKLOADS[name].path

    def headers(self, name: str) -> dict[str, str]:
        extra_headers = {"E": self.contender.missing, "B": BROWSER}
        return HEADERS | extra_headers.get(name, {})

    def ask(self, path: str, headers: dict[str, str], method: str = "GET") -> tuple[int, bytes]:
        try:
            return ask(self.port, path, headers, method)
        except CONNECTION_FAULTS as error:
            raise NotMeasurable(f"no response to {method} {path}: {error}") from error

    def mismatch(self, name: str) -> str:
        """Return what is wrong with the responses of a workload; empty if they are right."""
        if name == "M":
            return next(filter(None, map(self.record_mismatch, EXPORT_IDS)), "")
        status, body = self.ask(self.path(name), self.headers(name))
        return check_count(status, body, WORKLOADS[name].status, COUNTS[name])

    def record_mismatch(self, export_id: int) -> str:
        """Return what is wrong with the response of an export of the mixed workload."""
        path = f"{self.contender.exports}/{export_id}"
        status, body = self.ask(path, HEADERS | {"X-Request-Id": f"{export_id:08x}"})
        if mismatch := check_count(status, body, 200, 1):
            return mismatch
        record = json.loads(body)
        record = record.get("push_notification_export", record)
        if str(record["id"]) != str(export_id):
            return f"expected the export {export_id}, actual {record['id']}"
        return ""

    def check(self, name: str) -> None:
        """Raise if a response of the workload is wrong."""
        if mismatch := self.mismatch(name):
            raise NotMeasurable(f"{name}: {mismatch}")

    def warm_up(self, name: str, seconds: int) -> None:
        """Send a workload without a measurement."""
        url, headers = self.load_target(name)
        run_wrk(WORKLOADS[name], url, headers, seconds)

    def send(self, name: str, seconds: int, pid: int) -> LoadResult:
        """Send a workload, and measure the server.

        Raises:
            NotMeasurable: wrk failed, or a response had a wrong status.

        """
        url, headers = self.load_target(name)
        try:
            result = send_load(WORKLOADS[name], url, headers, seconds, pid)
        except subprocess.CalledProcessError as error:
            raise NotMeasurable(f"wrk could not send {name}: {error.stderr.strip()}") from error
        if result.wrong_statuses or not result.requests:
            numbers = f"{result.wrong_statuses} of {result.requests}"
            raise NotMeasurable(f"{name}: {numbers} responses had a wrong status")
        return result

    def load_target(self, name: str) -> tuple[str, dict[str, str]]:
        """Return the URL of the list, and the headers that are not in the Lua file."""
        headers = HEADERS if name == "B" else self.headers(name)
        return f"http://127.0.0.1:{self.port}{self.contender.exports}", headers

    def features(self) -> dict[str, bool]:
        """Return what it does with an invalid request, with a cancel, and with its journal."""
        invalid, _ = self.ask(self.path("L") + "?limit=abc", HEADERS)
        path = self.contender.journal or "/no-journal"
        authorization = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
        status, journal = self.ask(path, HEADERS | authorization)
        before = self.ask(self.path("R"), HEADERS)
        self.ask(self.path("R"), HEADERS, method="DELETE")
        has_state = self.ask(self.path("R"), HEADERS) != before
        has_journal = status == 200 and b"/exports" in journal
        return {"requests": invalid >= 400, "state": has_state, "journal": has_journal}


@contextmanager
def started(
    contender: Contender, modules: Path, api: MeasuredApi
) -> Iterator[tuple[ContenderClient, RunningProcess]]:
    """Start the contender, wait for its first right list, and stop it afterwards.

    Raises:
        NotMeasurable: It ended, or did not return the list in time.

    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        client = ContenderClient(contender, free_port())
        contender.write(api, folder, client.port)
        command = contender.arguments(modules, folder, client.port)

        def find_mismatch() -> str:
            status, body = ask(client.port, client.path("L"), HEADERS)
            return check_count(status, body, 200, COUNTS["L"])

        with running(command, find_mismatch, folder, ENVIRON) as process:
            yield client, process
