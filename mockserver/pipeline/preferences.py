"""The preferences in the header `Prefer` (RFC 7240): status, example, data, delay, scenario."""

import re
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from mockserver.contract.model import Contract, ServedOperation
from mockserver.contract.scenarios.list_lengths import DATA_NAMES, MAX_COUNT
from mockserver.errors import PreferenceNotMet
from mockserver.formats.header_text import ascii_text, decoded, text_of
from mockserver.formats.prefer import parse_prefer

_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")
_COUNT = re.compile(r"[0-9]{1,7}")
STATUS_PREFERENCES = ("code", "status", "statuscode")
"""The spellings of the preference for a documented status."""


class Preferences(NamedTuple):
    """The known preferences of one request."""

    values: dict[str, Any]
    """The preferred properties, by the names in `PARSERS`."""
    applied: tuple[str, ...]
    """The preferences as they are echoed in `Preference-Applied`."""


class _Preference(NamedTuple):
    """One preference of a request, and what its value is validated against."""

    spelling: str
    value: str
    served: ServedOperation
    contract: Contract
    max_delay: float

    def __str__(self) -> str:
        return f"{self.spelling}={self.value}"


def parse_preferences(
    header: str, served: ServedOperation, contract: Contract, max_delay: float
) -> Preferences:
    """Return the preferences of a `Prefer` header. Unknown ones are ignored (RFC 7240).

    `max_delay` is in seconds.

    Raises:
        PreferenceNotMet: a value is invalid. The problem lists the valid ones.
    """
    values: dict[str, Any] = {}
    applied = []
    for name, (spelling, value) in parse_prefer(text_of(header)).items():
        property_name = _PROPERTIES.get(name)
        if property_name is None or property_name in values:
            continue
        preference = _Preference(spelling, value, served, contract, max_delay)
        values[property_name] = PARSERS[property_name](preference)
        applied.append(ascii_text(str(preference)))
    return Preferences(values, tuple(applied))


def _status(preference: _Preference) -> int:
    statuses = [str(status) for status in preference.served.operation.statuses]
    return int(_valid_name(preference, "documented", statuses))


def _example(preference: _Preference) -> str:
    return _valid_name(preference, "examples", preference.served.operation.examples)


def _data(preference: _Preference) -> str | int:
    """Return the name of a variant, or the number of records that a list has."""
    if _COUNT.fullmatch(preference.value) and int(preference.value) <= MAX_COUNT:
        return int(preference.value)
    number = f" or a number of records from 0 to {MAX_COUNT}"
    return _valid_name(preference, "variants", DATA_NAMES, number)


def _scenario(preference: _Preference) -> str:
    names = []
    for name, scenario in preference.contract.scenarios.items():
        if scenario.progression is not None:
            continue  # a progression affects later requests, so one request cannot prefer it
        if preference.served.operation.id in scenario.operations or scenario.records:
            names.append(name)
    return _valid_name(preference, "scenarios", sorted(names))


def _delay(preference: _Preference) -> float:
    value, max_delay = preference.value, preference.max_delay
    if not _NUMBER.fullmatch(value) or float(value) > max_delay:
        limits = f"the delay must be a number of seconds from 0 to {max_delay:g}"
        detail = f"invalid preference '{preference}'; {limits}"
        raise PreferenceNotMet(detail, {"maximum": max_delay})
    return float(value)


PARSERS: dict[str, Callable[[_Preference], Any]] = {
    "status": _status,
    "example": _example,
    "data": _data,
    "scenario": _scenario,
    "delay": _delay,
}
"""Property to the function that returns its value, or raises `PreferenceNotMet`."""
_PROPERTIES = {
    **dict(zip(PARSERS, PARSERS, strict=True)),
    **dict.fromkeys(STATUS_PREFERENCES, "status"),
}
"""Name of a preference in lower case to its property."""


def _valid_name(
    preference: _Preference, kind: str, valid_names: Collection[str], other_values: str = ""
) -> str:
    """Return the valid name that a preference has, as sent or percent-encoded.

    `other_values` is added to the names in the problem.

    Raises:
        PreferenceNotMet: the value is invalid. The member `kind` of the problem lists valid names.
    """
    if preference.value in valid_names:
        return preference.value
    name = decoded(preference.value)
    if name in valid_names:
        return name
    listed = [_as_listed(valid_name) for valid_name in valid_names]
    expected = (", ".join(map(str, listed)) or "none") + other_values
    operation = preference.served.operation.name
    detail = f"invalid preference '{preference}' for {operation}; expected one of {expected}"
    raise PreferenceNotMet(detail, {"preference": str(preference), kind: listed})


def _as_listed(name: str) -> str | int:
    """Return a name as a problem lists it: a status is a number."""
    if name.isdecimal():
        return int(name)
    return name
