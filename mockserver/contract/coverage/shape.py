"""The shape of a JSON value: what one level of its schema documents.

`shape_reading` reads it. Shapes of one value are merged here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from mockserver.contract.coverage.schema_parts import ANY, AllOf, AnyOf, Part


@dataclass(frozen=True, slots=True)
class Shape:
    """What one level of a schema documents."""

    kinds: frozenset[str] | None = None
    """The types of JSON Schema; `None` for any."""
    null: bool | None = None
    """Whether null is documented; `None` if it is valid, but not documented."""
    values: tuple[Any, ...] | None = None
    """The values of an enum without null; `None` without an enum."""
    members: Mapping[str, Part] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    others: Part = ANY
    """The schema of the members that have no name in the schema."""
    first_items: tuple[Part, ...] = ()
    """The schemas of the items at fixed places."""
    items: Part = ANY
    """The schema of the other items."""
    least: int = 0
    """The minimum number of items."""
    most: int | None = None
    """The maximum number of items; `None` without one."""

    def allows(self, kind: str) -> bool:
        """Return whether a value of this type is valid."""
        return self.kinds is None or kind in self.kinds

    def member(self, name: str) -> Part:
        """Return the schema of a member."""
        return self.members.get(name, self.others)


def json_key(value: Any) -> bytes:
    """Return the JSON of a value. Equal values of JSON Schema have equal keys."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def all_of(shapes: Iterable[Shape | None]) -> Shape | None:
    """Return the shape of values that fit all shapes."""
    merged: Shape | None = Shape()
    for shape in shapes:
        if merged is None or shape is None:
            return None
        merged = _both(merged, shape)
    return merged


def _both(one: Shape, other: Shape) -> Shape | None:
    kinds = _common_kinds(one.kinds, other.kinds)
    values = _common_values(one.values, other.values)
    null = _null_of_both(one.null, other.null)
    if kinds == frozenset() or (values == () and null is False):
        return None
    first = max(len(one.first_items), len(other.first_items))
    return Shape(
        kinds,
        null,
        values,
        {name: _both_parts(one.member(name), other.member(name)) for name in _names((one, other))},
        one.required | other.required,
        _both_parts(one.others, other.others),
        tuple(_both_parts(_item(one, place), _item(other, place)) for place in range(first)),
        _both_parts(one.items, other.items),
        max(one.least, other.least),
        _least_of(one.most, other.most),
    )


def _common_kinds(
    one: frozenset[str] | None, other: frozenset[str] | None
) -> frozenset[str] | None:
    if one is None:
        return other
    if other is None:
        return one
    common = one & other
    if "integer" in one | other and "number" in one | other:
        return common | {"integer"}
    return common


def _common_values(
    one: tuple[Any, ...] | None, other: tuple[Any, ...] | None
) -> tuple[Any, ...] | None:
    if one is None:
        return other
    if other is None:
        return one
    valid = set(map(json_key, other))
    return tuple(value for value in one if json_key(value) in valid)


def _null_of_both(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return one or other


def _both_parts(one: Part, other: Part) -> Part:
    if one is ANY:
        return other
    if other is ANY:
        return one
    return AllOf((one, other))


def _item(shape: Shape, place: int) -> Part:
    if place < len(shape.first_items):
        return shape.first_items[place]
    return shape.items


def _least_of(one: int | None, other: int | None) -> int | None:
    if one is None:
        return other
    if other is None:
        return one
    return min(one, other)


def any_of(shapes: Sequence[Shape]) -> Shape | None:
    """Return the shape of values that fit at least one shape: each alternative is documented."""
    if not shapes:
        return None
    if len(shapes) == 1:
        return shapes[0]
    objects = [shape for shape in shapes if shape.allows("object")]
    arrays = [shape for shape in shapes if shape.allows("array")]
    required: frozenset[str] = frozenset()
    if objects:
        required = frozenset.intersection(*(shape.required for shape in objects))
    first = max((len(shape.first_items) for shape in arrays), default=0)
    return Shape(
        _all_kinds(shapes),
        _null_of_any(shapes),
        _all_values(shapes),
        {name: _any_member(name, objects) for name in _names(objects)},
        required,
        _either([shape.others for shape in objects]),
        tuple(_any_item(place, arrays) for place in range(first)),
        _either([shape.items for shape in arrays]),
        min((shape.least for shape in arrays), default=0),
        _most_of(arrays),
    )


def _either(parts: Sequence[Part]) -> Part:
    """Return the schema of values that fit at least one part."""
    if parts and all(part is parts[0] for part in parts):
        return parts[0]
    return AnyOf(tuple(parts))


def _any_member(name: str, objects: Iterable[Shape]) -> Part:
    return _either([shape.member(name) for shape in objects])


def _any_item(place: int, arrays: Iterable[Shape]) -> Part:
    return _either([_item(shape, place) for shape in arrays])


def _names(shapes: Iterable[Shape]) -> dict[str, None]:
    """Return the names of all members, in the order of the schemas."""
    names: dict[str, None] = {}
    for shape in shapes:
        names |= dict.fromkeys(shape.members)
    return names


def _all_kinds(shapes: Iterable[Shape]) -> frozenset[str] | None:
    kinds: frozenset[str] = frozenset()
    for shape in shapes:
        if shape.kinds is None:
            return None
        kinds |= shape.kinds
    return kinds


def _null_of_any(shapes: Iterable[Shape]) -> bool | None:
    documented = [shape.null for shape in shapes]
    if True in documented:
        return True
    if None in documented:
        return None
    return False


def _all_values(shapes: Iterable[Shape]) -> tuple[Any, ...] | None:
    """Return the values of all enums. Other alternatives do not make them less documented."""
    values: list[Any] = []
    has_enum = False
    for shape in shapes:
        if shape.values is not None:
            has_enum = True
            values += shape.values
    if not has_enum:
        return None
    return tuple(values)


def _most_of(shapes: Iterable[Shape]) -> int | None:
    most: int | None = 0
    for shape in shapes:
        if shape.most is None:
            return None
        most = max(most or 0, shape.most)
    return most
