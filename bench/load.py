"""The workloads of the benchmarks, and the load generator wrk, which sends them.

Constant: L is the list of 20 exports, R one export, E the documented 404.
Mixed: M names another export in each request and adds a unique header. B requests one export with
the headers of a browser and a unique `traceparent`.
"""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from processes import cpu_seconds

EXPORTS = "/api/push_notifications/5f3c1a9e-27d4-4b68-9c0e-8a7d6b5e4f32/exports"
EXPORT_IDS = range(100, 120)
"""The exports of the list."""
CONNECTIONS = 32
SETTLE_SECONDS = 1.0
"""Wait after each load, so that its deferred work (a journal's, for example) counts too."""
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60000.0}


@dataclass(frozen=True, slots=True)
class Workload:
    """Requests of one form.

    Args:
        path: The path below the list of exports.
        status: The status of each response.
        script: The Lua file that varies the requests; none for constant requests.

    """

    path: str
    status: int = 200
    script: Path | None = None


LUA = Path(__file__).parent / "lua"
WORKLOADS = {
    "L": Workload(""),
    "R": Workload("/100"),
    "E": Workload("/999999", status=404),
    "M": Workload("", script=LUA / "other_export.lua"),
    "B": Workload("/100", script=LUA / "browser.lua"),
}
MIXED = ("M", "B")
RECORD = b'"message_counts"'
"""Each export has one."""


@dataclass(frozen=True, slots=True)
class LoadResult:
    """One load: its requests per second, the 99th percentile of its latency, and its faults."""

    requests: int
    rate: float
    p99_milliseconds: float
    wrong_statuses: int
    socket_errors: int
    cpu_microseconds: float
    """CPU time of the server's process tree per request."""


def check_list(status: int, body: bytes) -> str:
    """Return what is wrong with a response to L; empty if it is right."""
    return check_count(status, body, 200, len(EXPORT_IDS))


def check_count(status: int, body: bytes, right_status: int, right_count: int) -> str:
    """Return what is wrong with the status or the number of exports; empty if they are right."""
    count = body.count(RECORD)
    if (status, count) == (right_status, right_count):
        return ""
    actual = f"{status} with {count}: {body[:200].decode(errors='replace')!r}"
    return f"expected {right_status} with {right_count} exports, actual {actual}"


def require_wrk() -> None:
    """Exit with a message if wrk is missing."""
    if not shutil.which("wrk"):
        sys.exit("bench: wrk is not installed (Debian package wrk)")


def send_load(
    workload: Workload, exports_url: str, headers: Mapping[str, str], seconds: int, pid: int
) -> LoadResult:
    """Send the requests of a workload for some seconds, and measure the server.

    Args:
        workload: What is requested.
        exports_url: The URL of the list of exports.
        headers: The headers of each request.
        seconds: The duration.
        pid: The first process of the server, whose CPU time is measured.

    Raises:
        subprocess.CalledProcessError: wrk could not connect.

    """
    cpu_before = cpu_seconds(pid)
    output = run_wrk(workload, exports_url, headers, seconds)
    time.sleep(SETTLE_SECONDS)
    return parse_output(output, workload.status, cpu_seconds(pid) - cpu_before)


def run_wrk(workload: Workload, exports_url: str, headers: Mapping[str, str], seconds: int) -> str:
    """Send the requests of a workload for some seconds, and return what wrk printed."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    if workload.script:
        command += ["-s", str(workload.script)]
    command.append(exports_url + workload.path)
    if workload.script:
        command += ["--", str(EXPORT_IDS.start), str(len(EXPORT_IDS))]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def parse_output(output: str, status: int, cpu: float) -> LoadResult:
    """Return what wrk printed, with the CPU seconds of the server per request."""
    requests = int(find(r"(\d+) requests in", output))
    errors = int(find(r"Non-2xx or 3xx responses: (\d+)", output, "0"))
    wrong_statuses = errors
    if status >= 400:
        wrong_statuses = requests - errors
    socket_errors = find(r"Socket errors: (.*)", output, "0")
    return LoadResult(
        requests=requests,
        rate=float(find(r"Requests/sec:\s+([\d.]+)", output)),
        p99_milliseconds=milliseconds(find(r"^\s*99%\s+(\S+)", output)),
        wrong_statuses=wrong_statuses,
        socket_errors=sum(map(int, re.findall(r"\d+", socket_errors))),
        cpu_microseconds=cpu / max(requests, 1) * 1e6,
    )


def find(pattern: str, output: str, default: str = "") -> str:
    match = re.search(pattern, output, re.MULTILINE)
    return match[1] if match else default


def milliseconds(duration: str) -> float:
    """Convert a duration of wrk, for example 1.25ms."""
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", duration).groups()
    return float(number) * MILLISECONDS[unit]
