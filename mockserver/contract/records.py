"""Read and render `fixtures/API/records/COLLECTION.yaml`, and read the fixtures' date. Faker is not needed."""

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
    re.escape(_FIRST_LINE)
    + r"\n# seed (?P<seed>-?[0-9]+), count (?P<count>[0-9]+), locale (?P<locale>[A-Za-z_, ]+), "
    r"Faker (?P<faker>\S+)\n# blueprint sha256 (?P<blueprint_sha256>\S+)\n"
)


@dataclass(frozen=True, slots=True)
class Collection:
    """The records of one file."""

    name: str
    records: tuple[dict[str, Any], ...]
    """In the order of the file."""
    document: Document
    """The document, for positions."""


@dataclass(frozen=True, slots=True)
class Head:
    """The header of a record file: everything needed to generate the file again."""

    seed: int
    count: int
    locale: tuple[str, ...]
    faker: str
    """Version of Faker."""
    blueprint_sha256: str

    def __str__(self) -> str:
        settings = f"# seed {self.seed}, count {self.count}, locale {', '.join(self.locale)}, Faker {self.faker}"
        return f"{_FIRST_LINE}\n{settings}\n# blueprint sha256 {self.blueprint_sha256}\n"


def head_of(text: str) -> Head | None:
    """Return the header of a record file; `None` for a file that was written by hand."""
    match = _HEAD.match(text)
    if not match:
        return None
    locale = tuple(match["locale"].split(", "))
    return Head(
        int(match["seed"]), int(match["count"]), locale, match["faker"], match["blueprint_sha256"]
    )


def read_collections(folder: Path, shown_as: str) -> dict[str, Collection]:
    """Return the collections of an API's folder, by name.

    Raises `InvalidFiles` for all files that are not lists of mappings.
    """
    collections: dict[str, Collection] = {}
    errors: list[FileError] = []
    for path in visible_paths((folder / "records").glob("*.yaml")):
        try:
            document = strict_yaml.read_yaml(path, f"{shown_as}/records/{path.name}")
            collections[path.stem] = _collection(path.stem, document)
        except InvalidFiles as error:
            errors += error.errors
    if errors:
        raise InvalidFiles(errors)
    return collections


def _collection(name: str, document: Document) -> Collection:
    if not isinstance(document.value, list):
        raise InvalidFiles(
            [
                document.file_error(
                    (), f"/: expected a list of records, got {abbreviated_json(document.value)}"
                )
            ]
        )
    errors = [
        document.file_error(
            (index,), f"/{index}: expected a record (a mapping), got {abbreviated_json(item)}"
        )
        for index, item in enumerate(document.value)
        if not isinstance(item, dict)
    ]
    if errors:
        raise InvalidFiles(errors)
    return Collection(name, tuple(document.value), document)


def read_now(path: Path, shown_as: str) -> str:
    """Return the fixtures' date of a `recipes.yaml`, a timestamp. Raises `InvalidFiles` without a valid one."""
    document = strict_yaml.read_yaml(path, shown_as)
    now = document.value.get("now") if isinstance(document.value, dict) else None
    message = date_error(now)
    if message:
        raise InvalidFiles([document.file_error(("now",), message)])
    return str(now)


def date_error(now: Any) -> str:
    """Return the error of an invalid fixtures' date; empty for a valid one."""
    if is_timestamp(now) and now <= LATEST:
        return ""
    return f"/now: expected a timestamp YYYY-MM-DD HH:MM:SS, not after {LATEST}, got {abbreviated_json(now)}"


def render(records: Iterable[Mapping[str, Any]], head: Head | str = "") -> str:
    """Return records as YAML in block style, one member per line; the same bytes for the same records.

    Raises `ValueError` for a value that is not JSON.
    """
    lines = [line for record in records for line in item_lines(record, 0)]
    return str(head) + ("".join(f"{line}\n" for line in lines) or "[]\n")


LABELS = ("name", "title", "label", "subject")
"""Members with a name for people; the first that the records have counts."""


def label_of(records: Iterable[Mapping[str, Any]]) -> str | None:
    """Return the member with a name for people; `None` if the records have none."""
    members = {
        name for record in records for name, value in record.items() if isinstance(value, str)
    }
    return next((name for name in LABELS if name in members), None)
