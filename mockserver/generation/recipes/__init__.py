"""Recipes: `fixtures/API/recipes.yaml`, read, and the records that Faker makes of them.

What is in the file is data; how each kind of recipe makes a value is a row of `KINDS`. Nothing here is needed to serve.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mockserver.contract import lifecycles
from mockserver.contract.records import date_error
from mockserver.errors import FileError, InvalidFiles
from mockserver.formats import strict_yaml
from mockserver.formats.exact_json import require_exact
from mockserver.formats.json_schema import Validator
from mockserver.formats.strict_yaml import Document, Pointer
from mockserver.generation.recipes.basic import PLAIN
from mockserver.generation.recipes.faker_providers import VERSION, did_you_mean, locale_error
from mockserver.generation.recipes.lifecycle import LIVING
from mockserver.generation.recipes.reader import Kind, Reader, missing_record_errors, reference_cycle_errors
from mockserver.generation.recipes.recipe import CollectionRecipe, GenerationRun, GenerationSettings, RecordBuilder
from mockserver.generation.recipes.references import REFERRING
from mockserver.generation.recipes.timestamps import TIMES, future_timestamps

__all__ = ["FAKER_VERSION", "KINDS", "MAX_COUNT", "GenerationSettings", "Recipes", "generate", "locale_error", "read_recipes"]

KINDS: dict[str, Kind] = {**PLAIN, **REFERRING, **TIMES, **LIVING}
"""Every kind of recipe, by the key that it is known by; docs/fixtures.md describes each."""
FAKER_VERSION = VERSION
MAX_COUNT = 1_000_000

Track = Callable[[str, int, Iterable[Any]], Iterable[Any]]
"""Given a collection, its count and its records, passes the records on; to show how far it is."""

_COUNT = {"type": "integer", "minimum": 0, "maximum": MAX_COUNT}
_FIRST = {"type": "array", "items": {"type": "object"}}
_FIELDS = {"type": "object", "minProperties": 1}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


_COLLECTIONS = {
    "type": "object",
    "additionalProperties": _object(["count", "fields"], count=_COUNT, first=_FIRST, fields=_FIELDS),
}
_INGREDIENTS = {"type": "object", "additionalProperties": _object(["fields"], first=_FIRST, fields=_FIELDS)}
_FILE = Validator(
    _object(
        ["now", "seed", "locale", "collections"],
        now={"type": "string"},
        seed={"type": "integer"},
        locale={"type": "array", "items": {"type": "string"}, "minItems": 1},
        ingredients=_INGREDIENTS,
        collections=_COLLECTIONS,
    )
)
_PARTS = ("ingredients", "collections")


@dataclass(frozen=True, slots=True)
class Recipes:
    """One file of recipes."""

    now: str
    """The fixtures' date: no stamp in any record is after it."""
    settings: GenerationSettings
    """Seed, locale and counts, as the file has them."""
    collections: Mapping[str, CollectionRecipe]
    """By name; ingredients too."""
    document: Document

    def with_settings(self, settings: GenerationSettings) -> "Recipes":
        """The same recipes with another seed, locale or counts."""
        return replace(self, settings=settings)


def read_recipes(path: Path, shown_as: str) -> Recipes:
    """The recipes of a file, with the lifecycles beside it. Raises `FaultsFound` with all that is wrong in both."""
    lives_at = path.with_name("lifecycles.yaml")
    shown_lives = str(Path(shown_as).with_name("lifecycles.yaml"))
    found: dict[str, lifecycles.Lifecycle] = {}
    faults: list[FileError] = []
    if lives_at.exists():
        try:
            found = lifecycles.read_lifecycles(lives_at, shown_lives)
        except InvalidFiles as error:
            faults += error.errors
    document = strict_yaml.read_yaml(path, shown_as)
    if shape := document.file_errors(_FILE.violations(document.value)):
        raise InvalidFiles([*faults, *shape])
    recipes, more = _recipes(document, found)
    if faults or more:
        raise InvalidFiles([*faults, *more])
    return recipes


