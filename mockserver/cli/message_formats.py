"""The formats of messages about files: text, JSON, annotations of GitHub, and SARIF."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

from mockserver.cli import sarif
from mockserver.cli.source_excerpts import SourceExcerpts
from mockserver.cli.terminal_text import printable
from mockserver.errors import FileMessage, Position
from mockserver.spec.blueprint.messages import as_json, slug_of


def print_messages(messages: Iterable[FileMessage]) -> None:
    """Print messages to stderr as text, with the lines that they are about."""
    for line in _text_lines(messages):
        print(line, file=sys.stderr)


def _text_lines(messages: Iterable[FileMessage]) -> Iterator[str]:
    excerpts = SourceExcerpts()
    for message in messages:
        head = f"{message.position}: {message.severity}: {message.explanation}"
        if message.code:
            head = f"{head} [{message.code}]"
        yield printable(head.replace("\t", " "))
        yield from excerpts.excerpt(message.position)


def _json(messages: Sequence[FileMessage]) -> str:
    """Return a list of objects. Line and column are null in a message about a whole file."""
    return json.dumps([as_json(message) for message in messages], indent=2)


def _github(messages: Sequence[FileMessage]) -> str:
    """Return workflow commands, which GitHub shows at the lines of a pull request."""
    return "\n".join(map(_annotation, messages))


def _annotation(message: FileMessage) -> str:
    title = ""
    if message.code:
        title = f"{message.code} {slug_of(message.code)}"
    return annotation(message.severity, message.position, title, message.explanation)


def annotation(severity: str, position: Position, title: str, text: str) -> str:
    """Return a workflow command of GitHub. The title can be empty."""
    properties = {"file": position.file}
    if position.line:
        properties["line"] = str(position.line)
        properties["col"] = str(position.column)
    if title:
        properties["title"] = title
    values = []
    for name, value in properties.items():
        values.append(f"{name}={_escape_property(value)}")
    return f"::{severity} {','.join(values)}::{_escape_data(text)}"


def _escape_data(text: str) -> str:
    """Escape the text of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    """Escape the value of a property of a workflow command."""
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")


def _sarif(messages: Sequence[FileMessage]) -> str:
    return json.dumps(sarif.log(messages), indent=2)


DOCUMENTS: dict[str, Callable[[Sequence[FileMessage]], str]] = {
    "json": _json,
    "github": _github,
    "sarif": _sarif,
}
"""Name of a format for programs to its function. A document goes to stdout."""
FORMATS = ("text", *DOCUMENTS)
"""The values of `--format`."""
