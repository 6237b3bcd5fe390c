"""What a text has to be, in WireMock's words: `{"equalTo": "x"}`, `{"contains": "x"}`, `{"matches": ".*"}`.

Regular expressions come from outside, so they are matched by an engine that never steps back: its time grows with the length
of the text alone. It has no look-around and no references to groups.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jsonschema_rs

from mockserver.formats.json_schema import Schema
from mockserver.web.admin.schemas import BOOLEAN, TEXT

MAX_REGEX_LENGTH = 200
"""The most characters of a regular expression."""
_ENGINE = jsonschema_rs.RegexOptions(size_limit=1 << 15)
"""An expression that compiles to more bytes is refused: a large one takes its time on each character."""

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
"""What one header or query variable has to be: all of what is said."""


def matching(regex: str) -> TextTest:
    """Whether a whole text is as a regular expression says. Raises `ValueError` with what was expected of the expression."""
    try:
        for pattern in (regex, f"^(?:{regex})$"):
            found = jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=_ENGINE)
    except ValueError as error:
        raise ValueError("a regular expression without look-around and references to groups, and not too large") from error
    return found.is_valid


def _unlike(fits: TextTest) -> TextTest:
    return lambda text: not fits(text)


MATCHERS: dict[str, Callable[[str, Fold], TextTest]] = {
    "equalTo": lambda wanted, fold: lambda text: fold(text) == fold(wanted),
    "contains": lambda wanted, fold: lambda text: fold(wanted) in fold(text),
    "doesNotContain": lambda wanted, fold: lambda text: fold(wanted) not in fold(text),
    "matches": lambda wanted, _: matching(wanted),
    "doesNotMatch": lambda wanted, _: _unlike(matching(wanted)),
}
"""Word of a pattern to what it makes of its value; `caseInsensitive` folds both sides of the first three."""


def fitting(pattern: Mapping[str, Any]) -> Callable[[Sequence[str]], bool]:
    """Whether one of the values of a header or query variable is as the pattern says; there are none where it was not sent.

    Raises `ValueError`, see `matching`.
    """
    if "absent" in pattern:
        return lambda values: not values
    fold: Fold = str.casefold if pattern.get("caseInsensitive") else str
    tests = [MATCHERS[word](wanted, fold) for word, wanted in pattern.items() if word in MATCHERS]
    return lambda values: any(all(test(value) for test in tests) for value in values)
