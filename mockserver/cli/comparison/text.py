"""Print a report as text."""

from collections.abc import Iterator

from mockserver.cli.comparison.report import (
    Report,
    difference_of,
    label_of,
    places,
    title_of,
    use_text,
)
from mockserver.cli.terminal_text import printable
from mockserver.verification.diff.changes import Change
from mockserver.verification.diff.rule import MOCK_FILES, VIEWS, View

_MAX_TESTS = 5
_WIDTH = 11


def text_report(report: Report) -> str:
    """Return the report, breaking operations first."""
    return "\n".join(map(printable, _lines(report)))


def _lines(report: Report) -> Iterator[str]:
    for subject, changes in report.groups():
        yield title_of(subject)
        for change in changes:
            yield from _change_lines(change, report.view)
        yield ""
    yield from report.summary()


def _change_lines(change: Change, view: View) -> Iterator[str]:
    label = label_of(change, view)
    where, difference = change.finding.where, difference_of(change)
    detail = ": ".join(filter(None, [where, difference]))
    yield f"  {label:<{_WIDTH}}{change.rule.id} {detail}".rstrip()
    indent = " " * (_WIDTH + 2)
    for side, position in places(change):
        yield f"{indent}{position} ({side})"
    if not change.rule.is_counted:
        return
    yield indent + _parties(change, view)
    if change.verdicts[view] != "safe":
        yield indent + change.rule.advice
    used = use_text(change, _MAX_TESTS)
    if used:
        yield indent + used


def _parties(change: Change, view: View) -> str:
    """Return the verdicts of the other parties, and the files to edit."""
    parts: list[str] = []
    for party in VIEWS:
        if party != view and party != "mock":
            parts.append(f"{party}: {change.verdicts[party]}")
    parts.append(f"mock: {mock_text(change)}")
    return ", ".join(parts)


def mock_text(change: Change) -> str:
    """Return the files of the mock server to edit: by path if they are known, else by kind."""
    if change.files:
        return ", ".join(change.files)
    if not change.rule.mock or change.files is not None:
        return "no edit"
    return ", ".join(MOCK_FILES[letter] for letter in change.rule.mock)
