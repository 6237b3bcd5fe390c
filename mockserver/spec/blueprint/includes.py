"""Replace include lines by the included files, and map positions back to these files.

    <!-- include(FILE) -->      as aglio writes it
    :[NAME](FILE)               as hercule writes it

A file may include files of the same folder and of the folders below it. Included lines get the
indentation of the include line. A file that cannot be included is a warning.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from mockserver.errors import FileMessage, Position
from mockserver.formats.files import display_path, read_bytes
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.markdown import MAX_CHARACTERS
from mockserver.spec.description import Api

MAX_DEPTH = 20
MAX_FILES = 1000
"""Maximum number of include lines that are replaced in one blueprint."""

_LINE = re.compile(
    r"(?P<indent>[ \t]*)"
    r"(?:<!--[ \t]*include\((?P<comment>[^\n]*?)\)[ \t]*-->|:\[[^\]\n]*\]\((?P<link>[^)\n]+)\))"
    r"[ \t]*",
    re.IGNORECASE,
)
_EARLIER_LINE = re.compile(r"\(first defined on line (\d+)\)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


@dataclass(frozen=True, slots=True)
class _Origin:
    """The position of an expanded line before the expansion."""

    file: str
    number: int
    indent: int
    """The number of columns that were inserted."""


@dataclass(slots=True)
class ExpandedText:
    """The text of a blueprint with its included files."""

    file: str
    text: str = ""
    sha256: str = ""
    """The hash of the text, in hex. It does not depend on the kind of line breaks."""
    lines: int = 0
    """The number of lines before the expansion."""
    paths: list[Path] = field(default_factory=list)
    """The files that include lines name, as far as they may be included; one may be missing."""
    messages: list[FileMessage] = field(default_factory=list)
    _origins: list[_Origin] = field(default_factory=list)

    @property
    def has_includes(self) -> bool:
        """Whether a file was included."""
        return any(origin.file != self.file for origin in self._origins)

    def relocated(self, api: Api) -> Api:
        """Return an API description with all positions in the files before the expansion."""
        if not self.has_includes:
            return api
        moved: Api = self._relocated(api, {})
        return replace(moved, messages=self.relocated_messages(api.messages))

    def relocated_messages(self, file_messages: Iterable[FileMessage]) -> tuple[FileMessage, ...]:
        """Return messages with positions in the files before the expansion."""
        if not self.has_includes:
            return tuple(file_messages)
        moved: list[FileMessage] = []
        for message in file_messages:
            text = _EARLIER_LINE.sub(self._earlier_line, message.message)
            moved.append(replace(message, position=self._position(message.position), message=text))
        return tuple(moved)

    def _earlier_line(self, match: re.Match[str]) -> str:
        position = self._position(Position(self.file, int(match[1])))
        return f"(first defined at {position.file}:{position.line})"

    def _position(self, position: Position) -> Position:
        if not 0 < position.line <= len(self._origins):
            return position
        origin = self._origins[position.line - 1]
        column = max(position.column - origin.indent, 1)
        return Position(origin.file, origin.number, column)

    def _relocated(self, value: Any, memo: dict[int, Any]) -> Any:
        """Return a value with all positions relocated. An object that is shared stays shared."""
        if isinstance(value, Position):
            return self._position(value)
        if not is_dataclass(value) and not isinstance(value, tuple | dict):
            return value
        if id(value) not in memo:
            memo[id(value)] = self._relocated_parts(value, memo)
        return memo[id(value)]

    def _relocated_parts(self, value: Any, memo: dict[int, Any]) -> Any:
        if isinstance(value, tuple):
            return tuple([self._relocated(item, memo) for item in value])
        if isinstance(value, dict):
            return self._relocated_map(value, memo)
        changes = {}
        for part in fields(value):
            before = getattr(value, part.name)
            after = self._relocated(before, memo)
            if after is not before:
                changes[part.name] = after
        return replace(value, **changes)

    def _relocated_map(self, value: dict[Any, Any], memo: dict[int, Any]) -> dict[Any, Any]:
        """Return a map, such as that of types by position, with its keys relocated too."""
        moved: dict[Any, Any] = {}
        for key, item in value.items():
            moved[self._relocated(key, memo)] = self._relocated(item, memo)
        return moved


def decode(data: bytes, name: str) -> tuple[str, list[FileMessage]]:
    """Return the text of a file, with a warning if it is not UTF-8.

    Old files are often in Windows-1252. A byte without a character there is replaced.
    """
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        position = Position(name, data.count(b"\n", 0, error.start) + 1)
        message = "the file is not valid UTF-8; expected UTF-8 text"
        text = data.decode("cp1252", "replace")
        return text, [messages.NOT_UTF8.message(position, message)]


def expand(text: str, path: Path, name: str) -> ExpandedText:
    """Return the text of a blueprint with its included files.

    Args:
        text: The text of the file.
        path: The file.
        name: The name of the file in messages.
    """
    expansion = ExpandedText(name)
    if not any(map(_LINE.fullmatch, _lines(text))):
        expansion.text = text
        return expansion
    expander = _Expander(expansion)
    lines = list(expander.lines(text, path, name, (path.resolve(),)))
    expansion.text = "\n".join(lines)
    return expansion


def include_errors(text: str, name: str) -> Iterator[FileMessage]:
    """Yield an error for each include line of a text that has no folder, such as a sent one."""
    for number, line in enumerate(_lines(text), 1):
        match = _LINE.fullmatch(line)
        if match:
            position = Position(name, number, len(match["indent"]) + 1)
            message = "a sent blueprint cannot include files; expected the lines of the file"
            yield FileMessage(position, message)


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


class _Refused(Exception):
    """The reason why a file cannot be included."""


class _Expander:
    """Yields the lines of a file and of the files that it includes."""

    def __init__(self, expansion: ExpandedText) -> None:
        self._expansion = expansion
        self._count = 0
        self._characters = 0

    def lines(
        self, text: str, path: Path, name: str, stack: tuple[Path, ...], indent: str = ""
    ) -> Iterator[str]:
        for number, line in enumerate(_lines(text), 1):
            match = _LINE.fullmatch(line)
            if match:
                included = self._included(match, path, name, number, stack)
                if included:
                    target, target_text = included
                    yield from self.lines(
                        target_text,
                        target,
                        display_path(target),
                        (*stack, target.resolve()),
                        indent + match["indent"],
                    )
                    continue
            self._expansion._origins.append(_Origin(name, number, len(indent)))
            yield indent + line if line else line

    def _included(
        self, match: re.Match[str], path: Path, name: str, number: int, stack: tuple[Path, ...]
    ) -> tuple[Path, str] | None:
        """Return the path and the text of the included file; `None` if it cannot be included."""
        typed = (match["comment"] or match["link"] or "").strip().strip("\"'")
        try:
            target = self._target(typed, path)
            return target, self._text(target, stack)
        except _Refused as refused:
            position = Position(name, number, len(match["indent"]) + 1)
            expected = "expected a text file in the folder of this file, or below it"
            message = f"cannot include {typed[:100]!r}: {refused}; {expected}"
            self._expansion.messages.append(messages.NOT_INCLUDED.message(position, message))
            return None

    def _target(self, typed: str, path: Path) -> Path:
        """Return the path of an included file, which is in the folder of the including file."""
        if _SCHEME.match(typed):
            raise _Refused("it is a URL")
        relative = Path(typed)
        if not typed or "\0" in typed or relative.is_absolute() or ".." in relative.parts:
            raise _Refused("the path leaves the folder")
        target = path.parent / relative
        try:
            inside = target.resolve().is_relative_to(path.parent.resolve())
        except (OSError, RuntimeError):
            inside = False
        if not inside:
            raise _Refused("the path leaves the folder through a link")
        self._expansion.paths.append(target)
        return target

    def _text(self, target: Path, stack: tuple[Path, ...]) -> str:
        if target.resolve() in stack:
            raise _Refused("it includes itself")
        if len(stack) > MAX_DEPTH:
            raise _Refused(f"the files are nested more than {MAX_DEPTH} deep")
        self._count += 1
        if self._count > MAX_FILES:
            raise _Refused(f"the blueprint has more than {MAX_FILES} includes")
        try:
            data = read_bytes(target)
        except OSError as error:
            raise _Refused(f"the file cannot be read: {error.strerror}") from error
        text, decoding_messages = decode(data, display_path(target))
        self._expansion.messages.extend(decoding_messages)
        self._characters += len(text)
        if self._characters > MAX_CHARACTERS:
            raise _Refused(f"the included files have more than {MAX_CHARACTERS} characters")
        # The line break at the end of a file is not a line of it.
        return text.removesuffix("\n").removesuffix("\r")
