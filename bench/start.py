"""Measure the cold start (from exec to the first response) and the idle memory of the server.

    python bench/start.py [--runs N] [--other CHECKOUT] [SERVE-OPTION ...]

The first request is the list of exports. With `--other`, the runs of both checkouts alternate,
and the ratio of the medians is printed. The memory is the PSS of all processes, two seconds after
the first response. Write `--` before the options of `mockserver serve`.
"""

import argparse
import statistics
from dataclasses import dataclass, field
from pathlib import Path

from checkouts import THIS, Checkout, other_checkout, serving

MEMORY_RUNS = 3
"""Memory varies less than time, and needs the wait."""


@dataclass(slots=True)
class Figures:
    """The seconds and the megabytes of each run."""

    seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    def add_run(self, checkout: Checkout, options: list[str]) -> None:
        with serving(checkout, options) as server:
            self.seconds.append(server.process.start_seconds)
            if len(self.megabytes) < MEMORY_RUNS:
                self.megabytes.append(server.process.idle_megabytes())


def spread(values: list[float], unit: str) -> str:
    """Return the median, the minimum and the maximum."""
    return f"{statistics.median(values):.3f} {unit} ({min(values):.3f} to {max(values):.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--other", type=Path, help="another checkout, with its own .venv")
    parser.add_argument("options", nargs="*", help="options of `mockserver serve`, after --")
    args = parser.parse_args()
    results = [(THIS, Figures())]
    if args.other:
        results.append((other_checkout(args.other), Figures()))
    for checkout, _ in results:
        Figures().add_run(checkout, args.options)  # the first run reads the files from the disk
    for _ in range(args.runs):
        for checkout, figures in results:
            figures.add_run(checkout, args.options)
    for checkout, figures in results:
        print(f"{checkout.folder.name:20} cold start {spread(figures.seconds, 's')}")
        print(f"{checkout.folder.name:20} idle PSS   {spread(figures.megabytes, 'MB')}")
    if args.other:
        this, other = (statistics.median(figures.seconds) for _, figures in results)
        names = " / ".join(checkout.folder.name for checkout, _ in results)
        print(f"cold start, {names}: {this / other:.2f}")


if __name__ == "__main__":
    main()
