"""The path of a URI template: segments of texts and variables.

Source: RFC 6570, section 3.2. In a path, the operators `.` (`.x`), `;` (`;x=1`), `/` (another
segment) and `+` (a value with slashes) are read. `{x*}` is read as `{x}`, except after a slash:
`{/x*}` has one or more segments.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote, unquote


class MixedForm(NamedTuple):
    """What a text with variables matches."""

    texts: tuple[str, ...]
    """The texts before, between and after the variables: one more than there are variables."""
    rests: tuple[bool, ...]
    """For each variable, whether its value may contain slashes."""

    def values(self, text: str) -> tuple[str, ...] | None:
        """Return the values of the variables; `None` if a text does not match.

        The first variables are the longest. This takes linear time, unlike a regular expression.
        """
        first, *separators, last = self.texts
        if not text.startswith(first) or not text.endswith(last):
            return None
        start, end = len(first), len(text) - len(last)
        values: list[str] = []
        for separator in reversed(separators):
            # A value has at least one character.
            index = text.rfind(separator, start + 1, end - 1)
            if index < 0:
                return None
            values.insert(0, text[index + len(separator) : end])
            end = index
        values.insert(0, text[start:end])
        for value, is_rest in zip(values, self.rests, strict=True):
            if not value or ("/" in value and not is_rest):
                return None
        return tuple(values)


Form = str | None | MixedForm
"""What a segment matches: a text, `None` for any, or a mixed form."""

_EXPRESSION = re.compile(r"\{([^{}]*)\}")
_INVALID_NAME = re.compile(r"[\s{}()/\\\"'<>^`|?#&+;,]")
_PREFIX = re.compile(r":\d+\Z")
# Reserved characters that a value keeps (RFC 6570, section 3.2.3), except those that end a path.
_KEPT = "/:@!$&'()*+,;="


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable in a path."""

    name: str
    is_rest: bool = False
    """Whether its value may contain slashes: `{+name}` and `{/name*}`."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a path between two slashes: texts, and the variables between them."""

    texts: tuple[str, ...]
    """The decoded texts: one more than there are variables. Each can be empty."""
    variables: tuple[Variable, ...] = ()

    @property
    def literal(self) -> str | None:
        """The text of a segment without variables, else `None`."""
        if self.variables:
            return None
        return self.texts[0]

    @property
    def variable(self) -> str | None:
        """The name of the variable that is the whole segment, else `None`."""
        if self.form is None:
            return self.variables[0].name
        return None

    @property
    def is_rest(self) -> bool:
        """Whether the segment may match several segments of a request."""
        return any(variable.is_rest for variable in self.variables)

    @property
    def form(self) -> Form:
        """Return what the segment matches. Names of variables make no difference."""
        if not self.variables:
            return self.texts[0]
        if self.texts == ("", "") and not self.is_rest:
            return None
        return self.mixed_form

    @property
    def mixed_form(self) -> MixedForm:
        """Return the texts of the segment, and which variables are rests."""
        return MixedForm(self.texts, tuple(variable.is_rest for variable in self.variables))

    @property
    def display_text(self) -> str:
        """Return the decoded text with the variables in braces."""
        parts = [self.texts[0]]
        for variable, text in zip(self.variables, self.texts[1:], strict=True):
            parts.append(f"{{{variable.name}}}{text}")
        return "".join(parts)

    def expand(self, values: Mapping[str, Any]) -> str:
        """Return the percent-encoded segment for these values."""
        parts = [quote(self.texts[0], safe="")]
        for variable, text in zip(self.variables, self.texts[1:], strict=True):
            kept = ""
            if variable.is_rest:
                kept = _KEPT
            parts.append(encoded_value(values[variable.name], kept) + quote(text, safe=""))
        expanded = "".join(parts)
        if expanded in (".", ".."):
            # Clients remove these segments from a path.
            return expanded.replace(".", "%2E")
        return expanded


def encoded_value(value: Any, kept: str = "") -> str:
    """Return the percent-encoded text of a value. The items of a list are separated by commas."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(encoded_value(item, kept) for item in value)
    return quote(str(value), safe=kept)


def parse_path(path: str) -> tuple[Segment, ...]:
    """Return the segments of a path that starts with a slash or an expression.

    Raises:
        ValueError: The path is invalid. The message names the expected form.
    """
    segments = _Segments()
    # The expression has one group, so texts and contents of braces alternate.
    for index, part in enumerate(_EXPRESSION.split(path)):
        if index % 2:
            _add_expression(segments, part)
        else:
            first, *others = part.split("/")
            segments.add_text(_decoded(first))
            for text in others:
                segments.start(_decoded(text))
    return segments.finished()


class _Segments:
    """The segments of a path while it is read."""

    def __init__(self) -> None:
        self._segments: list[tuple[list[str], list[Variable]]] = [([""], [])]

    def start(self, text: str) -> None:
        """Start a segment with a text."""
        self._segments.append(([text], []))

    def add_text(self, text: str) -> None:
        """Append a text to the last segment."""
        self._segments[-1][0][-1] += text

    def add_variable(self, variable: Variable) -> None:
        """Append a variable to the last segment.

        Raises:
            ValueError: It follows another variable.
        """
        texts, variables = self._segments[-1]
        if variables and not texts[-1]:
            names = f"{variables[-1].name!r} and {variable.name!r}"
            raise ValueError(f"no text between the variables {names}; expected one, such as -")
        variables.append(variable)
        texts.append("")

    def finished(self) -> tuple[Segment, ...]:
        """Return the segments. Before the first slash there is only an empty text."""
        segments = [Segment(tuple(texts), tuple(names)) for texts, names in self._segments]
        return tuple(segments[1:])


def _add_expression(segments: _Segments, content: str) -> None:
    """Add the variables of an expression, with the texts that its operator puts between them."""
    operator = content.strip()[:1]
    names = content.strip()
    if operator in ("+", ".", ";", "/"):
        names = names[1:]
    for index, text in enumerate(names.split(",")):
        name = variable_name(text)
        is_list = text.strip().endswith("*")
        if operator == "/":
            segments.start("")
        elif operator == ".":
            segments.add_text(".")
        elif operator == ";":
            segments.add_text(f";{name}=")
        elif index:
            segments.add_text(",")
        is_rest = operator == "+" or (operator == "/" and is_list)
        segments.add_variable(Variable(name, is_rest))


def variable_name(text: str) -> str:
    """Return the name of a variable without its modifier (`*` or `:3`), if it is valid.

    Raises:
        ValueError: The name is empty or has an invalid character.
    """
    name = _PREFIX.sub("", text.strip().removesuffix("*"))
    if not name or _INVALID_NAME.search(name) or name[0] in "=!@":
        expected = "expected a name of letters, digits, -, _ and ."
        raise ValueError(f"invalid variable '{{{text.strip()}}}'; {expected}")
    return name


def _decoded(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ValueError(f"invalid percent-encoding {text!r}; expected UTF-8") from None
