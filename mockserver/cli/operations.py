"""`mockserver operations`: list operations, statuses and scenarios."""

import argparse

from mockserver.cli.tables import columns
from mockserver.contract import loader
from mockserver.contract.scenarios.scenario import Scenario


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add no arguments."""


def run(args: argparse.Namespace) -> int:
    """Print each operation with its scenarios, then the scenarios of all operations."""
    loaded = loader.load_contract(args.schemas, args.fixtures)
    for served in loaded.served:
        operation = served.operation
        print(f"{operation.method} {served.api.base_path}{operation.uri_template}")
        scenarios = [
            each
            for each in loaded.scenarios.values()
            if each.api and operation.id in each.operations
        ]
        rows = [("id", operation.id), ("statuses", ", ".join(map(str, operation.statuses)))]
        print("".join(f"    {line}\n" for line in columns([*rows, *_rows(scenarios)])))
    shared = [each for each in loaded.scenarios.values() if not each.api]
    print("all operations", *columns(_rows(shared)), sep="\n    ")
    return 0


def _rows(scenarios: list[Scenario]) -> list[tuple[str, str]]:
    """Return a row for each scenario; only the first one has a heading."""
    texts = [f"{scenario.name}: {scenario.title}" for scenario in scenarios]
    headings = ["scenario", *[""] * len(texts)]
    return list(zip(headings, texts, strict=False))
