"""The positions of documented members in the blueprint, as far as MSON declares them."""

from collections.abc import Iterable, Iterator, Mapping

from mockserver.contract.coverage.bodies import ANY_ITEM, MAX_PLACES, member_step
from mockserver.errors import Position
from mockserver.spec.description import Api, DataType, Payload


def member_positions(api: Api, payloads: Iterable[Payload]) -> Mapping[str, Position]:
    """Return the positions of the members and items in these payloads, by pointer.

    An item of a list has the position of the list.
    """
    positions: dict[str, Position] = {}
    for payload in payloads:
        if payload.data and payload.schema is None:
            _Reader(api, positions).read(payload.data)
    return positions


class _Reader:
    """Reads the positions of one payload, level by level."""

    def __init__(self, api: Api, positions: dict[str, Position]) -> None:
        self._api = api
        self._positions = positions

    def read(self, data: DataType) -> None:
        """Add the positions of all members."""
        level: list[tuple[str, DataType, frozenset[Position]]] = [("", data, frozenset())]
        while level and len(self._positions) < MAX_PLACES:
            next_level: list[tuple[str, DataType, frozenset[Position]]] = []
            for pointer, inner, followed in level:
                next_level += self._below(pointer, inner, followed)
            level = next_level

    def _below(
        self, pointer: str, data: DataType, followed: frozenset[Position]
    ) -> Iterator[tuple[str, DataType, frozenset[Position]]]:
        """Yield the types directly below a type, each with its pointer."""
        if data.reference is not None:
            if data.reference in followed:
                return
            followed |= {data.reference}
            data = self._api.types.get(data.reference, data)
        for member in data.members:
            member_pointer = f"{pointer}/{member_step(member.name)}"
            self._positions.setdefault(member_pointer, member.position)
            yield member_pointer, member.type, followed
        item_pointer = f"{pointer}/{ANY_ITEM}"
        for variable in data.variables:
            self._positions.setdefault(item_pointer, variable.position)
            yield item_pointer, variable.type, followed
        if data.kind == "array":
            for item in data.items:
                if pointer in self._positions:
                    self._positions.setdefault(item_pointer, self._positions[pointer])
                yield item_pointer, item, followed
