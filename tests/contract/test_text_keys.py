"""A new text key continues the pattern of the shipped keys."""

import re

import pytest

from mockserver.contract.text_keys import next_text_key

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NEXT: list[tuple[list[str], list[str], str]] = [
    (["a1", "a2"], [], "a3"),
    (["a1", "a2"], ["a3"], "a4"),
    (["a1", "a2"], ["b"], "a3"),
    (["7"], [], "8"),
    (["INV-008", "INV-009"], [], "INV-010"),
    (["anna", "anna-0", "anna-1"], [], "anna-2"),
    (["v2-9", "v2-10"], [], "v2-11"),
]


@pytest.mark.parametrize(("shipped", "added", "expected"), NEXT)
def test_a_number_at_the_end_is_counted(
    shipped: list[str], added: list[str], expected: str
) -> None:
    assert next_text_key(shipped, added, "api/things") == expected


WITHOUT = [[], ["anna", "ben"], ["a1", "b2"], ["983d437d-eac6-423b-beb5-40a619be3321"]]


@pytest.mark.parametrize("shipped", WITHOUT)
def test_keys_without_a_pattern_are_followed_by_a_uuid(shipped: list[str]) -> None:
    first = next_text_key(shipped, [], "api/things")
    assert UUID.fullmatch(first)
    assert next_text_key(shipped, [], "api/things") == first
    assert next_text_key(shipped, [first], "api/things") != first


def test_hexadecimal_keys_are_followed_by_one_of_the_same_length() -> None:
    shipped = ["5f3c1a9e27d4", "0a1b2c3d4e5f"]
    key = next_text_key(shipped, [], "api/things")
    assert re.fullmatch(r"[0-9a-f]{12}", key)
    assert key not in shipped
