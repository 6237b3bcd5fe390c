"""Combine the contents of MSON types: members of objects, types and samples of arrays.

Source: MSON, "Nested Member Types", "Mixin Type", "One Of Type" and "Member Type Precedence".
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from mockserver.spec.blueprint.mson_declarations import SCALARS
from mockserver.spec.blueprint.mson_line import TypeName
from mockserver.spec.description import DataType, Member

MAX_ALTERNATIVES = 64
"""Maximum number of alternatives of a One Of."""

Alternative = tuple[Member, ...]


@dataclass(slots=True)
class ObjectContents:
    """The members of an object, collected from its base type and its nested items."""

    members: dict[str, Member] = field(default_factory=dict)
    variables: list[Member] = field(default_factory=list)
    choices: list[tuple[Alternative, ...]] = field(default_factory=list)

    def add_all(self, data: DataType) -> None:
        """Add the contents of another object: the base type, or a mixin."""
        names = {member.name for member in data.members}
        self._remove_from_choices(names)
        for member in data.members:
            self.members[member.name] = member
        for variable in data.variables:
            self.add_variable(variable)
        self.choices += data.one_of

    def add_member(self, member: Member) -> None:
        """Add a member. It replaces an earlier one of the same name."""
        self._remove_from_choices({member.name})
        self.members[member.name] = member

    def add_variable(self, member: Member) -> None:
        """Add a member with a variable name."""
        self.variables.append(member)

    def add_choice(self, alternatives: Iterable[Alternative]) -> None:
        """Add the alternatives of a One Of, whose members are not required outside of it."""
        choice = tuple(alternatives)
        members: dict[str, Member] = {}
        for alternative in choice:
            for member in alternative:
                members.setdefault(member.name, replace(member, required=False))
        self._remove_from_choices(set(members))
        self.members.update(members)
        self._add_if_choice(choice)

    def _remove_from_choices(self, names: set[str]) -> None:
        """Remove members from earlier choices, because a later declaration replaces them."""
        choices = self.choices
        self.choices = []
        for choice in choices:
            rest: list[Alternative] = []
            for alternative in choice:
                rest.append(tuple(member for member in alternative if member.name not in names))
            self._add_if_choice(tuple(rest))

    def _add_if_choice(self, choice: tuple[Alternative, ...]) -> None:
        """Add a choice if it has several alternatives with members."""
        if len(choice) > 1 and any(choice):
            self.choices.append(choice)


def combined_alternatives(first: list[Alternative], second: list[Alternative]) -> list[Alternative]:
    """Return each alternative of `first` together with each of `second`.

    The result has a few more than `MAX_ALTERNATIVES` at most.
    """
    combined: list[Alternative] = []
    for alternative in first:
        if len(combined) > MAX_ALTERNATIVES:
            break
        for other in second:
            names = {member.name for member in other}
            kept = tuple(member for member in alternative if member.name not in names)
            combined.append((*kept, *other))
    return combined


def alternatives_of(data: DataType) -> list[Alternative]:
    """Return the alternatives that an object's contents are: one, unless it has a One Of."""
    chosen: set[str] = set()
    for choice in data.one_of:
        for alternative in choice:
            chosen.update(member.name for member in alternative)
    alternatives = [tuple(member for member in data.members if member.name not in chosen)]
    for choice in data.one_of:
        alternatives = combined_alternatives(alternatives, list(choice))
    return alternatives


def merge_types(items: Iterable[DataType]) -> list[DataType]:
    """Return the types, where neighbours that differ only in their samples become one."""
    merged: list[DataType] = []
    for item in items:
        if merged and replace(merged[-1], samples=()) == replace(item, samples=()):
            merged[-1] = replace(item, samples=merged[-1].samples + item.samples)
        else:
            merged.append(item)
    return merged


def item_type_name(array: TypeName | None) -> TypeName | None:
    """Return the type of an array's items if the array names exactly one."""
    if array is None or len(array.arguments) != 1:
        return None
    return array.arguments[0]


def scalar_kind(data: DataType) -> str:
    """Return the type of a type's values. For an enum, this is the type in its brackets."""
    if data.kind != "enum":
        return data.kind
    if data.items and data.items[0].kind in SCALARS:
        return data.items[0].kind
    return "string"
