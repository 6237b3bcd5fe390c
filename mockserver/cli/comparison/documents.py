"""Print a report for programs: JSON, and annotations of GitHub."""

import json
from typing import Any

from mockserver.cli.comparison.report import Report, difference_of
from mockserver.cli.message_formats import annotation
from mockserver.errors import Position
from mockserver.spec.blueprint.messages import as_json
from mockserver.verification.diff.changes import Change, Counts, Subject, count
from mockserver.verification.diff.rule import MOCK_FILES, VIEWS

FORMAT = "mockserver-diff/1"
_SEVERITIES = {"breaks": "error", "may break": "warning"}


def json_report(report: Report) -> str:
    """Return the report as JSON."""
    summary: dict[str, Any] = {}
    for view in VIEWS:
        summary[view] = _counts_json(count(report.changes, view))
    document = {
        "format": FORMAT,
        "old": report.old.name,
        "new": report.new.name,
        "view": report.view,
        "summary": {**summary, "not_counted": report.counts.not_counted},
        "changes": [_change_json(change) for change in report.changes],
        "messages": [as_json(message) for message in report.messages],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _counts_json(counts: Counts) -> dict[str, int]:
    return {"breaks": counts.breaks, "may_break": counts.may_break, "safe": counts.safe}


def _change_json(change: Change) -> dict[str, Any]:
    finding = change.finding
    return {
        "rule": change.rule.id,
        "variant": finding.variant,
        "counted": change.rule.is_counted,
        "operation": _subject_json(change.subject),
        "where": finding.where,
        "old": finding.old,
        "new": finding.new,
        "old_position": _position_json(finding.old_position),
        "new_position": _position_json(finding.new_position),
        "verdicts": dict(change.verdicts),
        "mock": [MOCK_FILES[letter] for letter in change.rule.mock],
        "files": list(change.files or ()),
        "advice": change.rule.advice,
        "use": _use_json(change),
    }


def _subject_json(subject: Subject) -> dict[str, Any] | None:
    """Return the operation; null for a change of the whole API."""
    if not subject.method:
        return None
    return {
        "api": subject.api,
        "old_id": subject.old_id,
        "method": subject.method,
        "uri_template": subject.uri_template,
        "name": subject.name,
    }


def _position_json(position: Position | None) -> dict[str, Any] | None:
    if position is None:
        return None
    if not position.line:
        return {"file": position.file, "line": None, "column": None}
    return {"file": position.file, "line": position.line, "column": position.column}


def _use_json(change: Change) -> dict[str, Any] | None:
    """Return the tests that touch a change; null without coverage."""
    use = change.use
    if use is None:
        return None
    return {
        "known": use.is_known,
        "used": use.is_used,
        "tests": list(use.tests),
        "app_verdict_without_use": change.app_verdict_without_use,
    }


def github_report(report: Report) -> str:
    """Return an annotation for each change that breaks or may break, and for each error."""
    lines: list[str] = []
    for change in report.changes:
        severity = _SEVERITIES.get(change.verdicts[report.view])
        if severity and change.rule.is_counted:
            lines.append(_annotation(report, change, severity))
    for message in report.messages:
        lines.append(annotation(message.severity, message.position, "", message.explanation))
    return "\n".join(lines)


def _annotation(report: Report, change: Change, severity: str) -> str:
    position = change.position or Position(report.new.name, 0)
    for side in (report.new, report.old):
        if side.prefix and position.file.startswith(side.prefix):
            # GitHub knows paths of the repository, without a revision.
            file = position.file.removeprefix(side.prefix)
            position = Position(file, position.line, position.column)
    parts = [change.subject.label, change.finding.where, difference_of(change)]
    text = ": ".join(filter(None, parts))
    return annotation(severity, position, change.rule.id, f"{text}. {change.rule.advice}")
