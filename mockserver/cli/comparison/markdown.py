"""Print a report as Markdown, for a comment on a pull request."""

import re
from collections.abc import Iterator, Sequence

from mockserver.cli.comparison.report import (
    Report,
    counted,
    difference_of,
    label_of,
    not_compared,
    places,
    title_of,
    use_text,
)
from mockserver.cli.comparison.text import mock_text
from mockserver.cli.terminal_text import printable
from mockserver.verification.diff.changes import Change, Subject
from mockserver.verification.diff.rule import VIEWS

_MAX_TESTS = 3
_BACKTICKS = re.compile(r"`+")

_Group = tuple[Subject, Sequence[Change]]


def markdown_report(report: Report) -> str:
    """Return the summary, the changes that can break, and the others folded."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield f"### Contract: {code(report.old.name)} to {code(report.new.name)}"
    yield ""
    yield " ".join(report.summary())
    errors = not_compared(report.messages)
    if errors:
        yield ""
        yield errors
    counts = report.counts
    for verdicts, label in (
        (("breaks", "may break"), ""),
        (("safe",), counted(counts.safe, "safe change")),
        ((), counted(counts.not_counted, "text or example", "texts or examples")),
    ):
        groups = _selected(report, verdicts)
        if groups:
            yield from _section(groups, report, label)


def _selected(report: Report, verdicts: Sequence[str]) -> list[_Group]:
    """Return the changes with these verdicts; without verdicts, those that are not counted."""
    groups: list[_Group] = []
    for subject, changes in report.groups():
        selected: list[Change] = []
        for change in changes:
            if change.rule.is_counted:
                is_selected = change.verdicts[report.view] in verdicts
            else:
                is_selected = not verdicts
            if is_selected:
                selected.append(change)
        if selected:
            groups.append((subject, selected))
    return groups


def _section(groups: Sequence[_Group], report: Report, label: str) -> Iterator[str]:
    """Yield the changes by operation, folded if they have a label."""
    yield ""
    if label:
        yield f"<details><summary>{label}</summary>"
        yield ""
    for index, (subject, changes) in enumerate(groups):
        if index:
            yield ""
        yield f"**{code(title_of(subject))}**"
        yield ""
        for change in changes:
            yield from _item(change, report)
    if label:
        yield ""
        yield "</details>"


def _item(change: Change, report: Report) -> Iterator[str]:
    words = [f"`{change.rule.id}`"]
    if change.rule.is_counted and change.verdicts[report.view] != "safe":
        words.insert(0, f"**{label_of(change, report.view)}**")
    detail = ": ".join(filter(None, [change.finding.where, difference_of(change)]))
    if detail:
        words.append(code(detail))
    yield f"- {' '.join(words)}"
    listed = ", ".join(f"{side} {code(str(position))}" for side, position in places(change))
    if listed:
        yield f"  - {listed}"
    if not change.rule.is_counted:
        return
    if change.verdicts[report.view] != "safe":
        yield f"  - {change.rule.advice}"
    yield f"  - {_parties(change, report)}"
    used = use_text(change, _MAX_TESTS)
    if used:
        yield f"  - {code(used)}"


def _parties(change: Change, report: Report) -> str:
    parts: list[str] = []
    for party in VIEWS:
        if party not in (report.view, "mock"):
            parts.append(f"{party}: {change.verdicts[party]}")
    parts.append(f"mock: {code(mock_text(change))}")
    return ", ".join(parts)


def code(text: str) -> str:
    """Return a text as a code span, in which no character has a meaning."""
    line = printable(" ".join(text.split()))
    longest = max(map(len, _BACKTICKS.findall(line)), default=0)
    fence = "`" * (longest + 1)
    if line.startswith("`") or line.endswith("`"):
        line = f" {line} "
    return f"{fence}{line}{fence}"
