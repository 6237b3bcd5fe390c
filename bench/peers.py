"""Requests per second and cold start of the mock server beside its peers, each with the same three answers, in turn in one run.

    python bench/peers.py [--rounds N] [--seconds N] [--warm-up N] [--folder FOLDER] [--only WORD]

L is the list of 20 exports, R one export, E the documented 404. `bench/contenders.py` says who and how; npm installs the peers,
pinned, into FOLDER, or into one that goes again. Ours has two workers, SQLite, validation and journal. Who cannot be had is named
with the reason, and who answers wrongly is not timed. Needs `wrk`; npm, node and java for the peers that are made of them.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from contenders import CONTENDERS, OUT_OF_REACH, Contender
from same_api import Answer, World
from started import Unfit, running
from throughput import TARGETS


@dataclass(slots=True)
class Figures:
    """What was seen of one contender: seconds to the first right answer and requests/s by target, one a round; what it does."""

    starts: list[float] = field(default_factory=list)
    rates: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in TARGETS})
    does: dict[str, bool] = field(default_factory=dict)


def own_world() -> World:
    """The answers of our own server, which the peers are given."""
    with running(CONTENDERS[0], Path(), World({}, {})) as (server, _):
        answers = {name: Answer(path, *server.ask(path)) for name, path in TARGETS.items()}
        return World(answers, json.loads(server.ask("/openapi.json")[1]))


def install(contender: Contender, folder: Path) -> Path:
    """The node_modules that hold it; from npm, unless it is there already."""
    modules = folder / contender.name.split(",")[0] / "node_modules"
    if lacking := [tool for tool in contender.needs if not shutil.which(tool)]:
        raise Unfit(f"{' and '.join(lacking)} must be installed")
    if contender.package and not modules.exists():
        modules.parent.mkdir(parents=True, exist_ok=True)
        # No script of a package is run: none of these needs one.
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        done = subprocess.run(
            ["npm", "install", "--prefix", str(modules.parent), *quiet, contender.package], capture_output=True, text=True
        )
        if done.returncode:
            shutil.rmtree(modules.parent)
            raise Unfit(f"npm has no {contender.package}: {done.stderr.strip()[:200]}")
    return modules


def measure(contender: Contender, modules: Path, world: World, args: argparse.Namespace, figures: Figures) -> None:
    """One round: started anew, checked, warmed up (Java compiles while it runs), timed, then tried for what it does."""
    with running(contender, modules, world) as (server, seconds):
        figures.starts.append(seconds)
        for name in TARGETS:
            server.check(name)
            server.rate(name, args.warm_up)
        for name, values in figures.rates.items():
            values.append(server.rate(name, args.seconds))
            server.check(name)
        figures.does = figures.does or server.does()


def spread(values: list[float], digits: int) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def show_rates(seen: dict[Contender, Figures]) -> None:
    """Medians over the rounds, and from the least to the most."""
    print("\n" + f"{'requests/s':22}" + "".join(f"{name:>22}" for name in (*TARGETS, "cold start, s")))
    for contender, figures in seen.items():
        cells = [*(spread(values, 0) for values in figures.rates.values()), spread(figures.starts, 2)]
        print(f"{contender.name:22}" + "".join(f"{cell:>22}" for cell in cells))


def show_ratios(seen: dict[Contender, Figures]) -> None:
    """The median of each round's ratio to ours; below 1 is slower than ours."""
    for rival in [contender for contender in seen if not contender.package]:
        print("\n" + f"{'beside ' + rival.name:30}" + "".join(f"{name:>7}" for name in TARGETS))
        for contender, figures in seen.items():
            pairs = [zip(figures.rates[name], seen[rival].rates[name], strict=True) for name in TARGETS]
            ratios = [statistics.median(theirs / own for theirs, own in each) for each in pairs]
            print(f"{contender.name:30}" + "".join(f"{ratio:7.2f}" for ratio in ratios))


def show_deeds(seen: dict[Contender, Figures]) -> None:
    """Three things tried, one as its documentation says."""
    columns = {"requests": "refuses limit=abc", "state": "remembers a cancel", "journal": "keeps a journal"}
    print(f"\n{'as it was started':22}" + "".join(f"{title:>20}" for title in columns.values()) + f"{'validates answers':>20}")
    for contender, figures in seen.items():
        tried = "".join(f"{'yes' if figures.does[name] else 'no':>20}" for name in columns)
        print(f"{contender.name:22}{tried}{contender.responses:>20}")


def contest(args: argparse.Namespace, folder: Path, world: World) -> dict[Contender, Figures]:
    """All rounds; who fails is left out from there on, with a sentence."""
    modules: dict[Contender, Path] = {}
    seen = {each: Figures() for each in CONTENDERS if args.only.lower() in each.name.lower()}
    for number in range(args.rounds):
        for contender, figures in list(seen.items()):
            try:
                if contender not in modules:
                    modules[contender] = install(contender, folder)
                measure(contender, modules[contender], world, args, figures)
            except Unfit as why:
                del seen[contender]
                print(f"{contender.name} is not measured: {why}", flush=True)
            else:
                rates = "  ".join(f"{name} {values[-1]:7.0f}/s" for name, values in figures.rates.items())
                print(f"round {number + 1}  {contender.name:22} {rates}  start {figures.starts[-1]:.2f} s", flush=True)
    return seen


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
    for name, why in OUT_OF_REACH.items():
        print(f"{name} is not measured: {why}")
    try:
        world = own_world()
    except Unfit as why:
        print(f"bench: our own server gives no answers to compare with: {why}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as passing:
        seen = contest(args, args.folder or Path(passing), world)
    show_rates(seen)
    show_ratios(seen)
    show_deeds(seen)
    return 0


if __name__ == "__main__":
    sys.exit(main())
