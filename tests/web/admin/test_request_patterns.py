"""Request patterns of WireMock. Their regular expressions cannot block the server."""

from typing import Any

import pytest

from mockserver.formats.json_schema import Validator
from mockserver.web.admin.wiremock.request_patterns import (
    COMPARISONS,
    PATTERN,
    REGEX_RESULTS,
    ValuePattern,
    compile_regex,
)

CASES: list[tuple[dict[str, Any], list[str], bool]] = [
    ({"equalTo": "a"}, ["a"], True),
    ({"equalTo": "a"}, ["A"], False),
    ({"equalTo": "a", "caseInsensitive": True}, ["A"], True),
    ({"equalTo": "a"}, ["b", "a"], True),
    ({"equalTo": "a"}, [], False),
    ({"contains": "b"}, ["abc"], True),
    ({"contains": "b"}, ["ac"], False),
    ({"doesNotContain": "b"}, ["abc"], False),
    ({"doesNotContain": "b"}, ["ac"], True),
    ({"matches": "a+"}, ["aaa"], True),
    ({"matches": "a+"}, ["aaab"], False),
    ({"matches": "a|b"}, ["b"], True),
    ({"matches": "a|b"}, ["ab"], False),
    ({"doesNotMatch": "a+"}, ["b"], True),
    ({"doesNotMatch": "a+"}, ["a"], False),
    ({"contains": "a", "doesNotContain": "b"}, ["ab"], False),
    ({"contains": "a", "doesNotContain": "b"}, ["b", "a"], True),
    ({"absent": True}, [], True),
    ({"absent": True}, ["a"], False),
]


@pytest.mark.parametrize(
    ("pattern", "values", "matches"), CASES, ids=[f"{case[0]} {case[1]}" for case in CASES]
)
def test_a_pattern_matches_the_values(
    pattern: dict[str, Any], values: list[str], matches: bool
) -> None:
    assert Validator(PATTERN).accepts(pattern)
    assert ValuePattern(pattern).matches(values) is matches


def test_every_matcher_is_in_the_schema_and_in_the_cases() -> None:
    assert set(PATTERN["properties"]) == {
        *COMPARISONS,
        *REGEX_RESULTS,
        "caseInsensitive",
        "absent",
    }
    assert {word for pattern, _, _ in CASES for word in pattern} == set(PATTERN["properties"])


@pytest.mark.parametrize(
    "regex", ["(", "[", "a)|(b", "(?=a)", "(?<!a)b", r"(a)\1", "a{1000}{1000}", ".{1000}"]
)
def test_an_unsupported_expression_is_rejected(regex: str) -> None:
    with pytest.raises(ValueError, match="a regular expression without look-around"):
        compile_regex(regex)


@pytest.mark.parametrize("regex", ["(a+)+", "(a|a)*", "(a*)*", "(.*a){9}", "(x+x+)+y", "(a|aa)+"])
def test_an_expression_takes_linear_time(regex: str) -> None:
    """Python's own engine needs exponential time for these expressions."""
    long_text = "a" * 8000 + "!"
    assert not compile_regex(regex)(long_text)
