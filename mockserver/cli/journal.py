"""`mockserver journal URL`: what a running server was asked, and whether a CI job should fail for it.

Tests that share a server have a sandbox each, and so has each of them a journal: unless one is named, all are read.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.cli.admin_client import DEFAULT_URL, call, sandbox_url
from mockserver.cli.options import add_token
from mockserver.cli.tables import columns, exchange_details, exchange_row
from mockserver.config.settings import Settings
from mockserver.errors import UsageError

REASONS: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "violations": lambda exchange: bool(exchange["violations"]),
    "unmatched": lambda exchange: exchange["operation"] is None,
}
"""What `--fail-on` takes, and which exchanges are meant."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The server, the sandbox, and what makes it fail."""
    parser.add_argument("url", nargs="?", default=DEFAULT_URL, help=f"URL of the server. Default: {DEFAULT_URL}.")
    parser.add_argument("--sandbox", metavar="NAME", help="Sandbox to read. Default: all, or the one in the URL.")
    add_token(parser)
    parser.add_argument(
        "--fail-on", metavar="REASONS", help=f"Exit with 1 for any of these, comma-separated: {', '.join(REASONS)}."
    )


def run(args: argparse.Namespace) -> int:
    """Print the exchanges, oldest first; with `--fail-on` those at fault only, and 1 when there are any."""
    reasons = [reason for reason in (args.fail_on or "").split(",") if reason]
    if args.fail_on is not None and not reasons:
        raise UsageError(f"--fail-on: expected one or more of {', '.join(REASONS)}, comma-separated, got {args.fail_on!r}")
    unknown = [reason for reason in reasons if reason not in REASONS]
    if unknown:
        raise UsageError(
            f"--fail-on: unknown reason {', '.join(unknown)}; expected one or more of {', '.join(REASONS)}, comma-separated"
        )
    exchanges = _of_one(sandbox_url(args.url, args.sandbox), args.admin_token) if _names_one(args) else _of_all(args)
    shown = [each for each in exchanges if any(REASONS[reason](each) for reason in reasons)] if reasons else exchanges
    several = len({each["sandbox"] for each in exchanges}) > 1
    for line in columns([(*([each["sandbox"]] if several else []), *exchange_row(each)) for each in shown]):
        print(line)
    for each in shown if reasons else ():
        for detail in exchange_details(each):
            print(f"    {each['method']} {each['path']}: {detail}")
    if reasons:
        print(f"{len(shown)} of {len(exchanges)} exchanges with {' or '.join(reasons)}")
        for gone in _unreachable(exchanges, args):
            print(f"mockserver: warning: {gone}; the result may be incomplete", file=sys.stderr)
    return 1 if reasons and shown else 0


def _names_one(args: argparse.Namespace) -> bool:
    return args.sandbox is not None or "/~" in args.url


def _of_one(base: str, token: str | None) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = call(base, "GET", "/requests", token)["requests"]
    return found[::-1]


def _of_all(args: argparse.Namespace) -> list[Mapping[str, Any]]:
    """The exchanges of all sandboxes, in the order of time."""
    names = [each["name"] for each in call(args.url, "GET", "/sandboxes", args.admin_token)["sandboxes"]]
    found = [each for name in names for each in _of_one(sandbox_url(args.url, name), args.admin_token)]
    return sorted(found, key=lambda exchange: float(exchange["time"]))


def _unreachable(exchanges: Sequence[Mapping[str, Any]], args: argparse.Namespace) -> Iterator[str]:
    """What may be missing here, because there is only room for so much or because the store took nothing."""
    if lost := call(args.url, "GET", "/requests?limit=0", args.admin_token)["meta"]["lost"]:
        yield f"{lost} exchanges were lost because the store was unavailable"
    size = int(call(args.url, "GET", "/settings", args.admin_token)["journal_size"])
    counts = Counter(each["sandbox"] for each in exchanges)
    for name in sorted(name for name, count in counts.items() if count >= size):
        yield f"the journal of sandbox {name} is full ({size} exchanges, --journal-size); older exchanges may be missing"
    if len(exchanges) >= (maximum := Settings(journal_size=size).max_total_exchanges):
        yield f"the journals together are full ({maximum} exchanges); older exchanges may be missing"
