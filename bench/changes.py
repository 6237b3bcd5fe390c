"""Measure changes per second over HTTP for each store: each cancels an export in a new sandbox.

    python bench/changes.py [--seconds N]

With validation, journal and 32 connections. Needs `wrk`, and `redis-server` for the row of Redis
(Debian packages).
"""

import argparse
import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

from checkouts import HEADERS, THIS, serving
from load import LUA, Workload, require_wrk, send_load
from servers import free_port

CANCEL = Workload("/100", script=LUA / "cancel.lua")
ROWS = (("memory:", 1), ("sqlite:", 1), ("sqlite:", 2), ("redis:", 2))
"""Store and workers."""


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """Run a Redis with an append-only file, and yield its URL."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", folder]
        process = subprocess.Popen([*command, "--appendonly", "yes"], stdout=subprocess.DEVNULL)
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()
            process.wait(20)


def measure(store: str, workers: int, seconds: int) -> str:
    """Return the rate and the CPU time of the changes, and how many were rejected."""
    options = ["--workers", str(workers), "--store", store]
    with serving(THIS, options) as server:
        result = send_load(CANCEL, server.exports_url, HEADERS, seconds, server.process.pid)
    rate, cpu = f"{result.rate:7.0f} changes/s", f"{result.cpu_microseconds:7.1f} us CPU each"
    return f"{rate}  {cpu}  {result.wrong_statuses} rejected"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=5)
    args = parser.parse_args()
    require_wrk()
    for store, workers in ROWS:
        if store != "redis:":
            line = measure(store, workers, args.seconds)
        elif shutil.which("redis-server"):
            with redis() as url:
                line = measure(url, workers, args.seconds)
        else:
            line = "skipped, redis-server is not installed"
        print(f"{store:8} {workers} worker(s)  {line}")


if __name__ == "__main__":
    main()
