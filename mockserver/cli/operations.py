"""`mockserver operations`: operations, statuses and scenarios."""

import argparse

from mockserver.cli.tables import columns
from mockserver.contract import loader
from mockserver.contract.scenarios.scenario import Scenario


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing of its own."""


def run(args: argparse.Namespace) -> int:
    """Print each operation with the scenarios that speak for it, and those that speak for all."""
    loaded = loader.load_contract(args.schemas, args.fixtures)
    for served in loaded.served:
        operation = served.operation
        print(f"{operation.method} {served.api.base_path}{operation.uri_template}")
        speaking = [each for each in loaded.scenarios.values() if each.api and operation.id in each.operations]
        rows = [("id", operation.id), ("answers", ", ".join(map(str, operation.statuses)))]
        print("".join(f"    {line}\n" for line in columns([*rows, *_rows(speaking)])))
    print("every operation", *columns(_rows([each for each in loaded.scenarios.values() if not each.api])), sep="\n    ")
    return 0


def _rows(speaking: list[Scenario]) -> list[tuple[str, str]]:
    return [("" if index else "scenario", f"{each.name}: {each.title}") for index, each in enumerate(speaking)]
