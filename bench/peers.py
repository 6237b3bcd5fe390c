"""Compare requests per second and cold start of the mock server and its peers, all with the same three responses.

    python bench/peers.py [--rounds N] [--seconds N] [--warm-up N] [--folder FOLDER] [--only WORD]

L is the list of 20 exports, R one export, E the documented 404. `bench/contenders.py` lists the servers. npm installs
the pinned peers into FOLDER, by default a temporary one. The mock server runs two workers with SQLite, validation and journal.
A peer that cannot be installed or returns a wrong response is reported with the reason and not timed. Needs `wrk`, and npm, node
and java for some peers.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from contenders import CONTENDERS, NOT_INSTALLABLE, Contender
from same_api import ExpectedResponse, MeasuredApi
from started import NotMeasurable, running
from throughput import TARGETS


@dataclass(slots=True)
class Figures:
    """Results of one contender: per round, the seconds to the first right response and requests/s by target; its features."""

    starts: list[float] = field(default_factory=list)
    rates: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in TARGETS})
    features: dict[str, bool] = field(default_factory=dict)


def measured_api() -> MeasuredApi:
    """Return the responses of the mock server, which the peers have to return too."""
    with running(CONTENDERS[0], Path(), MeasuredApi({}, {})) as (server, _):
        responses = {name: ExpectedResponse(path, *server.ask(path)) for name, path in TARGETS.items()}
        return MeasuredApi(responses, json.loads(server.ask("/openapi.json")[1]))


def install(contender: Contender, folder: Path) -> Path:
    """Return the node_modules of a contender; install its package if it is missing."""
    modules = folder / contender.name.split(",")[0] / "node_modules"
    if missing := [tool for tool in contender.needs if not shutil.which(tool)]:
        raise NotMeasurable(f"{' and '.join(missing)} must be installed")
    if contender.package and not modules.exists():
        modules.parent.mkdir(parents=True, exist_ok=True)
        # Install scripts are not needed, so they do not run.
        flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        result = subprocess.run(
            ["npm", "install", "--prefix", str(modules.parent), *flags, contender.package], capture_output=True, text=True
        )
        if result.returncode:
            shutil.rmtree(modules.parent)
            raise NotMeasurable(f"npm has no {contender.package}: {result.stderr.strip()[:200]}")
    return modules


def measure(contender: Contender, modules: Path, api: MeasuredApi, args: argparse.Namespace, figures: Figures) -> None:
    """Measure one round of a new process: check, warm up (Java compiles at run time), measure, and test the features."""
    with running(contender, modules, api) as (server, seconds):
        figures.starts.append(seconds)
        for name in TARGETS:
            server.check(name)
            server.rate(name, args.warm_up)
        for name, values in figures.rates.items():
            values.append(server.rate(name, args.seconds))
            server.check(name)
        figures.features = figures.features or server.features()


def spread(values: list[float], digits: int) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def show_rates(results: dict[Contender, Figures]) -> None:
    """Print the median, minimum and maximum of all rounds."""
    print("\n" + f"{'requests/s':22}" + "".join(f"{name:>22}" for name in (*TARGETS, "cold start, s")))
    for contender, figures in results.items():
        cells = [*(spread(values, 0) for values in figures.rates.values()), spread(figures.starts, 2)]
        print(f"{contender.name:22}" + "".join(f"{cell:>22}" for cell in cells))


def show_ratios(results: dict[Contender, Figures]) -> None:
    """Print the median ratio to the mock server; below 1 is slower."""
    for rival in [contender for contender in results if not contender.package]:
        print("\n" + f"{'relative to ' + rival.name:34}" + "".join(f"{name:>7}" for name in TARGETS))
        for contender, figures in results.items():
            pairs = [zip(figures.rates[name], results[rival].rates[name], strict=True) for name in TARGETS]
            ratios = [median_ratio(pair) for pair in pairs]
            print(f"{contender.name:34}" + "".join(f"{ratio:7.2f}" for ratio in ratios))


def median_ratio(pairs: Iterable[tuple[float, float]]) -> float:
    return statistics.median(theirs / ours for theirs, ours in pairs)


def show_features(results: dict[Contender, Figures]) -> None:
    """Print three tested features, and one from the documentation."""
    columns = {"requests": "rejects limit=abc", "state": "keeps state", "journal": "has a journal"}
    print(f"\n{'as started here':22}" + "".join(f"{title:>20}" for title in columns.values()) + f"{'validates responses':>20}")
    for contender, figures in results.items():
        cells = ["yes" if figures.features[name] else "no" for name in columns]
        print(f"{contender.name:22}" + "".join(f"{cell:>20}" for cell in cells) + f"{contender.responses:>20}")


def run_rounds(args: argparse.Namespace, folder: Path, api: MeasuredApi) -> dict[Contender, Figures]:
    """Run all rounds. A contender that fails is reported and left out of the later rounds."""
    modules: dict[Contender, Path] = {}
    contenders = [contender for contender in CONTENDERS if args.only.lower() in contender.name.lower()]
    results = {contender: Figures() for contender in contenders}
    for number in range(args.rounds):
        for contender, figures in list(results.items()):
            try:
                if contender not in modules:
                    modules[contender] = install(contender, folder)
                measure(contender, modules[contender], api, args, figures)
            except NotMeasurable as error:
                del results[contender]
                print(f"{contender.name} is not measured: {error}", flush=True)
            else:
                rates = "  ".join(f"{name} {values[-1]:7.0f}/s" for name, values in figures.rates.items())
                print(f"round {number + 1}  {contender.name:22} {rates}  start {figures.starts[-1]:.2f} s", flush=True)
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--warm-up", type=int, default=5)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only", default="", help="part of a name")
    args = parser.parse_args()
    if not shutil.which("wrk"):
        print("bench: wrk is not installed (Debian package wrk)", file=sys.stderr)
        return 1
    for name, reason in NOT_INSTALLABLE.items():
        print(f"{name} is not measured: {reason}")
    try:
        api = measured_api()
    except NotMeasurable as error:
        print(f"bench: the mock server failed, so there is nothing to compare with: {error}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as temporary:
        results = run_rounds(args, args.folder or Path(temporary), api)
    show_rates(results)
    show_ratios(results)
    show_features(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
