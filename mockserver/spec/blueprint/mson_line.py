"""Parse one line of MSON: `name: value (type, flags) - description`.

Text in backticks is literal. URI parameters have the same syntax (API Blueprint 1A, "URI parameters
section").

Source: MSON, "Property Member Declaration", "Value Member Declaration" and "Type Definition".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import isinf
from typing import NamedTuple

from mockserver.errors import Position
from mockserver.formats.exact_json import INEXACT, is_exact
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.markdown import Source
from mockserver.spec.blueprint.mson_names import FLAGS, is_type_word
from mockserver.spec.description import Scalar

_MAX_DEPTH = 12
"""Maximum nesting of a type's name, such as `array[array[string]]`."""
_LITERAL = re.compile(r"`[^`]*`")
_NUMBER = re.compile(
    r"-?(?:0|[1-9][0-9]{0,300})(?P<part>\.[0-9]{1,300})?(?P<power>[eE][+-]?[0-9]{1,3})?"
)
_UNUSUAL_NUMBER = re.compile(
    r"(?=[^0-9]*[0-9])(?:\+|(?P<sign>-))?(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{0,300})(?P<rest>\.[0-9]{1,300})?"
)
_TYPE_NAME = re.compile(r"(?P<name>[^\[\]]*)(?:\[(?P<arguments>.*)\]\s*)?")


@dataclass(frozen=True, slots=True)
class Term:
    """One of the comma-separated parts of a line, with its position."""

    text: str
    position: Position


@dataclass(frozen=True, slots=True)
class TypeName:
    """The name of a type: `Person`, `array[Person]`."""

    name: str
    arguments: tuple["TypeName", ...]
    """The names in brackets."""
    position: Position


@dataclass(frozen=True, slots=True)
class Signature:
    """One line of MSON."""

    text: str
    """Name and value together. Items of an array and values of an enum have no name."""
    name: str
    value: str | None
    """The text after the colon, as typed; `None` if there is none."""
    type: TypeName | None
    flags: frozenset[str]
    literals: tuple[str, ...]
    """The texts in backticks among the flags. In a parameter before 1A9, its example."""
    description: str
    position: Position


class _Boundaries(NamedTuple):
    """Indexes into a line."""

    bracket: int
    """The opening bracket of the type; the same as `end` without a type."""
    end: int
    """The dash before the description; the length of the line without a description."""
    open_brackets: int
    """The number of brackets that are not closed."""
    description: int
    """The start of a description without a dash; the same as `end` otherwise."""


class _Definition(NamedTuple):
    """The contents of the brackets of a line."""

    type: TypeName | None
    flags: frozenset[str]
    literals: tuple[str, ...]


def parse_signature(
    source: Source, text: str, position: Position, dashes: tuple[str, ...] = (" - ",)
) -> Signature:
    """Return the parts of a line. Errors are added to the source.

    Args:
        source: The blueprint.
        text: The line.
        position: The start of the line.
        dashes: The texts that can separate the description.
    """
    masked = _mask_literals(text)
    bracket, end, open_brackets, undashed = _boundaries(masked, dashes)
    if undashed < end:
        message = f"unexpected text {text[undashed:end].strip()[:60]!r} after the type"
        expected = "expected ` - ` before a description"
        position_of_text = _shift(position, undashed + 1)
        source.report(messages.MISSING_DASH, position_of_text, f"{message}; {expected}")
    if open_brackets:
        message = "unclosed bracket; expected ) after the type"
        source.report(messages.UNCLOSED_TYPE, _shift(position, bracket), message)
    name_and_value = text[:bracket]
    name, value = name_and_value, ""
    colon = masked.find(":", 0, bracket)
    if colon >= 0:
        name, value = text[:colon], text[colon + 1 : bracket]
    in_brackets = text[bracket + 1 : undashed].rstrip().removesuffix(")")
    terms = _split(in_brackets, _shift(position, bracket + 1))
    definition = _parse_definition(source, terms)
    description = text[undashed:].strip()
    if undashed == end:
        _, _, description = description.partition(" ")
    return Signature(
        text=name_and_value.strip(),
        name=strip_backticks(name),
        value=value.strip() or None,
        type=definition.type,
        flags=definition.flags,
        literals=definition.literals,
        description=description.strip(),
        position=position,
    )


def _mask_literals(text: str) -> str:
    """Return a text of the same length, where texts in backticks have no special characters."""
    return _LITERAL.sub(lambda literal: "x" * len(literal.group()), text)


def _boundaries(masked: str, dashes: tuple[str, ...]) -> _Boundaries:
    """Return where the type and the description of a line start."""
    depth = bracket = closed = 0
    end = len(masked)
    for index, character in enumerate(masked):
        if character == "(":
            if depth == 0:
                bracket = index
            depth += 1
        elif character == ")" and depth > 0:
            depth -= 1
            closed = index + 1
            if depth == 0 and _is_type_before_text(masked, bracket, closed, dashes):
                return _Boundaries(bracket, len(masked), 0, closed)
        elif character == " " and depth == 0 and masked.startswith(dashes, index):
            end = index
            break
    is_unclosed = depth > 0
    # Brackets with text after them are part of a value.
    is_type = closed > 0 and not masked[closed:end].strip()
    if not is_unclosed and not is_type:
        bracket = end
    return _Boundaries(bracket, end, depth, end)


