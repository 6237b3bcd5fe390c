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
from mockserver.spec.blueprint.mson_names import FLAGS

_STRINGS = """
    string str text char date datetime date-time time timestamp uuid guid uri url email hostname
    ipv4 ipv6 password binary byte base64 json slug enumeration token id hash
"""
_TYPES = {
    "integer": "integer int int32 int64 long short bigint biginteger unsigned",
    "number": "number float double decimal numeric num",
    "boolean": "boolean bool",
    "string": _STRINGS,
    "array": "array list",
    "enum": "enum",
    "object": "object",
}


def _kinds() -> dict[str, str]:
    """Return the name of each type in lower case, and the type that it is read as."""
    kinds: dict[str, str] = {}
    for kind, names in _TYPES.items():
        kinds |= dict.fromkeys(names.split(), kind)
    return kinds


_KINDS = _kinds()

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
    names = [term.strip().lower().partition("[")[0] for term in terms.split(",")]
    return any(name in FLAGS or name in _KINDS for name in names)


def _are_values(type_name: TypeName, declared: frozenset[str]) -> bool:
    """Return whether the brackets of an enum have values, and not a type: `enum[a, b]`."""
    names = [argument.name for argument in type_name.arguments]
    return bool(names) and not any(name.lower() in _KINDS or name in declared for name in names)


def _has_integer(type_name: TypeName) -> bool:
    names = [type_name.name, *(argument.name for argument in type_name.arguments)]
    return any(_KINDS.get(name.lower()) == "integer" for name in names)


def _mson_type(type_name: TypeName, declared: frozenset[str]) -> TypeName:
    """Return the type of MSON that a type is read as."""
    arguments = tuple(_mson_type(argument, declared) for argument in type_name.arguments)
    name = type_name.name
    if name not in declared:
        name = _KINDS.get(name.lower(), name)
    if name == "integer":
        name = "number"
    return replace(type_name, name=name, arguments=arguments)
