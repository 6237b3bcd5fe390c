"""The columns of a table of records in the control panel."""

from typing import Any

import pytest

from mockserver.contract.records import label_of
from mockserver.web.admin.columns import columns_of

ROWS: list[tuple[str, list[dict[str, Any]], list[str], list[str]]] = [
    ("a field with equal values is omitted", [{"a": 1, "b": 1}, {"a": 1, "b": 2}], [], ["b"]),
    ("all fields of a single record are columns", [{"a": 1}], [], ["a"]),
    ("other columns and fields below them are omitted", [{"a": 1, "b": {"c": 2}}], ["a", "b"], []),
    ("a field with the same prefix is not below", [{"ab": 1}], ["a"], ["ab"]),
    (
        "fields of the record come before nested fields",
        [{"x": {"y": 1, "z": True}, "b": "t"}],
        [],
        ["b", "x.y", "x.z"],
    ),
    ("lists and nulls are not columns", [{"a": [1], "b": None}], [], []),
    ("at most five columns", [dict.fromkeys("abcdefg", 1)], [], list("abcde")),
    ("without records there are no columns", [], [], []),
]


@pytest.mark.parametrize(
    ("records", "other_columns", "columns"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_columns_are_fields_with_different_values(
    records: list[dict[str, Any]], other_columns: list[str], columns: list[str]
) -> None:
    assert columns_of(records, other_columns) == columns


@pytest.mark.parametrize(
    ("records", "label"),
    [
        ([{"title": "t", "name": "n"}], "name"),
        ([{"title": "t", "name": 1}], "title"),
        ([{"x": "y"}], None),
    ],
)
def test_the_label_is_a_field_that_names_a_record(
    records: list[dict[str, Any]], label: str | None
) -> None:
    assert label_of(records) == label
