"""Equality of JSON values."""

from typing import Any

import pytest

from mockserver.formats.json_equality import same_value

DEEP: Any = 1
for _ in range(100):
    DEEP = [DEEP]
CASES: list[tuple[Any, Any, bool]] = [
    (1, 1.0, True),
    (1, True, False),
    (0, False, False),
    ([1], [True], False),
    ({"a": 1}, {"a": True}, False),
    ({"a": 1, "b": 2}, {"b": 2.0, "a": 1}, True),
    ("1", 1, False),
    (None, False, False),
    (DEEP, DEEP, True),
]


@pytest.mark.parametrize(("first", "second", "expected"), CASES)
def test_numbers_and_booleans_differ(first: Any, second: Any, expected: bool) -> None:
    assert same_value(first, second) is expected
    assert same_value(second, first) is expected
