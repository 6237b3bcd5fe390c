"""`mockserver operations`: list operations, statuses and scenarios."""

import argparse

from mockserver.cli.blueprints.sources import contract_source
from mockserver.cli.message_formats import print_messages
from mockserver.cli.options import CONTRACT, add_settings, settings_of
from mockserver.cli.tables import print_table
from mockserver.contract.model import Contract
from mockserver.contract.scenarios.scenario import Scenario


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the files and folders of the contract."""
    add_settings(parser, CONTRACT)


def run(args: argparse.Namespace) -> int:
    """Print each operation with its scenarios, then the scenarios of all operations."""
    loaded = contract_source(settings_of(args)).load()
    print_messages(loaded.messages)
    for served in loaded.served:
        operation = served.operation
        print(f"{operation.method} {served.api.base_path}{operation.uri_template}")
        statuses = ", ".join(map(str, operation.statuses))
        rows = [("id", operation.id), ("statuses", statuses)]
        rows += _rows(_scenarios_of(loaded, operation.id))
        print_table(rows, indent="    ")
        print()
    shared = [scenario for scenario in loaded.scenarios.values() if not scenario.api]
    print("all operations")
    print_table(_rows(shared), indent="    ")
    return 0


def _scenarios_of(contract: Contract, operation_id: str) -> list[Scenario]:
    """Return the scenarios of one operation, without those of all operations."""
    scenarios = []
    for scenario in contract.scenarios.values():
        if scenario.api and operation_id in scenario.operations:
            scenarios.append(scenario)
    return scenarios


def _rows(scenarios: list[Scenario]) -> list[tuple[str, str]]:
    """Return a row for each scenario; only the first one has a heading."""
    rows = []
    heading = "scenario"
    for scenario in scenarios:
        rows.append((heading, f"{scenario.name}: {scenario.title}"))
        heading = ""
    return rows
