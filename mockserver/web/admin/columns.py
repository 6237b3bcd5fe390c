"""Infer from records which of their fields get a column in a table."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

MAX_COLUMNS = 5
"""The maximum number of columns, in addition to key, label and state."""


def columns_of(records: Collection[Mapping[str, Any]], other_columns: Collection[str]) -> list[str]:
    """Return at most `MAX_COLUMNS` dotted fields, those of the record itself first.

    The records have different strings, numbers or booleans in each of these fields.

    Args:
        records: of one collection.
        other_columns: fields that the table shows anyway. They and the fields below are omitted.
    """
    values: dict[str, set[Any]] = {}
    for record in records:
        for name, value in _scalars(record):
            values.setdefault(name, set()).add(value)
    columns = []
    for name, distinct_values in values.items():
        is_varying = len(distinct_values) > 1 or len(records) == 1
        if is_varying and not _is_at_or_below(name, other_columns):
            columns.append(name)
    return sorted(columns, key=_depth)[:MAX_COLUMNS]


def _is_at_or_below(name: str, fields: Collection[str]) -> bool:
    return any(name == field or name.startswith(f"{field}.") for field in fields)


def _depth(name: str) -> int:
    return name.count(".")


def _scalars(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield name and value of each field with a string, number or boolean, in their order.

    Fields of nested objects are included.
    """
    for name, value in record.items():
        if isinstance(value, str | int | float):
            yield prefix + name, value
        elif isinstance(value, Mapping) and prefix.count(".") < 2:
            yield from _scalars(value, f"{prefix}{name}.")
