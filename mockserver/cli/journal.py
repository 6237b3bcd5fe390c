"""`mockserver journal URL`: what a running server was asked, and whether a CI job should fail for it."""

import argparse
from collections.abc import Callable, Mapping
from typing import Any

from mockserver.cli.settings import add_token
from mockserver.control_client import DEFAULT_URL, call, sandbox_url
from mockserver.errors import UsageError
from mockserver.preview import columns, exchange_details, exchange_row

REASONS: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "violations": lambda exchange: bool(exchange["violations"]),
    "unmatched": lambda exchange: exchange["operation"] is None,
}
"""What `--fail-on` takes, and which exchanges are meant."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The server, the sandbox, and what makes it fail."""
    parser.add_argument("url", nargs="?", default=DEFAULT_URL, help=f"the server; default: {DEFAULT_URL}")
    parser.add_argument("--sandbox", metavar="NAME", help="the sandbox whose journal is read; default: default")
    add_token(parser)
    parser.add_argument("--fail-on", metavar="REASONS", help=f"exit 1 for any of: {', '.join(REASONS)}")


def run(args: argparse.Namespace) -> int:
    """Print the exchanges, oldest first; with `--fail-on` those at fault only, and 1 when there are any."""
    reasons = [reason for reason in (args.fail_on or "").split(",") if reason]
    if args.fail_on is not None and not reasons:
        raise UsageError(f"--fail-on: expected some of {', '.join(REASONS)}, parted by commas, got {args.fail_on!r}")
    unknown = [reason for reason in reasons if reason not in REASONS]
    if unknown:
        raise UsageError(f"--fail-on: expected some of {', '.join(REASONS)}, parted by commas, got {', '.join(unknown)}")
    base = sandbox_url(args.url, args.sandbox)
    exchanges = call(base, "GET", "/requests", args.admin_token)["requests"][::-1]
    shown = [each for each in exchanges if any(REASONS[reason](each) for reason in reasons)] if reasons else exchanges
    for line in columns([exchange_row(each) for each in shown]):
        print(line)
    for each in shown if reasons else ():
        for detail in exchange_details(each):
            print(f"    {each['method']} {each['path']}: {detail}")
    if reasons:
        print(f"{len(shown)} of {len(exchanges)} exchanges with {' or '.join(reasons)}")
    return 1 if reasons and shown else 0
