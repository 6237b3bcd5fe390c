"""`mockserver fixtures`: generate records from the recipes.

With `--check` it reports how the files differ from the recipes.
"""

import argparse
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from mockserver.cli.record_files import Origin, drifts_of, is_current, locale_errors
from mockserver.config.similar_names import similar_name
from mockserver.contract.records import head_of
from mockserver.errors import FileMessage, InvalidFiles, Position, UsageError, run_all
from mockserver.formats.files import (
    display_path,
    paths_in_folders,
    read_bytes,
    write_text,
)
from mockserver.formats.strict_yaml import MAX_BYTES
from mockserver.generation import recipes
from mockserver.generation.recipes import (
    MAX_COUNT,
    GenerationSettings,
)
from mockserver.spec.blueprint_files import read_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--seed`, `--count`, `--locale` and `--check`."""
    parser.add_argument(
        "--seed", type=int, metavar="N", help="Seed to use instead of the one in recipes.yaml."
    )
    text = f"Number of records per collection, or of one collection; 0 to {MAX_COUNT}. Repeatable."
    parser.add_argument("--count", action="append", default=[], metavar="[COLLECTION=]N", help=text)
    text = "Faker locale, such as cs_CZ, instead of the one in recipes.yaml. Repeatable."
    parser.add_argument("--locale", action="append", default=[], metavar="xx_YY", help=text)
    text = "Write nothing. Show how the files differ from the recipes. Exit with 1 for drift."
    parser.add_argument("--check", action="store_true", help=text)


def run(args: argparse.Namespace) -> int:
    """Write the records, or check the files.

    Return 0, or 1 for drift. Raises `InvalidFiles` or `UsageError`.
    """
    if args.check and (args.seed is not None or args.count or args.locale):
        raise UsageError(
            "--check reads seed, count and locale from each file header; "
            "omit --seed, --count and --locale"
        )
    messages = locale_errors(args.locale)
    if messages:
        raise UsageError("\n".join(f"--locale: {message}" for message in messages))
    origins = _origins(args.schemas, args.fixtures)
    if not origins:
        raise UsageError(
            f"{display_path(args.fixtures)}: no recipes.yaml found; "
            "expected one in the folder of an API"
        )
    if args.check:
        return _check(origins)
    _write(origins, args)
    return 0


def _origins(schemas: Path, folder: Path) -> list[Origin]:
    origins: list[Origin] = []
    errors: list[FileMessage] = []
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
        read_bytes(path)
    except OSError as error:
        message = f"cannot read the blueprint: {error.strerror}"
        reason = "its sha256 is part of each record file's header"
        position = Position(display_path(path))
        raise InvalidFiles([FileMessage(position, f"{message}; {reason}")]) from error
    return read_folder(path.parent).sha256


def _write(origins: list[Origin], args: argparse.Namespace) -> None:
    """Generate all records before the first file is written: an error changes no file."""
    collections: set[str] = set()
    for origin in origins:
        collections.update(origin.recipes.settings.counts)
    counts = _counts(args.count, collections)
    texts: dict[Path, str] = {}
    all_texts = _checked_texts(origins, args, counts)
    for origin, collection_texts in zip(origins, all_texts, strict=True):
        for name, text in collection_texts.items():
            texts[origin.path(name)] = text
    for path, text in texts.items():
        _check_size(path, text)
    for path, text in texts.items():
        _write_records(path, text)


def _checked_texts(
    origins: list[Origin], args: argparse.Namespace, counts: Mapping[str, int]
) -> list[dict[str, str]]:
    """Return the record files of each origin. Raises the errors of all origins together."""
    steps = []
    for origin in origins:
        settings = _settings(origin.recipes.settings, args, counts)
        steps.append(partial(origin.checked_texts, settings))
    return run_all(*steps)


def _check_size(path: Path, text: str) -> None:
    size = len(text.encode())
    if size > MAX_BYTES:
        message = f"would be {size} bytes, more than the maximum of {MAX_BYTES}"
        raise UsageError(f"{display_path(path)}: {message}; use a smaller --count")


def _write_records(path: Path, text: str) -> None:
    """Write a record file if its records or its header change."""
    result = "unchanged"
    if not is_current(path, text):
        result = "written"
        _replace(path, text)
    head = head_of(text)
    count = head.count if head else 0
    print(f"{display_path(path)}: {count} records, {result}")


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
    all_counts = {}
    for name, count in defaults.counts.items():
        all_counts[name] = counts.get(name, counts.get("", count))
    seed = defaults.seed if args.seed is None else args.seed
    return GenerationSettings(seed, tuple(args.locale) or defaults.locale, all_counts)


def _counts(options: list[str], collections: set[str]) -> dict[str, int]:
    """Return the counts of `--count`, by collection. Raises `UsageError`.

    The empty name means every other collection.
    """
    counts: dict[str, int] = {}
    for option in options:
        name, equals, number = option.rpartition("=")
        is_count = number.isascii() and number.isdecimal() and int(number) <= MAX_COUNT
        if not is_count or (equals and not name):
            expected = f"expected N or COLLECTION=N, N from 0 to {MAX_COUNT}"
            raise UsageError(f"--count {option}: {expected}")
        if name and name not in collections:
            expected = similar_name(name, collections) or " or ".join(sorted(collections))
            raise UsageError(f"--count {option}: unknown collection {name}; expected {expected}")
        counts[name] = int(number)
    return counts


def _check(origins: list[Origin]) -> int:
    """Print how the record files of all APIs differ from the recipes. Return 1 if one does."""
    exit_code = 0
    for origin in origins:
        for path, drift in drifts_of(origin).items():
            _print_drift(path, drift or ["no drift"])
            if drift:
                exit_code = 1
    return exit_code


def _print_drift(path: Path, lines: list[str]) -> None:
    for line in lines:
        if line.startswith(("@@", "+", "-", " ")):
            print(line)
        else:
            print(f"{display_path(path)}: {line}")
