"""Recipes as they are read: each kind says which keys it takes, and the reader collects everything that is wrong."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from mockserver.contract.lifecycles import Lifecycle
from mockserver.errors import FileError
from mockserver.formats.json_schema import Validator
from mockserver.formats.json_text import abbreviated_json
from mockserver.formats.strict_yaml import Document, Pointer
from mockserver.generation.recipes.faker_providers import did_you_mean
from mockserver.generation.recipes.recipe import CollectionRecipe, Constant, Recipe

Members = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of recipe: the row of a table."""

    says: Mapping[str, Any]
    """JSON Schema of what stands under the kind's own key."""
    read: "Callable[[Reader, Pointer, Mapping[str, Any]], Recipe]"
    """Makes the recipe of a mapping whose keys are known to fit; what is wrong within goes to the reader."""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Key beside the kind's own to its JSON Schema."""
    required: tuple[str, ...] = ()
    """The options that cannot be left out."""

    def validator(self, name: str) -> Validator:
        """The shape of such a recipe."""
        properties = {name: self.says, **self.options}
        needed = [name, *self.required]
        return Validator({"type": "object", "required": needed, "properties": properties, "additionalProperties": False})


@dataclass(frozen=True, slots=True)
class Reference:
    """One use of another member: it has to be there, and must not need this one."""

    position: Pointer
    needed_by: tuple[str, str]
    """Collection and member that need it."""
    collection: str
    members: Members


@dataclass(slots=True)
class Reader:
    """What reading one file of recipes gave so far."""

    document: Document
    kinds: Mapping[str, Kind]
    locale: tuple[str, ...]
    now: str
    lifecycles: Mapping[str, Lifecycle]
    collections: tuple[str, ...]
    """The names of all, ingredients too."""
    known: dict[str, CollectionRecipe] = field(default_factory=dict)
    """Those that have been read so far."""
    errors: list[FileError] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    within: tuple[str, str] = ("", "")
    """Collection and member that are being read."""

    @property
    def lifecycle(self) -> Lifecycle | None:
        """Of the collection that is being read."""
        return self.lifecycles.get(self.within[0])

    def file_error(self, at: Pointer, message: str) -> Recipe:
        """Note a fault of the value there; the recipe returned stands in for the one that cannot be."""
        self.errors.append(self.document.file_error(at, message))
        return Constant(None)

    def add_reference(self, at: Pointer, text: str, collection: str = "") -> Members:
        """Note the use of a member, by its path, of the same record or of another collection's."""
        members = tuple(text.split("."))
        self.references.append(Reference(at, self.within, collection or self.within[0], members))
        return members

    def refer_whole(self, at: Pointer, collection: str) -> None:
        """Note the use of whole records of another collection."""
        value = self.document.value
        entry = value["collections"].get(collection) or value["ingredients"][collection]
        self.references += [Reference(at, self.within, collection, (name,)) for name in entry["fields"]]

    def recipe(self, at: Pointer, entry: Any) -> Recipe:
        """The recipe that stands at a pointer: a constant, or a mapping with the key of one kind."""
        if isinstance(entry, list):
            return self.file_error(
                at, f"a list is no recipe; expected {{value: {abbreviated_json(entry)}}} for one that is always the same"
            )
        if not isinstance(entry, dict):
            return Constant(entry)
        name = self._kind(entry)
        if not name:
            return self._no_kind(at, entry)
        if violations := self.kinds[name].validator(name).violations(entry):
            self.errors += self.document.file_errors(violations, at)
            return Constant(None)
        return self.kinds[name].read(self, at, entry)

    def _kind(self, entry: Mapping[str, Any]) -> str:
        """The kind that the keys tell: `chance` is a kind by itself, and an option of `maybe`."""
        named = [key for key in entry if key in self.kinds]
        owners = [name for name in named if all(other == name or other in self.kinds[name].options for other in named)]
        return (owners or named or [""])[0]

    def _no_kind(self, at: Pointer, entry: Mapping[str, Any]) -> Recipe:
        for key in entry:
            self.errors.append(
                FileError(self.document.key_position((*at, key)), f"unknown kind of recipe {key}{did_you_mean(key, self.kinds)}")
            )
        kinds = ", ".join(self.kinds)
        return self.file_error(at, f"no kind of recipe; expected one of {kinds}") if not entry else Constant(None)


def missing_record_errors(reader: Reader) -> Iterator[FileError]:
    """References to a member that is not there, or not in each record."""
    for reference in reader.references:
        collection, text = reader.known[reference.collection], ".".join(reference.members)
        if reference.members[0] not in collection.fields:
            message = (
                f"{collection.name} has no field {reference.members[0]}{did_you_mean(reference.members[0], collection.fields)}"
            )
            yield reader.document.file_error(reference.position, message)
        elif not _reached(collection, reference):
            message = f"{text} need not be in each record of {collection.name}; expected a member that always is"
            yield reader.document.file_error(reference.position, message)


def _reached(collection: CollectionRecipe, reference: Reference) -> bool:
    recipe: Recipe | None = collection.fields[reference.members[0]]
    for step in reference.members[1:]:
        recipe = recipe.child(step) if recipe else None
    return recipe is not None


def reference_cycle_errors(reader: Reader) -> Iterator[FileError]:
    """References that go round in a circle: none of those members could be made first."""
    needs: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for reference in reader.references:
        needs.setdefault(reference.needed_by, []).append((reference.collection, reference.members[0]))
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        circle = error.args[1]
        at = next(r.position for r in reader.references if r.needed_by in circle)
        way = " > ".join(".".join(member) for member in circle)
        yield reader.document.file_error(at, f"{way} is a circle; expected a member that can be made before the others")
