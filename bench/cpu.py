"""Measure CPU time per request, latency and memory of the server, in a minute.

    python bench/cpu.py [--workers N] [--other CHECKOUT] [--rounds N] [--seconds N] [--only LREMB]
                        [SERVE-OPTION ...]

`bench/load.py` describes the workloads. CPU time is that of all processes, kernel included, and
depends less on other programs than requests per second. With `--other`, the loads of both
checkouts alternate. Write `--` before the options of `mockserver serve` for this checkout.
"""

import argparse
import statistics
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from checkouts import HEADERS, THIS, OurServer, other_checkout, serving
from load import WORKLOADS, LoadResult, require_wrk, send_load
from processes import pss_megabytes

WARM_UP_SECONDS = 1


@dataclass(slots=True, eq=False)
class MeasuredServer:
    """A running server with its idle memory and, by workload, its results."""

    label: str
    server: OurServer
    idle_megabytes: float
    results: dict[str, list[LoadResult]] = field(default_factory=dict)

    def send(self, name: str, seconds: int) -> LoadResult:
        server = self.server
        result = send_load(
            WORKLOADS[name], server.exports_url, HEADERS, seconds, server.process.pid
        )
        if result.wrong_statuses or result.socket_errors:
            print(
                f"{self.label}: {name} has {result.wrong_statuses} wrong statuses and "
                f"{result.socket_errors} socket errors in {result.requests} requests"
            )
        return result

    def add_result(self, name: str, seconds: int) -> None:
        self.results.setdefault(name, []).append(self.send(name, seconds))

    def median(self, name: str, figure: str) -> float:
        return statistics.median(getattr(result, figure) for result in self.results[name])


def show(measured: list[MeasuredServer], names: str) -> None:
    """Print the medians of all rounds."""
    title = "us CPU   req/s  p99 ms"
    print(" " * 20 + "".join(f"|  {name}: {title} " for name in names) + "| PSS MB idle, loaded")
    for one in measured:
        cells = []
        for name in names:
            cpu = one.median(name, "cpu_microseconds")
            rate = one.median(name, "rate")
            p99 = one.median(name, "p99_milliseconds")
            cells.append(f"| {cpu:10.1f} {rate:7.0f} {p99:7.2f} ")
        memory = f"| {one.idle_megabytes:.0f}, {pss_megabytes(one.server.process.pid):.0f}"
        print(f"{one.label:20}" + "".join(cells) + memory)


def show_ratios(first: MeasuredServer, second: MeasuredServer, names: str) -> None:
    ratios = []
    for name in names:
        ratio = first.median(name, "cpu_microseconds") / second.median(name, "cpu_microseconds")
        ratios.append(f"{name} {ratio:.2f}")
    print(f"CPU, {first.label} / {second.label}: " + "  ".join(ratios))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--other", type=Path, help="another checkout, with its own .venv")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--only", default="".join(WORKLOADS), help="letters of workloads")
    parser.add_argument("options", nargs="*", help="options of `mockserver serve`, after --")
    args = parser.parse_args()
    require_wrk()
    workers = ["--workers", str(args.workers)]
    servers = [("this", THIS, [*workers, *args.options])]
    if args.other:
        servers.append(("other", other_checkout(args.other), workers))
    with ExitStack() as stack:
        measured = []
        for label, checkout, options in servers:
            server = stack.enter_context(serving(checkout, options))
            one = MeasuredServer(label, server, server.process.idle_megabytes())
            measured.append(one)
            for name in args.only:
                one.send(name, WARM_UP_SECONDS)
        for _ in range(args.rounds):
            for name in args.only:
                for one in measured:
                    one.add_result(name, args.seconds)
        show(measured, args.only)
        if args.other:
            show_ratios(*measured, args.only)


if __name__ == "__main__":
    main()
