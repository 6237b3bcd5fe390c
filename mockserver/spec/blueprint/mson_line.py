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
from mockserver.spec.blueprint.markdown import Source
from mockserver.spec.description import Scalar

FLAGS = frozenset({"required", "optional", "nullable", "fixed", "fixed-type", "sample", "default"})
"""The type attributes of MSON."""
_MAX_DEPTH = 12
"""Maximum nesting of a type's name, such as `array[array[string]]`."""
_LITERAL = re.compile(r"`[^`]*`")
_NUMBER = re.compile(
    r"-?(?:0|[1-9][0-9]{0,300})(?P<part>\.[0-9]{1,300})?(?P<power>[eE][+-]?[0-9]{1,3})?"
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
    """The texts in backticks among the flags: before format 1A9, the example of a parameter."""
    description: str
    position: Position


class _Boundaries(NamedTuple):
    """Indexes into a line."""

    bracket: int
    """The opening bracket of the type; the same as `end` if there is no type."""
    end: int
    """The dash before the description; the length of the line if there is no description."""
    open_brackets: int


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
    bracket, end, open_brackets = _boundaries(masked, dashes)
    if open_brackets:
        source.add_error(_shift(position, bracket), "unclosed bracket; expected ) after the type")
    head = text[:bracket]
    name, value = head, None
    colon = masked.find(":", 0, bracket)
    if colon >= 0:
        name, value = head[:colon], head[colon + 1 :].strip()
    definition = text[bracket + 1 : end].rstrip().removesuffix(")")
    type_name, flags, literals = _parse_definition(
        source, _split(definition, _shift(position, bracket + 1))
    )
    _, _, description = text[end:].strip().partition(" ")
    return Signature(
        text=head.strip(),
        name=strip_backticks(name),
        value=value or None,
        type=type_name,
        flags=flags,
        literals=literals,
        description=description.strip(),
        position=position,
    )


def _mask_literals(text: str) -> str:
    """Return a text of the same length, where texts in backticks have no special characters."""
    return _LITERAL.sub(lambda literal: "x" * len(literal.group()), text)


def _boundaries(masked: str, dashes: tuple[str, ...]) -> _Boundaries:
    depth = bracket = closed = 0
    end = len(masked)
    for index, character in enumerate(masked):
        if character == "(":
            bracket = bracket if depth else index
            depth += 1
        elif character == ")" and depth:
            depth -= 1
            closed = index + 1
        elif character == " " and not depth and masked.startswith(dashes, index):
            end = index
            break
    # Brackets with text after them are part of a value.
    has_type = depth or (closed and not masked[closed:end].strip())
    return _Boundaries(bracket if has_type else end, end, depth)


def _split(text: str, position: Position) -> list[Term]:
    """Return the parts between commas. Commas in brackets or backticks do not separate parts."""
    terms: list[Term] = []
    depth = start = 0
    for index, character in enumerate(_mask_literals(text) + ","):
        depth += (character in "[(") - (character in "])")
        if character == "," and (depth <= 0 or index == len(text)):
            part = text[start:index]
            if part.strip():
                indentation = len(part) - len(part.lstrip())
                terms.append(Term(part.strip(), _shift(position, start + indentation)))
            start = index + 1
    return terms


def _parse_definition(
    source: Source, terms: list[Term]
) -> tuple[TypeName | None, frozenset[str], tuple[str, ...]]:
    """Return the type, the flags and the literals of a type definition."""
    flags = frozenset(term.text.lower() for term in terms) & FLAGS
    literals = tuple(strip_backticks(term.text) for term in terms if _LITERAL.fullmatch(term.text))
    types = [
        term
        for term in terms
        if term.text.lower() not in flags and not _LITERAL.fullmatch(term.text)
    ]
    for term in types[1:]:
        known = f"expected one type and any of the flags {', '.join(sorted(FLAGS))}"
        source.add_error(term.position, f"unexpected second type {term.text[:60]!r}; {known}")
    type_name = parse_type_name(source, types[0]) if types else None
    return type_name, flags, literals


def parse_type_name(source: Source, term: Term, depth: int = 0) -> TypeName:
    """Return the parts of a type's name. Errors are added to the source."""
    match = _TYPE_NAME.fullmatch(term.text)
    if not match or depth > _MAX_DEPTH:
        expected = f"expected NAME or array[NAME], at most {_MAX_DEPTH} deep"
        source.add_error(term.position, f"invalid type {term.text[:60]!r}; {expected}")
        return TypeName("string", (), term.position)
    start = max(match.start("arguments"), 0)
    terms = _split(match["arguments"] or "", _shift(term.position, start))
    arguments = tuple(parse_type_name(source, argument, depth + 1) for argument in terms)
    return TypeName(strip_backticks(match["name"]), arguments, term.position)


def split_values(text: str) -> list[str]:
    """Return the values of an array's sample: `1, 2` has two."""
    return [term.text for term in _split(text, Position(""))]


def strip_backticks(text: str) -> str:
    """Return a text without the backticks around it."""
    stripped = text.strip()
    return stripped[1:-1] if _LITERAL.fullmatch(stripped) else stripped


def parse_scalar(text: str, kind: str, nullable: bool = False) -> Scalar:
    """Return the value that a text has as a string, number or boolean.

    Raises:
        ValueError: The text is not a value of this type.
    """
    value = strip_backticks(text)
    return None if nullable and value == "null" else _SCALAR_PARSERS[kind](value)


def _parse_number(text: str) -> int | float:
    match = _NUMBER.fullmatch(text)
    if not match:
        raise ValueError(f"{text[:60]!r} is not a number")
    if not match["part"] and not match["power"]:
        if not is_exact(text):
            raise ValueError(INEXACT)
        return int(text)
    value = float(text)
    if isinf(value):
        raise ValueError(f"{text[:60]!r} exceeds the range of a double")
    return value


def _parse_boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(f"{text[:60]!r} is neither true nor false")
    return text == "true"


_SCALAR_PARSERS: dict[str, Callable[[str], Scalar]] = {
    "string": str,
    "number": _parse_number,
    "boolean": _parse_boolean,
}


def _shift(position: Position, characters: int) -> Position:
    """Return the position this many characters further in the line."""
    return Position(position.file, position.line, position.column + characters)
