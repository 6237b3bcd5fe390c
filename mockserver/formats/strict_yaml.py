"""Read strict YAML: the reader reinterprets no text and drops no value.

The dialect has block and flow collections and scalars of YAML 1.2. Plain `null`, `true`, `false`
and JSON numbers have their JSON meaning. Every other scalar is a string (`no`, `012`,
`2017-01-01 15:35:00`). Duplicate keys, aliases, anchors, tags and a second document are errors,
and so is a file that exceeds the limits.
"""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple, cast

import yaml

from mockserver.errors import FileMessage, InvalidFiles, Position, Violation
from mockserver.formats import yaml_syntax_errors
from mockserver.formats.exact_json import INEXACT, is_exact
from mockserver.formats.files import read_bytes
from mockserver.formats.json_pointer import pointer_steps

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 40

Pointer = tuple[str | int, ...]
Mark = tuple[int, int]
_Collection = dict[str, Any] | list[Any]

_QUOTES = ("'", '"')
_WORDS = {"null": None, "~": None, "": None, "true": True, "false": False}
_NUMBER_STARTS = "-0123456789"
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
# Checked before parsing: the C and the Python loader report these differently, without a position.
# The set of the valid characters would take milliseconds to compile, at each start.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]"
)
# libyaml is several times faster. The wheels of PyYAML contain it; a build from source may not.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Document:
    """A YAML file: its value in JSON types, and the position of each value and key."""

    file: str
    value: Any
    text: str

    def position(self, pointer: Pointer = ()) -> Position:
        """Return where a value starts, or where its nearest parent starts if it is missing."""
        values = self._marks.values
        while pointer and pointer not in values:
            pointer = pointer[:-1]
        return Position(self.file, *values.get(pointer, (1, 1)))

    def key_position(self, pointer: Pointer) -> Position:
        """Return the position of a member's key. For an item of a list, return the item's."""
        keys = self._marks.keys
        if pointer not in keys:
            return self.position(pointer)
        return Position(self.file, *keys[pointer])

    @cached_property
    def _marks(self) -> "_Marks":
        """The positions, read when an error needs one, because large files have many positions."""
        builder = _Builder(self.file, _Marks({}, {}))
        builder.take_all(self.text)
        return builder.marks or _Marks({}, {})

    def file_error(self, pointer: Pointer, message: str) -> FileMessage:
        """Return an error at the value at this pointer."""
        return FileMessage(self.position(pointer), message)

    def file_errors(
        self, violations: Iterable[Violation], under: Pointer = ()
    ) -> list[FileMessage]:
        """Return violations as errors of this file. `under` points to the validated value."""
        return [self._error(violation, under) for violation in violations]

    def _error(self, violation: Violation, under: Pointer) -> FileMessage:
        pointer = under + self._steps(violation.pointer, under)
        if not pointer and self.value is None:
            return FileMessage(self.position(), f"the file is empty; expected {violation.expected}")
        text = "".join(f"/{step}" for step in pointer) or "/"
        position = self.position(pointer)
        if violation.schema_pointer.endswith("additionalProperties"):
            position = self.key_position(pointer)
        return FileMessage(
            position, f"{text}: expected {violation.expected}, got {violation.actual}"
        )

    def _steps(self, pointer: str, under: Pointer) -> Pointer:
        """Return the steps of a JSON pointer below `under`."""
        steps: Pointer = ()
        for step in pointer_steps(pointer):
            steps += (self._step(step, (*under, *steps)),)
        return steps

    def _step(self, step: str, parent: Pointer) -> str | int:
        """Return a step of digits as an index if the parent is a list with this item."""
        if step.isdecimal() and (*parent, int(step)) in self._marks.values:
            return int(step)
        return step


def read_yaml(path: Path, shown_as: str | None = None) -> Document:
    """Read a YAML file.

    Args:
        path: The file.
        shown_as: The name of the file in errors. Default: the path.

    Raises:
        InvalidFiles: The file cannot be read, is not UTF-8, or is not YAML of this dialect.
    """
    name = shown_as or str(path)
    try:
        data = read_bytes(path)
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        raise InvalidFiles([FileMessage(Position(name), message)]) from error
    return parse_yaml(data, name)


