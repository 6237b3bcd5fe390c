"""The kinds of recipe that need only random numbers and Faker."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.formats.json_schema import MAPPING, NAME
from mockserver.formats.strict_yaml import Pointer
from mockserver.generation.recipes.faker_providers import argument_error, did_you_mean, name_error
from mockserver.generation.recipes.reader import Kind, Reader, parse_bounds
from mockserver.generation.recipes.recipe import Constant, Recipe, ValueSeed

_PROBABILITY = {"type": "number", "minimum": 0, "maximum": 1}
RANGE = {
    "type": ["string", "integer"],
    "pattern": r"^[0-9]{1,4}(-[0-9]{1,4})?$",
    "minimum": 0,
    "maximum": 9999,
}
"""JSON Schema of a number of items: `3`, `1-3`."""
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def _value(reader: Reader, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
    return Constant(entry["value"])


@dataclass(frozen=True, slots=True)
class Faker(Recipe):
    """A value of one of Faker's providers."""

    name: str
    arguments: Mapping[str, Any]

    def make(self, seed: ValueSeed) -> Any:
        """Call the provider in the record's locale."""
        return seed.record.run.fakers.generate(
            seed.record.locale, seed.number, self.name, self.arguments
        )


def _faker(reader: Reader, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
    pointer = (*pointer, "faker")
    provider = entry["faker"]
    if isinstance(provider, str):
        provider = {provider: None}
    if len(provider) != 1:
        return reader.file_error(
            pointer, f"expected one provider with its arguments, got {len(provider)}"
        )
    name, arguments = next(iter(provider.items()))
    if arguments is None:
        arguments = {}
    if not isinstance(arguments, dict):
        return reader.file_error(
            (*pointer, name), "expected the arguments as a mapping of names to values"
        )
    message = name_error(name, reader.locale) or argument_error(name, arguments, reader.locale)
    if message:
        return reader.file_error(pointer, message)
    return Faker(name, arguments)


@dataclass(frozen=True, slots=True)
class Fields(Recipe):
    """An object with a recipe for each member."""

    fields: Mapping[str, Recipe]

    def make(self, seed: ValueSeed) -> dict[str, Any]:
        """Make each member with a separate seed."""
        return {name: recipe.make(seed.derive(name)) for name, recipe in self.fields.items()}

    def child(self, step: str) -> Recipe | None:
        """Return the recipe of a member."""
        return self.fields.get(step)


def _fields(reader: Reader, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
    fields = {}
    for name, recipe in entry["fields"].items():
        fields[name] = reader.recipe((*pointer, "fields", name), recipe)
    return Fields(fields)


@dataclass(frozen=True, slots=True)
class Sequence(Recipe):
    """A number that increases by one from record to record."""

    start: int

    def make(self, seed: ValueSeed) -> int:
        """Return the number of the record."""
        return self.start + seed.record.index


def _sequence(reader: Reader, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
    return Sequence(entry["sequence"])


@dataclass(frozen=True, slots=True)
class RandomBoolean(Recipe):
    """`true` with a probability, else `false`."""

    probability: float

    def make(self, seed: ValueSeed) -> bool:
        """Return a random boolean."""
        return seed.random().random() < self.probability


def _random_boolean(reader: Reader, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
    return RandomBoolean(entry["probability"])


@dataclass(frozen=True, slots=True)
class OneOf(Recipe):
    """One of several recipes, chosen by weight."""

    recipes: tuple[Recipe, ...]
    weights: tuple[float, ...]

    def make(self, seed: ValueSeed) -> Any:
        """Choose a recipe at random and make its value."""
        index = seed.random().choices(range(len(self.recipes)), self.weights)[0]
        return self.recipes[index].make(seed.derive("one_of", index))


def _one_of(reader: Reader, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
    choices = entry["one_of"]
    if isinstance(choices, list):
        recipes = _recipes(reader, (*pointer, "one_of"), choices)
        return OneOf(recipes, (1,) * len(recipes))
    if not any(choices.values()):
        return reader.file_error(
            (*pointer, "one_of"), "all weights are 0; expected at least one above 0"
        )
    return OneOf(tuple(map(Constant, choices)), tuple(choices.values()))


def _recipes(reader: Reader, pointer: Pointer, entries: list[Any]) -> tuple[Recipe, ...]:
    return tuple(reader.recipe((*pointer, index), entry) for index, entry in enumerate(entries))


@dataclass(frozen=True, slots=True)
class Cycle(Recipe):
    """One recipe after the other, by the record's index."""

    recipes: tuple[Recipe, ...]

    def make(self, seed: ValueSeed) -> Any:
        """Make the value of the record's recipe."""
        index = seed.record.index % len(self.recipes)
        return self.recipes[index].make(seed.derive("cycle", index))


def _cycle(reader: Reader, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
    return Cycle(_recipes(reader, (*pointer, "cycle"), entry["cycle"]))


@dataclass(frozen=True, slots=True)
class ListRecipe(Recipe):
    """A list of a random length between two bounds."""

    low: int
    high: int
    item: Recipe

    def make(self, seed: ValueSeed) -> list[Any]:
        """Make each item with a separate seed."""
        length = seed.random().randint(self.low, self.high)
        return [self.item.make(seed.derive(index)) for index in range(length)]

    def child(self, step: str) -> Recipe | None:
        """Return the recipe of an item that every such list has."""
        return self.item if is_in_every_list(step, self.low) else None


def _list(reader: Reader, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
    low, high = parse_range(reader, (*pointer, "list"), entry["list"])
    return ListRecipe(low, high, reader.recipe((*pointer, "of"), entry["of"]))


def is_in_every_list(step: str, minimum: int) -> bool:
    """Return whether a step of a field path names an item of every list with so many items."""
    return step == "*" or (step.isdecimal() and int(step) < minimum)


def parse_range(reader: Reader, pointer: Pointer, value: int | str) -> tuple[int, int]:
    """Return the bounds of a range: `3` or `1-3`."""
    low, high = parse_bounds(str(value))
    if high < low:
        reader.file_error(pointer, f"invalid range '{value}'; expected the smaller number first")
    return low, high


@dataclass(frozen=True, slots=True)
class Nullable(Recipe):
    """Another recipe with a probability, else null."""

    recipe: Recipe
    probability: float

    def make(self, seed: ValueSeed) -> Any:
        """Make the value, or return `None`."""
        if seed.random().random() >= self.probability:
            return None
        return self.recipe.make(seed.derive("nullable"))


def _nullable(reader: Reader, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
    return Nullable(reader.recipe((*pointer, "nullable"), entry["nullable"]), entry["probability"])


@dataclass(frozen=True, slots=True)
class Template(Recipe):
    """A text with placeholders."""

    text: str
    placeholders: Mapping[str, Recipe]

    def make(self, seed: ValueSeed) -> str:
        """Replace each placeholder. One that occurs twice has the same value in both places."""
        values: dict[str, str] = {}
        for name, recipe in self.placeholders.items():
            values[name] = str(recipe.make(seed.derive(name)))
        return _PLACEHOLDER.sub(lambda match: values[match[1]], self.text)


def _template(reader: Reader, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
    recipes = entry["with"]
    names = _PLACEHOLDER.findall(entry["template"])
    for name in dict.fromkeys(names):
        if name not in recipes:
            message = f"'with' has no recipe for {{{name}}}{did_you_mean(name, recipes)}"
            reader.file_error((*pointer, "template"), message)
    for name in recipes:
        if name not in names:
            message = f"the template does not use {{{name}}}{did_you_mean(name, names)}"
            reader.file_error((*pointer, "with", name), message)
    placeholders = {}
    for name, recipe in recipes.items():
        placeholders[name] = reader.recipe((*pointer, "with", name), recipe)
    return Template(entry["template"], placeholders)


_ONE_OF = {
    **MAPPING,
    "type": ["array", "object"],
    "minItems": 1,
    "additionalProperties": {"type": "number", "minimum": 0},
}

BASIC_KINDS: dict[str, Kind] = {
    "value": Kind({}, _value),
    "faker": Kind({"type": ["string", "object"]}, _faker),
    "fields": Kind(MAPPING, _fields),
    "sequence": Kind({"type": "integer"}, _sequence),
    "probability": Kind(_PROBABILITY, _random_boolean),
    # `probability` is a kind and an option of `nullable`; Reader decides.
    "nullable": Kind({}, _nullable, {"probability": _PROBABILITY}, ("probability",)),
    "one_of": Kind(_ONE_OF, _one_of),
    "cycle": Kind({"type": "array", "minItems": 1}, _cycle),
    "list": Kind(RANGE, _list, {"of": {}}, ("of",)),
    "template": Kind(NAME, _template, {"with": MAPPING}, ("with",)),
}
"""The kinds of recipe that do not use other members."""
