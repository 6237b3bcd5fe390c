"""Turn the differences of two schemas into findings, by the direction of the message."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mockserver.errors import Position
from mockserver.formats.json_equality import value_key
from mockserver.formats.json_schema import Schema
from mockserver.spec.description import Api, Payload
from mockserver.spec.schemas.builder import SchemaBuilder
from mockserver.verification.diff.findings import Finding, Touch
from mockserver.verification.diff.member_positions import member_position
from mockserver.verification.diff.schema_comparison import compare_schemas
from mockserver.verification.diff.schema_differences import DifferenceKind, SchemaDifference

_Rules = Mapping[DifferenceKind, tuple[str, ...]]

_BOTH: _Rules = {
    DifferenceKind.UNDECIDED: ("UNDECIDED",),
    DifferenceKind.TEXT_CHANGED: ("TEXT-CHANGED",),
    DifferenceKind.EXAMPLE_CHANGED: ("EXAMPLE-CHANGED",),
}
REQUEST: _Rules = {
    **_BOTH,
    DifferenceKind.MEMBER_ADDED: ("REQ-ADDED",),
    DifferenceKind.MEMBER_REMOVED: ("REQ-REMOVED",),
    DifferenceKind.BECAME_REQUIRED: ("REQ-REQUIRED",),
    DifferenceKind.BECAME_OPTIONAL: ("REQ-WIDENED",),
    DifferenceKind.NARROWED: ("REQ-NARROWED",),
    DifferenceKind.WIDENED: ("REQ-WIDENED",),
    DifferenceKind.RECUT: ("REQ-NARROWED", "REQ-WIDENED"),
    DifferenceKind.ENUM_REMOVED: ("REQ-NARROWED",),
    DifferenceKind.ENUM_ADDED: ("REQ-WIDENED",),
}
RESPONSE: _Rules = {
    **_BOTH,
    DifferenceKind.MEMBER_ADDED: ("RES-ADDED",),
    DifferenceKind.MEMBER_REMOVED: ("RES-REMOVED",),
    DifferenceKind.BECAME_REQUIRED: ("RES-NARROWED",),
    DifferenceKind.BECAME_OPTIONAL: ("RES-REQUIRED-LOST",),
    DifferenceKind.NARROWED: ("RES-NARROWED",),
    DifferenceKind.WIDENED: ("RES-WIDENED",),
    DifferenceKind.RECUT: ("RES-WIDENED", "RES-NARROWED"),
    DifferenceKind.ENUM_REMOVED: ("RES-NARROWED",),
    DifferenceKind.ENUM_ADDED: ("RES-ENUM-ADDED",),
}
_REQUIRED_MEMBERS = {
    "REQ-ADDED": "REQ-REQUIRED",
    "RES-REMOVED": "RES-REQUIRED-LOST",
}
"""Rule of an optional member to the rule of a required one."""
_ABSENT = ("absent",)


@dataclass(frozen=True, slots=True)
class Body:
    """A body on one side."""

    api: Api
    payload: Payload
    schema_file: str = ""
    """The file of its schema, if that differs from the blueprint."""

    def position(self, pointer: str) -> Position:
        """Return the position of a member, or of the nearest member above it."""
        if self.schema_file:
            return Position(self.schema_file)
        return member_position(self.api, self.payload, pointer)

    def form_schema(self) -> Schema | None:
        """Return the schema of the attributes of a body that is not JSON."""
        if self.payload.data is None or self.payload.schema is not None:
            return None
        return SchemaBuilder(self.api).declared_schema(self.payload)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A body on both sides, and the rules of its direction."""

    rules: _Rules
    where: str
    """`request`, or the status."""
    status: int | None
    old: Body
    new: Body

    def with_payloads(self, old: Payload, new: Payload) -> "Comparison":
        """Return the comparison of other bodies of the same direction."""
        return replace(self, old=Body(self.old.api, old), new=Body(self.new.api, new))

    def finding(
        self,
        rule: str,
        pointer: str,
        old: str,
        new: str,
        touch: Touch | None = None,
        variant: str = "",
    ) -> Finding:
        """Return a finding about a member."""
        return Finding(
            rule,
            f"{self.where} {pointer}".strip(),
            old,
            new,
            self.old.position(pointer),
            self.new.position(pointer),
            variant,
            touch or Touch((self.where,)),
            self.status,
        )


def schema_findings(comparison: Comparison, old: Schema, new: Schema) -> Iterator[Finding]:
    """Yield the findings about the differences of two schemas."""
    old, new = _without_title(old), _without_title(new)
    # `==` of Python does not distinguish `1` and `true`.
    if value_key(old) == value_key(new):
        return
    for difference in compare_schemas(old, new):
        for rule in comparison.rules[difference.kind]:
            yield _finding(comparison, difference, rule)


def _without_title(schema: Schema) -> Schema:
    """Return a schema without the texts that name its operation."""
    return {key: value for key, value in schema.items() if key not in ("title", "description")}


def _finding(comparison: Comparison, difference: SchemaDifference, rule: str) -> Finding:
    if difference.required:
        rule = _REQUIRED_MEMBERS.get(rule, rule)
    old, new = _texts(difference)
    touch = _touch(comparison.where, difference)
    variant = _variant(difference, rule)
    return comparison.finding(rule, difference.pointer, old, new, touch, variant)


def _variant(difference: SchemaDifference, rule: str) -> str:
    if rule == "RES-ADDED" and difference.required:
        return "required"
    if difference.kind == DifferenceKind.MEMBER_REMOVED and difference.narrows:
        return "closed"
    return ""


_TEXTS = {
    DifferenceKind.MEMBER_ADDED: ("", "{necessity} member"),
    DifferenceKind.MEMBER_REMOVED: ("{necessity} member", ""),
    DifferenceKind.BECAME_REQUIRED: ("optional", "required"),
    DifferenceKind.BECAME_OPTIONAL: ("required", "optional"),
}
"""Kind of a difference to its texts. The others have the values of the keyword."""


def _texts(difference: SchemaDifference) -> tuple[str, str]:
    necessity = "optional"
    if difference.required:
        necessity = "required"
    texts = _TEXTS.get(difference.kind)
    if texts:
        old, new = texts
        return old.format(necessity=necessity), new.format(necessity=necessity)
    return _with_keyword(difference, difference.old), _with_keyword(difference, difference.new)


def _with_keyword(difference: SchemaDifference, text: str) -> str:
    if not text or not difference.keyword:
        return text
    return f"{difference.keyword} {text}"


def _touch(where: str, difference: SchemaDifference) -> Touch:
    """Return the items of the coverage that a difference concerns."""
    member = f"{where} {difference.pointer}".strip()
    if difference.kind == DifferenceKind.MEMBER_ADDED:
        return Touch((where,))
    if difference.kind == DifferenceKind.ENUM_REMOVED:
        return Touch((member, where), only=(difference.old,), without=_ABSENT)
    if difference.kind == DifferenceKind.BECAME_REQUIRED and where == "request":
        return Touch((member, where), only=_ABSENT)
    return Touch((member, where), without=_ABSENT)