def _recipes(document: Document, lives: Mapping[str, lifecycles.Lifecycle]) -> tuple[Recipes, list[FileError]]:
    value = document.value
    names = tuple(name for part in _PARTS for name in value.get(part, {}))
    faults = list(_head_errors(document))
    # Recipes are tried out in the locales that there are, so that one wrong name does not hide the rest.
    locale = tuple(name for name in value["locale"] if not locale_error(name)) or ("en_US",)
    reader = Reader(document, KINDS, locale, value["now"], lives, names, errors=faults)
    for part in _PARTS:
        for name in value.get(part, {}):
            reader.known[name] = _collection(reader, part, name)
    faults += missing_record_errors(reader)
    faults += reference_cycle_errors(reader)
    counts = {name: each["count"] for name, each in value["collections"].items()}
    return Recipes(
        value["now"], GenerationSettings(value["seed"], tuple(value["locale"]), counts), reader.known, document
    ), faults


def _head_errors(document: Document) -> Iterator[FileError]:
    value = document.value
    if wrong := date_error(value["now"]):
        yield document.file_error(("now",), wrong)
    for index, name in enumerate(value["locale"]):
        if message := locale_error(name):
            yield document.file_error(("locale", index), message)
    for name in value.get("ingredients", {}):
        if name in value["collections"]:
            at = document.key_position(("ingredients", name))
            yield FileError(at, f"{name} is a collection too; expected another name for one of them")


def _collection(reader: Reader, part: str, name: str) -> CollectionRecipe:
    entry, at = reader.document.value[part][name], (part, name)
    first = entry.get("first", [])
    for index, members in enumerate(first):
        for member in members:
            if member not in entry["fields"]:
                message = f"{name} has no field {member}{did_you_mean(member, entry['fields'])}"
                reader.errors.append(FileError(reader.document.key_position((*at, "first", index, member)), message))
    fields = {}
    for field, recipe in entry["fields"].items():
        reader.within = (name, field)
        fields[field] = reader.recipe((*at, "fields", field), recipe)
    return CollectionRecipe(name, entry.get("count"), tuple(first), fields, reader.lifecycles.get(name))


def generate(recipes: Recipes, only: Iterable[str] = (), track: Track = lambda name, count, records: records) -> dict[str, Any]:
    """The records of each collection, or of `only` those: a dict of lists of dicts.

    Raises `FaultsFound` where a value cannot be made, and where a record would not live as lifecycles.yaml says.
    """
    world = GenerationRun(recipes.collections, recipes.settings, recipes.now)
    made: dict[str, list[dict[str, Any]]] = {}
    faults: dict[FileError, None] = {}
    for name in only or recipes.settings.counts:
        count = recipes.settings.counts[name]
        made[name] = []
        for index in track(name, count, range(count)):
            record, wrong = _record(recipes, RecordBuilder(world, recipes.collections[name], index))
            made[name].append(record)
            faults.update(dict.fromkeys(wrong))
    if faults:
        raise InvalidFiles(faults)
    return made


def _record(recipes: Recipes, making: RecordBuilder) -> tuple[dict[str, Any], list[FileError]]:
    name, lifecycle, record, faults = making.recipe.name, making.recipe.lifecycle, {}, []
    for field in making.recipe.fields:
        try:
            record[field] = require_exact(making.member(field))
        except ValueError as error:
            faults.append(recipes.document.file_error(_origin(making, field), f"{name}.{field}: {error}"))
            continue
        for stamp in future_timestamps(record[field], recipes.now):
            message = f"{name}.{field}: {stamp} is after now; expected none after {recipes.now}"
            faults.append(recipes.document.file_error(_origin(making, field), message))
    for violation in lifecycle.violations(record, recipes.now) if lifecycle and not faults else ():
        at = _origin(making, violation.pointer.split("/")[1])
        faults.append(recipes.document.file_error(at, f"{name}: {violation}"))
    return record, faults


def _origin(making: RecordBuilder, field: str) -> Pointer:
    """Where the file says what a field of a record is."""
    part = "ingredients" if making.recipe.count is None else "collections"
    pinned = making.index < len(making.recipe.first) and field in making.recipe.first[making.index]
    return (part, making.recipe.name, *(("first", making.index, field) if pinned else ("fields", field)))
