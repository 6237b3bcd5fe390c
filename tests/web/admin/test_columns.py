"""The columns of a table of records in the control panel."""

from typing import Any

import pytest

from mockserver.contract.records import label_of
from mockserver.web.admin.columns import columns_of

ROWS: list[tuple[str, list[dict[str, Any]], list[str], list[str]]] = [
    ("what is the same in all is left out", [{"a": 1, "b": 1}, {"a": 1, "b": 2}], [], ["b"]),
    ("of one record everything is shown", [{"a": 1}], [], ["a"]),
    ("what is known is left out, and what is below it", [{"a": 1, "b": {"c": 2}}], ["a", "b"], []),
    ("a name that only begins alike is not below it", [{"ab": 1}], ["a"], ["ab"]),
    (
        "a record's own come before those below",
        [{"x": {"y": 1, "z": True}, "b": "t"}],
        [],
        ["b", "x.y", "x.z"],
    ),
    ("lists and nulls are no columns", [{"a": [1], "b": None}], [], []),
    ("five at most", [dict.fromkeys("abcdefg", 1)], [], list("abcde")),
    ("no records, no columns", [], [], []),
]


@pytest.mark.parametrize(
    ("records", "known", "columns"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_columns_are_fields_with_different_values(
    records: list[dict[str, Any]], known: list[str], columns: list[str]
) -> None:
    assert columns_of(records, known) == columns


@pytest.mark.parametrize(
    ("records", "label"),
    [
        ([{"title": "t", "name": "n"}], "name"),
        ([{"title": "t", "name": 1}], "title"),
        ([{"x": "y"}], None),
    ],
)
def test_the_label_is_a_field_that_names_a_record(records: list[dict[str, Any]], label: str | None) -> None:
    assert label_of(records) == label
