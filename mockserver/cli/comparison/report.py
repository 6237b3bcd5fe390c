"""The report of a comparison, which all formats print."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mockserver.errors import FileMessage, Position
from mockserver.verification.diff.changes import Change, Counts, Subject, count
from mockserver.verification.diff.coverage_use import order_of_tests
from mockserver.verification.diff.rule import Verdict, View
from mockserver.verification.diff.sides import Side

_ORDER: tuple[Verdict, ...] = ("breaks", "may break", "safe")
_PARTY = {"app": "the app", "server": "the server", "mock": "files of the mock server"}
MAX_TEXT = 80
"""Characters of an old or new text that are printed."""


@dataclass(frozen=True, slots=True)
class Report:
    """All changes, and what the reader needs to judge them."""

    old: Side
    new: Side
    view: View
    changes: tuple[Change, ...]
    messages: tuple[FileMessage, ...]
    """Errors of the blueprints, whose operations are not compared, and warnings."""
    has_coverage: bool = False

    @property
    def counts(self) -> Counts:
        """The counts for the view."""
        return count(self.changes, self.view)

    def groups(self) -> list[tuple[Subject, list[Change]]]:
        """Return the changes by operation, and breaking changes first."""
        by_subject: dict[Subject, list[Change]] = {}
        for change in self.changes:
            by_subject.setdefault(change.subject, []).append(change)
        groups = [(subject, self._sorted(changes)) for subject, changes in by_subject.items()]
        return sorted(groups, key=lambda group: self._rank(group[1][0]))

    def _sorted(self, changes: Iterable[Change]) -> list[Change]:
        return sorted(changes, key=self._rank)

    def _rank(self, change: Change) -> tuple[bool, int]:
        return not change.rule.is_counted, _ORDER.index(change.verdicts[self.view])

    def summary(self) -> list[str]:
        """Return one or two sentences with the counts."""
        counts = self.counts
        if not counts.total:
            lines = ["No change affects a request or a response."]
        else:
            lines = [_counts_text(counts, self.view)]
        if counts.not_counted:
            number = counts.not_counted
            differences = counted(number, "text or example differs", "texts or examples differ")
            lines[0] = f"{lines[0]} {differences}."
        if self.has_coverage:
            lines.append(self._use_text())
        return lines

    def _use_text(self) -> str:
        touched = [change for change in self.changes if is_touched(change)]
        tests: set[str] = set()
        for change in touched:
            if change.use:
                tests |= set(change.use.tests)
        text = f"{len(touched)} of {self.counts.total} changes touch your tests"
        if not tests:
            return f"{text}."
        first = min(tests, key=order_of_tests)
        return f"{text}: {counted(len(tests), 'test')}, first {location_of(first)}."


def _counts_text(counts: Counts, view: View) -> str:
    party = _PARTY[view]
    if view == "mock":
        return f"{counted(counts.breaks, 'change')} of {counts.total} can need edits of {party}."
    first = f"{counted(counts.breaks, 'change breaks', 'changes break')} {party}"
    return f"{first}, {counts.may_break} may break it, {counted(counts.safe, 'is', 'are')} safe."


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun. The default of the plural has an `s`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {plural or noun + 's'}"


def is_touched(change: Change) -> bool:
    """Return whether tests touch a change that breaks or may break an app."""
    if change.use is None or not change.use.is_used or not change.rule.is_counted:
        return False
    return change.app_verdict_without_use != "safe"


def location_of(test: str) -> str:
    """Return the file and line in the name of a test of Playwright; else the name."""
    return test.partition(" › ")[0]


def label_of(change: Change, view: View) -> str:
    """Return the verdict for people; a dash for a change that is not counted."""
    if not change.rule.is_counted:
        return "-"
    if view == "mock" and change.verdicts[view] == "breaks":
        return "edit"
    return change.verdicts[view]


def title_of(subject: Subject) -> str:
    """Return the heading of the changes of an operation, or of an API."""
    if not subject.method:
        return f"API {subject.name}".strip()
    return subject.label


def short(text: str) -> str:
    """Return a text on one line, truncated if it is long."""
    line = " ".join(text.split())
    if len(line) <= MAX_TEXT:
        return line
    return f"{line[: MAX_TEXT - 1]}…"


def difference_of(change: Change) -> str:
    """Return the old and the new text of a change; empty without texts."""
    old, new = short(change.finding.old), short(change.finding.new)
    if old and new:
        return f"{old} -> {new}"
    if old:
        return f"{old} (removed)"
    if new:
        return f"{new} (new)"
    return ""


def use_text(change: Change, max_tests: int) -> str:
    """Return the tests that touch a change; empty for a safe change, and without coverage."""
    use = change.use
    if use is None or change.app_verdict_without_use == "safe" or not change.rule.is_counted:
        return ""
    if not use.is_known:
        return "The coverage does not know this operation, so the verdict stays."
    if not use.is_used:
        return f"No test touches it, so it is safe for this app (else: {_original(change)})."
    if not use.tests:
        return "Requests without the name of a test touch it."
    listed = list(use.tests[:max_tests])
    more = len(use.tests) - len(listed)
    if more:
        listed.append(f"{more} more")
    return f"{counted(len(use.tests), 'test')}: {', '.join(listed)}"


def _original(change: Change) -> str:
    return change.app_verdict_without_use


def places(change: Change) -> Iterator[tuple[str, Position]]:
    """Yield the positions of a change, with the name of the side."""
    if change.finding.new_position is not None:
        yield "NEW", change.finding.new_position
    if change.finding.old_position is not None:
        yield "OLD", change.finding.old_position


def not_compared(messages: Sequence[FileMessage]) -> str:
    """Return the sentence about errors of the blueprints; empty without errors."""
    errors = sum(message.is_error for message in messages)
    if not errors:
        return ""
    return f"The blueprints have {counted(errors, 'error')}. What is not served is not compared."
