"""`mockserver fixtures`: generate records from the recipes, or report how the files differ from them."""

import argparse
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import unified_diff
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mockserver.contract import api_loader
from mockserver.contract.records import Head, head_of, render
from mockserver.errors import FileError, InvalidFiles, Position, UsageError, run_all, similar_name
from mockserver.formats import line_breaks
from mockserver.formats.files import (
    display_path,
    paths_in_folders,
    read_bytes,
    visible_paths,
    write_text,
)
from mockserver.formats.strict_yaml import MAX_BYTES
from mockserver.generation import recipes
from mockserver.generation.recipe_errors import recipe_errors
from mockserver.generation.recipes import (
    FAKER_VERSION,
    MAX_COUNT,
    GenerationSettings,
    Recipes,
    locale_error,
)
from mockserver.spec import blueprint

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
        return self.rendered(
            settings, recipes.generate(self.recipes.with_settings(settings), only, _progress)
        )

    def checked_texts(self, settings: GenerationSettings) -> dict[str, str]:
        """Return the text of all record files. Raises `InvalidFiles` also for recipes whose records violate the contract."""
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
        return {
            name: render(records, self.head(name, settings))
            for name, records in collections.items()
        }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--seed`, `--count`, `--locale` and `--check`."""
    parser.add_argument(
        "--seed", type=int, metavar="N", help="Seed to use instead of the one in recipes.yaml."
    )
    text = f"Number of records per collection, or of one collection; 0 to {MAX_COUNT}. Repeatable."
    parser.add_argument("--count", action="append", default=[], metavar="[COLLECTION=]N", help=text)
    text = "Faker locale, such as cs_CZ, instead of the one in recipes.yaml. Repeatable."
    parser.add_argument("--locale", action="append", default=[], metavar="xx_YY", help=text)
    text = "Write nothing; show how the files differ from what the recipes generate, and exit with 1 if they do."
    parser.add_argument("--check", action="store_true", help=text)


def run(args: argparse.Namespace) -> int:
    """Return 0 if the records are written or have no drift, and 1 for drift. Raises `InvalidFiles` or `UsageError`."""
    if args.check and (args.seed is not None or args.count or args.locale):
        raise UsageError(
            "--check reads seed, count and locale from each file header; omit --seed, --count and --locale"
        )
    messages = [message for name in args.locale if (message := locale_error(name))]
    if messages:
        raise UsageError("\n".join(f"--locale: {message}" for message in messages))
    origins = _origins(args.schemas, args.fixtures)
    if not origins:
        raise UsageError(
            f"{display_path(args.fixtures)}: no recipes.yaml found; expected one in the folder of an API"
        )
    if args.check:
        # sum(), not any(): the drift of every API is reported.
        return 1 if sum(map(_check, origins)) else 0
    _write(origins, args)
    return 0


def _origins(schemas: Path, folder: Path) -> list[Origin]:
    origins: list[Origin] = []
    errors: list[FileError] = []
    for path in paths_in_folders(folder, "recipes.yaml"):
        name = path.parent.name
        try:
            api_recipes = recipes.read_recipes(path, display_path(path))
            digest = _sha256(schemas / name / f"{name}.apib")
            origins.append(Origin(api_recipes, path.parent / "records", schemas / name, digest))
        except InvalidFiles as error:
            errors += error.errors
    if errors:
        raise InvalidFiles(errors)
    return origins


def _sha256(path: Path) -> str:
    try:
        return blueprint.digest(read_bytes(path))
    except OSError as error:
        message = f"cannot read the blueprint: {error.strerror}; its sha256 is part of each record file's header"
        raise InvalidFiles([FileError(Position(display_path(path)), message)]) from error


def _progress(name: str, count: int, records: Iterable[Any]) -> Iterable[Any]:
    """Show a progress bar for many records if stderr is a terminal."""
    return tqdm(
        records,
        desc=name,
        total=count,
        unit=" records",
        leave=False,
        disable=None if count >= _SLOW else True,
    )


def _write(origins: list[Origin], args: argparse.Namespace) -> None:
    """Generate all records before the first file is written, so that an error changes no file."""
    counts = _counts(
        args.count, {name for origin in origins for name in origin.recipes.settings.counts}
    )
    texts: dict[Path, str] = {}
    for origin, collection_texts in zip(
        origins, _checked_texts(origins, args, counts), strict=True
    ):
        texts |= {origin.path(name): text for name, text in collection_texts.items()}
    for path, text in texts.items():
        size = len(text.encode())
        if size > MAX_BYTES:
            message = f"would be {size} bytes, more than the maximum of {MAX_BYTES}; use a smaller --count"
            raise UsageError(f"{display_path(path)}: {message}")
    for path, text in texts.items():
        old = _bytes(path).decode("utf-8", errors="replace")
        is_unchanged = _with_head_version(head_of(old), text) == old
        if not is_unchanged:
            _replace(path, text)
        head = head_of(text)
        count = head.count if head else 0
        result = "unchanged" if is_unchanged else "written"
        print(f"{display_path(path)}: {count} records, {result}")


def _checked_texts(
    origins: list[Origin], args: argparse.Namespace, counts: Mapping[str, int]
) -> list[dict[str, str]]:
    """Return the record files of each origin. Raises the errors of all origins together."""
    return run_all(
        *(
            partial(each.checked_texts, _settings(each.recipes.settings, args, counts))
            for each in origins
        )
    )


def _replace(path: Path, text: str) -> None:
    try:
        write_text(path, text)
    except OSError as error:
        raise UsageError(
            f"{display_path(path)}: {error.strerror}; expected a writable folder"
        ) from error


def _settings(
    defaults: GenerationSettings, args: argparse.Namespace, counts: Mapping[str, int]
) -> GenerationSettings:
    all_counts = {
        name: counts.get(name, counts.get("", count)) for name, count in defaults.counts.items()
    }
    seed = defaults.seed if args.seed is None else args.seed
    return GenerationSettings(seed, tuple(args.locale) or defaults.locale, all_counts)


def _counts(words: list[str], collections: set[str]) -> dict[str, int]:
    """Return collection to count; the empty name means every other collection. Raises `UsageError`."""
    counts: dict[str, int] = {}
    for word in words:
        name, equals, number = word.rpartition("=")
        if (
            not (number.isascii() and number.isdecimal())
            or int(number) > MAX_COUNT
            or (equals and not name)
        ):
            raise UsageError(f"--count {word}: expected N or COLLECTION=N, N from 0 to {MAX_COUNT}")
        if name and name not in collections:
            expected = similar_name(name, collections) or " or ".join(sorted(collections))
            raise UsageError(f"--count {word}: unknown collection {name}; expected {expected}")
        counts[name] = int(number)
    return counts


def _with_head_version(head: Head | None, text: str) -> str:
    """Return `text` with the Faker version of `head`: equal records are unchanged in every version."""
    new_head = head_of(text)
    if head is None or new_head is None:
        return text
    return str(replace(new_head, faker=head.faker)) + text.removeprefix(str(new_head))


def _check(origin: Origin) -> bool:
    """Print how the record files differ from the recipes. Return whether any does."""
    drifts = _drifts(origin)
    for path, drift in drifts.items():
        for line in drift or ["no drift"]:
            is_diff = line.startswith(("@@", "+", "-", " "))
            print(line if is_diff else f"{display_path(path)}: {line}")
    return any(drifts.values())


def _drifts(origin: Origin) -> dict[Path, list[str]]:
    """Return the differences of each record file; none for a file without drift."""
    texts = {name: _text(origin.path(name)) for name in origin.recipes.settings.counts}
    counts = dict(origin.recipes.settings.counts)
    for name, text in texts.items():
        head = head_of(text)
        if head:
            counts[name] = head.count
    drifts = {origin.path(name): _drift(origin, name, text, counts) for name, text in texts.items()}
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
        return [
            "the file header is missing or invalid; run `mockserver fixtures` or remove the recipe"
        ]
    messages = [message for name in head.locale if (message := locale_error(name))]
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
        lines += _difference(
            old_records.split("\n"), new_records.split("\n"), len(str(head).splitlines())
        )
    return lines


def _difference(old: list[str], new: list[str], above: int) -> Iterator[str]:
    """Yield a short diff. Only the part near the first difference is compared, because files may be long."""
    same = next(
        (i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)),
    )
    start, end = max(0, same - 3), same + 10 * _SHOWN_LINES
    diff = list(unified_diff(old[start:end], new[start:end], n=2, lineterm=""))[2:]
    yield from islice((_with_position(line, start + above) for line in diff), _SHOWN_LINES)
    if len(diff) > _SHOWN_LINES or old[end:] != new[end:]:
        yield " … more differences may follow"


def _with_position(line: str, above: int) -> str:
    """Return the hunk header with the line number in the file, not in the compared part."""
    if not line.startswith("@@"):
        return line
    line_number = int(line.split()[1].lstrip("-").split(",")[0])
    return f"@@ line {line_number + above} @@"
