"""Measure what counting coverage costs: CPU time per request with and without it.

    python bench/coverage.py [--store URL] [--workers N] [--rounds N] [--seconds N]

The loads of both servers alternate. CPU time is that of all processes, kernel included. The ratio
is the median of those of the rounds: with 1.02, counting takes 2 % of a request. Needs `wrk` (a
Debian package).
"""

import argparse
import operator
import statistics
from contextlib import ExitStack

from checkouts import HEADERS, THIS, OurServer, serving
from load import LUA, Workload, require_wrk, send_load

WORKLOADS = {
    "repeated page of 20": Workload(""),
    "repeated export": Workload("/100"),
    "unique page of 20": Workload("", script=LUA / "unique_query.lua"),
    "unique export": Workload("/100", script=LUA / "unique_query.lua"),
    "cancel in a new sandbox": Workload("/100", script=LUA / "cancel.lua"),
}
SETTINGS = ("on", "off")


def cpu_microseconds(server: OurServer, workload: Workload, seconds: int) -> float:
    result = send_load(workload, server.exports_url, HEADERS, seconds, server.process.pid)
    if result.wrong_statuses or result.socket_errors:
        print(f"{result.wrong_statuses} wrong statuses, {result.socket_errors} socket errors")
    return result.cpu_microseconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", default="sqlite:")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    args = parser.parse_args()
    require_wrk()
    options = ["--workers", str(args.workers), "--store", args.store]
    with ExitStack() as stack:
        servers = {
            setting: stack.enter_context(serving(THIS, [*options, "--coverage", setting]))
            for setting in SETTINGS
        }
        for name, workload in WORKLOADS.items():
            times = {setting: [] for setting in SETTINGS}
            for _ in range(args.rounds):
                for setting, server in servers.items():
                    times[setting].append(cpu_microseconds(server, workload, args.seconds))
            on, off = (statistics.median(times[setting]) for setting in SETTINGS)
            ratio = statistics.median(map(operator.truediv, *times.values()))
            print(f"{name:24} on {on:6.1f} us  off {off:6.1f} us  ratio {ratio:.3f}")


if __name__ == "__main__":
    main()
