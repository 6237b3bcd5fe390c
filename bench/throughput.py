"""Compare requests per second of the mock server and of a bare Flask view that returns the same bytes.

    python bench/throughput.py [--rounds N] [--seconds N] [--workers N] [--server granian]

L is the list of 20 exports, R one export, E the documented 404. Both have the same number of workers; the mock server validates
and journals everything. The bare view runs under each worker class of gunicorn; the fastest counts. Needs `wrk` (Debian package).
"""

import argparse
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

NOTIFICATION = "/api/push_notifications/5f3c1a9e-27d4-4b68-9c0e-8a7d6b5e4f32"
TARGETS = {"L": f"{NOTIFICATION}/exports", "R": f"{NOTIFICATION}/exports/100", "E": f"{NOTIFICATION}/exports/999999"}
GOALS = {"L": 1.0, "R": 1.1, "E": 1.0}
CLASSES = ("sync", "gthread", "gevent")
PORT = 18080
ROOT = f"http://127.0.0.1:{PORT}"
HEADERS = {"X-Access-Token": "bench"}
BIN = Path(sys.executable).parent


@contextmanager
def running(command: list[str], **environ: str):
    """Run a server process; it accepts requests when the block starts, and is stopped after it."""
    process = subprocess.Popen(command, env={**os.environ, **environ}, stdout=subprocess.DEVNULL, cwd=Path(__file__).parent)
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(ROOT, timeout=1)
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def get(path: str) -> tuple[int, bytes]:
    request = urllib.request.Request(ROOT + path, headers=HEADERS)
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def rate(url: str, seconds: int, headers: dict[str, str] = HEADERS) -> float:
    lines = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s", *lines, url]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])


def ours(workers: int, server: str) -> list[str]:
    return [str(BIN / "mockserver"), "serve", "--port", str(PORT), "--workers", str(workers), "--server", server]


def bare(worker: str, workers: int) -> list[str]:
    options = [
        "--no-control-socket",
        "--log-level",
        "error",
        "--worker-class",
        worker,
        "--threads",
        "8" if worker == "gthread" else "1",
    ]
    return [
        str(BIN / "gunicorn"),
        *options,
        "--workers",
        str(workers),
        "--keep-alive",
        "75",
        "--bind",
        f"127.0.0.1:{PORT}",
        "bare:app",
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--server", default="gunicorn")
    args = parser.parse_args()
    if not shutil.which("wrk"):
        print("bench: wrk is not installed (Debian package wrk)", file=sys.stderr)
        return 1
    with running(ours(args.workers, args.server)):
        responses = {name: get(path) for name, path in TARGETS.items()}
    ratios: dict[str, list[float]] = {name: [] for name in TARGETS}
    for number in range(args.rounds):
        with running(ours(args.workers, args.server)):
            rates = {name: rate(ROOT + path, args.seconds) for name, path in TARGETS.items()}
        best: dict[str, tuple[float, str]] = {}
        for worker in CLASSES:
            for name, (status, body) in responses.items():
                file = Path(f"/tmp/mockserver-bench-{os.getpid()}")
                file.write_bytes(body)
                with running(bare(worker, args.workers), BENCH_BODY=str(file), BENCH_STATUS=str(status)):
                    best[name] = max(best.get(name, (0.0, "")), (rate(f"{ROOT}/api", args.seconds), worker))
                file.unlink()
        for name in TARGETS:
            ratios[name].append(rates[name] / best[name][0])
            print(
                f"round {number + 1}  {name}  mockserver {rates[name]:7.0f}/s  bare Flask {best[name][0]:7.0f}/s "
                f"({best[name][1]})  ratio {ratios[name][-1]:.2f}",
                flush=True,
            )
    print()
    for name, values in ratios.items():
        size = len(responses[name][1])
        spread = f"from {min(values):.2f} to {max(values):.2f}, goal {GOALS[name]}"
        print(f"{name}  {size:5} bytes  median ratio {statistics.median(values):.2f}  ({spread})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
