"""`mockserver journal URL`: show the requests of a running server, and fail a CI job if requested.

Tests that share a server use one sandbox, and so one journal, per test.
By default the command reads the journals of all sandboxes.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.cli.admin_client import call, call_list, sandbox_url
from mockserver.cli.server_options import add_server
from mockserver.cli.tables import exchange_details, exchange_row, print_table
from mockserver.cli.terminal_text import printable
from mockserver.config.settings import Settings
from mockserver.config.similar_names import similar_hint
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

EMPTY = "empty"
"""The value of `--fail-on` for a journal without an exchange."""
_ALL_REASONS = (*REASONS, EMPTY)
_NO_EXCHANGE = (
    "no request arrived, so nothing was checked; check the URL that the tests call, and the sandbox"
)
_NO_JOURNAL = (
    "the server keeps no journal, so nothing was checked; start the server with --journal-size "
    "above 0"
)
_OLDER_MISSING = "older exchanges may be missing"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the server, the sandbox and the reasons to fail."""
    add_server(parser, is_argument=True)
    parser.add_argument(
        "--sandbox", metavar="NAME", help="Sandbox to read. Default: all, or the one in the URL."
    )
    parser.add_argument(
        "--fail-on",
        metavar="REASONS",
        help=f"Exit with 1 for any of these, comma-separated: {', '.join(_ALL_REASONS)}. "
        f"`{EMPTY}`: no request arrived, so nothing was checked.",
    )


def run(args: argparse.Namespace) -> int:
    """Print the exchanges, oldest first.

    With `--fail-on`, print only the selected exchanges, and return 1 if there are any.
    """
    reasons = _reasons(args.fail_on)
    if reasons and _journal_size(args) == 0:
        print(f"mockserver: --fail-on {args.fail_on}: {_NO_JOURNAL}", file=sys.stderr)
        return 1
    exchanges = _exchanges(args)
    selected = exchanges
    kinds = [reason for reason in reasons if reason != EMPTY]
    if reasons:
        selected = [exchange for exchange in exchanges if _has_reason(exchange, kinds)]
    sandboxes = {exchange["sandbox"] for exchange in exchanges}
    _print_exchanges(selected, with_sandbox=len(sandboxes) > 1)
    if not reasons:
        return 0
    _print_details(selected)
    if kinds:
        print(f"{len(selected)} of {len(exchanges)} exchanges with {' or '.join(kinds)}")
    elif exchanges:
        print(f"{_counted(exchanges)}, so the journal is not empty")
    for warning in _missing_exchanges(exchanges, args):
        print(f"mockserver: warning: {warning}; the result may be incomplete", file=sys.stderr)
    if EMPTY in reasons and not exchanges:
        print(f"mockserver: --fail-on {EMPTY}: {_NO_EXCHANGE}", file=sys.stderr)
        return 1
    return int(bool(selected))


def _counted(exchanges: Sequence[Exchange]) -> str:
    if len(exchanges) == 1:
        return "1 exchange"
    return f"{len(exchanges)} exchanges"


def _reasons(text: str | None) -> list[str]:
    """Return the reasons in the value of `--fail-on`; none without the option.

    Raises:
        UsageError: A reason is unknown, or there is none.
    """
    if text is None:
        return []
    reasons = [reason for reason in text.split(",") if reason]
    expected = f"expected one or more of {', '.join(_ALL_REASONS)}, comma-separated"
    if not reasons:
        raise UsageError(f"--fail-on: {expected}, got {text!r}")
    unknown = [reason for reason in reasons if reason not in _ALL_REASONS]
    if unknown:
        hint = similar_hint(unknown[0], _ALL_REASONS)
        raise UsageError(f"--fail-on: unknown reason {', '.join(unknown)}; {expected}{hint}")
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
    print_table(rows)


def _print_details(exchanges: Sequence[Exchange]) -> None:
    for exchange in exchanges:
        for detail in exchange_details(exchange):
            print(printable(f"    {exchange['method']} {exchange['path']}: {detail}"))


def _of_one(base: str, token: str | None) -> list[Exchange]:
    newest_first = call_list(base, "/requests", "requests", token)
    return newest_first[::-1]


def _of_all(args: argparse.Namespace) -> list[Exchange]:
    """Return the exchanges of all sandboxes, ordered by time."""
    exchanges: list[Exchange] = []
    for sandbox in call_list(args.url, "/sandboxes", "sandboxes", args.admin_token):
        exchanges += _of_one(sandbox_url(args.url, sandbox["name"]), args.admin_token)
    return sorted(exchanges, key=lambda exchange: float(exchange["time"]))


def _journal_size(args: argparse.Namespace) -> int:
    return int(call(args.url, "GET", "/settings", args.admin_token)["journal_size"])


def _missing_exchanges(exchanges: Sequence[Exchange], args: argparse.Namespace) -> Iterator[str]:
    """Yield why exchanges may be missing: some were lost, or a journal is full."""
    lost = call(args.url, "GET", "/requests?limit=0", args.admin_token)["meta"]["lost"]
    if lost:
        yield f"{lost} exchanges were lost: the store was unavailable, or a worker was killed"
    size = _journal_size(args)
    counts = Counter(exchange["sandbox"] for exchange in exchanges)
    for name, count in sorted(counts.items()):
        if count >= size:
            limit = f"{size} exchanges, --journal-size"
            yield f"the journal of sandbox {name} is full ({limit}); {_OLDER_MISSING}"
    maximum = Settings(journal_size=size).max_total_exchanges
    if len(exchanges) >= maximum:
        yield f"the journals together are full ({maximum} exchanges); {_OLDER_MISSING}"
