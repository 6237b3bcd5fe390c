"""Records in the making. Each value draws on a chance of its own, made of the seed and of where the value stands.

So another field, another count or another order of fields changes no other value, and neither does the clock, the order of
a set or what was drawn before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from random import Random
from typing import Any

from mockserver.contract.lifecycles import Lifecycle
from mockserver.generation.recipes.faker_providers import Fakers

Steps = tuple[str | int, ...]
"""The way from a record to a value in it."""


@dataclass(frozen=True, slots=True)
class GenerationSettings:
    """What the command line may change of a file of recipes."""

    seed: int
    locale: tuple[str, ...]
    counts: Mapping[str, int]
    """Collection to the number of its records."""


@dataclass(frozen=True, slots=True)
class ValueSeed:
    """One value in the making."""

    record: "RecordBuilder"
    steps: Steps

    def derive(self, *steps: str | int) -> "ValueSeed":
        """The draw of a value within this one."""
        return ValueSeed(self.record, (*self.steps, *steps))

    @property
    def number(self) -> int:
        """A number that is this value's own, and the same whenever and wherever it is made."""
        record = self.record
        place = f"{record.run.settings.seed}/{record.recipe.name}/{record.index}/{'.'.join(map(str, self.steps))}"
        return int.from_bytes(blake2b(place.encode(), digest_size=8).digest())

    def random(self) -> Random:
        """The chance that is this value's own."""
        # Chance for examples, not for secrets.
        return Random(self.number)  # noqa: S311


class Recipe:
    """How one value is made. Each kind of recipe is a subclass; see `KINDS`."""

    __slots__ = ()

    def make(self, draw: ValueSeed) -> Any:
        """The value. Raises `ValueError`, in a sentence, where it cannot be made."""
        raise NotImplementedError

    def child(self, step: str) -> "Recipe | None":
        """The recipe of a member or item of the value, `*` being any item; `None` for one that may be missing."""
        return None


@dataclass(frozen=True, slots=True)
class Constant(Recipe):
    """Always the same value."""

    value: Any

    def make(self, draw: ValueSeed) -> Any:
        """The value itself."""
        return self.value

    def child(self, step: str) -> Recipe | None:
        """A member or item of the value."""
        if isinstance(self.value, dict) and step in self.value:
            return Constant(self.value[step])
        if isinstance(self.value, list) and self.value and step == "*":
            return Constant(self.value[0])
        if isinstance(self.value, list) and step.isdecimal() and int(step) < len(self.value):
            return Constant(self.value[int(step)])
        return None


@dataclass(frozen=True, slots=True)
class CollectionRecipe:
    """How the records of one collection are made."""

    name: str
    count: int | None
    """How many there are; `None` for an ingredient, which goes into other records only."""
    first: tuple[Mapping[str, Any], ...]
    """Members that the first records have whatever their recipes say."""
    fields: Mapping[str, Recipe]
    lifecycle: Lifecycle | None = None


class GenerationRun:
    """All the records that one run can make, each made when it is asked for."""

    def __init__(self, recipes: Mapping[str, CollectionRecipe], settings: GenerationSettings, now: str) -> None:
        self.recipes = recipes
        self.settings = settings
        self.now = now
        self.fakers = Fakers(settings.locale)
        self._referred: dict[tuple[str, int], RecordBuilder] = {}

    def record_at(self, collection: str, index: int) -> "RecordBuilder":
        """A record that another one refers to. Raises `ValueError` for one that will not be written."""
        count = self.settings.counts.get(collection)
        if count is not None and index >= count:
            raise ValueError(f"it refers to record {index + 1} of {collection}, and there are {count}; expected more of them")
        if (collection, index) not in self._referred:
            self._referred[collection, index] = RecordBuilder(self, self.recipes[collection], index)
        return self._referred[collection, index]


class RecordBuilder:
    """One record in the making: a member is made when it is asked for, by the record or by another member."""

    def __init__(self, world: GenerationRun, recipe: CollectionRecipe, index: int) -> None:
        self.run = world
        self.recipe = recipe
        self.index = index
        self._built = dict(recipe.first[index]) if index < len(recipe.first) else {}
        self._locale = ""

    @property
    def locale(self) -> str:
        """The language of the whole record."""
        self._locale = self._locale or ValueSeed(self, ()).random().choice(self.run.settings.locale)
        return self._locale

    def member(self, name: str) -> Any:
        """A member of the record itself."""
        if name not in self._built:
            self._built[name] = self.recipe.fields[name].make(ValueSeed(self, (name,)))
        return self._built[name]

    def values(self, members: tuple[str, ...]) -> list[Any]:
        """What stands at the end of a way into the record: one value, or one for each item where the way has a `*`."""
        found = [self.member(members[0])]
        for step in members[1:]:
            found = [each for value in found for each in _within(value, step)]
        return found

    def resolve(self, members: tuple[str, ...]) -> Any:
        """The value at the end of a way into the record. Raises `ValueError` where there is none."""
        for value in self.values(members):
            return value
        raise ValueError(f"record {self.index + 1} has no {'.'.join(members)}; expected one in each record")

    def build(self) -> dict[str, Any]:
        """The record, its members in the order of the recipes."""
        return {name: self.member(name) for name in self.recipe.fields}


def _within(value: Any, step: str) -> list[Any]:
    if isinstance(value, dict):
        return [value[step]] if step in value else []
    if isinstance(value, list) and step.isdecimal():
        return value[int(step) : int(step) + 1]
    return value if isinstance(value, list) and step == "*" else []
