"""`mockserver scenario on|off|list`: switch or list the scenarios of a running server."""

import argparse
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from mockserver.cli.admin_client import call, call_list, sandbox_url
from mockserver.cli.parser import CommandParser
from mockserver.cli.server_options import add_server
from mockserver.cli.tables import print_table
from mockserver.errors import UsageError

_METHODS = {"on": "PUT", "off": "DELETE"}
ACTIONS = {"on": "Switch on.", "off": "Switch off.", "list": "List all."}
"""The first argument to its meaning. `scenario new` is another command."""
_NAME_COLUMN = 1
"""The column of the table that has the name."""


def add_arguments(parser: CommandParser) -> None:
    """Add the action, the scenarios, the sandbox and the server."""
    text = "Switch on, switch off, or list; `new` writes a file."
    parser.add_choice("action", names=(*ACTIONS, "new"), help=text)
    parser.add_argument("names", nargs="*", default=[], metavar="NAME", help="Scenarios to switch.")
    parser.add_argument("--sandbox", metavar="NAME", help="Sandbox. Default: default.")
    add_server(parser)


def run(args: argparse.Namespace) -> int:
    """Switch scenarios, or list them, and print their state.

    Raises:
        UsageError: The arguments are invalid.
        StartError: The server is not reachable or rejected the call.
    """
    if args.action == "new":
        raise UsageError("scenario: options follow `new`; type `mockserver scenario new NAME ...`")
    url = sandbox_url(args.url, args.sandbox)
    if args.action == "list":
        if args.names:
            raise UsageError("scenario list: takes no names; name a server with --url")
        scenarios = call_list(url, "/scenarios", "scenarios", args.admin_token)
        print_table(list(map(_row, scenarios)), complete=_NAME_COLUMN)
        return 0
    _check_names(args)
    method = _METHODS[args.action]
    for name in args.names:
        scenario = call(url, method, f"/scenarios/{quote(name, safe='')}", args.admin_token)
        print(f"{scenario['name']} is {_state(scenario)}")
    return 0


def _check_names(args: argparse.Namespace) -> None:
    """Raise `UsageError` if no scenario is named, or a server instead of a scenario."""
    if not args.names:
        raise UsageError(
            f"scenario {args.action}: name of a scenario required; see `mockserver scenario list`"
        )
    for name in args.names:
        if "/" in name:
            expected = f"expected the name of a scenario, got {name!r}"
            raise UsageError(f"scenario {args.action}: {expected}; name a server with --url")


def _row(scenario: Mapping[str, Any]) -> tuple[str, ...]:
    operations = ", ".join(scenario["operations"])
    return _state(scenario), scenario["name"], scenario["title"], operations


def _state(scenario: Mapping[str, Any]) -> str:
    return "on" if scenario["on"] else "off"
