"""`mockserver journal URL`: show the requests of a running server, and fail a CI job if requested.

Tests that share a server use one sandbox, and so one journal, per test.
By default the command reads the journals of all sandboxes.
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

Exchange = Mapping[str, Any]
"""A journal entry, as the admin API returns it."""


def _has_violations(exchange: Exchange) -> bool:
    return bool(exchange["violations"])


def _is_unmatched(exchange: Exchange) -> bool:
    return exchange["operation"] is None


REASONS: dict[str, Callable[[Exchange], bool]] = {
    "violations": _has_violations,
    "unmatched": _is_unmatched,
}
"""Value of `--fail-on` to whether an exchange is selected."""

_OLDER_MISSING = "older exchanges may be missing"


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
    """Print the exchanges, oldest first.

    With `--fail-on`, print only the selected exchanges, and return 1 if there are any.
    """
    reasons = _reasons(args.fail_on)
    exchanges = _exchanges(args)
    selected = exchanges
    if reasons:
        selected = [exchange for exchange in exchanges if _has_reason(exchange, reasons)]
    sandboxes = {exchange["sandbox"] for exchange in exchanges}
    _print_exchanges(selected, with_sandbox=len(sandboxes) > 1)
    if not reasons:
        return 0
    _print_details(selected)
    print(f"{len(selected)} of {len(exchanges)} exchanges with {' or '.join(reasons)}")
    for warning in _missing_exchanges(exchanges, args):
        print(f"mockserver: warning: {warning}; the result may be incomplete", file=sys.stderr)
    return 1 if selected else 0


def _reasons(text: str | None) -> list[str]:
    """Return the reasons in the value of `--fail-on`; none without the option.

    Raises:
        UsageError: A reason is unknown, or there is none.
    """
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


def _has_reason(exchange: Exchange, reasons: Sequence[str]) -> bool:
    return any(REASONS[reason](exchange) for reason in reasons)


def _exchanges(args: argparse.Namespace) -> list[Exchange]:
    """Return the exchanges of the sandbox in the options or the URL; by default of all."""
    if args.sandbox is not None or "/~" in args.url:
        return _of_one(sandbox_url(args.url, args.sandbox), args.admin_token)
    return _of_all(args)


def _print_exchanges(exchanges: Sequence[Exchange], with_sandbox: bool) -> None:
    rows = []
    for exchange in exchanges:
        row = exchange_row(exchange)
        if with_sandbox:
            row = (exchange["sandbox"], *row)
        rows.append(row)
    for line in columns(rows):
        print(line)


def _print_details(exchanges: Sequence[Exchange]) -> None:
    for exchange in exchanges:
        for detail in exchange_details(exchange):
            print(f"    {exchange['method']} {exchange['path']}: {detail}")


def _of_one(base: str, token: str | None) -> list[Exchange]:
    newest_first: list[Exchange] = call(base, "GET", "/requests", token)["requests"]
    return newest_first[::-1]


def _of_all(args: argparse.Namespace) -> list[Exchange]:
    """Return the exchanges of all sandboxes, ordered by time."""
    exchanges: list[Exchange] = []
    for sandbox in call(args.url, "GET", "/sandboxes", args.admin_token)["sandboxes"]:
        exchanges += _of_one(sandbox_url(args.url, sandbox["name"]), args.admin_token)
    return sorted(exchanges, key=lambda exchange: float(exchange["time"]))


def _missing_exchanges(exchanges: Sequence[Exchange], args: argparse.Namespace) -> Iterator[str]:
    """Yield why exchanges may be missing: some were lost, or a journal is full."""
    lost = call(args.url, "GET", "/requests?limit=0", args.admin_token)["meta"]["lost"]
    if lost:
        yield f"{lost} exchanges were lost: the store was unavailable, or a worker was killed"
    size = int(call(args.url, "GET", "/settings", args.admin_token)["journal_size"])
    counts = Counter(exchange["sandbox"] for exchange in exchanges)
    for name, count in sorted(counts.items()):
        if count >= size:
            limit = f"{size} exchanges, --journal-size"
            yield f"the journal of sandbox {name} is full ({limit}); {_OLDER_MISSING}"
    maximum = Settings(journal_size=size).max_total_exchanges
    if len(exchanges) >= maximum:
        yield f"the journals together are full ({maximum} exchanges); {_OLDER_MISSING}"
