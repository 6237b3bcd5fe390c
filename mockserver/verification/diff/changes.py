"""A change: a finding about an operation, with its rule, its verdicts, and what it touches."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mockserver.errors import Position
from mockserver.spec.description import Operation
from mockserver.verification.diff.findings import Finding
from mockserver.verification.diff.rule import Rule, Verdict, View
from mockserver.verification.diff.rules import BY_ID


@dataclass(frozen=True, slots=True)
class Subject:
    """The operation of a change, or the API if it has no operation."""

    api: str
    """The id of the API."""
    method: str = ""
    uri_template: str = ""
    name: str = ""
    """The name of the operation, or of the API."""
    old_id: str = ""
    """The id of the operation in OLD; empty if it is new."""

    @property
    def label(self) -> str:
        """The operation for people: method, template and name."""
        words = [self.method, self.uri_template, self.name]
        if self.name == f"{self.method} {self.uri_template.split('{?')[0]}":
            words.pop()
        return " ".join(filter(None, words))


def subject_of(api: str, old: Operation | None, new: Operation | None) -> Subject:
    """Return the subject of a change of an operation, which can be missing on one side."""
    operation = new or old
    old_id = ""
    if old is not None:
        old_id = old.id
    if operation is None:
        return Subject(api)
    return Subject(api, operation.method, operation.uri_template, operation.name, old_id)


@dataclass(frozen=True, slots=True)
class Use:
    """The tests that touch a change, by the coverage of OLD."""

    is_known: bool
    """Whether the coverage is complete for the operation. Otherwise nothing is concluded."""
    is_used: bool = False
    tests: tuple[str, ...] = ()
    """The tests by name. Requests without the name of a test can use it too."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change, as it is reported."""

    subject: Subject
    rule: Rule
    finding: Finding
    verdicts: Mapping[View, Verdict]
    files: tuple[str, ...] | None = None
    """Our files that need an edit; `None` if the folder of the API is not known."""
    use: Use | None = None
    """`None` without coverage."""

    @property
    def app_verdict_without_use(self) -> Verdict:
        """The verdict for any app, even if the coverage downgrades it."""
        return self.rule.verdict("app", self.finding.variant)

    @property
    def is_downgraded(self) -> bool:
        """Whether no test touches it, so that its verdict is lower."""
        return self.verdicts["app"] != self.app_verdict_without_use

    @property
    def position(self) -> Position | None:
        """The position in NEW; the one in OLD if NEW has none."""
        return self.finding.new_position or self.finding.old_position

    def with_use(self, use: Use) -> "Change":
        """Return the change with the tests that touch it, and the verdict for this app."""
        verdicts = dict(self.verdicts)
        if use.is_known and not use.is_used:
            verdicts["app"] = "safe"
        return replace(self, use=use, verdicts=verdicts)


@dataclass(frozen=True, slots=True)
class Options:
    """What the user selects about verdicts."""

    closed: bool = False
    """Whether both sides reject members that they do not know."""
    enum_added: str = ""
    """The variant of RES-ENUM-ADDED."""


def change_of(
    subject: Subject, finding: Finding, options: Options, files: tuple[str, ...] | None = None
) -> Change:
    """Return the change of a finding."""
    rule = BY_ID[finding.rule]
    finding = replace(finding, variant=_variant(finding, options))
    verdicts: dict[View, Verdict] = {
        "app": rule.verdict("app", finding.variant),
        "server": rule.verdict("server", finding.variant),
        "mock": rule.verdict("mock", finding.variant),
    }
    return Change(subject, rule, finding, verdicts, files)


def _variant(finding: Finding, options: Options) -> str:
    if finding.rule == "RES-ENUM-ADDED":
        return options.enum_added
    if options.closed and finding.rule in ("RES-ADDED", "REQ-REMOVED"):
        if finding.variant == "required":
            return "required closed"
        return "closed"
    return finding.variant


@dataclass(frozen=True, slots=True)
class Counts:
    """How many changes have each verdict for one view."""

    breaks: int = 0
    may_break: int = 0
    safe: int = 0
    not_counted: int = 0
    """Changes of texts and examples."""

    @property
    def total(self) -> int:
        """The number of counted changes."""
        return self.breaks + self.may_break + self.safe


def count(changes: "tuple[Change, ...]", view: View) -> Counts:
    """Count the changes by their verdict."""
    numbers = {"breaks": 0, "may break": 0, "safe": 0, "": 0}
    for change in changes:
        verdict: str = ""
        if change.rule.is_counted:
            verdict = change.verdicts[view]
        numbers[verdict] += 1
    return Counts(numbers["breaks"], numbers["may break"], numbers["safe"], numbers[""])
