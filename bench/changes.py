"""Measure changes per second over HTTP for each store: each DELETE cancels an export in a new sandbox.

    python bench/changes.py [--seconds N]

With validation, journal and 16 connections. Needs `wrk`, and `redis-server` for the Redis row (Debian packages).
"""

import argparse
import contextlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from throughput import BIN, PORT, running

EXPORT = "/api/push_notifications/5f3c1a9e-27d4-4b68-9c0e-8a7d6b5e4f32/exports/100"
REDIS = PORT + 1
SCRIPT = """
local n = 0
request = function()
  n = n + 1
  return wrk.format("DELETE", nil, {["X-Access-Token"] = "bench", ["X-Mock-Sandbox"] = string.format("s%d", n)})
end
"""
ROWS = (("memory:", 1), ("sqlite:", 1), ("sqlite:", 2), (f"redis://127.0.0.1:{REDIS}/0", 2))
"""Store and workers."""


@contextlib.contextmanager
def redis() -> Iterator[None]:
    """Run a Redis with an append-only file."""
    with tempfile.TemporaryDirectory() as folder:
        call = ["redis-server", "--port", str(REDIS), "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes"]
        process = subprocess.Popen(call, stdout=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=5)
    args = parser.parse_args()
    if not shutil.which("wrk"):
        print("bench: wrk is not installed (Debian package wrk)", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "delete.lua"
        script.write_text(SCRIPT)
        for store, workers in ROWS:
            if store.startswith("redis") and not shutil.which("redis-server"):
                print("redis: skipped, redis-server is not installed")
                continue
            serve = [str(BIN / "mockserver"), "serve", "--port", str(PORT), "--workers", str(workers), "--store", store]
            wrk = ["wrk", "-t1", "-c16", f"-d{args.seconds}s", "-s", str(script), f"http://127.0.0.1:{PORT}{EXPORT}"]
            with redis() if store.startswith("redis") else contextlib.nullcontext(), running(serve):
                output = subprocess.run(wrk, capture_output=True, text=True, check=True).stdout
            rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
            match = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
            refused = match[1] if match else 0
            print(f"{store.partition(':')[0]:7} {workers} worker(s)  {rate:7.0f} changes/s  {refused} refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
