"""One line of MSON, taken apart: `name: value (type, flags) - description`.

Source: MSON, "Named types", "Member types" and "Type definition". What stands in backticks is taken as it is. URI parameters are
written the same way (API Blueprint 1A, "URI parameters section").
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import isinf

from mockserver.errors import Position
from mockserver.formats.exact_json import INEXACT, is_exact
from mockserver.spec.blueprint.markdown import Source
from mockserver.spec.description import Scalar

FLAGS = frozenset({"required", "optional", "nullable", "fixed", "fixed-type", "sample", "default"})
_DEEPEST = 12
_LITERAL = re.compile(r"`[^`]*`")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,300})(?P<part>\.[0-9]{1,300})?(?P<power>[eE][+-]?[0-9]{1,3})?")
_TYPE_NAME = re.compile(r"(?P<name>[^\[\]]*)(?:\[(?P<arguments>.*)\]\s*)?")


@dataclass(frozen=True, slots=True)
class Term:
    """A piece of a line, and where it stands."""

    text: str
    position: Position


@dataclass(frozen=True, slots=True)
class TypeName:
    """How a type is named: `Person`, `array[Person]`."""

    name: str
    arguments: tuple["TypeName", ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Signature:
    """One line of MSON."""

    text: str
    """Name and value together: of items and of values of an enum, which have no name."""
    name: str
    value: str | None
    """What follows the colon, as typed; `None` where nothing does."""
    type: TypeName | None
    flags: frozenset[str]
    literals: tuple[str, ...]
    """What stands in backticks among the flags: examples of parameters, as they were written before format 1A9."""
    description: str
    position: Position


def parse_signature(source: Source, text: str, at: Position, dashes: tuple[str, ...] = (" - ",)) -> Signature:
    """Take a line apart that stands at `at`; `dashes` part off its description. What is wrong goes to the source's faults."""
    masked = _LITERAL.sub(lambda found: "x" * len(found.group()), text)
    end, bracket, depth = _cut(masked, dashes)
    if depth:
        source.add_error(_along(at, bracket), "unclosed bracket; expected ) after the type")
    head = text[:bracket]
    colon = masked.find(":", 0, bracket)
    name, value = (head[:colon], head[colon + 1 :].strip()) if colon >= 0 else (head, None)
    words = _split(text[bracket + 1 : end].rstrip().removesuffix(")"), _along(at, bracket + 1))
    kind, flags, others = _type(source, words)
    _, _, description = text[end:].strip().partition(" ")
    return Signature(head.strip(), strip_backticks(name), value or None, kind, flags, others, description.strip(), at)


def _cut(masked: str, dashes: tuple[str, ...]) -> tuple[int, int, int]:
    """Where the description starts, where its type's bracket opens (the same where there is none), how many stay open."""
    depth = bracket = closed = 0
    end = len(masked)
    for index, sign in enumerate(masked):
        if sign == "(":
            bracket = bracket if depth else index
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
            closed = index + 1
        elif sign == " " and not depth and masked.startswith(dashes, index):
            end = index
            break
    # Brackets with text behind them are part of a value.
    has_type = depth or (closed and not masked[closed:end].strip())
    return end, bracket if has_type else end, depth


def _split(text: str, at: Position) -> list[Term]:
    """The parts between commas, but for commas within brackets or backticks."""
    masked = _LITERAL.sub(lambda found: "x" * len(found.group()), text)
    words: list[Term] = []
    depth = start = 0
    for index, sign in enumerate(masked + ","):
        depth += (sign in "[(") - (sign in "])")
        if sign == "," and (depth <= 0 or index == len(text)):
            piece = text[start:index]
            if piece.strip():
                words.append(Term(piece.strip(), _along(at, start + len(piece) - len(piece.lstrip()))))
            start = index + 1
    return words


def _type(source: Source, words: list[Term]) -> tuple[TypeName | None, frozenset[str], tuple[str, ...]]:
    flags = frozenset(word.text.lower() for word in words) & FLAGS
    others = tuple(strip_backticks(word.text) for word in words if _LITERAL.fullmatch(word.text))
    types = [word for word in words if word.text.lower() not in flags and not _LITERAL.fullmatch(word.text)]
    for word in types[1:]:
        source.add_error(
            word.position,
            f"unexpected second type {word.text[:60]!r}; expected one type and any of the flags {', '.join(sorted(FLAGS))}",
        )
    return (parse_type_name(source, types[0]) if types else None), flags, others


def parse_type_name(source: Source, word: Term, depth: int = 0) -> TypeName:
    """Take apart how a type is named. What is wrong goes to the source's faults."""
    found = _TYPE_NAME.fullmatch(word.text)
    if not found or depth > _DEEPEST:
        source.add_error(word.position, f"invalid type {word.text[:60]!r}; expected NAME or array[NAME], at most {_DEEPEST} deep")
        return TypeName("string", (), word.position)
    inner = _split(found["arguments"] or "", _along(word.position, max(found.start("arguments"), 0)))
    return TypeName(
        strip_backticks(found["name"]), tuple(parse_type_name(source, each, depth + 1) for each in inner), word.position
    )


def split_values(text: str) -> list[str]:
    """The values of an array's sample: `1, 2` is two."""
    return [word.text for word in _split(text, Position(""))]


def strip_backticks(text: str) -> str:
    """A text without the backticks around it."""
    stripped = text.strip()
    return stripped[1:-1] if _LITERAL.fullmatch(stripped) else stripped


def parse_scalar(text: str, kind: str, nullable: bool = False) -> Scalar:
    """The value that a text is for a type. Raises `ValueError` for one that is none of it."""
    value = strip_backticks(text)
    return None if nullable and value == "null" else _SCALARS[kind](value)


def _number(text: str) -> int | float:
    found = _NUMBER.fullmatch(text)
    if not found:
        raise ValueError(f"{text[:60]!r} is not a number")
    if not found["part"] and not found["power"]:
        if not is_exact(text):
            raise ValueError(INEXACT)
        return int(text)
    value = float(text)
    if isinf(value):
        raise ValueError(f"{text[:60]!r} exceeds the range of a double")
    return value


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(f"{text[:60]!r} is neither true nor false")
    return text == "true"


_SCALARS: dict[str, Callable[[str], Scalar]] = {"string": str, "number": _number, "boolean": _boolean}


def _along(at: Position, characters: int) -> Position:
    return Position(at.file, at.line, at.column + characters)
