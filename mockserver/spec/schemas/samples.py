"""Collect the values that the examples of a blueprint have for each documented type.

API Blueprint has no integers and no formats. The only evidence for them is that every documented
value fits.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import jsonschema_rs
import orjson

from mockserver.errors import Position
from mockserver.spec.description import Api, DataType, Member, Payload
from mockserver.spec.schemas.whole_numbers import is_whole

TypeLocation = tuple[Any, ...]
"""The location of a type's declaration: the position of its member, and the indexes of item types.

All uses of a named type have the same location.
"""

TIMESTAMP_END = r"(?!\n)"
"""Addition to `$`: in Python, `$` also matches before a line break at the end."""
_DATE = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
TIMESTAMP_START = rf"^{_DATE} {_TIME}${TIMESTAMP_END}"
"""The pattern of `YYYY-MM-DD HH:MM:SS`, for Python and for JSON Schema (ECMA-262)."""

NARROWER: tuple[dict[str, str], ...] = (
    {"format": "date-time"},
    {"format": "uuid"},
    {"pattern": TIMESTAMP_START},
)
"""The constraints of strings. The first that every value fits is used."""

_IS_VALID = tuple(
    jsonschema_rs.Draft202012Validator(rule, validate_formats=True).is_valid for rule in NARROWER
)


class Samples:
    """The values in the examples of an API, by the location of their type."""

    def __init__(self, api: Api) -> None:
        self.types = api.types
        """The named types that references refer to."""
        self._values: dict[TypeLocation, list[Any]] = {}
        for payload in _payloads(api):
            if payload.data and payload.is_json and payload.body is not None:
                self._collect(payload.data, location_of(payload), orjson.loads(payload.body))

    def values_of(self, data: DataType, location: TypeLocation) -> list[Any]:
        """Return the values of a type: its samples, its default, and its values in bodies."""
        values = list(data.samples)
        if data.default is not None:
            values.append(data.default)
        return [*values, *self._values.get(location, ())]

    def _collect(self, data: DataType, location: TypeLocation, value: Any) -> None:
        self._values.setdefault(location, []).append(value)
        if data.reference is not None:
            data = self.types[data.reference]
        if isinstance(value, dict):
            for member in _all_members(data):
                if member.name in value:
                    self._collect(member.type, (member.position,), value[member.name])
        elif isinstance(value, list) and len(data.items) == 1:
            for item in value:
                self._collect(data.items[0], (*location, 0), item)


def _all_members(data: DataType) -> Iterator[Member]:
    """Yield the members of an object, and those of all alternatives once."""
    positions: set[Position] = set()
    alternatives = itertools.chain.from_iterable(data.one_of)
    for member in itertools.chain(data.members, *alternatives):
        if member.position not in positions:
            positions.add(member.position)
            yield member


def _payloads(api: Api) -> Iterator[Payload]:
    for operation in api.operations:
        for transaction in operation.transactions:
            if transaction.request:
                yield transaction.request
            yield transaction.response


def location_of(payload: Payload) -> TypeLocation:
    """Return the location of the type of a payload's attributes."""
    return (payload.position,)


def scalar_schema(kind: str, values: Iterable[Any], name: str = "") -> dict[str, Any]:
    """Return the schema of a string, number or boolean with these documented values.

    Args:
        kind: The type.
        values: The documented values.
        name: The name of the member that has the values; empty if there is none.
    """
    examples = [value for value in values if value is not None]
    if kind == "number" and _are_integers(examples, name):
        return {"type": "integer"}
    if kind == "string" and examples:
        for constraint, is_valid in zip(NARROWER, _IS_VALID, strict=True):
            if all(map(is_valid, examples)):
                return {"type": "string", **constraint}
    return {"type": kind}


def _are_integers(values: list[Any], name: str) -> bool:
    """Return whether numbers are integers. Whole values alone are not enough evidence.

    The price 5 can be 5.5 too. An id or a count is always whole.
    """
    return is_whole(name) and bool(values) and all(type(value) is int for value in values)
