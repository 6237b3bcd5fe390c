"""`mockserver coverage`: report which parts of the contract were served, and fail if too few were.

The sources are a running server or files that `--format json` has written, for example by shards.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path, PureWindowsPath
from urllib.parse import quote, urlsplit

from mockserver.cli.admin_client import call, default_url, invalid_url
from mockserver.cli.coverage_tables import denominator_lines, text
from mockserver.cli.parser import CommandParser
from mockserver.cli.server_options import add_token, url_help
from mockserver.cli.terminal_text import printable
from mockserver.errors import UsageError, run_all
from mockserver.formats.files import display_path, write_text
from mockserver.verification.coverage.document import from_json, read_file
from mockserver.verification.coverage.formats import DOCUMENTS
from mockserver.verification.coverage.matrix import Count
from mockserver.verification.coverage.merge import merge
from mockserver.verification.coverage.model import Coverage, of_sandbox
from mockserver.verification.coverage.ratchet import lost_items
from mockserver.verification.coverage.reasons import reason_not_served

Part = tuple[str, Coverage]
"""The name of a source, and its coverage."""

_INCOMPLETE = "the store could not keep each item that was served; the coverage may be too small"
FORMATS: dict[str, Callable[[Coverage, float], str]] = {"text": text, **DOCUMENTS}


def add_arguments(parser: CommandParser) -> None:
    """Add the sources, the formats and the reasons to fail."""
    parser.add_argument(
        "sources",
        nargs="*",
        metavar="URL|FILE",
        help=url_help("Server, or files of `--format json`, which are merged."),
    )
    parser.add_choice(
        "--format", names=FORMATS, default="text", help="Format on stdout. Default: text."
    )
    parser.add_argument(
        "--report",
        action="append",
        default=[],
        type=_report,
        metavar="FORMAT=FILE",
        help="Also write a report to a file. Repeatable.",
    )
    parser.add_argument(
        "--fail-under",
        type=_percentage,
        metavar="PERCENT",
        help="Exit with 1 if a smaller share of the operations that were called was served.",
    )
    parser.add_argument(
        "--no-decrease",
        type=Path,
        metavar="FILE",
        help="Exit with 1 if an item is not served that was served in this file.",
    )
    parser.add_argument(
        "--sandbox", metavar="NAME", help="Count the requests of this sandbox. Default: all."
    )
    parser.add_argument(
        "--contract", metavar="NAME", help="Contract of the server. Default: that of the sandbox."
    )
    add_token(parser)


def run(args: argparse.Namespace) -> int:
    """Write the reports, and return 1 if less was served than an option requires.

    Raises:
        InvalidFiles: A file is invalid, or is of another contract.
        UsageError: The sandbox is unknown.
    """
    sources = args.sources or [default_url()]
    readers: list[Callable[[], Part]] = []
    for source in sources:
        readers.append(partial(_read, source, args.admin_token, args.contract))
    if args.no_decrease:
        readers.append(partial(_read_file, args.no_decrease))
    parts: list[Part] = run_all(*readers)
    earlier = None
    if args.no_decrease:
        earlier = parts.pop()
    coverage = _selected(merge(parts), args.sandbox, "the coverage")
    _write_reports(coverage, args)
    if not coverage.is_complete:
        print(f"mockserver: warning: {_INCOMPLETE}", file=sys.stderr)
    failures: list[str] = []
    if args.fail_under is not None:
        failures += _share_failure(coverage, args.fail_under)
    if earlier:
        name, document = earlier
        document = _selected(document, args.sandbox, name)
        _print_contract_change(name, document, coverage)
        failures += _decrease_failure(name, document, coverage)
    for line in failures:
        print(line, file=sys.stderr)
    return int(bool(failures))


def _read(source: str, token: str | None, contract: str | None) -> Part:
    if "://" in source:
        path = "/coverage"
        if contract:
            path += f"?contract={quote(contract, safe='')}"
        coverage = from_json(call(source, "GET", path, token), source)
        sandbox = urlsplit(source).path.partition("/~")[2].partition("/")[0]
        return source, _selected(coverage, sandbox or None, source)
    file = Path(source)
    has_scheme = ":" in source and not PureWindowsPath(source).drive
    if not source or (has_scheme and not file.exists()):
        raise UsageError(invalid_url(source))
    return _read_file(file)


def _read_file(path: Path) -> Part:
    return display_path(path), read_file(path)


def _selected(coverage: Coverage, sandbox: str | None, name: str) -> Coverage:
    """Return the coverage by one sandbox; by default that of all.

    Raises:
        UsageError: No request came from this sandbox.
    """
    if sandbox is None:
        return coverage
    names = {test.sandbox for test in coverage.tests if test.sandbox}
    if sandbox not in names:
        sandboxes = ", ".join(sorted(names)) or "none"
        raise UsageError(f"{name} has no requests of sandbox {sandbox!r}; it has: {sandboxes}")
    return of_sandbox(coverage, sandbox)


def _write_reports(coverage: Coverage, args: argparse.Namespace) -> None:
    """Write the reports to files and stdout. A document for programs is alone on stdout."""
    created = time.time()
    for name, path in args.report:
        write_text(path, FORMATS[name](coverage, created))
    print(FORMATS[args.format](coverage, created), end="", flush=True)
    if args.format != "text":
        for line in denominator_lines(coverage):
            print(line, file=sys.stderr)


def _share_failure(coverage: Coverage, minimum: Decimal) -> Iterator[str]:
    """Yield why the share of the called operations is too small, if it is."""
    counts = coverage.summary["called"]
    count = Count(counts["served"], counts["items"])
    if not count.items:
        yield f"mockserver: --fail-under {minimum}: no operation was called"
    elif count.served * 100 < minimum * count.items:
        share = f"{count.percent} of the operations that were called was served"
        numbers = f"{count.served} of {count.items} items"
        yield f"mockserver: --fail-under {minimum}: {share} ({numbers})"


def _print_contract_change(name: str, earlier: Coverage, coverage: Coverage) -> None:
    """Print a warning if the contract has changed since an earlier document."""
    if earlier.fingerprint != coverage.fingerprint:
        common = "only items of both contracts are compared"
        print(f"mockserver: warning: {name} is of another contract; {common}", file=sys.stderr)


def _decrease_failure(name: str, earlier: Coverage, coverage: Coverage) -> Iterator[str]:
    """Yield what was served in an earlier document and is not now, by operation."""
    items = lost_items(earlier, coverage)
    if not items:
        return
    yield f"mockserver: --no-decrease {name}: {len(items)} items are not served any more"
    operation = None
    for item in items:
        if item.operation != operation:
            operation = item.operation
            yield f"  {operation or 'scenarios'}"
        yield printable(f"    {item.id}: {reason_not_served(item)}")


def _report(value: str) -> tuple[str, Path]:
    """Return the format and the file of `--report FORMAT=FILE`."""
    name, _, file = value.partition("=")
    if name not in FORMATS or not file:
        formats = ", ".join(FORMATS)
        raise argparse.ArgumentTypeError(
            f"expected FORMAT=FILE with a format of {formats}, got {value!r}"
        )
    path = Path(file)
    if path.exists() and not path.is_file():
        raise argparse.ArgumentTypeError(f"expected a regular file, got {file!r}")
    return name, path


def _percentage(value: str) -> Decimal:
    """Return the number of `--fail-under`."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number <= 100:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 100, got {value!r}")
    return number
