"""Warnings about the schema files of an API."""

from typing import Any

import pytest

from mockserver.contract.load_warnings import schema_drift

KEY = ("list-notes", 200)


@pytest.mark.parametrize(
    ("file", "derived", "differs"),
    [
        ({"enum": [1]}, {"enum": [1]}, False),
        ({"enum": [1]}, {"enum": [True]}, True),
        ({"const": False}, {"const": 0}, True),
        ({"maximum": 1.0}, {"maximum": 1}, False),
    ],
)
def test_a_schema_with_another_value_is_drift(file: Any, derived: Any, differs: bool) -> None:
    warnings = list(schema_drift("notes", {KEY: file}, {KEY: derived}))
    assert bool(warnings) is differs
