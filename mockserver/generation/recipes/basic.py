"""The kinds of recipe that need nothing but chance and Faker."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.formats.strict_yaml import Pointer
from mockserver.generation.recipes.faker_providers import argument_error, did_you_mean, name_error
from mockserver.generation.recipes.reader import Kind, Reader
from mockserver.generation.recipes.recipe import Constant, Recipe, ValueSeed

_TEXT = {"type": "string", "minLength": 1}
_CHANCE = {"type": "number", "minimum": 0, "maximum": 1}
MANY = {"type": ["string", "integer"], "pattern": r"^[0-9]{1,4}(-[0-9]{1,4})?$", "minimum": 0, "maximum": 9999}
"""JSON Schema of a number of items: `3`, `1-3`."""
_MAPPING = {"type": "object", "minProperties": 1}
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Faker(Recipe):
    """What one of Faker's providers gives."""

    name: str
    arguments: Mapping[str, Any]

    def make(self, draw: ValueSeed) -> Any:
        """In the language of the record."""
        return draw.record.run.fakers.generate(draw.record.locale, draw.number, self.name, self.arguments)


def _faker(reader: Reader, at: Pointer, entry: Mapping[str, Any]) -> Recipe:
    called = entry["faker"]
    if isinstance(called, dict) and len(called) != 1:
        return reader.file_error((*at, "faker"), f"{len(called)} providers; expected one, with its arguments")
    name, arguments = next(iter(called.items())) if isinstance(called, dict) else (called, {})
    arguments = {} if arguments is None else arguments
    if not isinstance(arguments, dict):
        return reader.file_error((*at, "faker", name), "expected the arguments as a mapping of names to values")
    if message := name_error(name, reader.locale) or argument_error(name, arguments, reader.locale):
        return reader.file_error((*at, "faker"), message)
    return Faker(name, arguments)


@dataclass(frozen=True, slots=True)
class Fields(Recipe):
    """An object: a recipe for each member."""

    fields: Mapping[str, Recipe]

    def make(self, draw: ValueSeed) -> dict[str, Any]:
        """Each member has its own draw."""
        return {name: recipe.make(draw.derive(name)) for name, recipe in self.fields.items()}

    def child(self, step: str) -> Recipe | None:
        """The recipe of a member."""
        return self.fields.get(step)


def _fields(reader: Reader, at: Pointer, entry: Mapping[str, Any]) -> Recipe:
    return Fields({name: reader.recipe((*at, "fields", name), each) for name, each in entry["fields"].items()})


@dataclass(frozen=True, slots=True)
class Sequence(Recipe):
    """A number that counts up with the records."""

    start: int

    def make(self, draw: ValueSeed) -> int:
        """The start, for the first record."""
        return self.start + draw.record.index


@dataclass(frozen=True, slots=True)
class Chance(Recipe):
    """Sometimes true."""

    odds: float

    def make(self, draw: ValueSeed) -> bool:
        """True with the chance given."""
        return draw.random().random() < self.odds


@dataclass(frozen=True, slots=True)
class OneOf(Recipe):
    """One of several recipes, by weight."""

    among: tuple[Recipe, ...]
    weights: tuple[float, ...]

    def make(self, draw: ValueSeed) -> Any:
        """The one that is chosen is made; the others are not."""
        index = draw.random().choices(range(len(self.among)), self.weights)[0]
        return self.among[index].make(draw.derive("one_of", index))


def _one_of(reader: Reader, at: Pointer, entry: Mapping[str, Any]) -> Recipe:
    among = entry["one_of"]
    if isinstance(among, list):
        return OneOf(tuple(reader.recipe((*at, "one_of", i), each) for i, each in enumerate(among)), (1,) * len(among))
    if not any(among.values()):
        return reader.file_error((*at, "one_of"), "every weight is 0; expected one that is more")
    return OneOf(tuple(map(Constant, among)), tuple(among.values()))


@dataclass(frozen=True, slots=True)
class Cycle(Recipe):
    """One recipe after the other, by the record's index."""

    among: tuple[Recipe, ...]

    def make(self, draw: ValueSeed) -> Any:
        """The first recipe, for the first record."""
        index = draw.record.index % len(self.among)
        return self.among[index].make(draw.derive("cycle", index))


