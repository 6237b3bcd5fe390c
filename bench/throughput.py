"""Compare requests per second of the server and of a bare Flask view that returns the same bytes.

    python bench/throughput.py [--rounds N] [--seconds N] [--workers N] [SERVE-OPTION ...]

Both have the same number of workers; the mock server validates and journals everything. The bare
view runs under the worker classes `sync` and `gthread` of gunicorn; the faster counts. Needs `wrk`
(Debian package). Write `--` before the options of `mockserver serve`.
"""

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from checkouts import BIN, HEADERS, THIS, serving
from load import EXPORTS, WORKLOADS, Workload, require_wrk, send_load
from servers import ask, free_port, running

THREADS = {"sync": 1, "gthread": 8}
CONSTANT = ("L", "R", "E")


def our_rates(options: Sequence[str], seconds: int) -> dict[str, float]:
    """Return the requests per second of the mock server, by workload."""
    rates = {}
    with serving(THIS, options) as server:
        for name in CONSTANT:
            url, pid = server.exports_url, server.process.pid
            rates[name] = send_load(WORKLOADS[name], url, HEADERS, seconds, pid).rate
    return rates


def our_responses(options: Sequence[str]) -> dict[str, bytes]:
    """Return the bodies of the mock server, by workload."""
    with serving(THIS, options) as server:
        bodies = {}
        for name in CONSTANT:
            bodies[name] = ask(server.port, EXPORTS + WORKLOADS[name].path, HEADERS)[1]
        return bodies


def bare_rate(body: bytes, status: int, worker_class: str, workers: int, seconds: int) -> float:
    """Return the requests per second of the bare view."""
    port = free_port()
    command = [str(BIN / "gunicorn"), "--no-control-socket", "--log-level", "error"]
    command += ["--worker-class", worker_class, "--threads", str(THREADS[worker_class])]
    command += ["--workers", str(workers), "--keep-alive", "75"]
    command += ["--bind", f"127.0.0.1:{port}", "bare:app"]

    def find_mismatch() -> str:
        response = ask(port, "/api", {})
        return "" if response == (status, body) else "the bare view returns something else"

    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(body)
        environ = {"BENCH_BODY": file.name, "BENCH_STATUS": str(status)}
        with running(command, find_mismatch, Path(__file__).parent, environ) as process:
            workload, url = Workload("", status), f"http://127.0.0.1:{port}/api"
            return send_load(workload, url, HEADERS, seconds, process.pid).rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("options", nargs="*", help="options of `mockserver serve`, after --")
    args = parser.parse_args()
    require_wrk()
    options = ["--workers", str(args.workers), *args.options]
    bodies = our_responses(options)
    ratios: dict[str, list[float]] = {name: [] for name in CONSTANT}
    for number in range(args.rounds):
        rates = our_rates(options, args.seconds)
        for name, body in bodies.items():
            status = WORKLOADS[name].status
            bare_rates = {}
            for worker_class in THREADS:
                rate = bare_rate(body, status, worker_class, args.workers, args.seconds)
                bare_rates[rate] = worker_class
            best = max(bare_rates)
            ratios[name].append(rates[name] / best)
            print(
                f"round {number + 1}  {name}  mockserver {rates[name]:7.0f}/s  "
                f"bare Flask {best:7.0f}/s ({bare_rates[best]})  ratio {ratios[name][-1]:.2f}",
                flush=True,
            )
    print()
    for name, values in ratios.items():
        size = len(bodies[name])
        middle, low, high = statistics.median(values), min(values), max(values)
        print(f"{name}  {size:5} bytes  median ratio {middle:.2f} (from {low:.2f} to {high:.2f})")


if __name__ == "__main__":
    main()
