"""Recipes: read `fixtures/API/recipes.yaml`, and generate records with Faker.

The file is data. The code of each kind of recipe is a row of `KINDS`.
Serving does not need this package.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mockserver.contract.lifecycles import Lifecycle, read_lifecycles
from mockserver.contract.records import date_error
from mockserver.errors import FileMessage, InvalidFiles
from mockserver.formats import strict_yaml
from mockserver.formats.exact_json import require_exact
from mockserver.formats.json_schema import MAPPING, Validator, closed_object
from mockserver.formats.strict_yaml import Document, Pointer
from mockserver.generation.recipes.basic import BASIC_KINDS
from mockserver.generation.recipes.faker_providers import VERSION, did_you_mean, locale_error
from mockserver.generation.recipes.lifecycle import LIFECYCLE_KINDS
from mockserver.generation.recipes.reader import (
    Kind,
    Reader,
    missing_record_errors,
    reference_cycle_errors,
)
from mockserver.generation.recipes.recipe import (
    CollectionRecipe,
    GenerationRun,
    GenerationSettings,
    RecordBuilder,
)
from mockserver.generation.recipes.references import REFERENCE_KINDS
from mockserver.generation.recipes.timestamps import TIMESTAMP_KINDS, future_timestamps

__all__ = [
    "FAKER_VERSION",
    "KINDS",
    "MAX_COUNT",
    "GenerationSettings",
    "Recipes",
    "generate",
    "locale_error",
    "read_recipes",
]

KINDS: dict[str, Kind] = {**BASIC_KINDS, **REFERENCE_KINDS, **TIMESTAMP_KINDS, **LIFECYCLE_KINDS}
"""Every kind of recipe, by its key. docs/fixtures.md describes each."""
FAKER_VERSION = VERSION
MAX_COUNT = 1_000_000

Track = Callable[[str, int, Iterable[Any]], Iterable[Any]]
"""Shows the progress: gets a collection, its count and its indexes, and returns the indexes."""

_COUNT = {"type": "integer", "minimum": 0, "maximum": MAX_COUNT}
_EXAMPLES = {"type": "array", "items": {"type": "object"}}


_COLLECTIONS = {
    "type": "object",
    "additionalProperties": closed_object(
        ["count", "fields"], count=_COUNT, examples=_EXAMPLES, fields=MAPPING
    ),
}
_EMBEDDED = {
    "type": "object",
    "additionalProperties": closed_object(["fields"], examples=_EXAMPLES, fields=MAPPING),
}
_FILE = Validator(
    closed_object(
        ["now", "seed", "locale", "collections"],
        now={"type": "string"},
        seed={"type": "integer"},
        locale={"type": "array", "items": {"type": "string"}, "minItems": 1},
        embedded=_EMBEDDED,
        collections=_COLLECTIONS,
    )
)


@dataclass(frozen=True, slots=True)
class Recipes:
    """The content of one recipes.yaml."""

    now: str
    """The fixtures' date: no timestamp in any record is after it."""
    settings: GenerationSettings
    """Seed, locale and counts of the file."""
    collections: Mapping[str, CollectionRecipe]
    """By name, embedded collections included."""
    document: Document

    def with_settings(self, settings: GenerationSettings) -> "Recipes":
        """Return the same recipes with another seed, locale or counts."""
        return replace(self, settings=settings)


def read_recipes(path: Path, shown_as: str) -> Recipes:
    """Read a recipes.yaml, and the lifecycles.yaml in the same folder.

    Args:
        path: The file.
        shown_as: The file's name in errors.

    Raises:
        InvalidFiles: One of the files is invalid. All errors of both are in it.
    """
    lifecycles_path = path.with_name("lifecycles.yaml")
    lifecycles: dict[str, Lifecycle] = {}
    errors: list[FileMessage] = []
    if lifecycles_path.exists():
        lifecycles_name = str(Path(shown_as).with_name("lifecycles.yaml"))
        try:
            lifecycles = read_lifecycles(lifecycles_path, lifecycles_name)
        except InvalidFiles as error:
            errors += error.errors
    document = strict_yaml.read_yaml(path, shown_as)
    schema_errors = document.file_errors(_FILE.violations(document.value))
    if schema_errors:
        raise InvalidFiles([*errors, *schema_errors])
    recipes, recipe_errors = _recipes(document, lifecycles)
    errors += recipe_errors
    if errors:
        raise InvalidFiles(errors)
    return recipes


