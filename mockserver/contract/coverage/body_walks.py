"""Compile the documented places of a body to walks."""

from collections.abc import Mapping

from mockserver.contract.coverage.bodies import Place
from mockserver.contract.coverage.operation_items import place_id, place_words
from mockserver.contract.coverage.walks import (
    Walk,
    list_walk,
    object_walk,
    own_walk,
    value_walk,
)

_OF_LEAVES = frozenset(("present", "absent"))
"""The words of a member whose value covers nothing."""


class BodyWalks:
    """The walks of one body."""

    def __init__(self, operation_id: str, part: str, numbers: Mapping[str, int]) -> None:
        self._operation_id = operation_id
        self._part = part
        self._numbers = numbers

    def walk_of(self, place: Place, without_items_of: Place | None = None) -> Walk:
        """Return the walk of a place and all places below it.

        Args:
            place: The place.
            without_items_of: A list whose items are not walked.
        """
        walks: list[Walk] = []
        for walk in (
            self._object_walk(place, without_items_of),
            self._list_walk(place, without_items_of),
            value_walk(place.values, self._bits(place)),
        ):
            if walk:
                walks.append(walk)
        return own_walk(self._bits(place), walks)

    def _bits(self, place: Place) -> dict[str, int]:
        """Return the bit of each item of a place, by its word."""
        bits: dict[str, int] = {}
        for word, _ in place_words(place, with_lengths=self._part != "request"):
            number = self._numbers[place_id(self._operation_id, self._part, place, word)]
            bits[word] = 1 << number
        return bits

    def _object_walk(self, place: Place, without_items_of: Place | None) -> Walk | None:
        """Return the walk of the members of an object; `None` if none is documented."""
        if not place.members and place.others is None:
            return None
        leaves: dict[str, tuple[int, int]] = {}
        members: list[tuple[str, int, Walk]] = []
        for name, member in place.members.items():
            bits = self._bits(member)
            absent = bits.get("absent", 0)
            if bits.keys() <= _OF_LEAVES and not any(member.children()):
                leaves[name] = (bits.get("present", 0), absent)
            else:
                members.append((name, absent, self.walk_of(member, without_items_of)))
        other_walk: Walk | None = None
        if place.others:
            other_walk = self.walk_of(place.others, without_items_of)
        return object_walk(leaves, members, other_walk)

    def _list_walk(self, place: Place, without_items_of: Place | None) -> Walk | None:
        """Return the walk of a list; `None` if nothing is documented."""
        bits = self._bits(place)
        lengths = (bits.get("empty", 0), bits.get("one", 0), bits.get("many", 0))
        first_walks: dict[int, Walk] = {}
        item_walk: Walk | None = None
        if place is not without_items_of:
            for index, item in place.first_items.items():
                first_walks[index] = self.walk_of(item, without_items_of)
            if place.items:
                item_walk = self.walk_of(place.items, without_items_of)
        if not any(lengths) and not first_walks and item_walk is None:
            return None
        return list_walk(lengths, len(place.shape.first_items), first_walks, item_walk)