def _cycle(reader: Reader, at: Pointer, entry: Mapping[str, Any]) -> Recipe:
    return Cycle(tuple(reader.recipe((*at, "cycle", index), each) for index, each in enumerate(entry["cycle"])))


@dataclass(frozen=True, slots=True)
class ListRecipe(Recipe):
    """A list."""

    low: int
    high: int
    of: Recipe

    def make(self, draw: ValueSeed) -> list[Any]:
        """Each item has its own draw."""
        return [self.of.make(draw.derive(index)) for index in range(draw.random().randint(self.low, self.high))]

    def child(self, step: str) -> Recipe | None:
        """The recipe of an item that is always there."""
        return self.of if step == "*" or (step.isdecimal() and int(step) < self.low) else None


def _some(reader: Reader, at: Pointer, entry: Mapping[str, Any]) -> Recipe:
    low, high = parse_range(reader, (*at, "some"), entry["some"])
    return ListRecipe(low, high, reader.recipe((*at, "of"), entry["of"]))


def parse_range(reader: Reader, at: Pointer, value: int | str) -> tuple[int, int]:
    """The bounds that `3` or `1-3` says."""
    low, _, high = str(value).partition("-")
    if int(high or low) < int(low):
        reader.file_error(at, f"{value} is no range; expected the smaller number first")
    return int(low), int(high or low)


@dataclass(frozen=True, slots=True)
class Maybe(Recipe):
    """Sometimes another recipe, else null."""

    maybe: Recipe
    odds: float

    def make(self, draw: ValueSeed) -> Any:
        """Null with the rest of the chance."""
        return self.maybe.make(draw.derive("maybe")) if draw.random().random() < self.odds else None


def _maybe(reader: Reader, at: Pointer, entry: Mapping[str, Any]) -> Recipe:
    return Maybe(reader.recipe((*at, "maybe"), entry["maybe"]), entry["chance"])


@dataclass(frozen=True, slots=True)
class Text(Recipe):
    """A text with recipes in its gaps."""

    text: str
    gaps: Mapping[str, Recipe]

    def make(self, draw: ValueSeed) -> str:
        """Each gap is filled once, wherever it stands."""
        made = {name: str(recipe.make(draw.derive(name))) for name, recipe in self.gaps.items()}
        return _PLACEHOLDER.sub(lambda found: made[found[1]], self.text)


def _text(reader: Reader, at: Pointer, entry: Mapping[str, Any]) -> Recipe:
    gaps, named = entry["with"], _PLACEHOLDER.findall(entry["text"])
    for name in dict.fromkeys(named):
        if name not in gaps:
            reader.file_error((*at, "text"), f"no recipe for {{{name}}}{did_you_mean(name, gaps) or '; expected one under with'}")
    for name in gaps:
        if name not in named:
            reader.file_error(
                (*at, "with", name), f"the text has no {{{name}}}{did_you_mean(name, named) or '; expected it to be used'}"
            )
    return Text(entry["text"], {name: reader.recipe((*at, "with", name), each) for name, each in gaps.items()})


_WEIGHTS = {**_MAPPING, "type": ["array", "object"], "minItems": 1, "additionalProperties": {"type": "number", "minimum": 0}}

PLAIN: dict[str, Kind] = {
    "value": Kind({}, lambda reader, at, entry: Constant(entry["value"])),
    "faker": Kind({"type": ["string", "object"]}, _faker),
    "fields": Kind(_MAPPING, _fields),
    "sequence": Kind({"type": "integer"}, lambda reader, at, entry: Sequence(entry["sequence"])),
    "chance": Kind(_CHANCE, lambda reader, at, entry: Chance(entry["chance"])),
    # Its option makes `chance` beside `maybe` a `maybe`; see Reader.
    "maybe": Kind({}, _maybe, {"chance": _CHANCE}, ("chance",)),
    "one_of": Kind(_WEIGHTS, _one_of),
    "cycle": Kind({"type": "array", "minItems": 1}, _cycle),
    "some": Kind(MANY, _some, {"of": {}}, ("of",)),
    "text": Kind(_TEXT, _text, {"with": _MAPPING}, ("with",)),
}
"""The kinds of recipe that need nothing of other members."""
