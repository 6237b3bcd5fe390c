"""Read the line of a URI parameter: the forms that MSON does not have.

- Type names of other languages: `integer`, `int`, `bool`, `date`.
- The values of an enum in the brackets: `` (string, `a`|`b`) ``.
- A description without ` - ` before it.
- The syntax before 1A9: `` + name = `default` (type, `example`) ... text ``.
"""

import re
from dataclasses import dataclass, replace

from mockserver.spec.blueprint.markdown import Block, Source
from mockserver.spec.blueprint.mson_line import (
    FLAGS,
    Signature,
    TypeName,
    parse_signature,
    strip_backticks,
)

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
_UNMARKED = re.compile(
    rf"(?P<line>(?:{_LITERAL}|[^`(])*\((?P<terms>(?:{_LITERAL}|[^`()])*)\))\s*(?P<text>\S.*)",
    re.DOTALL,
)
_MARK = re.compile(r"\A(?:-+|\.{2,}|[–—:])\s*")


@dataclass(frozen=True, slots=True)
class ParameterLine:
    """The line of one parameter."""

    signature: Signature
    """The line with a type of MSON."""
    is_integer: bool
    """Whether the type, or the type in its brackets, is an integer."""
    old_default: str
    """The default in the syntax before 1A9; empty if there is none."""
    old_example: str
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
    text = _with_marked_description(block.text)
    choices: list[str] = []
    found = _CHOICES.search(text)
    if found:
        choices = [strip_backticks(choice) for choice in found.group().split("|")]
        text = text[: found.start()] + text[found.end() :]
    line = parse_signature(source, text, block.position, (" - ", " ... "))
    name, default = line.name, ""
    if not line.value:
        name, _, default = line.name.partition("=")
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
    signature = replace(line, name=strip_backticks(name), type=type_name)
    return ParameterLine(signature, is_integer, default.strip(), example, tuple(choices))


def _with_marked_description(text: str) -> str:
    """Return the line with ` - ` between its type and its description."""
    match = _UNMARKED.fullmatch(text)
    if not match or not _is_type(match["terms"]):
        return text
    return f"{match['line']} - {_MARK.sub('', match['text'], count=1)}"


def _is_type(terms: str) -> bool:
    """Return whether a text in brackets is a type: it has a flag or the name of a type."""
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
