"""What one exchange covers, from walks that are compiled once per operation."""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from mockserver.contract.coverage.bodies import Place
from mockserver.contract.coverage.body_walks import BodyWalks
from mockserver.contract.coverage.operation_items import (
    OperationItems,
    parameter_id,
    parameter_values,
    parameter_words,
    status_id,
    value_word,
)
from mockserver.contract.coverage.walks import Walk, nothing
from mockserver.contract.envelope import Envelope
from mockserver.contract.parameters import TYPES, TypedParameter

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
        self._request: Walk = nothing
        if parts.request:
            self._request = BodyWalks(parts.id, "request", numbers).walk_of(parts.request)
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
            records: The records that `body` shows, if it shows all of them unchanged: those of a
                list, or the only one. The items of each record are kept as long as it is the same
                object.
        """
        response = self._responses.get(status)
        if response is None:
            return 0
        return self._called | response.bits(body, records)


class _ObservedResponse:
    """One documented status of an operation."""

    def __init__(self, parts: OperationItems, status: int, numbers: Mapping[str, int]) -> None:
        self._status = 1 << numbers[status_id(parts.id, status)]
        self._walk: Walk = nothing
        self._walk_around: Walk = nothing
        self._walk_record: Walk = nothing
        self._kept: tuple[dict[int, int], list[Any]] = {}, []
        """The items of records by their `id`, and these records. No other has such an `id` then."""
        body = parts.responses.get(status)
        if body is None:
            return
        compiler = BodyWalks(parts.id, str(status), numbers)
        self._walk = self._walk_around = compiler.walk_of(body)
        records = _record_place(body, parts.served.envelope)
        if records:
            self._walk_record = compiler.walk_of(records.items or records)
            self._walk_around = compiler.walk_of(body, without_records_of=records)

    def bits(self, body: Any, records: Sequence[Any] | None) -> int:
        """Return the items that a body covers: see `OperationObserver.response`."""
        if records is None or body is NO_BODY:
            return self._status | self._walk(body)
        bits = self._status | self._walk_around(body)
        try:
            # Faster than a loop: a page may have many records, and most are kept.
            return reduce(or_, map(self._kept[0].get, map(id, records)), bits)
        except TypeError:  # a record is not kept, so its items are `None`
            return reduce(or_, map(self._keep, records), bits)

    def _keep(self, record: Any) -> int:
        """Return the items of a record, and keep them."""
        items, records = self._kept
        if len(records) >= MAX_KEPT_RECORDS:
            # Not emptied, because another thread may use them.
            items, records = self._kept = {}, []
        records.append(record)
        items[id(record)] = self._walk_record(record)
        return items[id(record)]


def _record_place(body: Place, envelope: Envelope | None) -> Place | None:
    """Return the place of the record, or of the list of records, in a body; `None` for neither."""
    if envelope is None:
        return None
    place: Place | None = body
    while envelope and place and envelope.container is not None:
        place = place.members.get(envelope.container)
        envelope = envelope.inner
    return place


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
