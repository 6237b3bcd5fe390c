"""The kinds of recipe that look at other members, of the same record or of another collection's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.formats.json_text import abbreviated_json
from mockserver.formats.strict_yaml import Pointer
from mockserver.generation.recipes.basic import MANY, Fields, parse_range
from mockserver.generation.recipes.faker_providers import did_you_mean
from mockserver.generation.recipes.reader import Kind, Members, Reader
from mockserver.generation.recipes.recipe import CollectionRecipe, Recipe, ValueSeed

_TEXT = {"type": "string", "minLength": 1}
_MAPPING = {"type": "object", "minProperties": 1}


@dataclass(frozen=True, slots=True)
class SwitchRecipe(Recipe):
    """The recipe that goes with another member's value."""

    member: Members
    of: Mapping[str, Recipe]
    otherwise: Recipe | None

    def make(self, draw: ValueSeed) -> Any:
        """The value is looked up as text: `true` and `100` as they stand in YAML."""
        member = draw.record.resolve(self.member)
        value = member if isinstance(member, str) else abbreviated_json(member)
        recipe = self.of.get(value, self.otherwise)
        if recipe is None:
            raise ValueError(
                f"{'.'.join(self.member)} is {value}; expected one of {', '.join(self.of)}, or a recipe under otherwise"
            )
        return recipe.make(draw.derive("by", value))


def _by(reader: Reader, at: Pointer, entry: Mapping[str, Any]) -> Recipe:
    of = {value: reader.recipe((*at, "of", value), each) for value, each in entry["of"].items()}
    otherwise = reader.recipe((*at, "otherwise"), entry["otherwise"]) if "otherwise" in entry else None
    return SwitchRecipe(reader.add_reference((*at, "by"), entry["by"]), of, otherwise)


@dataclass(frozen=True, slots=True)
class SameAs(Recipe):
    """The value of another member."""

    member: Members

    def make(self, draw: ValueSeed) -> Any:
        """As that member has it in this record."""
        return draw.record.resolve(self.member)


@dataclass(frozen=True, slots=True)
class Join(Recipe):
    """The values of other members as one text."""

    members: Members
    between: str

    def make(self, draw: ValueSeed) -> str:
        """In the order of the record."""
        return self.between.join(str(value) for value in draw.record.values(self.members))


def _join(reader: Reader, at: Pointer, entry: Mapping[str, Any]) -> Recipe:
    return Join(reader.add_reference((*at, "join"), entry["join"]), entry.get("between", ", "))


@dataclass(frozen=True, slots=True)
class Shares(Recipe):
    """A member of the record of another collection that this record belongs to."""

    collection: str
    shares: tuple[int, ...]
    member: Members

    def make(self, draw: ValueSeed) -> Any:
        """The first share of the records belongs to the first of the other collection, and so on; then it starts again."""
        left = draw.record.index % sum(self.shares)
        for owner, share in enumerate(self.shares):
            left -= share
            if left < 0:
                return draw.record.run.record_at(self.collection, owner).resolve(self.member)
        raise ValueError("the shares do not add up")  # pragma: no cover - they do, by the modulo


def _shares(reader: Reader, at: Pointer, entry: Mapping[str, Any]) -> Recipe:
    if len(entry["shares"]) != 1:
        return reader.file_error((*at, "shares"), f"{len(entry['shares'])} collections; expected one, with its shares")
    collection, shares = next(iter(entry["shares"].items()))
    if message := _collection_error(reader, collection):
        return reader.file_error((*at, "shares", collection), message)
    if not sum(shares):
        return reader.file_error((*at, "shares", collection), "every share is 0; expected one that is more")
    return Shares(collection, tuple(shares), reader.add_reference((*at, "member"), entry["member"], collection))


def _collection_error(reader: Reader, name: str) -> str:
    known = reader.collections
    return (
        ""
        if name in known
        else f"unknown collection {name}{did_you_mean(name, known) or '; expected one of ' + ', '.join(known)}"
    )


@dataclass(frozen=True, slots=True)
class PickRecipe(Recipe):
    """Whole records of another collection, each at most once."""

    collection: str
    among: int
    """It is picked among the first so many, whatever their count: more of them change nothing here."""
    low: int
    high: int
    known: Mapping[str, CollectionRecipe] = field(repr=False, compare=False)

    def make(self, draw: ValueSeed) -> list[dict[str, Any]]:
        """In the order of that collection."""
        random, world = draw.random(), draw.record.run
        chosen = random.sample(range(self.among), random.randint(self.low, self.high))
        return [world.record_at(self.collection, index).build() for index in sorted(chosen)]

    def child(self, step: str) -> Recipe | None:
        """The recipe of an item that is always there."""
        there = step == "*" or (step.isdecimal() and int(step) < self.low)
        return Fields(self.known[self.collection].fields) if there else None


def _pick(reader: Reader, at: Pointer, entry: Mapping[str, Any]) -> Recipe:
    if len(entry["pick"]) != 1:
        return reader.file_error(
            (*at, "pick"), f"{len(entry['pick'])} collections; expected one, and among how many of its records"
        )
    collection, among = next(iter(entry["pick"].items()))
    if message := _collection_error(reader, collection):
        return reader.file_error((*at, "pick", collection), message)
    low, high = parse_range(reader, (*at, "some"), entry["some"])
    if high > among:
        reader.file_error((*at, "some"), f"{high} of {among} records; expected at most {among}")
    reader.refer_whole((*at, "pick"), collection)
    return PickRecipe(collection, among, low, high, reader.known)


_EACH_SHARE = {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 0}}
_SHARES = {**_MAPPING, "additionalProperties": _EACH_SHARE}
_AMONG = {**_MAPPING, "additionalProperties": {"type": "integer", "minimum": 1}}

REFERRING: dict[str, Kind] = {
    "by": Kind(_TEXT, _by, {"of": _MAPPING, "otherwise": {}}, ("of",)),
    "same_as": Kind(_TEXT, lambda reader, at, entry: SameAs(reader.add_reference((*at, "same_as"), entry["same_as"]))),
    "join": Kind(_TEXT, _join, {"between": {"type": "string"}}),
    "shares": Kind(_SHARES, _shares, {"member": _TEXT}, ("member",)),
    "pick": Kind(_AMONG, _pick, {"some": MANY}, ("some",)),
}
"""The kinds of recipe that need other members."""
