"""The record files of an API: their text, and how the files differ from it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mockserver.contract import api_loader
from mockserver.contract.records import Head, head_of, render
from mockserver.errors import InvalidFiles
from mockserver.formats import line_breaks
from mockserver.formats.files import read_bytes, visible_paths
from mockserver.generation import recipes
from mockserver.generation.recipe_errors import recipe_errors
from mockserver.generation.recipes import (
    FAKER_VERSION,
    GenerationSettings,
    Recipes,
    locale_error,
)

_SHOWN_LINES = 24
_SLOW = 2000
"""The number of records from which a progress bar is shown."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The recipes of one API, and the files that its records depend on."""

    recipes: Recipes
    folder: Path
    """The folder of the records."""
    schemas: Path
    """The folder of the blueprint and its schemas."""
    blueprint_sha256: str

    def path(self, collection: str) -> Path:
        """Return the path of the records of a collection."""
        return self.folder / f"{collection}.yaml"

    def head(self, collection: str, settings: GenerationSettings) -> Head:
        """Return the header of that file."""
        count = settings.counts[collection]
        return Head(settings.seed, count, settings.locale, FAKER_VERSION, self.blueprint_sha256)

    def texts(self, settings: GenerationSettings, only: Iterable[str] = ()) -> dict[str, str]:
        """Return the text of each record file, by collection. Raises `InvalidFiles`."""
        records = recipes.generate(self.recipes.with_settings(settings), only, _progress)
        return self.rendered(settings, records)

    def checked_texts(self, settings: GenerationSettings) -> dict[str, str]:
        """Return the text of all record files.

        Raises:
            InvalidFiles: A value cannot be made, or records violate the contract.
        """
        checks = api_loader.collection_checks(self.schemas, self.folder.parent)
        records = recipes.generate(self.recipes.with_settings(settings), (), _progress)
        errors = list(recipe_errors(self.recipes, records, checks))
        if errors:
            raise InvalidFiles(errors)
        return self.rendered(settings, records)

    def rendered(
        self, settings: GenerationSettings, collections: Mapping[str, Any]
    ) -> dict[str, str]:
        """Return the records of these collections as the text of their files."""
        texts = {}
        for name, records in collections.items():
            texts[name] = render(records, self.head(name, settings))
        return texts


def _progress(name: str, count: int, records: Iterable[Any]) -> Iterable[Any]:
    """Show a progress bar for many records if stderr is a terminal."""
    if count < _SLOW:
        return records
    # `disable=None` hides the bar where stderr is not a terminal.
    return tqdm(records, desc=name, total=count, unit=" records", leave=False, disable=None)


def locale_errors(names: Iterable[str]) -> list[str]:
    """Return an error for each invalid locale."""
    return [message for message in map(locale_error, names) if message]


def is_current(path: Path, text: str) -> bool:
    """Return whether a record file has this text, apart from the version of Faker."""
    old = _bytes(path).decode("utf-8", errors="replace")
    return _with_head_version(head_of(old), text) == old


def _with_head_version(head: Head | None, text: str) -> str:
    """Return `text` with the Faker version of `head`.

    A file with equal records is not written again for another version of Faker.
    """
    new_head = head_of(text)
    if head is None or new_head is None:
        return text
    return str(replace(new_head, faker=head.faker)) + text.removeprefix(str(new_head))


def drifts_of(origin: Origin) -> dict[Path, list[str]]:
    """Return the differences of each record file; none for a file without drift."""
    counts = dict(origin.recipes.settings.counts)
    texts: dict[str, str] = {}
    for name in origin.recipes.settings.counts:
        texts[name] = _text(origin.path(name))
        head = head_of(texts[name])
        if head:
            counts[name] = head.count
    drifts: dict[Path, list[str]] = {}
    for name, text in texts.items():
        drifts[origin.path(name)] = _drift(origin, name, text, counts)
    for path in visible_paths(origin.folder.glob("*.yaml")):
        if path not in drifts and head_of(_text(path)):
            drifts[path] = ["no recipe generates this collection; remove the file or add a recipe"]
    for path, drift in drifts.items():
        content = _bytes(path)
        if content != line_breaks.unix_line_breaks(content):
            drift.append(line_breaks.ADVICE)
    return drifts


def _text(path: Path) -> str:
    """Return the text of a record file with LF line breaks; empty without a file."""
    return line_breaks.unix_line_breaks(_bytes(path)).decode("utf-8", errors="replace")


def _bytes(path: Path) -> bytes:
    return read_bytes(path) if path.exists() else b""


def _drift(origin: Origin, name: str, old: str, counts: Mapping[str, int]) -> list[str]:
    """Return a line for each difference of one collection."""
    if not old:
        return ["missing; run `mockserver fixtures`"]
    head = head_of(old)
    if head is None:
        advice = "run `mockserver fixtures` or remove the recipe"
        return [f"the file header is missing or invalid; {advice}"]
    messages = locale_errors(head.locale)
    if messages:
        return messages
    lines = []
    if head.blueprint_sha256 != origin.blueprint_sha256:
        versions = f"{head.blueprint_sha256[:12]}…, now {origin.blueprint_sha256[:12]}…"
        lines.append(f"generated for another version of the blueprint (sha256 {versions})")
    settings = GenerationSettings(head.seed, head.locale, counts)
    new = origin.texts(settings, [name])[name]
    old_records = old.removeprefix(str(head))
    new_records = new.removeprefix(str(origin.head(name, settings)))
    if old_records != new_records:
        line = "differs from the recipes (- in the file, + from the recipes)"
        if head.faker != FAKER_VERSION:
            line += f"; generated with Faker {head.faker}, installed is Faker {FAKER_VERSION}"
        lines.append(line)
        head_length = len(str(head).splitlines())
        lines += _difference(old_records.split("\n"), new_records.split("\n"), head_length)
    return lines


def _difference(old: list[str], new: list[str], above: int) -> Iterator[str]:
    """Yield a short diff.

    Files may be long, so only the part near the first difference is compared.

    Args:
        old: The lines of the file below its header.
        new: The lines that the recipes generate.
        above: The number of lines in the header.
    """
    same = _equal_lines(old, new)
    start, end = max(0, same - 3), same + 10 * _SHOWN_LINES
    diff = list(unified_diff(old[start:end], new[start:end], n=2, lineterm=""))[2:]
    for line in diff[:_SHOWN_LINES]:
        yield _with_position(line, start + above)
    if len(diff) > _SHOWN_LINES or old[end:] != new[end:]:
        yield " … more differences may follow"


def _equal_lines(old: list[str], new: list[str]) -> int:
    """Return the number of equal lines at the start."""
    count = 0
    for old_line, new_line in zip(old, new, strict=False):
        if old_line != new_line:
            break
        count += 1
    return count


def _with_position(line: str, above: int) -> str:
    """Return the hunk header with the line number in the file, not in the compared part."""
    if not line.startswith("@@"):
        return line
    line_number = int(line.split()[1].lstrip("-").split(",")[0])
    return f"@@ line {line_number + above} @@"
