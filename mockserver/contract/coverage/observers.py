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
        called = 1 << numbers[parts.id]
        self._always = called
        """The items that all valid requests cover."""
        self._parameters: list[tuple[str, int, Walk]] = []
        """The parameters whose items depend on the request."""
        for typed in parts.served.parameters:
            bits = _parameter_bits(parts.id, typed, numbers)
            if typed.parameter.location == "path" and bits.keys() == {"present"}:
                self._always |= bits["present"]
            else:
                walk = _parameter_walk(typed, bits)
                self._parameters.append((typed.parameter.name, bits.get("absent", 0), walk))
        self._names = frozenset(name for name, _, _ in self._parameters)
        self._all_absent = self._always
        """The items of a request without any of these parameters."""
        for _, absent, _ in self._parameters:
            self._all_absent |= absent
        self._request: Walk = nothing
        if parts.request:
            self._request = BodyWalks(parts.id, "request", numbers).walk_of(parts.request)
        self._responses: dict[int, _ObservedResponse] = {}
        for status in parts.served.operation.statuses:
            own = called | 1 << numbers[status_id(parts.id, status)]
            self._responses[status] = _ObservedResponse(parts, status, numbers, own)

    def request(self, arguments: Mapping[str, Any], body: Any = None) -> int:
        """Return the items that a valid request covers.

        Args:
            arguments: The typed values of its parameters.
            body: Its JSON; `NO_BODY` or `None` without one.
        """
        # One comparison of all names is faster than one look-up each.
        if not self._names or self._names.isdisjoint(arguments):
            bits = self._all_absent
        else:
            bits = self._always
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
        return response.bits(body, records)


class _ObservedResponse:
    """One documented status of an operation."""

    def __init__(
        self, parts: OperationItems, status: int, numbers: Mapping[str, int], own: int
    ) -> None:
        """Compile the walks. `own` has the items that all responses of this status cover."""
        self._own = own
        self._is_list = parts.served.effect.kind == "list"
        self._walk: Walk = nothing
        self._walk_around: Walk = nothing
        self._walk_record: Walk = nothing
        self._kept: tuple[dict[int, int], list[Any]] = {}, []
        """The items of records by their `id`, and these records. No other has such an `id` then.

        Without a list, the items of a record are those of the whole response. Nothing else in its
        body depends on the request.
        """
        body = parts.responses.get(status)
        if body is None:
            return
        compiler = BodyWalks(parts.id, str(status), numbers)
        self._walk = self._walk_around = compiler.walk_of(body)
        records = _record_place(body, parts.served.envelope)
        if self._is_list and records and records.items:
            self._walk_record = compiler.walk_of(records.items)
            self._walk_around = compiler.walk_of(body, without_items_of=records)

    def bits(self, body: Any, records: Sequence[Any] | None) -> int:
        """Return the items that a body covers: see `OperationObserver.response`."""
        if records is None or body is NO_BODY:
            return self._own | self._walk(body)
        if self._is_list:
            return self._page_bits(body, records)
        [record] = records
        bits = self._kept[0].get(id(record))
        if bits is None:
            bits = self._keep(record, self._own | self._walk(body))
        return bits

    def _page_bits(self, body: Any, page: Sequence[Any]) -> int:
        """Return the items of a body with a list of records."""
        bits = self._own | self._walk_around(body)
        try:
            # Faster than a loop: a page may have many records, and most are kept.
            return reduce(or_, map(self._kept[0].get, map(id, page)), bits)
        except TypeError:  # a record is not kept, so its items are `None`
            for record in page:
                bits |= self._keep(record, self._walk_record(record))
            return bits

    def _keep(self, record: Any, bits: int) -> int:
        """Keep the items of a record, and return them."""
        items, records = self._kept
        if len(records) >= MAX_KEPT_RECORDS:
            # Not emptied, because another thread may use them.
            items, records = self._kept = {}, []
        records.append(record)
        items[id(record)] = bits
        return bits


def _record_place(body: Place, envelope: Envelope | None) -> Place | None:
    """Return the place of the record, or of the list of records, in a body; `None` for neither."""
    if envelope is None:
        return None
    place: Place | None = body
    while envelope and place and envelope.container is not None:
        place = place.members.get(envelope.container)
        envelope = envelope.inner
    return place


def _parameter_bits(
    operation_id: str, typed: TypedParameter, numbers: Mapping[str, int]
) -> dict[str, int]:
    """Return the bit of each item of a parameter, by its word."""
    bits: dict[str, int] = {}
    for word, _ in parameter_words(typed):
        bits[word] = 1 << numbers[parameter_id(operation_id, typed, word)]
    return bits


def _parameter_walk(typed: TypedParameter, bits: Mapping[str, int]) -> Walk:
    """Return the walk of the value of a parameter."""
    present, by_value = bits["present"], _parameter_table(typed, bits)

    def walk_one(value: Any) -> int:
        return present | by_value.get(value, 0)

    def walk_list(value: Any) -> int:
        result = present
        for item in value:
            result |= by_value.get(item, 0)
        return result

    if typed.type == "array":
        return walk_list
    return walk_one


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
