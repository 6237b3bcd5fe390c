"""WireMock's patterns for a text: `{"equalTo": "x"}`, `{"contains": "x"}`, `{"matches": ".*"}`.

Regular expressions come from clients, so an engine without backtracking matches them: its time grows with the length of the text
alone. It has no look-around and no back-references.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jsonschema_rs

from mockserver.formats.json_schema import Schema
from mockserver.web.admin.schemas import BOOLEAN, TEXT

MAX_REGEX_LENGTH = 200
"""The maximum length of a regular expression, in characters."""
_ENGINE = jsonschema_rs.RegexOptions(size_limit=1 << 15)
"""An expression that compiles to more bytes is rejected: a large one is slow on each character."""

TextTest = Callable[[str], bool]
Fold = Callable[[str], str]

REGEX: Schema = {"type": "string", "maxLength": MAX_REGEX_LENGTH}
PATTERN: Schema = {
    "type": "object",
    "properties": {
        "equalTo": TEXT,
        "caseInsensitive": BOOLEAN,
        "contains": TEXT,
        "doesNotContain": TEXT,
        "matches": REGEX,
        "doesNotMatch": REGEX,
        "absent": {"const": True},
    },
    "minProperties": 1,
    "additionalProperties": False,
}
"""A pattern for a header or query parameter; a value has to fulfil all members."""


def compile_regex(regex: str) -> TextTest:
    """Return a test whether a regular expression matches a whole text. Raises `ValueError` with what was expected."""
    try:
        for pattern in (regex, f"^(?:{regex})$"):
            validator = jsonschema_rs.Draft202012Validator(
                {"pattern": pattern}, pattern_options=_ENGINE
            )
    except ValueError as error:
        raise ValueError(
            "a regular expression without look-around and back-references, and not too large"
        ) from error
    return validator.is_valid


def _equal_to(expected: str, fold: Fold) -> TextTest:
    folded = fold(expected)
    return lambda text: fold(text) == folded


def _contains(expected: str, fold: Fold) -> TextTest:
    folded = fold(expected)
    return lambda text: folded in fold(text)


def _does_not_contain(expected: str, fold: Fold) -> TextTest:
    folded = fold(expected)
    return lambda text: folded not in fold(text)


def _matches(regex: str, _: Fold) -> TextTest:
    return compile_regex(regex)


def _does_not_match(regex: str, _: Fold) -> TextTest:
    matches = compile_regex(regex)
    return lambda text: not matches(text)


MATCHERS: dict[str, Callable[[str, Fold], TextTest]] = {
    "equalTo": _equal_to,
    "contains": _contains,
    "doesNotContain": _does_not_contain,
    "matches": _matches,
    "doesNotMatch": _does_not_match,
}
"""Member of a pattern to the function that compiles it; `caseInsensitive` folds both sides of the first three."""


def compile_pattern(pattern: Mapping[str, Any]) -> Callable[[Sequence[str]], bool]:
    """Return a test whether one value of a header or query parameter fulfils the pattern.

    The values are empty if the request did not have it. Raises `ValueError`, see `compile_regex`.
    """
    if "absent" in pattern:
        return lambda values: not values
    fold: Fold = str.casefold if pattern.get("caseInsensitive") else str
    tests = [
        MATCHERS[member](expected, fold)
        for member, expected in pattern.items()
        if member in MATCHERS
    ]

    def fulfils(value: str) -> bool:
        return all(test(value) for test in tests)

    return lambda values: any(map(fulfils, values))
