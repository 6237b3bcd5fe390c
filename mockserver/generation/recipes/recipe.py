"""Records while they are generated.

Each value has a separate seed, made of the run's seed and of the value's position. If a field, the
order of fields or the count changes, all other values stay the same. The clock, the order of a set
and earlier random numbers have no influence either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from random import Random
from typing import Any

from mockserver.contract.lifecycles import FieldPath, Lifecycle
from mockserver.generation.recipes.faker_providers import Fakers

Steps = tuple[str | int, ...]
"""The path from a record to a value in it."""


@dataclass(frozen=True, slots=True)
class GenerationSettings:
    """The settings of a recipes.yaml, which the command line can change."""

    seed: int
    locale: tuple[str, ...]
    counts: Mapping[str, int]
    """Collection to the number of its records."""


@dataclass(frozen=True, slots=True)
class ValueSeed:
    """The seed of one value of a record."""

    record: "RecordBuilder"
    steps: Steps

    def derive(self, *steps: str | int) -> "ValueSeed":
        """Return the seed of a value within this one."""
        return ValueSeed(self.record, (*self.steps, *steps))

    @property
    def number(self) -> int:
        """Return the seed as a number.

        It depends only on the run's seed and on the value's position.
        """
        record = self.record
        path = ".".join(map(str, self.steps))
        position = f"{record.run.settings.seed}/{record.recipe.name}/{record.index}/{path}"
        return int.from_bytes(blake2b(position.encode(), digest_size=8).digest())

    def random(self) -> Random:
        """Return a random number generator that starts with this seed."""
        # For examples, not for secrets.
        return Random(self.number)  # noqa: S311


class Recipe:
    """How to make one value. Each kind of recipe is a subclass; see `KINDS`."""

    __slots__ = ()

    def make(self, seed: ValueSeed) -> Any:
        """Make the value.

        Raises:
            ValueError: The value cannot be made. The message is a sentence.
        """
        raise NotImplementedError

    def child(self, step: str) -> "Recipe | None":
        """Return the recipe of a member or item of the value (`*`: any item).

        Return `None` for a member or item that may be missing.
        """
        return None


@dataclass(frozen=True, slots=True)
class Constant(Recipe):
    """Always the same value."""

    value: Any

    def make(self, seed: ValueSeed) -> Any:
        """Return the value."""
        return self.value

    def child(self, step: str) -> Recipe | None:
        """Return a member or item of the value."""
        if isinstance(self.value, dict) and step in self.value:
            return Constant(self.value[step])
        if isinstance(self.value, list) and self.value and step == "*":
            return Constant(self.value[0])
        if isinstance(self.value, list) and step.isdecimal() and int(step) < len(self.value):
            return Constant(self.value[int(step)])
        return None


@dataclass(frozen=True, slots=True)
class CollectionRecipe:
    """How to make the records of one collection."""

    name: str
    count: int | None
    """The number of records; `None` for a collection whose records are only embedded in others."""
    examples: tuple[Mapping[str, Any], ...]
    """Fixed members of the first records."""
    fields: Mapping[str, Recipe]
    lifecycle: Lifecycle | None = None


class GenerationRun:
    """One run of the generator. Each record is made when it is needed."""

    def __init__(
        self, recipes: Mapping[str, CollectionRecipe], settings: GenerationSettings, now: str
    ) -> None:
        self.recipes = recipes
        self.settings = settings
        self.now = now
        self.fakers = Fakers(settings.locale)
        self._builders: dict[tuple[str, int], RecordBuilder] = {}

    def record_at(self, collection: str, index: int) -> "RecordBuilder":
        """Return a record that another one refers to.

        Raises:
            ValueError: The collection has fewer records.
        """
        count = self.settings.counts.get(collection)
        if count is not None and index >= count:
            raise ValueError(
                f"reference to record {index + 1} of '{collection}', which has only {count} records"
            )
        key = (collection, index)
        if key not in self._builders:
            self._builders[key] = RecordBuilder(self, self.recipes[collection], index)
        return self._builders[key]


class RecordBuilder:
    """One record while it is generated.

    A member is made when the record or another member needs it.
    """

    def __init__(self, run: GenerationRun, recipe: CollectionRecipe, index: int) -> None:
        self.run = run
        self.recipe = recipe
        self.index = index
        self._members: dict[str, Any] = {}
        if index < len(recipe.examples):
            self._members.update(recipe.examples[index])
        self._locale = ""

    @property
    def locale(self) -> str:
        """Return the locale of all values of the record."""
        if not self._locale:
            self._locale = ValueSeed(self, ()).random().choice(self.run.settings.locale)
        return self._locale

    def member(self, name: str) -> Any:
        """Return a member of the record."""
        if name not in self._members:
            self._members[name] = self.recipe.fields[name].make(ValueSeed(self, (name,)))
        return self._members[name]

    def values(self, field_path: FieldPath) -> list[Any]:
        """Return the values at a path: one, or one for each item if the path has a `*`."""
        values = [self.member(field_path[0])]
        for step in field_path[1:]:
            parents, values = values, []
            for parent in parents:
                values += _children(parent, step)
        return values

    def resolve(self, field_path: FieldPath) -> Any:
        """Return the value at a path.

        Raises:
            ValueError: The record has none.
        """
        for value in self.values(field_path):
            return value
        name = ".".join(field_path)
        raise ValueError(
            f"record {self.index + 1} has no '{name}'; expected a value in every record"
        )

    def build(self) -> dict[str, Any]:
        """Return the record, its members in the order of the recipes."""
        return {name: self.member(name) for name in self.recipe.fields}


def _children(value: Any, step: str) -> list[Any]:
    """Return a member, an item or all items (`*`) of a value; none if the value has none."""
    if isinstance(value, dict) and step in value:
        return [value[step]]
    if isinstance(value, list) and step.isdecimal():
        return value[int(step) : int(step) + 1]
    if isinstance(value, list) and step == "*":
        return value
    return []
