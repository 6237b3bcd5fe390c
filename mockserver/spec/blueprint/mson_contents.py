"""Combine the contents of MSON types: members of objects, types and samples of arrays.

Source: MSON, "Nested Member Types", "Mixin Type" and "One Of Type".
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from mockserver.errors import Position
from mockserver.spec.blueprint.mson_line import TypeName, split_values
from mockserver.spec.description import DataType, Member

SCALARS = ("string", "number", "boolean")

ValueText = tuple[str, Position]
"""The text of a value, and its position."""


@dataclass(slots=True)
class ObjectContents:
    """The members of an object, collected from its base type and its nested items."""

    members: dict[str, Member] = field(default_factory=dict)
    is_open: bool = False
    choices: list[tuple[tuple[str, ...], ...]] = field(default_factory=list)

    def add_all(self, data: DataType) -> None:
        """Add the contents of another object: the base type, or a mixin."""
        for member in data.members:
            self.members[member.name] = member
        self.is_open = self.is_open or data.open
        self.choices += data.one_of

    def add_member(self, member: Member | None) -> None:
        """Add a member, or allow any other member if it is `None`."""
        if member is None:
            self.is_open = True
        else:
            self.members[member.name] = member

    def add_choice(self, alternatives: Iterable[list[Member]]) -> None:
        """Add the alternatives of a One Of, whose members are optional."""
        choice: list[tuple[str, ...]] = []
        for alternative in alternatives:
            for member in alternative:
                self.members[member.name] = replace(member, required=False)
            choice.append(tuple(member.name for member in alternative))
        self.choices.append(tuple(choice))


def split_samples(samples: Iterable[ValueText]) -> list[ValueText]:
    """Return the values in the samples of an array. A sample can have several values."""
    values: list[ValueText] = []
    for text, position in samples:
        for value in split_values(text):
            values.append((value, position))
    return values


def merge_types(items: Iterable[DataType]) -> list[DataType]:
    """Return the types without repetition. Types that differ only in their samples become one."""
    merged: dict[DataType, DataType] = {}
    for item in items:
        key = replace(item, samples=())
        if key in merged:
            item = replace(item, samples=merged[key].samples + item.samples)
        merged[key] = item
    return list(merged.values())


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
