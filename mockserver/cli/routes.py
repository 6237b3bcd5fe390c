"""`mockserver routes`: operations, statuses and scenarios."""

import argparse

from mockserver import loading
from mockserver.preview import columns


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing of its own."""


def run(args: argparse.Namespace) -> int:
    """Print each operation with the scenarios that speak for it."""
    loaded = loading.load(args.schemas, args.fixtures)
    for served in loaded.served:
        operation = served.operation
        print(f"{operation.method} {served.api.base_path}{operation.uri_template}")
        speaking = [each for each in loaded.scenarios.values() if operation.id in each.operations]
        rows = [("id", operation.id), ("answers", ", ".join(map(str, operation.statuses)))]
        rows += [("scenario" if each is speaking[0] else "", f"{each.name}: {each.title}") for each in speaking]
        print("".join(f"    {line}\n" for line in columns(rows)))
    return 0
