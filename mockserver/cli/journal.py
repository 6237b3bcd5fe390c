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
    parser.add_argument(
        "url", nargs="?", default=DEFAULT_URL, help=f"URL of the server. Default: {DEFAULT_URL}."
    )
    parser.add_argument(
        "--sandbox", metavar="NAME", help="Sandbox to read. Default: all, or the one in the URL."
    )
    add_token(parser)
    parser.add_argument(
        "--fail-on",
        metavar="REASONS",
        help=f"Exit with 1 for any of these, comma-separated: {', '.join(REASONS)}.",
    )


def run(args: argparse.Namespace) -> int:
    """Print the exchanges, oldest first. With `--fail-on`, print only those selected, and return 1 if there are any."""
    reasons = _reasons(args.fail_on)
    exchanges = _exchanges(args)
    has_sandboxes = len({exchange["sandbox"] for exchange in exchanges}) > 1
    if not reasons:
        _print_exchanges(exchanges, has_sandboxes)
        return 0
    selected = [exchange for exchange in exchanges if _has_reason(exchange, reasons)]
    _print_exchanges(selected, has_sandboxes)
    _print_details(selected)
    print(f"{len(selected)} of {len(exchanges)} exchanges with {' or '.join(reasons)}")
    for warning in _missing_exchanges(exchanges, args):
        print(f"mockserver: warning: {warning}; the result may be incomplete", file=sys.stderr)
    return 1 if selected else 0


def _reasons(text: str | None) -> list[str]:
    """Return the reasons in the value of `--fail-on`; none without the option. Raises `UsageError`."""
    if text is None:
        return []
    reasons = [reason for reason in text.split(",") if reason]
    expected = f"expected one or more of {', '.join(REASONS)}, comma-separated"
    if not reasons:
        raise UsageError(f"--fail-on: {expected}, got {text!r}")
    unknown = [reason for reason in reasons if reason not in REASONS]
    if unknown:
        raise UsageError(f"--fail-on: unknown reason {', '.join(unknown)}; {expected}")
    return reasons


def _has_reason(exchange: Mapping[str, Any], reasons: Sequence[str]) -> bool:
    return any(REASONS[reason](exchange) for reason in reasons)


def _exchanges(args: argparse.Namespace) -> list[Mapping[str, Any]]:
    """Return the exchanges of the sandbox that the options or the URL name; by default of all sandboxes."""
    if args.sandbox is not None or "/~" in args.url:
        return _of_one(sandbox_url(args.url, args.sandbox), args.admin_token)
    return _of_all(args)


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


def _of_one(base: str, token: str | None) -> list[Mapping[str, Any]]:
    newest_first: list[Mapping[str, Any]] = call(base, "GET", "/requests", token)["requests"]
    return newest_first[::-1]


def _of_all(args: argparse.Namespace) -> list[Mapping[str, Any]]:
    """Return the exchanges of all sandboxes, ordered by time."""
    exchanges: list[Mapping[str, Any]] = []
    for sandbox in call(args.url, "GET", "/sandboxes", args.admin_token)["sandboxes"]:
        exchanges += _of_one(sandbox_url(args.url, sandbox["name"]), args.admin_token)
    return sorted(exchanges, key=lambda exchange: float(exchange["time"]))


def _missing_exchanges(
    exchanges: Sequence[Mapping[str, Any]], args: argparse.Namespace
) -> Iterator[str]:
    """Yield why exchanges may be missing: some were lost, or a journal is full."""
    lost = call(args.url, "GET", "/requests?limit=0", args.admin_token)["meta"]["lost"]
    if lost:
        yield f"{lost} exchanges were lost: the store was unavailable, or a worker was killed"
    size = int(call(args.url, "GET", "/settings", args.admin_token)["journal_size"])
    counts = Counter(each["sandbox"] for each in exchanges)
    for name in sorted(name for name, count in counts.items() if count >= size):
        yield f"the journal of sandbox {name} is full ({size} exchanges, --journal-size); older exchanges may be missing"
    maximum = Settings(journal_size=size).max_total_exchanges
    if len(exchanges) >= maximum:
        yield f"the journals together are full ({maximum} exchanges); older exchanges may be missing"
