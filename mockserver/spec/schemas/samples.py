"""What a blueprint's examples show: the values seen for each documented type, and how they narrow it.

API Blueprint knows neither integers nor formats; that every value shown is of one kind is the only hint there is.
"""

from collections.abc import Iterable
from typing import Any

import jsonschema_rs
import orjson

from mockserver.spec.description import Api, DataType, Payload

TypeLocation = tuple[Any, ...]
"""Where a type is declared: its member's position in the blueprint, and the steps into its items. All who use it share it."""

TIMESTAMP_END = r"(?!\n)"
"""In Python `$` alone lets a line break pass."""
TIMESTAMP_START = (
    rf"^[0-9]{{4}}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]) ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]${TIMESTAMP_END}"
)
"""`YYYY-MM-DD HH:MM:SS`. In Python `$` also stands before a last line break, in JSON Schema's own dialect it does not; what
follows it makes them agree."""

NARROWER: tuple[dict[str, str], ...] = ({"format": "date-time"}, {"format": "uuid"}, {"pattern": TIMESTAMP_START})
"""What a string is narrowed to: the first that every value shown fits."""

_FITS = tuple(jsonschema_rs.Draft202012Validator(rule, validate_formats=True).is_valid for rule in NARROWER)


class Samples:
    """The values that the examples of an API show, by the place where their type is declared."""

    def __init__(self, api: Api) -> None:
        self._seen: dict[TypeLocation, list[Any]] = {}
        for operation in api.operations:
            for transaction in operation.transactions:
                for payload in filter(None, (transaction.request, transaction.response)):
                    if payload.data and payload.is_json and payload.body is not None:
                        self._see(payload.data, location_of(payload), orjson.loads(payload.body))

    def of(self, data: DataType, place: TypeLocation) -> list[Any]:
        """The values shown for a type: its own samples and default, then what bodies show."""
        own = [*data.samples, *([] if data.default is None else [data.default])]
        return [*own, *self._seen.get(place, ())]

    def _see(self, data: DataType, place: TypeLocation, value: Any) -> None:
        self._seen.setdefault(place, []).append(value)
        if isinstance(value, dict):
            for member in data.members:
                if member.name in value:
                    self._see(member.type, (member.position,), value[member.name])
        elif isinstance(value, list) and len(data.items) == 1:
            for item in value:
                self._see(data.items[0], (*place, 0), item)


def location_of(payload: Payload) -> TypeLocation:
    """The place of the type that a payload's attributes are."""
    return (payload.position,)


def scalar_schema(kind: str, values: Iterable[Any]) -> dict[str, Any]:
    """The schema of a string, number or boolean that shows these values."""
    shown = [value for value in values if value is not None]
    if kind == "number" and shown and all(type(value) is int for value in shown):
        return {"type": "integer"}
    if kind == "string" and shown:
        fits = [rule for rule, accepts in zip(NARROWER, _FITS, strict=True) if all(map(accepts, shown))]
        return {"type": "string", **(fits[0] if fits else {})}
    return {"type": kind}
