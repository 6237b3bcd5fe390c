"""Which members of a collection's records are worth a column of a table, read off the records."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

MAX_COLUMNS = 5
"""The most columns beside key, label and state."""


def columns_of(records: Collection[Mapping[str, Any]], known: Collection[str]) -> list[str]:
    """At most `MOST` members, dotted, with a single value each that is not the same in all records.

    `known` are members that are shown anyway; nothing of them, or below them, is taken. A record's own members come before
    those of the objects in it.
    """
    values: dict[str, set[Any]] = {}
    for record in records:
        for name, value in _single(record):
            values.setdefault(name, set()).add(value)
    found = [name for name, seen in values.items() if len(seen) > 1 or len(records) == 1]
    found = [name for name in found if not any(name == each or name.startswith(f"{each}.") for each in known)]
    return sorted(found, key=lambda name: name.count("."))[:MAX_COLUMNS]


def _single(record: Mapping[str, Any], under: str = "") -> Iterator[tuple[str, Any]]:
    """The members that hold a text, a number or a truth, with those of objects, in the record's order."""
    for name, value in record.items():
        if isinstance(value, str | int | float):
            yield under + name, value
        elif isinstance(value, Mapping) and under.count(".") < 2:
            yield from _single(value, f"{under}{name}.")
