"""Compare the mock server and its peers, all with the same responses and the same load.

    python bench/peers.py [--quick] [--only WORDS] [--markdown] [--folder FOLDER]
                          [--rounds N] [--seconds N] [--warm-up N]

Measured are requests per second, the 99th percentile of the latency, CPU time per request, memory
and cold start. `bench/load.py` describes the workloads, `bench/contenders.py` lists the servers
with their commands, and docs/benchmarks.md explains the figures. A round measures each contender
once. npm installs the pinned peers into FOLDER, by default a temporary one.

A peer that cannot be installed or returns a wrong response is reported with the reason and not
timed. Needs `wrk`, and npm, node, java and nginx for the peers.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from contenders import CONTENDERS, NOT_INSTALLABLE, OURSELVES, Contender
from load import EXPORT_IDS, EXPORTS, WORKLOADS, LoadResult, require_wrk
from processes import pss_megabytes
from same_api import HEADERS, ExpectedResponse, MeasuredApi
from servers import NotMeasurable
from started import started
from tables import Table, median, spread

FEATURES = {
    "requests": "rejects limit=abc",
    "state": "keeps state",
    "journal": "has a journal",
}


@dataclass(slots=True)
class Figures:
    """The results of one contender, a value per round: loads by workload, memory, cold start."""

    loads: dict[str, list[LoadResult]] = field(default_factory=lambda: {n: [] for n in WORKLOADS})
    starts: list[float] = field(default_factory=list)
    idle_megabytes: list[float] = field(default_factory=list)
    loaded_megabytes: list[float] = field(default_factory=list)
    features: dict[str, bool] = field(default_factory=dict)

    def values(self, workload: str, figure: str) -> list[float]:
        return [getattr(result, figure) for result in self.loads[workload]]


Results = dict[Contender, Figures]


def measured_api() -> MeasuredApi:
    """Return the responses of the mock server, which the peers have to return too."""
    paths = {name: EXPORTS + WORKLOADS[name].path for name in ("L", "R", "E")}
    paths |= {str(number): f"{EXPORTS}/{number}" for number in EXPORT_IDS if number != 100}
    with started(OURSELVES, Path(), MeasuredApi({}, {})) as (client, _):
        responses = {}
        for name, path in paths.items():
            responses[name] = ExpectedResponse(path, *client.ask(path, HEADERS))
        return MeasuredApi(responses, json.loads(client.ask("/openapi.json", {})[1]))


def install(contender: Contender, folder: Path) -> Path:
    """Return the node_modules of a contender; install its package if it is missing."""
    if missing := [tool for tool in contender.needs if not shutil.which(tool)]:
        raise NotMeasurable(f"{' and '.join(missing)} must be installed")
    if not contender.package:
        return folder
    modules = folder / contender.package.replace("/", "-") / "node_modules"
    if not modules.exists():
        modules.parent.mkdir(parents=True, exist_ok=True)
        # Install scripts are not needed, so they do not run.
        flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        command = ["npm", "install", "--prefix", str(modules.parent), *flags, contender.package]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            shutil.rmtree(modules.parent)
            raise NotMeasurable(f"npm has no {contender.package}: {result.stderr.strip()[:200]}")
    return modules


def measure(
    contender: Contender,
    modules: Path,
    api: MeasuredApi,
    args: argparse.Namespace,
    figures: Figures,
) -> None:
    """Measure one round with a new process: check, warm up, measure, and test the features."""
    workloads = [name for name in WORKLOADS if name not in contender.cannot]
    with started(contender, modules, api) as (client, process):
        figures.starts.append(process.start_seconds)
        figures.idle_megabytes.append(process.idle_megabytes())
        for name in workloads:
            client.check(name)
            client.warm_up(name, min(contender.warm_up, args.warm_up))
        for name in workloads:
            figures.loads[name].append(client.send(name, args.seconds, process.pid))
            client.check(name)
        figures.loaded_megabytes.append(pss_megabytes(process.pid))
        figures.features = figures.features or client.features()


def run_rounds(args: argparse.Namespace, folder: Path, api: MeasuredApi) -> Results:
    """Run all rounds. A contender that fails is reported and left out of the later rounds."""
    modules: dict[Contender, Path] = {}
    results = {contender: Figures() for contender in selected(args)}
    for number in range(args.rounds):
        for contender, figures in list(results.items()):
            try:
                if contender not in modules:
                    modules[contender] = install(contender, folder)
                measure(contender, modules[contender], api, args, figures)
            except NotMeasurable as error:
                del results[contender]
                report(f"{contender.name} is not measured: {error}")
            else:
                report(f"round {number + 1}  {contender.name:24} {last_rates(figures)}")
    return results


def selected(args: argparse.Namespace) -> list[Contender]:
    words = [word.strip().lower() for word in args.only.split(",") if word.strip()]
    contenders = []
    for contender in CONTENDERS:
        named = any(word in contender.name.lower() for word in words)
        if named or (not words and (contender.quick or not args.quick)):
            contenders.append(contender)
    return contenders


def last_rates(figures: Figures) -> str:
    """Return the requests per second of the last round, and its socket errors."""
    texts = []
    for name, loads in figures.loads.items():
        if loads:
            texts.append(f"{name} {loads[-1].rate:7.0f}/s")
            if loads[-1].socket_errors:
                texts.append(f"with {loads[-1].socket_errors} socket errors")
    return "  ".join(texts)


def report(line: str) -> None:
    """Print the progress where it is not part of the tables."""
    print(line, file=sys.stderr, flush=True)


def rate_table(results: Results) -> Table:
    rows = []
    for contender, figures in results.items():
        rates = [spread(figures.values(name, "rate"), 0) for name in WORKLOADS]
        rows.append([contender.name, *rates])
    return Table("requests/s, median (range)", list(WORKLOADS), rows)


def ratio_table(results: Results) -> Table:
    """Return how many times as fast the mock server is: the median of the rounds' ratios."""
    rows = []
    for contender, figures in results.items():
        cells = []
        for name in WORKLOADS:
            ours = results[OURSELVES].values(name, "rate")
            theirs = figures.values(name, "rate")
            # A contender without this workload has no rates.
            ratios = [our / their for our, their in zip(ours, theirs, strict=False)]
            cells.append(median(ratios, 2))
        rows.append([contender.name, *cells])
    return Table(f"requests/s of {OURSELVES.name} / of", list(WORKLOADS), rows)


