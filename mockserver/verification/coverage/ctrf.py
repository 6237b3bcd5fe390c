"""The items as a report in the Common Test Report Format (CTRF), which CI actions show.

Source: ctrf.io, specification 1.0.0.
"""

from typing import Any

import orjson

from mockserver import __version__
from mockserver.verification.coverage.model import Coverage, ReportItem
from mockserver.verification.coverage.reasons import reason_not_served

_SPECIFICATION = "1.0.0"


def ctrf(coverage: Coverage, created: float) -> str:
    """Return the report; `created` is its time in seconds since 1970."""
    tests = [_test(item) for item in coverage.items]
    milliseconds = int(created * 1000)
    passed = sum(test["status"] == "passed" for test in tests)
    summary = {
        "tests": len(tests),
        "passed": passed,
        "failed": 0,
        "skipped": len(tests) - passed,
        "pending": 0,
        "other": 0,
        "start": milliseconds,
        "stop": milliseconds,
        "extra": dict(coverage.summary),
    }
    tool = {"name": "mockserver coverage", "version": __version__}
    report = {
        "reportFormat": "CTRF",
        "specVersion": _SPECIFICATION,
        "generatedBy": "mockserver",
        "results": {"tool": tool, "summary": summary, "tests": tests},
    }
    return orjson.dumps(report, option=orjson.OPT_INDENT_2).decode() + "\n"


def _test(item: ReportItem) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": item.id,
        "status": "passed",
        "rawStatus": "served",
        "duration": 0,
        "suite": [item.operation or "scenarios"],
        "tags": [item.kind],
        "extra": {"label": item.label, "servedTo": [str(test) for test in sorted(item.tests)]},
    }
    if item.excluded is not None or not item.covered:
        test["status"] = "skipped"
        test["rawStatus"] = "not served"
        test["message"] = reason_not_served(item)
    if item.excluded is not None:
        test["rawStatus"] = "excluded"
    if item.file:
        test["filePath"] = item.file
        test["line"] = item.line
    return test
