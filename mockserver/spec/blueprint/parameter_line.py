"""Read the line of a URI parameter: the forms that MSON does not have.

- Type names of other languages: `integer`, `int`, `bool`, `date`.
- The values of an enum in the brackets: `` (string, `a`|`b`) ``.
- A default in the brackets: `(number, default: 5)`.
- A description without ` - ` before it.
- The syntax before 1A9: `` + name = `default` (type, `example`) ... text ``.
"""

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from mockserver.spec.blueprint.markdown import Block, Source
from mockserver.spec.blueprint.mson_line import (
    Signature,
    TypeName,
    parse_signature,
    strip_backticks,
)
from mockserver.spec.blueprint.mson_names import is_type_word, meant_type

_LITERAL = r"`[^`]*`"
_CHOICES = re.compile(rf"{_LITERAL}(?:\s*\|\s*{_LITERAL})+")
_EMPHASIS = re.compile(r"\*+(?P<name>[^*]+)\*+")
_DEFAULT = re.compile(rf"\bdefault\s*[:=]\s*(?P<value>{_LITERAL}|[^,()`]+)", re.IGNORECASE)
_TYPED = re.compile(
    rf"(?P<start>(?:{_LITERAL}|[^`(])*)\((?P<terms>(?:{_LITERAL}|[^`()])*)\)(?P<text>.*)", re.DOTALL
)
_MARK = re.compile(r"\A(?:-+|\.{2,}|[–—:])\s*")


@dataclass(frozen=True, slots=True)
class ParameterLine:
    """The line of one parameter."""

    signature: Signature
    """The line with a type of MSON."""
    is_integer: bool
    """Whether the type, or the type in its brackets, is an integer."""
    default: str
    """The default in the brackets, or in the syntax before 1A9; empty if there is none."""
    example: str
    """The example in the syntax before 1A9; empty if there is none."""
    choices: tuple[str, ...]
    """The values of an enum in the brackets of the type."""


def read_parameter_line(source: Source, block: Block, declared: frozenset[str]) -> ParameterLine:
    """Return the line of a parameter.

    Args:
        source: The blueprint. Errors are added to it.
        block: The list item.
        declared: The names of the data structures of the blueprint.
    """
    bracket = _read_bracket(block.text)
    choices = list(bracket.choices)
    line = parse_signature(source, bracket.line, block.position, (" - ", " ... "))
    name, default = line.name, bracket.default
    if not line.value:
        name, _, old_default = line.name.partition("=")
        default = default or old_default.strip()
    type_name = line.type
    if type_name and type_name.name == "enum" and _are_values(type_name, declared):
        choices += [argument.name for argument in type_name.arguments]
        type_name = TypeName("enum", (), type_name.position)
    is_integer = False
    if type_name:
        is_integer = _has_integer(type_name)
        type_name = _mson_type(type_name, declared)
    example = ""
    if line.literals:
        example = line.literals[0]
    name = strip_backticks(name)
    emphasized = _EMPHASIS.fullmatch(name)
    if emphasized:
        name = emphasized["name"]
    signature = replace(line, name=name, type=type_name)
    return ParameterLine(signature, is_integer, default, example, tuple(choices))


class _Bracket(NamedTuple):
    """A line whose brackets have only a type and flags, and what else was in them."""

    line: str
    choices: tuple[str, ...] = ()
    default: str = ""


def _read_bracket(text: str) -> _Bracket:
    """Return a line with ` - ` between its type and its description, and without extra terms."""
    match = _TYPED.fullmatch(text)
    if not match or " - " in match["start"] or not _is_type(match["terms"]):
        return _Bracket(text)
    terms, default = match["terms"], ""
    choices: tuple[str, ...] = ()
    found = _CHOICES.search(terms)
    if found:
        choices = tuple(map(strip_backticks, found.group().split("|")))
        terms = terms.replace(found.group(), "")
    found = _DEFAULT.search(terms)
    if found:
        default = strip_backticks(found["value"])
        terms = terms.replace(found.group(), "")
    description = match["text"].strip()
    if description:
        description = f" - {_MARK.sub('', description, count=1)}"
    return _Bracket(f"{match['start']}({terms}){description}", choices, default)


def _is_type(terms: str) -> bool:
    """Return whether a text in brackets is a type: it has a flag, a type or the values of one."""
    if _CHOICES.search(terms):
        return True
    return any(is_type_word(term) for term in terms.split(","))


def _are_values(type_name: TypeName, declared: frozenset[str]) -> bool:
    """Return whether the brackets of an enum have values, and not a type: `enum[a, b]`."""
    names = [argument.name for argument in type_name.arguments]
    return bool(names) and not any(meant_type(name) or name in declared for name in names)


def _has_integer(type_name: TypeName) -> bool:
    if any(map(_has_integer, type_name.arguments)):
        return True
    base = meant_type(type_name.name)
    return base is not None and base.integer


def _mson_type(type_name: TypeName, declared: frozenset[str]) -> TypeName:
    """Return the type of MSON that a type is read as."""
    arguments = tuple(_mson_type(argument, declared) for argument in type_name.arguments)
    base = meant_type(type_name.name)
    if base is None or type_name.name in declared:
        return replace(type_name, arguments=arguments)
    return replace(type_name, name=base.kind, arguments=arguments)
