"""The kinds of recipe that use other members, of the same record or of another collection."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract.lifecycles import FieldPath
from mockserver.formats.json_schema import MAPPING, NAME
from mockserver.formats.json_text import abbreviated_json
from mockserver.formats.strict_yaml import Pointer
from mockserver.generation.recipes.basic import RANGE, Fields, is_in_every_list, parse_range
from mockserver.generation.recipes.faker_providers import did_you_mean
from mockserver.generation.recipes.reader import Kind, Reader
from mockserver.generation.recipes.recipe import CollectionRecipe, Recipe, ValueSeed


@dataclass(frozen=True, slots=True)
class SwitchRecipe(Recipe):
    """A recipe chosen by the value of another member."""

    field_path: FieldPath
    cases: Mapping[str, Recipe]
    default: Recipe | None

    def make(self, seed: ValueSeed) -> Any:
        """Make the value of the case.

        The member is compared as text: `true` and `100` as YAML writes them.
        """
        member = seed.record.resolve(self.field_path)
        text = member if isinstance(member, str) else abbreviated_json(member)
        recipe = self.cases.get(text, self.default)
        if recipe is None:
            name = ".".join(self.field_path)
            raise ValueError(
                f"'{name}' is '{text}'; expected one of {', '.join(self.cases)}, or a `default`"
            )
        # The step is part of the value's seed: another word would change the shipped records.
        return recipe.make(seed.derive("by", text))


def _switch(reader: Reader, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
    cases = {}
    for value, recipe in entry["cases"].items():
        cases[value] = reader.recipe((*pointer, "cases", value), recipe)
    default = None
    if "default" in entry:
        default = reader.recipe((*pointer, "default"), entry["default"])
    return SwitchRecipe(reader.add_reference((*pointer, "switch"), entry["switch"]), cases, default)


@dataclass(frozen=True, slots=True)
class Copy(Recipe):
    """The value of another member."""

    field_path: FieldPath

    def make(self, seed: ValueSeed) -> Any:
        """Return that member's value in the same record."""
        return seed.record.resolve(self.field_path)


def _copy(reader: Reader, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
    return Copy(reader.add_reference((*pointer, "copy"), entry["copy"]))


@dataclass(frozen=True, slots=True)
class Join(Recipe):
    """The values of other members as one text."""

    field_path: FieldPath
    separator: str

    def make(self, seed: ValueSeed) -> str:
        """Join the values in the order of the record."""
        return self.separator.join(map(str, seed.record.values(self.field_path)))


def _join(reader: Reader, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
    field_path = reader.add_reference((*pointer, "join"), entry["join"])
    return Join(field_path, entry.get("separator", ", "))


@dataclass(frozen=True, slots=True)
class Distribute(Recipe):
    """A member of the record of another collection that this record belongs to."""

    collection: str
    shares: tuple[int, ...]
    """How many records belong to the first record of that collection, to the second, and so on.

    After the last share, the first record gets more.
    """
    field_path: FieldPath

    def make(self, seed: ValueSeed) -> Any:
        """Return the member of the record that this record's index belongs to."""
        offset = seed.record.index % sum(self.shares)
        owner = 0
        while offset >= self.shares[owner]:
            offset -= self.shares[owner]
            owner += 1
        return seed.record.run.record_at(self.collection, owner).resolve(self.field_path)


def _distribute(reader: Reader, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
    distribution, shares_pointer = entry["distribute"], (*pointer, "distribute")
    if len(distribution) != 1:
        return reader.file_error(
            shares_pointer, f"expected one collection with its shares, got {len(distribution)}"
        )
    collection, shares = next(iter(distribution.items()))
    message = _collection_error(reader, collection)
    if message:
        return reader.file_error((*shares_pointer, collection), message)
    if not sum(shares):
        return reader.file_error(
            (*shares_pointer, collection), "all shares are 0; expected at least one above 0"
        )
    field_path = reader.add_reference((*pointer, "field"), entry["field"], collection)
    return Distribute(collection, tuple(shares), field_path)


def _collection_error(reader: Reader, name: str) -> str:
    if name in reader.collections:
        return ""
    hint = did_you_mean(name, reader.collections)
    if not hint:
        hint = f"; expected one of {', '.join(reader.collections)}"
    return f"unknown collection '{name}'{hint}"


@dataclass(frozen=True, slots=True)
class SampleRecipe(Recipe):
    """A list of records of another collection, each at most once."""

    collection: str
    population: int
    """The sample is taken from this number of records, so a larger count does not change it."""
    low: int
    high: int
    collections: Mapping[str, CollectionRecipe] = field(repr=False, compare=False)

    def make(self, seed: ValueSeed) -> list[dict[str, Any]]:
        """Return the records in the order of their collection."""
        random, run = seed.random(), seed.record.run
        indexes = random.sample(range(self.population), random.randint(self.low, self.high))
        return [run.record_at(self.collection, index).build() for index in sorted(indexes)]

    def child(self, step: str) -> Recipe | None:
        """Return the recipe of an item that every such list has."""
        if not is_in_every_list(step, self.low):
            return None
        return Fields(self.collections[self.collection].fields)


def _sample(reader: Reader, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
    sample_pointer, count_pointer = (*pointer, "sample"), (*pointer, "count")
    if len(entry["sample"]) != 1:
        expected = "expected one collection and the number of its records to sample from"
        return reader.file_error(sample_pointer, f"{expected}, got {len(entry['sample'])}")
    collection, population = next(iter(entry["sample"].items()))
    message = _collection_error(reader, collection)
    if message:
        return reader.file_error((*sample_pointer, collection), message)
    low, high = parse_range(reader, count_pointer, entry["count"])
    if high > population:
        reader.file_error(
            count_pointer,
            f"cannot sample {high} of {population} records; expected at most {population}",
        )
    reader.add_record_references(sample_pointer, collection)
    return SampleRecipe(collection, population, low, high, reader.recipes)


_SHARES = {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 0}}
_DISTRIBUTE = {**MAPPING, "additionalProperties": _SHARES}
_SAMPLE = {**MAPPING, "additionalProperties": {"type": "integer", "minimum": 1}}

REFERENCE_KINDS: dict[str, Kind] = {
    "switch": Kind(NAME, _switch, {"cases": MAPPING, "default": {}}, ("cases",)),
    "copy": Kind(NAME, _copy),
    "join": Kind(NAME, _join, {"separator": {"type": "string"}}),
    "distribute": Kind(_DISTRIBUTE, _distribute, {"field": NAME}, ("field",)),
    "sample": Kind(_SAMPLE, _sample, {"count": RANGE}, ("count",)),
}
"""The kinds of recipe that use other members."""
