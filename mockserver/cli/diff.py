"""`mockserver diff`: compare two contracts, and report whom each change breaks."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from mockserver.cli.comparison.documents import github_report, json_report
from mockserver.cli.comparison.inputs import read_sides
from mockserver.cli.comparison.markdown import markdown_report
from mockserver.cli.comparison.report import Report, not_compared
from mockserver.cli.comparison.text import text_report
from mockserver.cli.message_formats import print_messages
from mockserver.cli.parser import CommandParser
from mockserver.errors import FileMessage, InvalidFiles, MockServerError
from mockserver.verification.diff.changes import Change, Options
from mockserver.verification.diff.comparison import compare
from mockserver.verification.diff.coverage_use import CoverageUse
from mockserver.verification.diff.own_files import OwnFiles
from mockserver.verification.diff.rule import VIEWS
from mockserver.verification.diff.sides import Side

_FORMATS: dict[str, Callable[[Report], str]] = {
    "text": text_report,
    "json": json_report,
    "markdown": markdown_report,
    "github": github_report,
}
_ENUM_ADDED = {"breaks": "breaks", "may": "", "safe": "safe"}
"""Value of `--enum-added` to the variant of the rule."""
_EXIT_CODES = """\
exit codes:
  0  no change has a verdict that fails
  1  a change has a verdict that fails (--view, --fail-on)
  2  an input cannot be read, or the usage is wrong
"""


def add_arguments(parser: CommandParser) -> None:
    """Add the two sides, and the options for verdicts and output."""
    parser.epilog = f"{parser.epilog}\n\n{_EXIT_CODES}"
    text = "A blueprint, a folder, or REVISION:PATH in the Git repository of this folder."
    parser.add_argument("old", metavar="OLD", help=text)
    parser.add_argument("new", metavar="NEW", help="The same, for the other contract.")
    parser.add_choice("--format", names=_FORMATS, default="text", help="Format. Default: text.")
    parser.add_choice(
        "--view",
        names=VIEWS,
        default="app",
        help="The party whose verdicts are counted. Default: app.",
    )
    parser.add_choice(
        "--fail-on",
        names=("breaks", "may"),
        default="breaks",
        help="The lowest verdict that exits with 1. Default: breaks.",
    )
    parser.add_argument(
        "--used",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="Coverage of the app's tests against OLD, as the JSON of `mockserver coverage`."
        " A change that no test touches is safe. Can be repeated.",
    )
    parser.add_argument(
        "--closed",
        action="store_true",
        help="The app and the server reject members that they do not know.",
    )
    parser.add_choice(
        "--enum-added",
        names=_ENUM_ADDED,
        default="may",
        help="Verdict for the app of a new enum value in a response. Default: may.",
    )


def run(args: argparse.Namespace) -> int:
    """Compare, print the report, and return the exit code.

    Exit codes: 0 nothing fails, 1 a change has a verdict that fails, 2 an input cannot be read.
    """
    sides, errors = read_sides([args.old, args.new])
    coverage: CoverageUse | None = None
    try:
        if args.used:
            coverage = CoverageUse.read(args.used)
    except InvalidFiles as error:
        errors.append(error)
    if errors:
        _print_errors(errors)
        return 2
    report = _report(args, sides[0], sides[1], coverage)
    _print(report, args.format)
    counts = report.counts
    is_failed = counts.breaks > 0
    if args.fail_on == "may":
        is_failed = is_failed or counts.may_break > 0
    return int(is_failed)


def _print_errors(errors: Sequence[MockServerError]) -> None:
    messages: list[FileMessage] = []
    for error in errors:
        if isinstance(error, InvalidFiles):
            messages += error.errors
        else:
            for line in str(error).splitlines():
                print(f"mockserver: {line}", file=sys.stderr)
    print_messages(dict.fromkeys(messages))


def _report(args: argparse.Namespace, old: Side, new: Side, coverage: CoverageUse | None) -> Report:
    options = Options(args.closed, _ENUM_ADDED[args.enum_added])
    changes = compare(old, new, options, OwnFiles(Path(args.fixtures)))
    messages = [message for message in (*old.messages, *new.messages) if message.is_error]
    if coverage is not None:
        coverage.check_belongs_to(old)
        messages += coverage.warnings
        changes = tuple(_with_use(change, coverage, old) for change in changes)
    distinct = tuple(dict.fromkeys(messages))
    return Report(old, new, args.view, changes, distinct, coverage is not None)


def _with_use(change: Change, coverage: CoverageUse, old: Side) -> Change:
    operations: list[str] = []
    for described in old.apis:
        if described.api.id == change.subject.api:
            operations += (operation.id for operation in described.api.operations)
    return change.with_use(coverage.use_of(change, operations))


def _print(report: Report, format_name: str) -> None:
    """Print the report. A document for programs is alone on stdout."""
    document = _FORMATS[format_name](report)
    if document:
        print(document)
    if format_name == "text":
        print_messages(report.messages)
    errors = not_compared(report.messages)
    if errors and format_name == "text":
        print(errors)
    if format_name == "github":
        for line in report.summary():
            print(line, file=sys.stderr)
