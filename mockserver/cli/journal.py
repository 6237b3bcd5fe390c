"""`mockserver journal URL`: show the requests that a running server received, and fail a CI job if requested.

Tests that share a server use one sandbox, and so one journal, per test. By default the journals of all sandboxes are read.
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
"""Values of `--fail-on`, and the exchanges that each selects."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the server, the sandbox and the reasons to fail."""
    parser.add_argument("url", nargs="?", default=DEFAULT_URL, help=f"URL of the server. Default: {DEFAULT_URL}.")
    parser.add_argument("--sandbox", metavar="NAME", help="Sandbox to read. Default: all, or the one in the URL.")
    add_token(parser)
    parser.add_argument(
        "--fail-on", metavar="REASONS", help=f"Exit with 1 for any of these, comma-separated: {', '.join(REASONS)}."
    )


def run(args: argparse.Namespace) -> int:
    """Print the exchanges, oldest first. With `--fail-on`, print only those selected, and return 1 if there are any."""
    reasons = [reason for reason in (args.fail_on or "").split(",") if reason]
    if args.fail_on is not None and not reasons:
        raise UsageError(f"--fail-on: expected one or more of {', '.join(REASONS)}, comma-separated, got {args.fail_on!r}")
    unknown = [reason for reason in reasons if reason not in REASONS]
    if unknown:
        raise UsageError(
            f"--fail-on: unknown reason {', '.join(unknown)}; expected one or more of {', '.join(REASONS)}, comma-separated"
        )
    exchanges = _of_one(sandbox_url(args.url, args.sandbox), args.admin_token) if _names_one(args) else _of_all(args)
    selected = exchanges
    if reasons:
        selected = [each for each in exchanges if any(REASONS[reason](each) for reason in reasons)]
    _print_exchanges(selected, with_sandbox=len({each["sandbox"] for each in exchanges}) > 1)
    if reasons:
        _print_details(selected)
        print(f"{len(selected)} of {len(exchanges)} exchanges with {' or '.join(reasons)}")
        for reason in _missing_exchanges(exchanges, args):
            print(f"mockserver: warning: {reason}; the result may be incomplete", file=sys.stderr)
    return 1 if reasons and selected else 0


def _print_exchanges(exchanges: Sequence[Mapping[str, Any]], with_sandbox: bool) -> None:
    rows = [exchange_row(exchange) for exchange in exchanges]
    if with_sandbox:
        rows = [(exchange["sandbox"], *row) for exchange, row in zip(exchanges, rows, strict=True)]
    for line in columns(rows):
        print(line)


def _print_details(exchanges: Sequence[Mapping[str, Any]]) -> None:
    for exchange in exchanges:
        for detail in exchange_details(exchange):
            print(f"    {exchange['method']} {exchange['path']}: {detail}")


def _names_one(args: argparse.Namespace) -> bool:
    return args.sandbox is not None or "/~" in args.url


def _of_one(base: str, token: str | None) -> list[Mapping[str, Any]]:
    newest_first: list[Mapping[str, Any]] = call(base, "GET", "/requests", token)["requests"]
    return newest_first[::-1]


def _of_all(args: argparse.Namespace) -> list[Mapping[str, Any]]:
    """Return the exchanges of all sandboxes, ordered by time."""
    names = [each["name"] for each in call(args.url, "GET", "/sandboxes", args.admin_token)["sandboxes"]]
    exchanges = [each for name in names for each in _of_one(sandbox_url(args.url, name), args.admin_token)]
    return sorted(exchanges, key=lambda exchange: float(exchange["time"]))


def _missing_exchanges(exchanges: Sequence[Mapping[str, Any]], args: argparse.Namespace) -> Iterator[str]:
    """Yield why exchanges may be missing: the store was unavailable, or a journal is full."""
    if lost := call(args.url, "GET", "/requests?limit=0", args.admin_token)["meta"]["lost"]:
        yield f"{lost} exchanges were lost because the store was unavailable"
    size = int(call(args.url, "GET", "/settings", args.admin_token)["journal_size"])
    counts = Counter(each["sandbox"] for each in exchanges)
    for name in sorted(name for name, count in counts.items() if count >= size):
        yield f"the journal of sandbox {name} is full ({size} exchanges, --journal-size); older exchanges may be missing"
    if len(exchanges) >= (maximum := Settings(journal_size=size).max_total_exchanges):
        yield f"the journals together are full ({maximum} exchanges); older exchanges may be missing"
