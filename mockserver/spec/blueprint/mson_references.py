"""Write named types out where they are used. Recursive and large types stay references.

A recursive type is written out once: its contents refer to it. So a response with such a type has
the members of the type, and a schema needs `$ref` only below them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from mockserver.errors import Position
from mockserver.spec.description import DataType, Member

MAX_SIZE = 500
"""Maximum number of types in a named type that is written out in another one."""
MAX_LEVELS = 20
"""Maximum levels of types in a named type that is written out in another one."""


class NamedTypes:
    """The named types of a blueprint, by the position of their declaration."""

    def __init__(self, types: Mapping[Position, DataType]) -> None:
        self._types = dict(types)
        self.recursive = recursive_types(self._types)
        self._kept = set(self.recursive)
        self._written: dict[tuple[Position, bool], DataType] = {}
        self._sizes: dict[Position, tuple[int, int]] = {}
        for position in _sorted_types(self._types, self.recursive):
            self._measure(position)

    def write_out(self, data: DataType) -> DataType:
        """Return a type whose named types are written out, except inside those that are kept."""
        return self._with_contents(data, is_inside=False)

    def kept_types(self) -> dict[Position, DataType]:
        """Return the types that references refer to."""
        return {position: self._contents(position, is_inside=True) for position in self._kept}

    def _measure(self, position: Position) -> None:
        """Store the size of a type that is not recursive, and keep it if it is large."""
        size, levels = self._size(self._types[position])
        self._sizes[position] = size, levels
        if size > MAX_SIZE or levels > MAX_LEVELS:
            self._kept.add(position)

    def _size(self, data: DataType) -> tuple[int, int]:
        """Return the number of types in a type, and their levels."""
        if data.reference is not None and data.reference not in self._kept:
            return self._sizes[data.reference]
        size, levels = 1, 1
        for inner in _directly_nested(data):
            inner_size, inner_levels = self._size(inner)
            size += inner_size
            levels = max(levels, inner_levels + 1)
        return size, levels

    def _with_contents(self, data: DataType, is_inside: bool) -> DataType:
        if data.reference is None:
            return with_inner(data, partial(self._with_contents, is_inside=is_inside))
        if data.reference in self._kept and is_inside:
            return data
        contents = self._contents(data.reference, is_inside or data.reference in self._kept)
        if data.fixed:
            contents = fixed_throughout(contents)
        return replace(
            contents,
            nullable=contents.nullable or data.nullable,
            fixed_type=contents.fixed_type or data.fixed_type,
        )

    def _contents(self, position: Position, is_inside: bool) -> DataType:
        key = (position, is_inside)
        if key not in self._written:
            inner = partial(self._with_contents, is_inside=is_inside)
            self._written[key] = with_inner(self._types[position], inner)
        return self._written[key]


def fixed_throughout(data: DataType) -> DataType:
    """Return a type that is fixed, with all types nested in it (MSON, "Nested Member Types")."""
    return with_inner(replace(data, fixed=True), fixed_throughout)


def with_inner(data: DataType, function: Callable[[DataType], DataType]) -> DataType:
    """Return a type in which each directly nested type is the result of a function."""

    def with_type(member: Member) -> Member:
        return replace(member, type=function(member.type))

    one_of = []
    for choice in data.one_of:
        one_of.append(tuple(tuple(map(with_type, alternative)) for alternative in choice))
    return replace(
        data,
        members=tuple(map(with_type, data.members)),
        variables=tuple(map(with_type, data.variables)),
        items=tuple(map(function, data.items)),
        one_of=tuple(one_of),
    )


def _directly_nested(data: DataType) -> Iterator[DataType]:
    for member in (*data.members, *data.variables):
        yield member.type
    yield from data.items
    for choice in data.one_of:
        for alternative in choice:
            for member in alternative:
                yield member.type


def _inner_types(data: DataType) -> Iterator[DataType]:
    """Yield the types nested in a type on all levels. References have none."""
    for inner in _directly_nested(data):
        yield inner
        yield from _inner_types(inner)


class TypeSizes:
    """The number of types in types. Types that share others are counted fast."""

    def __init__(self) -> None:
        # The type is kept with its size, so that no other object gets its identity.
        self._sizes: dict[int, tuple[DataType, int]] = {}

    def size(self, data: DataType) -> int:
        """Return the number of types in a type, with those on all levels."""
        if id(data) not in self._sizes:
            self._sizes[id(data)] = data, 1 + sum(map(self.size, _directly_nested(data)))
        return self._sizes[id(data)][1]


def _references(data: DataType) -> set[Position]:
    return {inner.reference for inner in _inner_types(data) if inner.reference is not None}


def recursive_types(types: Mapping[Position, DataType]) -> frozenset[Position]:
    """Return the types that contain themselves, and those between two of these."""
    uses = {position: _references(data) for position, data in types.items()}
    users: dict[Position, set[Position]] = {position: set() for position in types}
    for position, used in uses.items():
        for other in used:
            users[other].add(position)
    remaining = set(types)
    for first, second in ((uses, users), (users, uses)):
        remaining = _without_leaves(remaining, first, second)
    return frozenset(remaining)


def _without_leaves(
    positions: set[Position],
    edges: Mapping[Position, set[Position]],
    reverse_edges: Mapping[Position, set[Position]],
) -> set[Position]:
    """Return the positions without those from which no endless path starts."""
    remaining = set(positions)
    counts = {position: len(edges[position] & remaining) for position in remaining}
    leaves = [position for position, count in counts.items() if count == 0]
    while leaves:
        leaf = leaves.pop()
        remaining.discard(leaf)
        for position in reverse_edges[leaf] & remaining:
            counts[position] -= 1
            if counts[position] == 0:
                leaves.append(position)
    return remaining


def _sorted_types(
    types: Mapping[Position, DataType], recursive: frozenset[Position]
) -> Iterator[Position]:
    """Yield the types that are not recursive. Each comes after those that it refers to."""
    uses = {position: _references(types[position]) - recursive for position in types}
    users: dict[Position, list[Position]] = {position: [] for position in types}
    counts: dict[Position, int] = {}
    for position in types.keys() - recursive:
        counts[position] = len(uses[position])
        for other in uses[position]:
            users[other].append(position)
    ready = [position for position, count in counts.items() if count == 0]
    while ready:
        position = ready.pop()
        yield position
        for user in users[position]:
            counts[user] -= 1
            if counts[user] == 0:
                ready.append(user)
