"""Records: `fixtures/API/records/COLLECTION.yaml`, read and written, and the fixtures' date. Faker is not needed for it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockserver.contract.timestamps import LATEST, is_timestamp
from mockserver.errors import FileError, InvalidFiles
from mockserver.formats import strict_yaml
from mockserver.formats.files import visible_paths
from mockserver.formats.json_text import abbreviated_json
from mockserver.formats.strict_yaml import Document
from mockserver.formats.yaml_writer import item_lines

_FIRST_LINE = "# Written by `mockserver fixtures` from recipes.yaml; a change by hand is drift (`mockserver fixtures --check`)."
_HEAD = re.compile(
    re.escape(_FIRST_LINE) + r"\n# seed (?P<seed>-?[0-9]+), count (?P<count>[0-9]+), locale (?P<locale>[A-Za-z_, ]+), "
    r"Faker (?P<faker>\S+)\n# blueprint sha256 (?P<blueprint_sha256>\S+)\n"
)


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


def read_collections(folder: Path, shown_as: str) -> dict[str, Collection]:
    """The collections of an API's folder, by name; none where it has no records.

    Raises `FaultsFound` for all files at once, as far as they are no lists of mappings.
    """
    found: dict[str, Collection] = {}
    faults: list[FileError] = []
    for path in visible_paths((folder / "records").glob("*.yaml")):
        try:
            document = strict_yaml.read_yaml(path, f"{shown_as}/records/{path.name}")
            found[path.stem] = _collection(path.stem, document)
        except InvalidFiles as error:
            faults += error.errors
    if faults:
        raise InvalidFiles(faults)
    return found


def _collection(name: str, document: Document) -> Collection:
    if not isinstance(document.value, list):
        raise InvalidFiles([document.file_error((), f"/: expected a list of records, got {abbreviated_json(document.value)}")])
    faults = [
        document.file_error((index,), f"/{index}: expected a record (a mapping), got {abbreviated_json(item)}")
        for index, item in enumerate(document.value)
        if not isinstance(item, dict)
    ]
    if faults:
        raise InvalidFiles(faults)
    return Collection(name, tuple(document.value), document)


def read_now(path: Path, shown_as: str) -> str:
    """The fixtures' date of a `recipes.yaml`, a stamp. Raises `FaultsFound` where there is none."""
    document = strict_yaml.read_yaml(path, shown_as)
    now = document.value.get("now") if isinstance(document.value, dict) else None
    if wrong := date_error(now):
        raise InvalidFiles([document.file_error(("now",), wrong)])
    return str(now)


def date_error(now: Any) -> str:
    """What is wrong with the fixtures' date, or nothing."""
    if is_timestamp(now) and now <= LATEST:
        return ""
    return f"/now: expected a timestamp YYYY-MM-DD HH:MM:SS, not after {LATEST}, got {abbreviated_json(now)}"


def render(records: Iterable[Mapping[str, Any]], head: Head | str = "") -> str:
    """Records as YAML: block style, one member a line, no line folded; the same bytes for the same records.

    Raises `ValueError` for a value that JSON does not have.
    """
    lines = [line for record in records for line in item_lines(record, 0)]
    return str(head) + ("".join(f"{line}\n" for line in lines) or "[]\n")


LABELS = ("name", "title", "label", "subject")
"""Members that name a record to people; the first that the records have counts."""


def label_of(records: Iterable[Mapping[str, Any]]) -> str | None:
    """The member that names a record to people; `None` where the records have none."""
    members = {name for record in records for name, value in record.items() if isinstance(value, str)}
    return next((name for name in LABELS if name in members), None)
