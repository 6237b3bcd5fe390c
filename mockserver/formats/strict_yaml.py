"""YAML as users write it, read strictly: what YAML would quietly reinterpret is text, what it would quietly drop is a fault.

Of YAML 1.2 this takes block and flow collections and scalars. Plain `null`, `true`, `false` and JSON's numbers have their
JSON meaning; every other scalar is a string (`no`, `012`, `2017-01-01 15:35:00`). Duplicate keys, aliases, anchors, tags
and several documents in one file are faults, as is anything deeper or longer than the limits.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from mockserver.errors import FileError, InvalidFiles, Position, Violation
from mockserver.formats.exact_json import INEXACT, is_exact
from mockserver.formats.files import read_bytes
from mockserver.formats.json_pointer import pointer_steps

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 40

Pointer = tuple[str | int, ...]
Mark = tuple[int, int]

_WORDS = {"null": None, "~": None, "": None, "true": True, "false": False}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
# Reading stops at these: the C and the Python loader describe them differently, and without a place.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
# libyaml is eight times faster; the wheels of PyYAML have it, a build from source may not.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML file: its value, in JSON's types, and where each part of it stands."""

    file: str
    value: Any
    values: Mapping[Pointer, Mark]
    keys: Mapping[Pointer, Mark]

    def position(self, pointer: Pointer = ()) -> Position:
        """Where the value at this pointer starts; for one that is not there, where its nearest parent does."""
        while pointer and pointer not in self.values:
            pointer = pointer[:-1]
        return Position(self.file, *self.values.get(pointer, (1, 1)))

    def key_position(self, pointer: Pointer) -> Position:
        """Where the key of the member at this pointer stands; for an item of a list, where the item does."""
        return Position(self.file, *self.keys[pointer]) if pointer in self.keys else self.position(pointer)

    def file_error(self, pointer: Pointer, message: str) -> FileError:
        """A fault of the value at this pointer."""
        return FileError(self.position(pointer), message)

    def file_errors(self, violations: Iterable[Violation], under: Pointer = ()) -> list[FileError]:
        """Violations of a schema by the value at `under`, as faults of this file, each with its JSON pointer."""
        return [self._error(violation, under) for violation in violations]

    def _error(self, violation: Violation, under: Pointer) -> FileError:
        pointer = under + self._steps(violation.pointer, under)
        text = "".join(f"/{step}" for step in pointer) or "/"
        place = self.key_position if violation.schema_pointer.endswith("additionalProperties") else self.position
        return FileError(place(pointer), f"{text}: expected {violation.expected}, got {violation.actual}")

    def _steps(self, pointer: str, under: Pointer) -> Pointer:
        steps: Pointer = ()
        for plain in pointer_steps(pointer):
            number = int(plain) if plain.isdecimal() else plain
            steps += (number if (*under, *steps, number) in self.values else plain,)
        return steps


def read_yaml(path: Path, shown_as: str | None = None) -> Document:
    """Read the file at `path`; faults call it `shown_as`.

    Raises `FaultsFound` when it is not there, is not UTF-8, is not YAML, or holds what this dialect refuses.
    """
    name = shown_as or str(path)
    try:
        data = read_bytes(path)
    except OSError as error:
        raise InvalidFiles([FileError(Position(name), f"the file cannot be read: {error.strerror}")]) from error
    return parse_yaml(data, name)


