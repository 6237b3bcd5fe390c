"""WireMock's patterns for a text: `{"equalTo": "x"}`, `{"contains": "x"}`, `{"matches": ".*"}`.

Clients send regular expressions, so the engine has no backtracking: its time grows with the length
of the text alone. It has no look-around and no back-references.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jsonschema_rs

from mockserver.formats.json_schema import Schema
from mockserver.web.admin.schemas import BOOLEAN, TEXT

MAX_REGEX_LENGTH = 200
"""The maximum length of a regular expression, in characters."""
_ENGINE = jsonschema_rs.RegexOptions(size_limit=1 << 15)
"""The engine rejects an expression that compiles to more bytes, because it would be slow."""

TextTest = Callable[[str], bool]

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
"""A pattern for a header or query parameter. A value has to fulfil all its members."""


def compile_regex(regex: str) -> TextTest:
    """Return a test of whether a regular expression matches a whole text.

    Raises:
        ValueError: the expression is invalid or not supported. The message states the valid form.
    """
    try:
        _compile(regex)  # `a)|(b` is invalid, but would be valid inside of the group
        return _compile(f"^(?:{regex})$")
    except ValueError as error:
        raise ValueError(
            "a regular expression without look-around and back-references, and not too large"
        ) from error


def _compile(regex: str) -> TextTest:
    """Return a test of whether a regular expression matches a part of a text."""
    schema = {"pattern": regex}
    return jsonschema_rs.Draft202012Validator(schema, pattern_options=_ENGINE).is_valid


def _equals(value: str, text: str) -> bool:
    return value == text


def _contains(value: str, text: str) -> bool:
    return text in value


def _does_not_contain(value: str, text: str) -> bool:
    return text not in value


COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "equalTo": _equals,
    "contains": _contains,
    "doesNotContain": _does_not_contain,
}
"""Member with a text to the comparison of a value with it. `caseInsensitive` applies."""
REGEX_RESULTS: dict[str, bool] = {"matches": True, "doesNotMatch": False}
"""Member with a regular expression to the result that the expression must have."""


class ValuePattern:
    """A compiled pattern for the values of one header or query parameter."""

    def __init__(self, pattern: Mapping[str, Any]) -> None:
        """Compile a pattern that is valid against `PATTERN`.

        Raises:
            ValueError: see `compile_regex`.
        """
        self._is_absent = "absent" in pattern
        self._ignores_case = bool(pattern.get("caseInsensitive"))
        self._texts: dict[str, str] = {}
        self._regexes: dict[str, TextTest] = {}
        for member, text in pattern.items():
            if member in COMPARISONS:
                self._texts[member] = self._folded(text)
            elif member in REGEX_RESULTS:
                self._regexes[member] = compile_regex(text)

    def matches(self, values: Sequence[str]) -> bool:
        """Return whether one of the values fulfils all members of the pattern.

        `values` is empty if the request does not have the header or parameter.
        """
        if self._is_absent:
            return not values
        return any(map(self._is_fulfilled_by, values))

    def _is_fulfilled_by(self, value: str) -> bool:
        folded_value = self._folded(value)
        for member, text in self._texts.items():
            if not COMPARISONS[member](folded_value, text):
                return False
        regexes = self._regexes.items()
        return all(matches(value) == REGEX_RESULTS[member] for member, matches in regexes)

    def _folded(self, text: str) -> str:
        if self._ignores_case:
            return text.casefold()
        return text