def median_table(results: Results, title: str, figure: str, digits: int) -> Table:
    rows = []
    for contender, figures in results.items():
        cells = [median(figures.values(name, figure), digits) for name in WORKLOADS]
        rows.append([contender.name, *cells])
    return Table(title, list(WORKLOADS), rows)


def process_table(results: Results) -> Table:
    rows = []
    for contender, figures in results.items():
        idle = median(figures.idle_megabytes, 0)
        loaded = median(figures.loaded_megabytes, 0)
        rows.append([contender.name, idle, loaded, spread(figures.starts, 2)])
    return Table("processes", ["PSS idle, MB", "PSS loaded, MB", "cold start, s"], rows)


def feature_table(results: Results) -> Table:
    """Return three tested features, and one from the documentation."""
    rows = []
    for contender, figures in results.items():
        cells = []
        for name in FEATURES:
            cells.append("yes" if figures.features[name] else "no")
        rows.append([contender.name, *cells, contender.responses])
    return Table("as started here", [*FEATURES.values(), "validates responses"], rows)


def tables(results: Results) -> list[Table]:
    ratios = [ratio_table(results)] if OURSELVES in results else []
    return [
        rate_table(results),
        *ratios,
        median_table(results, "p99 latency, ms", "p99_milliseconds", 2),
        median_table(results, "CPU-µs per request", "cpu_microseconds", 1),
        process_table(results),
        feature_table(results),
    ]


def notes(results: Results) -> list[str]:
    """Return why cells are empty and servers are missing."""
    lines = []
    for contender in results:
        for name, reason in contender.cannot.items():
            lines.append(f"{contender.name} cannot serve {name}: it {reason}.")
    for name, reason in NOT_INSTALLABLE.items():
        lines.append(f"{name} is not measured: {reason}.")
    return lines


def machine(args: argparse.Namespace, load_before: float) -> str:
    """Return a sentence about the run and one about the machine.

    A quiet machine had a load average near 0 before the run.
    """
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    model = models[0] if models else platform.machine()
    return (
        f"Rounds: {args.rounds}, of {args.seconds} s for each workload. "
        f"Machine: {os.cpu_count()} cores, {model}, "
        f"Linux {platform.release()}, Python {platform.python_version()}. "
        f"Load average before the run: {load_before:.1f}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--warm-up", type=int, default=5, help="limit in seconds per workload")
    parser.add_argument("--quick", action="store_true", help="one short round of the fastest")
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    parser.add_argument("--folder", type=Path, help="where npm installs the peers, and keeps them")
    parser.add_argument("--only", default="", help="parts of names, comma-separated")
    args = parser.parse_args()
    if args.quick:
        args.rounds, args.seconds, args.warm_up = 1, 1, 3
    require_wrk()
    load_before, _, _ = os.getloadavg()
    try:
        api = measured_api()
    except NotMeasurable as error:
        sys.exit(f"bench: the mock server failed, so there is nothing to compare with: {error}")
    with tempfile.TemporaryDirectory() as temporary:
        results = run_rounds(args, args.folder or Path(temporary), api)
    print(machine(args, load_before))
    for table in tables(results):
        text = table.as_markdown() if args.markdown else table.as_text()
        print(f"\n{text}")
    print()
    for note in notes(results):
        print(f"- {note}")


if __name__ == "__main__":
    main()
