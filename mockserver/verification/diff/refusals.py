"""Find the operations that a blueprint has but that are not served.

Such an operation is missing in the API description. It is not removed, so its change is undecided.
The messages have the positions, and the headings above them have the names.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mockserver.errors import FileMessage, Position
from mockserver.formats.uri_template import parse_template
from mockserver.spec.blueprint import includes, messages
from mockserver.spec.description import Api, Operation

_CODES = {
    kind.code
    for kind in (
        messages.INVALID_URI,
        messages.NO_RESPONSE,
        messages.TOO_MANY_TRANSACTIONS,
        messages.NO_FINAL_RESPONSE,
        messages.REQUEST_WITHOUT_RESPONSE,
    )
}
"""Errors whose operations or responses are not served, in addition to `refuses_operation`."""
_REFUSING = _CODES | {kind.code for kind in messages.KINDS if kind.refuses_operation}
_HEADING = re.compile(
    r"\s{0,3}#+\s*(?P<name>[^\[]*?)\s*(?:\[\s*(?P<method>[A-Za-z]*)\s*(?P<uri>[/{][^\]]*)?\].*)?"
)
_LINE_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One operation, or a part of it, that is not served."""

    message: FileMessage
    name: str
    """The name in the heading; can be empty."""
    method: str
    """In upper case; empty for a resource, whose operations are all refused."""
    uri: str
    """The URI template of the action or of its resource; empty if there is none."""

    def concerns(self, operation: Operation) -> bool:
        """Return whether this can be an operation of the other side."""
        if self.method and self.method != operation.method and self._has_known_method:
            return False
        names = [operation.name]
        if not self.method:
            names.append(operation.resource)
        if self.name and self.name in names:
            return True
        return bool(self.uri) and _form(self.uri) == _form(operation.uri_template)

    @property
    def _has_known_method(self) -> bool:
        return self.message.code != messages.UNKNOWN_METHOD.code


def _form(uri: str) -> object:
    """Return what a path matches, or the text of an invalid template."""
    try:
        return parse_template(uri).pattern
    except ValueError:
        return uri


def refusals(api: Api) -> Iterator[Refusal]:
    """Yield what the blueprint of an API has, but the API description lacks.

    The file must still be readable.
    """
    for message in api.messages:
        if message.code in _REFUSING and message.is_error:
            yield _refusal(message, _lines(message.position.file))
    _lines.cache_clear()


def _refusal(message: FileMessage, lines: Sequence[str]) -> Refusal:
    """Return the refusal with the names in the next heading above the message."""
    name, method, uri = "", "", ""
    for line in reversed(lines[: message.position.line]):
        match = _HEADING.fullmatch(line)
        if match is None:
            continue
        if not name and not method:
            name, method = match["name"] or "", (match["method"] or "").upper()
        uri = match["uri"] or ""
        if uri:
            break
    return Refusal(message, name.strip("` "), method, uri)


@cache
def _lines(file: str) -> Sequence[str]:
    try:
        data = Path(file).read_bytes()
    except OSError:
        return []
    text, _ = includes.decode(data, file)
    return _LINE_BREAK.split(text)


def refusal_of(operation: Operation, refused: Sequence[Refusal]) -> Position | None:
    """Return where the other side has this operation but refuses it; `None` if it does not."""
    for refusal in refused:
        if refusal.concerns(operation):
            return refusal.message.position
    return None