def _recipes(
    document: Document, lifecycles: Mapping[str, Lifecycle]
) -> tuple[Recipes, list[FileMessage]]:
    value = document.value
    names = (*value.get("embedded", {}), *value["collections"])
    errors = list(_head_errors(document))
    # Providers are tried in the valid locales, so that one wrong locale does not hide other errors.
    locale = tuple(name for name in value["locale"] if not locale_error(name)) or ("en_US",)
    reader = Reader(document, KINDS, locale, value["now"], lifecycles, names, errors=errors)
    for name in value.get("embedded", {}):
        reader.recipes[name] = _collection(reader, "embedded", name)
    for name in value["collections"]:
        reader.recipes[name] = _collection(reader, "collections", name)
    errors += missing_record_errors(reader)
    errors += reference_cycle_errors(reader)
    counts = {name: entry["count"] for name, entry in value["collections"].items()}
    settings = GenerationSettings(value["seed"], tuple(value["locale"]), counts)
    return Recipes(value["now"], settings, reader.recipes, document), errors


def _head_errors(document: Document) -> Iterator[FileMessage]:
    value = document.value
    if message := date_error(value["now"]):
        yield document.file_error(("now",), message)
    for index, name in enumerate(value["locale"]):
        if message := locale_error(name):
            yield document.file_error(("locale", index), message)
    for name in value.get("embedded", {}):
        if name in value["collections"]:
            position = document.key_position(("embedded", name))
            yield FileMessage(
                position, f"duplicate name '{name}': it is a collection too; expected another name"
            )


def _collection(reader: Reader, section: str, name: str) -> CollectionRecipe:
    pointer: Pointer = (section, name)
    entry = reader.document.value[section][name]
    examples = entry.get("examples", [])
    for index, example in enumerate(examples):
        for member in example:
            if member not in entry["fields"]:
                position = reader.document.key_position((*pointer, "examples", index, member))
                hint = did_you_mean(member, entry["fields"])
                message = f"collection '{name}' has no field '{member}'{hint}"
                reader.errors.append(FileMessage(position, message))
    fields = {}
    for field, recipe in entry["fields"].items():
        reader.current = (name, field)
        fields[field] = reader.recipe((*pointer, "fields", field), recipe)
    return CollectionRecipe(
        name, entry.get("count"), tuple(examples), fields, reader.lifecycles.get(name)
    )


def generate(
    recipes: Recipes, only: Iterable[str] = (), track: Track = lambda name, count, records: records
) -> dict[str, Any]:
    """Generate the records of each collection.

    Args:
        recipes: The recipes, with seed, locale and counts.
        only: The collections to generate; all if empty.
        track: Shows the progress.

    Returns:
        The records by collection, a dict of lists of dicts.

    Raises:
        InvalidFiles: A value cannot be made, or a record violates its lifecycle.
    """
    run = GenerationRun(recipes.collections, recipes.settings, recipes.now)
    collections: dict[str, list[dict[str, Any]]] = {}
    errors: dict[FileMessage, None] = {}
    for name in only or recipes.settings.counts:
        count = recipes.settings.counts[name]
        collections[name] = []
        for index in track(name, count, range(count)):
            builder = RecordBuilder(run, recipes.collections[name], index)
            record, record_errors = _record(recipes, builder)
            collections[name].append(record)
            errors.update(dict.fromkeys(record_errors))
    if errors:
        raise InvalidFiles(errors)
    return collections


def _record(recipes: Recipes, builder: RecordBuilder) -> tuple[dict[str, Any], list[FileMessage]]:
    """Return a record, and the errors of its values."""
    name, document = builder.recipe.name, recipes.document
    record: dict[str, Any] = {}
    errors: list[FileMessage] = []
    for field in builder.recipe.fields:
        pointer = _field_pointer(builder, field)
        try:
            record[field] = require_exact(builder.member(field))
        except ValueError as error:
            errors.append(document.file_error(pointer, f"{name}.{field}: {error}"))
            continue
        for timestamp in future_timestamps(record[field], recipes.now):
            message = f"{name}.{field}: timestamp {timestamp} is after `now` ({recipes.now})"
            errors.append(document.file_error(pointer, message))
    lifecycle = builder.recipe.lifecycle
    if lifecycle and not errors:
        for violation in lifecycle.violations(record, recipes.now):
            pointer = _field_pointer(builder, violation.pointer.split("/")[1])
            errors.append(document.file_error(pointer, f"{name}: {violation}"))
    return record, errors


def _field_pointer(builder: RecordBuilder, field: str) -> Pointer:
    """Return where the file has a field of a record: in an example, else in its recipe."""
    recipe, index = builder.recipe, builder.index
    section = "embedded" if recipe.count is None else "collections"
    if index < len(recipe.examples) and field in recipe.examples[index]:
        return (section, recipe.name, "examples", index, field)
    return (section, recipe.name, "fields", field)