def _is_type_before_text(masked: str, bracket: int, closed: int, dashes: tuple[str, ...]) -> bool:
    """Return whether brackets have a type, and text without a dash follows."""
    rest = masked[closed:]
    if not rest.strip() or not rest.startswith(" ") or rest.startswith(dashes):
        return False
    if rest.lstrip().startswith(("(", "-")):
        return False
    words = masked[bracket + 1 : closed - 1].split(",")
    return any(is_type_word(word) for word in words)


def _split(text: str, position: Position) -> list[Term]:
    """Return the parts between commas. Commas in brackets or backticks do not separate parts."""
    terms: list[Term] = []
    depth = start = 0
    for index, character in enumerate(_mask_literals(text) + ","):
        is_end = index == len(text)
        if character in "[(":
            depth += 1
        elif character in "])":
            depth -= 1
        elif character == "," and (depth <= 0 or is_end):
            part = text[start:index]
            if part.strip():
                indentation = len(part) - len(part.lstrip())
                terms.append(Term(part.strip(), _shift(position, start + indentation)))
            start = index + 1
    return terms


def _parse_definition(source: Source, terms: list[Term]) -> _Definition:
    """Return the type, the flags and the literals of a type definition."""
    flags: set[str] = set()
    literals: list[str] = []
    types: list[Term] = []
    for term in terms:
        word = term.text.lower()
        if word in FLAGS:
            flags.add(word)
        elif _LITERAL.fullmatch(term.text):
            literals.append(strip_backticks(term.text))
        else:
            types.append(term)
    for term in types[1:]:
        expected = f"expected one type and any of the flags {', '.join(sorted(FLAGS))}"
        message = f"unexpected second type {term.text[:60]!r}; {expected}"
        source.report(messages.SECOND_TYPE, term.position, message)
    type_name = None
    if types:
        type_name = parse_type_name(source, types[0])
    return _Definition(type_name, frozenset(flags), tuple(literals))


def parse_type_name(source: Source, term: Term, depth: int = 0) -> TypeName:
    """Return the parts of a type's name. Errors are added to the source."""
    match = _TYPE_NAME.fullmatch(term.text)
    if not match or depth > _MAX_DEPTH:
        expected = f"expected NAME or array[NAME], at most {_MAX_DEPTH} deep"
        message = f"invalid type {term.text[:60]!r}; {expected}"
        source.report(messages.INVALID_TYPE, term.position, message)
        return TypeName("string", (), term.position)
    start = max(match.start("arguments"), 0)
    terms = _split(match["arguments"] or "", _shift(term.position, start))
    arguments = [parse_type_name(source, argument, depth + 1) for argument in terms]
    return TypeName(strip_backticks(match["name"]), tuple(arguments), term.position)


def split_values(text: str) -> list[str]:
    """Return the values of an array's sample: `1, 2` has two."""
    return [term.text for term in _split(text, Position(""))]


def strip_backticks(text: str) -> str:
    """Return a text without the backticks around it."""
    stripped = text.strip()
    if not _LITERAL.fullmatch(stripped):
        return stripped
    return stripped[1:-1]


def parse_scalar(text: str, kind: str, nullable: bool = False) -> Scalar:
    """Return the value that a text has as a string, number or boolean.

    Raises:
        ValueError: The text is not a value of this type.
    """
    value = strip_backticks(text)
    if nullable and value == "null":
        return None
    return _SCALAR_PARSERS[kind](value)


def _parse_number(text: str) -> int | float:
    match = _NUMBER.fullmatch(_usual_number(text))
    if not match:
        raise ValueError(f"{text[:60]!r} is not a number")
    if not match["part"] and not match["power"]:
        if not is_exact(match.group()):
            raise ValueError(INEXACT)
        return int(match.group())
    value = float(match.group())
    if isinf(value):
        raise ValueError(f"{text[:60]!r} exceeds the range of a double")
    return value


def _usual_number(text: str) -> str:
    """Return a number such as `1,000`, `+1`, `007` or `.5` as it is in JSON."""
    unusual = _UNUSUAL_NUMBER.fullmatch(text)
    if not unusual:
        return text
    whole = unusual["whole"].replace(",", "").lstrip("0") or "0"
    return f"{unusual['sign'] or ''}{whole}{unusual['rest'] or ''}"


def _parse_boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(f"{text[:60]!r} is neither true nor false")
    return text.lower() == "true"


def has_unusual_notation(text: str, value: Scalar) -> bool:
    """Return whether a text is not written as in JSON, for example `1,000` or `True`."""
    literal = strip_backticks(text)
    if isinstance(value, bool):
        return literal not in ("true", "false")
    return isinstance(value, int | float) and _usual_number(literal) != literal


_SCALAR_PARSERS: dict[str, Callable[[str], Scalar]] = {
    "string": str,
    "number": _parse_number,
    "boolean": _parse_boolean,
}


def _shift(position: Position, characters: int) -> Position:
    """Return the position this many characters further in the line."""
    return Position(position.file, position.line, position.column + characters)
