"""Remove what makes a type endless: a type that requires itself has no finite value."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mockserver.errors import Position
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.markdown import Source
from mockserver.spec.description import DataType, Member

NamedTypes = dict[Position, DataType]


def make_finite(types: NamedTypes, source: Source) -> None:
    """Make members optional, and arrays not fixed, that would make a type endless."""
    for position in list(_endless_arrays(types)):
        types[position] = replace(types[position], fixed=False)
        message = "the items of the fixed array make its type endless"
        expected = "expected a type that is not fixed"
        source.report(messages.ENDLESS_TYPE, position, f"{message}; {expected}")
    for position, member in list(_endless_members(types)):
        types[position] = _with_optional_member(types[position], member.name)
        message = f"the member {member.name[:60]!r} makes its type endless"
        expected = "expected an optional or nullable member, or an array"
        source.report(messages.ENDLESS_TYPE, member.position, f"{message}; {expected}")


def _endless_members(types: Mapping[Position, DataType]) -> Iterator[tuple[Position, Member]]:
    """Yield the required members that make types endless, with the declaration of the type."""
    finite = _finite_types(types)
    for position in types.keys() - finite:
        data = types[position]
        for member in data.members:
            if _is_required(data, member) and not _is_finite(member.type, finite):
                yield position, member


def _endless_arrays(types: Mapping[Position, DataType]) -> Iterator[Position]:
    """Yield the declarations of fixed arrays that have no finite value."""
    finite = _finite_types(types)
    for position in types.keys() - finite:
        if types[position].kind == "array":
            yield position


def _with_optional_member(data: DataType, name: str) -> DataType:
    """Return an object in which a member is optional."""
    members: list[Member] = []
    for member in data.members:
        if member.name == name:
            member = replace(member, required=False, optional=True)
        members.append(member)
    return replace(data, members=tuple(members))


def _finite_types(types: Mapping[Position, DataType]) -> set[Position]:
    """Return the types that have a finite value."""
    finite: set[Position] = set()
    candidates = set(types)
    while True:
        found = {position for position in candidates if _is_finite(types[position], finite)}
        if not found:
            return finite
        finite |= found
        candidates -= found


def _is_finite(data: DataType, finite: set[Position]) -> bool:
    """Return whether a type has a finite value, if the types in `finite` have one."""
    if data.nullable:
        return True
    if data.reference is not None:
        return data.reference in finite
    if data.kind == "array" and data.fixed:
        return all(_is_finite(item, finite) for item in data.items)
    for member in data.members:
        if _is_required(data, member) and not _is_finite(member.type, finite):
            return False
    return all(_has_finite_alternative(choice, finite) for choice in data.one_of)


def _is_required(data: DataType, member: Member) -> bool:
    return member.required or ((data.fixed or data.fixed_type) and not member.optional)


def _has_finite_alternative(choice: tuple[tuple[Member, ...], ...], finite: set[Position]) -> bool:
    for alternative in choice:
        if all(_is_finite(member.type, finite) for member in alternative):
            return True
    return False
