"""Records: `fixtures/API/records/COLLECTION.yaml`, read and written, and the fixtures' date. Faker is not needed for it."""

import math
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockserver.contract.lifecycles import is_stamp
from mockserver.errors import Fault, FaultsFound
from mockserver.formats import strict_yaml
from mockserver.formats.exact_json import require_exact
from mockserver.formats.files import visible
from mockserver.formats.json_schema import show
from mockserver.formats.strict_yaml import Document
from mockserver.sandbox.clock import LATEST

_FIRST_LINE = "# Written by `mockserver fixtures` from recipes.yaml; a change by hand is drift (`mockserver fixtures --check`)."
_HEAD = re.compile(
    re.escape(_FIRST_LINE) + r"\n# seed (?P<seed>-?[0-9]+), count (?P<count>[0-9]+), locale (?P<locale>[A-Za-z_, ]+), "
    r"Faker (?P<faker>\S+)\n# blueprint sha256 (?P<blueprint_sha256>\S+)\n"
)
# Text that stands in YAML as it is: no indicator at its start, no `: ` or ` #` within, no space at its end.
_PLAIN = re.compile(r"[^\W_](?:[\w.,;()+/'’%&@!?–-]|:(?=[^\s:])| (?=[^\s#])|(?<=\S)#(?=\S))*")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
# What YAML's double quotes cannot hold, or an editor would not show.
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f-\xa0\xad\u2028\u2029\ufeff\ufffe\uffff]')
# YAML 1.2, section 8.2.2: a key that is longer needs a question mark of its own.
_LONGEST_KEY = 1000


@dataclass(frozen=True, slots=True)
class Collection:
    """The records of one file."""

    name: str
    records: tuple[dict[str, Any], ...]
    """In the order of the file."""
    document: Document
    """Where each of them stands."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the first lines of a file of records say: all that it takes to write the file again."""

    seed: int
    count: int
    locale: tuple[str, ...]
    faker: str
    """Version of Faker."""
    blueprint_sha256: str

    def __str__(self) -> str:
        made = f"# seed {self.seed}, count {self.count}, locale {', '.join(self.locale)}, Faker {self.faker}"
        return f"{_FIRST_LINE}\n{made}\n# blueprint sha256 {self.blueprint_sha256}\n"


def head_of(text: str) -> Head | None:
    """The head of a file of records; `None` for one that somebody wrote by hand."""
    found = _HEAD.match(text)
    if not found:
        return None
    locale = tuple(found["locale"].split(", "))
    return Head(int(found["seed"]), int(found["count"]), locale, found["faker"], found["blueprint_sha256"])


def read(folder: Path, shown_as: str) -> dict[str, Collection]:
    """The collections of an API's folder, by name; none where it has no records.

    Raises `FaultsFound` for all files at once, as far as they are no lists of mappings.
    """
    found: dict[str, Collection] = {}
    faults: list[Fault] = []
    for path in visible((folder / "records").glob("*.yaml")):
        try:
            document = strict_yaml.read(path, f"{shown_as}/records/{path.name}")
            found[path.stem] = _collection(path.stem, document)
        except FaultsFound as error:
            faults += error.faults
    if faults:
        raise FaultsFound(faults)
    return found


def _collection(name: str, document: Document) -> Collection:
    if not isinstance(document.value, list):
        raise FaultsFound([document.fault((), f"/: expected a list of records, got {show(document.value)}")])
    faults = [
        document.fault((index,), f"/{index}: expected a record (a mapping of members), got {show(item)}")
        for index, item in enumerate(document.value)
        if not isinstance(item, dict)
    ]
    if faults:
        raise FaultsFound(faults)
    return Collection(name, tuple(document.value), document)


def read_now(path: Path, shown_as: str) -> str:
    """The fixtures' date of a `recipes.yaml`, a stamp. Raises `FaultsFound` where there is none."""
    document = strict_yaml.read(path, shown_as)
    now = document.value.get("now") if isinstance(document.value, dict) else None
    if wrong := date_fault(now):
        raise FaultsFound([document.fault(("now",), wrong)])
    return str(now)


def date_fault(now: Any) -> str:
    """What is wrong with the fixtures' date, or nothing."""
    if is_stamp(now) and now <= LATEST:
        return ""
    return f"/now: expected the fixtures' date, YYYY-MM-DD HH:MM:SS, not after {LATEST}, got {show(now)}"


def render(records: Iterable[Mapping[str, Any]], head: Head | str = "") -> str:
    """Records as YAML: block style, one member a line, no line folded; the same bytes for the same records.

    Raises `ValueError` for a value that JSON does not have.
    """
    lines = [line for record in records for line in _item(record, 0)]
    return str(head) + ("".join(f"{line}\n" for line in lines) or "[]\n")


def _item(value: Any, depth: int) -> Iterator[str]:
    """An item of a list: its first line starts with the dash."""
    lines = iter(_block(value, depth + 2)) if isinstance(value, dict | list) and value else iter([scalar(value)])
    yield f"{' ' * depth}- {next(lines).lstrip()}"
    yield from lines


def _block(value: dict[str, Any] | list[Any], depth: int) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _item(item, depth)
        return
    for name, member in value.items():
        key = _key(name)
        start = f"{' ' * depth}{key}:" if len(key) < _LONGEST_KEY else f"{' ' * depth}? {key}\n{' ' * depth}:"
        if isinstance(member, dict | list) and member:
            yield start
            yield from _block(member, depth + 2)
        else:
            yield f"{start} {scalar(member)}"


def _key(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else quoted(name)


def scalar(value: Any) -> str:
    """A value on one line, where it is no filled object or list. Raises `ValueError` for a value that JSON does not have."""
    if isinstance(value, str):
        # A plain scalar that strict_yaml would read as a number, or as nothing, has to be quoted.
        return value if _PLAIN.fullmatch(value) and strict_yaml.is_text(value) else quoted(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is no value of JSON")
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return repr(require_exact(value))
    if isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]"
    raise ValueError(f"{value!r} is no value of JSON")


def quoted(text: str) -> str:
    """A text in YAML's double quotes."""
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    return _ESCAPES.get(character) or (f"\\u{ord(character):04x}")


def write(path: Path, text: str) -> None:
    """Write a file in one step: whoever reads it meanwhile sees the old one or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        # mkstemp makes files for their owner alone; records are for everyone who may read the folder.
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