def parse_yaml(data: bytes, file: str) -> Document:
    """Parse YAML text. `file` is its name in errors.

    Raises:
        InvalidFiles: The text is not YAML of this dialect.
    """
    if len(data) > MAX_BYTES:
        message = f"the file has {len(data)} bytes; expected at most {MAX_BYTES}"
        raise InvalidFiles([FileMessage(Position(file), message)])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        position = Position(file, data.count(b"\n", 0, error.start) + 1)
        message = "the file is not valid UTF-8; expected UTF-8 text"
        raise InvalidFiles([FileMessage(position, message)]) from error
    if unprintable := _UNPRINTABLE.search(text):
        raise InvalidFiles([_unprintable_error(text, unprintable.start(), file)])
    builder = _Builder(file)
    with suppress(yaml.MarkedYAMLError, InvalidFiles):
        builder.take_all(text)
        if not builder.errors:
            return Document(file, builder.root, text)
    raise InvalidFiles(_errors(text, file))


def _errors(text: str, file: str) -> list[FileMessage]:
    """Return the errors of an invalid text, which is parsed again to collect the positions."""
    builder = _Builder(file, _Marks({}, {}))
    try:
        builder.take_all(text)
    except yaml.MarkedYAMLError as error:
        _refuse_depth_before(error, text, file)
        mark, message = yaml_syntax_errors.explain(error, text, builder.quote)
        position = Position(file, mark.line + 1, mark.column + 1)
        return [*builder.errors, FileMessage(position, f"invalid YAML: {message}")]
    return builder.errors


def _unprintable_error(text: str, index: int, file: str) -> FileMessage:
    line_start = text.rfind("\n", 0, index) + 1
    position = Position(file, text.count("\n", 0, index) + 1, index - line_start + 1)
    code = f"U+{ord(text[index]):04X}"
    message = f"the character {code} is not allowed in YAML"
    return FileMessage(position, f"{message}; remove it, or escape it in double quotes")


def _refuse_depth_before(error: yaml.MarkedYAMLError, text: str, file: str) -> None:
    """Raise `InvalidFiles` if the text before a syntax error is nested too deeply.

    The parser reads up to 1,024 characters ahead of its events. libyaml 0.2.6 (in PyYAML 6.0.4)
    fails there at 1,000 levels, before any event shows where the text exceeds our limit.
    """
    for mark in (error.problem_mark, error.context_mark):
        if mark:
            with suppress(yaml.YAMLError):
                _Builder(file, _Marks({}, {})).take_all(text[: mark.index])


class _Marks(NamedTuple):
    """The positions of the values and keys of a document."""

    values: dict[Pointer, Mark]
    keys: dict[Pointer, Mark]


