"""The items as a JUnit report, which GitLab, Jenkins and other CI servers show.

Nothing fails in it: an item that was not served is skipped, and the message is how to reach it.
"""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from mockserver.verification.coverage.model import Coverage, ReportItem
from mockserver.verification.coverage.reasons import reason_not_served
from mockserver.verification.coverage.xml_text import document, element, valid_text

_SCENARIOS = "scenarios"


def junit(coverage: Coverage, _created: float) -> str:
    """Return the report: a test suite an operation, a test case an item."""
    root = element(None, "testsuites", name="contract coverage", **_counts(coverage.items))
    groups: dict[str, list[ReportItem]] = {}
    for item in coverage.items:
        groups.setdefault(item.operation or _SCENARIOS, []).append(item)
    for name, items in groups.items():
        suite = element(root, "testsuite", name=name, **_counts(items))
        for item in items:
            _add_case(suite, name, item)
    return document(root)


def _counts(items: Sequence[ReportItem]) -> dict[str, int]:
    skipped = sum(_is_skipped(item) for item in items)
    return {"tests": len(items), "skipped": skipped, "failures": 0, "errors": 0, "time": 0}


def _is_skipped(item: ReportItem) -> bool:
    return item.excluded is not None or not item.covered


def _add_case(suite: Element, name: str, item: ReportItem) -> None:
    case = element(suite, "testcase", classname=f"coverage.{name}", name=item.id, time=0)
    if item.file:
        case.set("file", valid_text(item.file))
        case.set("line", str(item.line))
    if _is_skipped(item):
        reason = reason_not_served(item)
        # Jenkins reads the attribute, GitLab the text.
        element(case, "skipped", message=reason).text = valid_text(reason)
