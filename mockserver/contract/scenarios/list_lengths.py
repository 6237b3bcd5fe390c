"""Data variants that change the length of a list, and the copies of records that fill it."""

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from mockserver.contract.record_types import Record
from mockserver.contract.scenarios.data_variants import VARIANTS, is_free_text
from mockserver.formats.exact_json import MOST_INTEGER

MAX_COUNT = 1_000_000
"""The maximum length of a list that a scenario can ask for."""
LENGTHS = {"empty": 0, "one": 1, "max": 1000}
"""Name, in scenarios and `Prefer: data=`, to the number of records on all pages of a list.

A page has at most 1000 records.
"""
DATA_NAMES = (*LENGTHS, *VARIANTS)
"""The names of all data variants."""


def list_length(data: str | int | None) -> int | None:
    """Return the number of records that a data variant gives to a list; `None` to keep it.

    A number is the length itself.
    """
    if isinstance(data, str):
        return LENGTHS.get(data)
    return data


def record_copy(record: Record, key: str, schema: Mapping[str, Any], turn: int) -> Record:
    """Return a copy of a record with another key, if the schema allows one.

    Args:
        record: The record.
        key: The member that identifies it.
        schema: The schema of the record.
        turn: The number of earlier copies and the record, from 1.
    """
    if key not in record:
        return record
    key_schema = schema.get("properties", {}).get(key, {})
    return {**record, key: _other_key(record[key], key_schema, turn)}


def _other_key(key: Any, schema: Mapping[str, Any], turn: int) -> Any:
    if schema.get("format") == "uuid":
        return str(uuid5(NAMESPACE_URL, f"{key}/{turn}"))
    if isinstance(key, int):
        step = turn * MAX_COUNT
        if key + step > MOST_INTEGER:
            return key - step
        return key + step
    if is_free_text(schema):
        return f"{key}-{turn}"
    return key