class _Builder:
    """Builds values from YAML events, without recursion."""

    def __init__(self, file: str, marks: _Marks | None = None) -> None:
        """Build the values of a file.

        Args:
            file: The name of the file in errors.
            marks: Where to collect the positions. `None`: do not collect them.
        """
        self.file = file
        self.marks = marks
        self.root: Any = None
        self.errors: list[FileMessage] = []
        self.quote: Any = None
        """The last event, if it is text in quotes."""
        self._documents = 0
        self._collection: _Collection | None = None
        """The innermost collection that is open."""
        self._pointer: Pointer = ()
        self._key: str | None = None
        """The key of the member whose value is next. `None` if a key or an item is next."""
        self._outer: list[tuple[_Collection | None, Pointer, str | None]] = []
        """The collections around the innermost one, each with its pointer and its next key."""

    def take_all(self, text: str) -> None:
        """Build the values of a text."""
        methods: dict[type, Callable[[Any], None]] = {
            yaml.DocumentStartEvent: self._begin_document,
            yaml.AliasEvent: self._alias,
            yaml.MappingStartEvent: self._begin_mapping,
            yaml.SequenceStartEvent: self._begin_sequence,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.ScalarEvent: self._scalar,
        }
        for event in yaml.parse(text, Loader=_Loader):
            method = methods.get(type(event))
            if method:
                method(event)

    def _begin_document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self._refuse(event, "second document in the file; expected one document")

    def _alias(self, event: Any) -> None:
        self._refuse(event, f"alias *{event.anchor} is not supported; write the value")
        self._put(None, event)

    def _begin_mapping(self, event: Any) -> None:
        self._begin({}, event)

    def _begin_sequence(self, event: Any) -> None:
        self._begin([], event)

    def _begin(self, collection: _Collection, event: Any) -> None:
        if event.anchor or event.tag:
            self._refuse_marks(event)
        pointer = self._put(collection, event)
        self._outer.append((self._collection, self._pointer, self._key))
        self._collection, self._pointer, self._key = collection, pointer, None
        if len(self._outer) > MAX_DEPTH:
            self._refuse(event, f"nested deeper than {MAX_DEPTH} levels")
            raise InvalidFiles(self.errors)

    def _end(self, _event: Any) -> None:
        self._collection, self._pointer, self._key = self._outer.pop()

    def _scalar(self, event: Any) -> None:
        if event.anchor or event.tag:
            self._refuse_marks(event)
        self.quote = event if event.style in _QUOTES else None
        if self._key is None and type(self._collection) is dict:
            self._begin_member(event)
        else:
            value = self._plain(event) if event.implicit[0] else event.value
            self._put(value, event)

    def _plain(self, event: Any) -> Any:
        try:
            return parse_scalar(event.value)
        except ValueError as error:
            self._refuse(event, str(error))
            return None

    def _begin_member(self, event: Any) -> None:
        key = event.value
        if key in cast("dict[str, Any]", self._collection):
            line = self._line_of_key(key)
            self._refuse(event, f"duplicate key {key!r} (first defined on line {line})")
        elif self.marks:
            self.marks.keys[(*self._pointer, key)] = _mark_of(event)
        self._key = key

    def _line_of_key(self, key: str) -> int:
        """Return the line of a key of the open object; 0 if positions are not collected."""
        if self.marks is None:
            return 0
        line, _ = self.marks.keys.get((*self._pointer, key), (0, 0))
        return line

    def _put(self, value: Any, event: Any) -> Pointer:
        """Put a value into the open collection, and return its pointer.

        The pointer is empty if positions are not collected.
        """
        collection, step = self._collection, self._key
        index: str | int | None = step
        if collection is None:
            if self._documents == 1:
                self.root = value
                self._mark((), event)
            return ()
        if isinstance(collection, list):
            index = len(collection)
            collection.append(value)
        elif step is None:
            self._refuse(event, "invalid key: a list or an object; expected text")
            self._key = ""
            return self._pointer
        else:
            collection.setdefault(step, value)
            self._key = None
        if self.marks is None or index is None:
            return ()
        return self._mark((*self._pointer, index), event)

    def _mark(self, pointer: Pointer, event: Any) -> Pointer:
        if self.marks:
            self.marks.values.setdefault(pointer, _mark_of(event))
        return pointer

    def _refuse_marks(self, event: Any) -> None:
        if event.anchor:
            message = f"anchor &{event.anchor} is not supported"
            self._refuse(event, f"{message}; write the value where it is needed")
        if event.tag:
            self._refuse(event, f"tag {event.tag} is not supported; expected a plain value")

    def _refuse(self, event: Any, message: str) -> None:
        self.errors.append(FileMessage(Position(self.file, *_mark_of(event)), message))


def _mark_of(event: Any) -> Mark:
    return event.start_mark.line + 1, event.start_mark.column + 1


def parse_scalar(text: str) -> Any:
    """Return the JSON value of a scalar without quotes: null, a boolean, a number, else its text.

    Raises:
        ValueError: The number is out of range.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if _INTEGER.fullmatch(text):
        if not is_exact(text):
            raise ValueError(INEXACT)
        return int(text)
    if not _NUMBER.fullmatch(text):
        return text
    number = float(text)
    # A number that is too large for a float becomes infinity, which JSON does not have.
    if not isfinite(number):
        message = f"number out of range: {text[:60]}"
        raise ValueError(f"{message}; expected a smaller number, or text in quotes")
    return number


def is_text(text: str) -> bool:
    """Return whether a scalar without quotes is read as text."""
    try:
        return bool(parse_scalar(text) == text)
    except ValueError:
        return False
