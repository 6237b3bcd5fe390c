"""Data variants that change the length of a list."""

from mockserver.contract.scenarios.data_variants import VARIANTS

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
