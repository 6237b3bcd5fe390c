"""`mockserver scenario on|off|list`: switch or list the scenarios of a running server."""

import argparse
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from mockserver.cli.admin_client import DEFAULT_URL, call, sandbox_url
from mockserver.cli.options import add_token
from mockserver.cli.tables import columns
from mockserver.errors import UsageError

_METHODS = {"on": "PUT", "off": "DELETE"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the action, the scenarios, the sandbox and the server."""
    parser.add_argument(
        "action", choices=["on", "off", "list"], help="Switch on, switch off, or list."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="Scenarios to switch.")
    parser.add_argument("--sandbox", metavar="NAME", help="Sandbox. Default: default.")
    parser.add_argument(
        "--url", default=DEFAULT_URL, help=f"URL of the server. Default: {DEFAULT_URL}."
    )
    add_token(parser)


def run(args: argparse.Namespace) -> int:
    """Switch scenarios, or list them, and print their state.

    Raises:
        UsageError: The arguments are invalid.
        StartError: The server is not reachable or rejected the call.
    """
    url = sandbox_url(args.url, args.sandbox)
    if args.action == "list":
        if args.names:
            raise UsageError("scenario list: takes no names")
        scenarios = call(url, "GET", "/scenarios", args.admin_token)["scenarios"]
        for line in columns(list(map(_row, scenarios))):
            print(line)
        return 0
    if not args.names:
        raise UsageError(f"scenario {args.action}: name of a scenario required")
    method = _METHODS[args.action]
    for name in args.names:
        scenario = call(url, method, f"/scenarios/{quote(name, safe='')}", args.admin_token)
        print(f"{scenario['name']} is {_state(scenario)}")
    return 0


def _row(scenario: Mapping[str, Any]) -> tuple[str, ...]:
    operations = ", ".join(scenario["operations"])
    return _state(scenario), scenario["name"], scenario["title"], operations


def _state(scenario: Mapping[str, Any]) -> str:
    return "on" if scenario["on"] else "off"
