"""The documented places of a body: its members, its lists, and the values of both.

Documentation has no end where a type refers to itself. Such a type is written out once more, and
its next repetition has no members. A body has at most `MAX_PLACES` places: of a larger one, the
deeper levels are left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from mockserver.contract.coverage.schema_parts import Part, Plain
from mockserver.contract.coverage.shape import Shape, json_key
from mockserver.contract.coverage.shape_reading import shape_of
from mockserver.formats.json_pointer import pointer_steps

MAX_PLACES = 2000
ANY_ITEM = "*"
"""The step of a pointer to the items of a list, and to the members without a documented name."""
_NULL = frozenset(("null",))
_ESCAPES = {"~": "~0", "/": "~1", "*": "~2", "%": "%25"}


@dataclass(slots=True, eq=False)
class Place:
    """One documented place of a body, and what can be there."""

    pointer: str
    """The JSON pointer, with `*` for any item; empty for the body itself."""
    shape: Shape
    kind: str
    """`body`, `member`, or `item` of a list."""
    is_required: bool = True
    members: dict[str, "Place"] = field(default_factory=dict)
    others: "Place | None" = None
    """The members without a documented name."""
    first_items: dict[int, "Place"] = field(default_factory=dict)
    """The items at fixed places of a list."""
    items: "Place | None" = None

    @property
    def has_present(self) -> bool:
        """Return whether the member can have a value that is not null."""
        shape = self.shape
        return self.kind == "member" and shape.kinds != _NULL and shape.values != ()

    @property
    def has_absent(self) -> bool:
        """Return whether the member can be absent."""
        return self.kind == "member" and not self.is_required

    @property
    def values(self) -> tuple[Any, ...]:
        """The values of an enum. A boolean is one of two, a constant is none."""
        values = self.shape.values
        if values is None and self._is_boolean:
            return (False, True)
        distinct = {json_key(value): value for value in values or () if self._is_typed(value)}
        if len(distinct) < 2:
            return ()
        return tuple(distinct.values())

    @property
    def lengths(self) -> tuple[str, ...]:
        """The lengths of a list: `empty`, `one`, `many`. A list of one length has none."""
        kinds, most = self.shape.kinds, self.shape.most
        if not kinds or "array" not in kinds:
            return ()
        lengths: list[str] = []
        for name, least_length, most_length in (("empty", 0, 0), ("one", 1, 1), ("many", 2, None)):
            is_short = most is not None and most < least_length
            is_long = most_length is not None and self.shape.least > most_length
            if not is_short and not is_long:
                lengths.append(name)
        if len(lengths) < 2:
            return ()
        return tuple(lengths)

    def children(self) -> Iterator["Place"]:
        """Yield the places directly below this one."""
        yield from self.members.values()
        if self.others:
            yield self.others
        yield from self.first_items.values()
        if self.items:
            yield self.items

    @property
    def _is_boolean(self) -> bool:
        kinds = self.shape.kinds
        return kinds is not None and kinds - _NULL == {"boolean"}

    def _is_typed(self, value: Any) -> bool:
        """Return whether a value of the enum has a valid type."""
        kinds = self.shape.kinds
        return kinds is None or bool(kinds & _kinds_of(value))


def _kinds_of(value: Any) -> frozenset[str]:
    """Return the types of JSON Schema that a value has."""
    if isinstance(value, bool):
        return frozenset(("boolean",))
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return frozenset(("integer", "number"))
    names = {float: "number", str: "string", list: "array", dict: "object"}
    return frozenset((names[type(value)],))


def read_places(schema: Mapping[str, Any]) -> Place | None:
    """Return the place of a whole body, with all places below; `None` if no body is valid."""
    shape = shape_of(Plain(schema, schema))
    if shape is None:
        return None
    body = Place("", shape, "body")
    level, count = [body], 1
    while level:
        next_level: list[Place] = []
        for place in level:
            _expand(place)
            next_level += place.children()
        count += len(next_level)
        if count > MAX_PLACES:
            for place in level:
                _cut(place)
            break
        level = next_level
    return body


def all_places(body: Place) -> Iterator[Place]:
    """Yield a place and all places below it, in the order of the schema."""
    yield body
    for child in body.children():
        yield from all_places(child)


def _cut(place: Place) -> None:
    """Remove all places below a place."""
    place.members, place.others, place.first_items, place.items = {}, None, {}, None


def _expand(place: Place) -> None:
    """Add the places directly below a place."""
    shape = place.shape
    for name, part in shape.members.items():
        child = _child(place, member_step(name), part, "member")
        if child:
            child.is_required = name in shape.required
            place.members[name] = child
    if shape.kinds is None or "object" in shape.kinds:
        place.others = _documented(place, shape.others, "member")
    if shape.kinds is None or "array" in shape.kinds:
        for index, part in enumerate(shape.first_items):
            child = _child(place, str(index), part, "item")
            if child:
                place.first_items[index] = child
        place.items = _documented(place, shape.items, "item")


def _child(place: Place, step: str, part: Part, kind: str) -> Place | None:
    """Return the place of a part; `None` if no value is valid there."""
    shape = shape_of(part)
    if shape is None:
        return None
    return Place(f"{place.pointer}/{step}", shape, kind)


def _documented(place: Place, part: Part, kind: str) -> Place | None:
    """Return the place of the other members or items; `None` if nothing is documented there."""
    child = _child(place, ANY_ITEM, part, kind)
    if child is None or child.shape == Shape():
        return None
    return child


def member_step(name: str) -> str:
    """Return a name as a step of a pointer without spaces. `~2` is an asterisk."""
    text = "".join(_ESCAPES.get(character, character) for character in name)
    steps: list[str] = []
    for character in text:
        if character.isspace() or not character.isprintable():
            steps.append("".join(f"%{byte:02X}" for byte in character.encode()))
        else:
            steps.append(character)
    return "".join(steps)


def pointer_names(pointer: str) -> list[str]:
    """Return the names of the members on the way to a place; `*` for any item."""
    # `~2` first: a member named `~2` is `~02` in a pointer.
    return [unquote(step) for step in pointer_steps(pointer.replace("~2", ANY_ITEM))]
