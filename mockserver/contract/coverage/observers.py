"""What one exchange covers: walkers over documented places, compiled once per operation."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mockserver.contract.coverage.bodies import Place
from mockserver.contract.coverage.operation_items import (
    OperationItems,
    parameter_id,
    parameter_values,
    parameter_words,
    place_id,
    place_words,
    status_id,
    value_word,
)
from mockserver.contract.coverage.shape import json_key
from mockserver.contract.envelope import Envelope
from mockserver.contract.parameters import TYPES, TypedParameter

Walk = Callable[[Any], int]
"""Returns the items that a value covers, as a bit set."""
MAX_KEPT_RECORDS = 8192
"""Maximum records whose items an observer keeps for one status."""


class NoBody:
    """The body of an exchange without one. JSON null is `None`."""


NO_BODY = NoBody()


class OperationObserver:
    """Returns the items that one exchange with an operation covers.

    An item is a bit of an integer, at the item's number. An exchange that ends with a problem or a
    fault of the server covers nothing. A request that violates the contract covers nothing either,
    but its documented response does.
    """

    def __init__(self, parts: OperationItems, numbers: Mapping[str, int]) -> None:
        self._called = 1 << numbers[parts.id]
        self._parameters: list[tuple[str, int, Walk]] = []
        for typed in parts.served.parameters:
            self._parameters.append(_compiled_parameter(parts.id, typed, numbers))
        self._request: Walk = _nothing
        if parts.request:
            self._request = _Compiler(parts.id, "request", numbers).walk_of(parts.request)
        self._responses: dict[int, _ObservedResponse] = {}
        for status in parts.served.operation.statuses:
            self._responses[status] = _ObservedResponse(parts, status, numbers)

    def request(self, arguments: Mapping[str, Any], body: Any) -> int:
        """Return the items that a valid request covers.

        Args:
            arguments: The typed values of its parameters.
            body: Its JSON; `NO_BODY` or `None` without one.
        """
        bits = self._called
        for name, absent, walk in self._parameters:
            if name in arguments:
                bits |= walk(arguments[name])
            else:
                bits |= absent
        if body is not None:
            bits |= self._request(body)
        return bits

    def response(self, status: int, body: Any, records: Sequence[Any] | None = None) -> int:
        """Return the items that a response covers.

        Args:
            status: Its status. An undocumented one covers nothing.
            body: Its JSON; `NO_BODY` without one, and for a text.
            records: The records of a list in `body`, if it shows all of them unchanged. The items
                of each record are kept as long as it is the same object.
        """
        response = self._responses.get(status)
        if response is None:
            return 0
        return self._called | response.bits(body, records)


class _ObservedResponse:
    """One documented status of an operation."""

    def __init__(self, parts: OperationItems, status: int, numbers: Mapping[str, int]) -> None:
        self._status = 1 << numbers[status_id(parts.id, status)]
        self._walk: Walk = _nothing
        self._walk_around: Walk = _nothing
        self._walk_record: Walk = _nothing
        self._kept: dict[int, tuple[Any, int]] = {}
        body = parts.responses.get(status)
        if body is None:
            return
        compiler = _Compiler(parts.id, str(status), numbers)
        self._walk = self._walk_around = compiler.walk_of(body)
        records = _record_list(body, parts.served.envelope)
        if records and records.items:
            self._walk_record = compiler.walk_of(records.items)
            self._walk_around = compiler.walk_of(body, without_items_of=records)

    def bits(self, body: Any, records: Sequence[Any] | None) -> int:
        """Return the items that a body covers: see `OperationObserver.response`."""
        if records is None:
            return self._status | self._walk(body)
        bits = self._status | self._walk_around(body)
        kept = self._kept
        for record in records:
            entry = kept.get(id(record))
            if entry is None:
                entry = self._keep(record)
            bits |= entry[1]
        return bits

    def _keep(self, record: Any) -> tuple[Any, int]:
        """Return a record and its items. The reference prevents another record with this id."""
        if len(self._kept) >= MAX_KEPT_RECORDS:
            self._kept = {}
        entry = self._kept[id(record)] = record, self._walk_record(record)
        return entry


def _record_list(body: Place, envelope: Envelope | None) -> Place | None:
    """Return the place of the records in a body; `None` if it has no list of them."""
    place: Place | None = body
    while envelope and place and envelope.container is not None:
        place = place.members.get(envelope.container)
        envelope = envelope.inner
    if envelope is None and place is body:
        return None
    return place


def _nothing(_value: Any) -> int:
    return 0


def _compiled_parameter(
    operation_id: str, typed: TypedParameter, numbers: Mapping[str, int]
) -> tuple[str, int, Walk]:
    """Return the name of a parameter, the items of its absence, and the walk of its value."""
    bits = {
        word: 1 << numbers[parameter_id(operation_id, typed, word)]
        for word, _ in parameter_words(typed)
    }
    present, by_value = bits["present"], _parameter_table(typed, bits)

    def walk_one(value: Any) -> int:
        return present | by_value.get(value, 0)

    def walk_list(value: Any) -> int:
        result = present
        for item in value:
            result |= by_value.get(item, 0)
        return result

    walk = walk_one
    if typed.type == "array":
        walk = walk_list
    return typed.parameter.name, bits.get("absent", 0), walk


def _parameter_table(typed: TypedParameter, bits: Mapping[str, int]) -> dict[Any, int]:
    """Return the items of each documented value of a parameter, by its typed value."""
    kind = typed.type
    if kind == "array":
        kind = typed.parameter.item_type
    table: dict[Any, int] = {}
    for value in parameter_values(typed):
        typed_value = value
        if not isinstance(value, bool):
            typed_value = TYPES[kind][0](str(value))
        table[typed_value] = bits[value_word(value)]
    for word, bound in (("minimum", typed.minimum), ("maximum", typed.maximum)):
        if word in bits:
            table[bound] = table.get(bound, 0) | bits[word]
    return table


class _Compiler:
    """Compiles the places of one body."""

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
        object_walk = self._object_walk(place, without_items_of)
        if object_walk:
            walks.append(object_walk)
        list_walk = self._list_walk(place, place is not without_items_of, without_items_of)
        if list_walk:
            walks.append(list_walk)
        value_walk = _value_walk(place.values, self._bits(place))
        if value_walk:
            walks.append(value_walk)
        return _own_walk(self._bits(place), walks)

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
        members: list[tuple[str, int, Walk]] = []
        for name, member in place.members.items():
            absent = self._bits(member).get("absent", 0)
            members.append((name, absent, self.walk_of(member, without_items_of)))
        other_walk: Walk | None = None
        if place.others:
            other_walk = self.walk_of(place.others, without_items_of)
        return _object_walk(members, other_walk)

    def _list_walk(
        self, place: Place, with_items: bool, without_items_of: Place | None
    ) -> Walk | None:
        """Return the walk of a list; `None` if nothing is documented."""
        bits = self._bits(place)
        lengths = (bits.get("empty", 0), bits.get("one", 0), bits.get("many", 0))
        first_walks: dict[int, Walk] = {}
        item_walk: Walk | None = None
        if with_items:
            for index, item in place.first_items.items():
                first_walks[index] = self.walk_of(item, without_items_of)
            if place.items:
                item_walk = self.walk_of(place.items, without_items_of)
        if not any(lengths) and not first_walks and item_walk is None:
            return None
        return _list_walk(lengths, len(place.shape.first_items), first_walks, item_walk)


def _own_walk(bits: Mapping[str, int], walks: Sequence[Walk]) -> Walk:
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


def _value_walk(values: Iterable[Any], bits: Mapping[str, int]) -> Walk | None:
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


def _object_walk(members: Sequence[tuple[str, int, Walk]], other_walk: Walk | None) -> Walk:
    names = frozenset(name for name, _, _ in members)

    def walk(value: Any) -> int:
        if not isinstance(value, dict):
            return 0
        bits = 0
        for name, absent, member_walk in members:
            if name in value:
                bits |= member_walk(value[name])
            else:
                bits |= absent
        if other_walk:
            for name in value.keys() - names:
                bits |= other_walk(value[name])
        return bits

    return walk


def _list_walk(
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
