"""Find the position of a member of a body in the blueprint, by its JSON pointer."""

from collections.abc import Iterator

from mockserver.errors import Position
from mockserver.spec.description import Api, DataType, Payload


def member_position(api: Api, payload: Payload, pointer: str) -> Position:
    """Return the position of a member, or of the nearest documented member above it.

    Args:
        api: The API, whose named types can be referred to.
        payload: The body. Without attributes, its position is that of all its members.
        pointer: The JSON pointer, in which `*` is any item.
    """
    position = payload.position
    if payload.data is None:
        return payload.body_position or position
    data = _written_out(api, payload.data)
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        inner = _inner(api, data, name)
        if inner is None:
            return position
        data, own_position = inner
        position = own_position or position
    return position


def _inner(api: Api, data: DataType, name: str) -> tuple[DataType, Position | None] | None:
    """Return the type of a member or item, and the position of a member; `None` if unknown."""
    for member in data.members:
        if member.name == name:
            return _written_out(api, member.type), member.position
    if name != "*":
        return None
    for candidate in _any_members(data):
        return _written_out(api, candidate), None
    return None


def _any_members(data: DataType) -> Iterator[DataType]:
    """Yield the types of what `*` stands for."""
    yield from data.items
    for member in data.variables:
        yield member.type


def _written_out(api: Api, data: DataType) -> DataType:
    """Return the type that a reference refers to."""
    if data.reference is None:
        return data
    return api.types.get(data.reference, data)