def parse_yaml(data: bytes, file: str) -> Document:
    """Read YAML text; `file` is its name in faults. Raises `FaultsFound`, see `read`."""
    if len(data) > MAX_BYTES:
        raise InvalidFiles([FileError(Position(file), f"the file has {len(data)} bytes, expected at most {MAX_BYTES}")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidFiles([FileError(Position(file, line), "expected UTF-8 text, got other bytes")]) from error
    if unprintable := _UNPRINTABLE.search(text):
        raise InvalidFiles([_unprintable_error(text, unprintable.start(), file)])
    builder = _Builder(file)
    try:
        builder.take_all(text)
    except yaml.MarkedYAMLError as error:
        _refuse_depth_before(error, text, file)
        raise InvalidFiles([*builder.errors, _syntax_error(error, text, file, builder.quote)]) from error
    if builder.errors:
        raise InvalidFiles(builder.errors)
    return Document(file, builder.root, builder.values, builder.keys)


def _unprintable_error(text: str, index: int, file: str) -> FileError:
    line_start = text.rfind("\n", 0, index) + 1
    at = Position(file, text.count("\n", 0, index) + 1, index - line_start + 1)
    code = f"U+{ord(text[index]):04X}"
    return FileError(at, f"the character {code} is not allowed in YAML; remove it, or escape it in double quotes")


def _refuse_depth_before(error: yaml.MarkedYAMLError, text: str, file: str) -> None:
    """Raise `FaultsFound` if the text before a syntax error is nested too deeply.

    The parser reads up to 1,024 characters ahead before it gives an event. libyaml 0.2.6 (in PyYAML 6.0.4)
    refuses 1,000 levels there, so that no event has shown yet where our own limit is exceeded.
    """
    for mark in (error.problem_mark, error.context_mark):
        if mark:
            with suppress(yaml.YAMLError):
                _Builder(file).take_all(text[: mark.index])


def _syntax_error(error: yaml.MarkedYAMLError, text: str, file: str, quote: Any) -> FileError:
    """Where text is not YAML; what is never closed is told where it opens. `quote` is the last event of quoted text, or none."""
    noticed: Any = error.problem_mark
    opened, problem, context = error.context_mark, str(error.problem), str(error.context)
    # The two loaders describe this one, the most frequent, with different words.
    if "cannot start any token" in problem:
        return _error_at(noticed, file, _invalid_start(text[noticed.index]))
    if quote and quote.start_mark.line < quote.end_mark.line == noticed.line:
        why = f"the quote that opens here closes in line {noticed.line + 1}, and what follows there is not YAML"
        return _error_at(quote.start_mark, file, f"{why}; close it where the text ends")
    if opened and (unclosed := _unclosed(problem, context, noticed.line - opened.line, noticed.line + 1)):
        return _error_at(opened, file, unclosed)
    if opened and "could not find expected ':'" in problem:
        noticed = opened  # where the text begins that would be a key
    return _error_at(noticed, file, " ".join(filter(None, [error.context, error.problem])))


def _unclosed(problem: str, context: str, lines_later: int, line: int) -> str:
    """What is not closed, if anything; it was noticed so many lines later, in this line."""
    if "quoted scalar" in context and ("end of stream" in problem or "document indicator" in problem):
        return "the quote that opens here is never closed"
    if "flow" in context and lines_later:
        return f"the bracket that opens here is not closed before line {line}; expected {']' if 'sequence' in context else '}'}"
    return ""


def _error_at(mark: Any, file: str, message: str) -> FileError:
    return FileError(Position(file, mark.line + 1, mark.column + 1), f"not YAML: {message}")


def _invalid_start(character: str) -> str:
    if character == "\t":
        return "a tab cannot indent; indent with spaces"
    return f"no value can start with {character!r}; put the value in quotes"


class _Builder:
    """Makes values from YAML's events, without recursion."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Any = None
        self.values: dict[Pointer, Mark] = {}
        self.keys: dict[Pointer, Mark] = {}
        self.errors: list[FileError] = []
        self.quote: Any = None
        """The last event of text in quotes."""
        self._documents = 0
        self._open: list[tuple[dict[str, Any] | list[Any], Pointer]] = []
        self._key: list[str | None] = []

    def take_all(self, text: str) -> None:
        for event in yaml.parse(text, Loader=_Loader):
            self.take(event)

    def take(self, event: Any) -> None:
        kind = type(event).__name__
        if kind == "DocumentStartEvent":
            self._documents += 1
            if self._documents > 1:
                self._refuse(event, "a second document in one file; expected one")
        elif kind == "AliasEvent":
            self._refuse(event, f"an alias (*{event.anchor}); write the value out")
            self._put(None, event)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self._refuse_marks(event)
            self._start({} if kind == "MappingStartEvent" else [], event)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._open.pop()
            self._key.pop()
        elif kind == "ScalarEvent":
            self._refuse_marks(event)
            self.quote = event if event.style in ("'", '"') else None
            self._scalar(event)

    def _start(self, collection: dict[str, Any] | list[Any], event: Any) -> None:
        pointer = self._put(collection, event)
        self._open.append((collection, pointer))
        self._key.append(None)
        if len(self._open) > MAX_DEPTH:
            place = Position(self.file, event.start_mark.line + 1, event.start_mark.column + 1)
            raise InvalidFiles([*self.errors, FileError(place, f"nested deeper than {MAX_DEPTH} levels")])

    def _scalar(self, event: Any) -> None:
        if self._open and isinstance(self._open[-1][0], dict) and self._key[-1] is None:
            self._begin_member(event)
        else:
            self._put(self._plain(event) if event.implicit[0] else event.value, event)

    def _plain(self, event: Any) -> Any:
        try:
            return parse_scalar(event.value)
        except ValueError as error:
            self._refuse(event, str(error))
            return None

    def _begin_member(self, event: Any) -> None:
        collection, pointer = self._open[-1]
        if event.value in collection:
            first = self.keys.get((*pointer, event.value), (0, 0))
            self._refuse(event, f"duplicate key {event.value!r}; it stands in line {first[0]} already")
        else:
            self.keys[(*pointer, event.value)] = _mark_of(event)
        self._key[-1] = event.value

    def _put(self, value: Any, event: Any) -> Pointer:
        if not self._open:
            if self._documents == 1:
                self.root = value
                self.values[()] = _mark_of(event)
            return ()
        collection, parent = self._open[-1]
        if isinstance(collection, list):
            pointer: Pointer = (*parent, len(collection))
            collection.append(value)
        elif (key := self._key[-1]) is None:
            self._refuse(event, "a collection as a key; expected a word")
            self._key[-1] = ""
            return parent
        else:
            pointer = (*parent, key)
            collection.setdefault(key, value)
            self._key[-1] = None
        self.values.setdefault(pointer, _mark_of(event))
        return pointer

    def _refuse_marks(self, event: Any) -> None:
        if event.anchor:
            self._refuse(event, f"an anchor (&{event.anchor}); write the value out where it is needed")
        if event.tag:
            self._refuse(event, f"a tag ({event.tag}); expected a plain value")

    def _refuse(self, event: Any, message: str) -> None:
        self.errors.append(FileError(Position(self.file, *_mark_of(event)), message))


def _mark_of(event: Any) -> Mark:
    return event.start_mark.line + 1, event.start_mark.column + 1


def parse_scalar(text: str) -> Any:
    """What a plain scalar, one without quotes, is read as: a value of JSON, or else its own text.

    Raises `ValueError` for a number that cannot be kept.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        if not is_exact(text):
            raise ValueError(INEXACT)
        return int(text)
    if not _NUMBER.fullmatch(text):
        return text
    # A number too large for a float would be infinite, which JSON does not have.
    if not isfinite(number := float(text)):
        raise ValueError(f"{text[:60]} is beyond what a number can be; expected a smaller one, or a text in quotes")
    return number


def is_text(text: str) -> bool:
    """Return whether a plain scalar is read as the text that it is."""
    try:
        return bool(parse_scalar(text) == text)
    except ValueError:
        return False
