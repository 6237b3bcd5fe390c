"""Walks: functions that find the items in one value of a body.

A walk does not validate. It covers what the schema documents, and ignores the rest of the value.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mockserver.contract.coverage.operation_items import value_word
from mockserver.contract.coverage.shape import json_key

Walk = Callable[[Any], int]
"""Returns the items that a value covers, as a bit set."""


def nothing(_value: Any) -> int:
    """Return no item."""
    return 0


def own_walk(bits: Mapping[str, int], walks: Sequence[Walk]) -> Walk:
    """Return the walk of a place, made of the walks of its contents."""
    present = bits.get("present", 0)
    null = bits.get("null", present)
    if not walks:
        return lambda value: null if value is None else present
    if len(walks) == 1:
        [inner] = walks

        def walk_one(value: Any) -> int:
            if value is None:
                return null
            return present | inner(value)

        return walk_one

    def walk_several(value: Any) -> int:
        if value is None:
            return null
        result = present
        for inner in walks:
            result |= inner(value)
        return result

    return walk_several


def value_walk(values: Iterable[Any], bits: Mapping[str, int]) -> Walk | None:
    """Return the walk of the values of an enum; `None` without one."""
    texts: dict[str, int] = {}
    others: dict[bytes, int] = {}
    for value in values:
        if isinstance(value, str):
            texts[value] = bits[value_word(value)]
        else:
            others[json_key(value)] = bits[value_word(value)]
    if not texts and not others:
        return None
    if not others:
        return lambda value: texts.get(value, 0) if isinstance(value, str) else 0

    def walk(value: Any) -> int:
        if isinstance(value, str):
            return texts.get(value, 0)
        return others.get(json_key(value), 0)

    return walk


def object_walk(
    leaves: Mapping[str, tuple[int, int]],
    members: Sequence[tuple[str, int, Walk]],
    other_walk: Walk | None,
) -> Walk:
    """Return the walk of an object.

    Args:
        leaves: The members whose value covers nothing: the items of their presence and absence.
        members: The other members: name, the items of the absence, and the walk.
        other_walk: The walk of the members without a documented name; `None` without one.
    """
    leaf_names = frozenset(leaves)
    all_leaves = 0
    for present, _ in leaves.values():
        all_leaves |= present

    def walk(value: Any) -> int:
        if not isinstance(value, dict):
            return 0
        # One comparison of all names is faster than one look-up each.
        if leaf_names <= value.keys():
            bits = all_leaves
        else:
            bits = _leaf_items(leaves, value)
        for name, absent, member_walk in members:
            if name in value:
                bits |= member_walk(value[name])
            else:
                bits |= absent
        return bits

    if other_walk is None:
        return walk
    names = leaf_names.union(name for name, _, _ in members)
    return _with_others(walk, names, other_walk)


def _with_others(named_walk: Walk, names: frozenset[str], other_walk: Walk) -> Walk:
    """Return the walk of an object with members that have no documented name."""

    def walk(value: Any) -> int:
        if not isinstance(value, dict):
            return 0
        bits = named_walk(value)
        for name in value.keys() - names:
            bits |= other_walk(value[name])
        return bits

    return walk


def _leaf_items(leaves: Mapping[str, tuple[int, int]], value: Mapping[str, Any]) -> int:
    bits = 0
    for name, (present, absent) in leaves.items():
        if name in value:
            bits |= present
        else:
            bits |= absent
    return bits


def list_walk(
    lengths: tuple[int, int, int],
    first_count: int,
    first_walks: Mapping[int, Walk],
    item_walk: Walk | None,
) -> Walk:
    """Return the walk of a list.

    Args:
        lengths: The items of an empty list, of one item, and of several.
        first_count: The number of items at fixed places.
        first_walks: The walks of these items, by place.
        item_walk: The walk of the other items; `None` if nothing is documented for them.
    """

    def walk(value: Any) -> int:
        if not isinstance(value, list):
            return 0
        bits = lengths[min(len(value), 2)]
        for place, first_walk in first_walks.items():
            if place < len(value):
                bits |= first_walk(value[place])
        if item_walk:
            for item in value[first_count:]:
                bits |= item_walk(item)
        return bits

    return walk
