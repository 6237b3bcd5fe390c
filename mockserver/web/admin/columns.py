"""Which fields of a collection's records get a column in a table, inferred from the records."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

MAX_COLUMNS = 5
"""The maximum number of columns, in addition to key, label and state."""


def columns_of(records: Collection[Mapping[str, Any]], excluded: Collection[str]) -> list[str]:
    """Return at most `MAX_COLUMNS` dotted fields whose scalar value differs between records.

    `excluded` are fields that a table shows anyway; fields below them are excluded too. Fields of the record itself come before
    fields of nested objects.
    """
    values: dict[str, set[Any]] = {}
    for record in records:
        for name, value in _scalars(record):
            values.setdefault(name, set()).add(value)
    varying = [name for name, distinct in values.items() if len(distinct) > 1 or len(records) == 1]
    columns = [name for name in varying if not _is_excluded(name, excluded)]
    return sorted(columns, key=_depth)[:MAX_COLUMNS]


def _is_excluded(name: str, excluded: Collection[str]) -> bool:
    return any(name == other or name.startswith(f"{other}.") for other in excluded)


def _depth(name: str) -> int:
    return name.count(".")


def _scalars(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the fields with a string, number or boolean, including those of nested objects, in the record's order."""
    for name, value in record.items():
        if isinstance(value, str | int | float):
            yield prefix + name, value
        elif isinstance(value, Mapping) and prefix.count(".") < 2:
            yield from _scalars(value, f"{prefix}{name}.")
