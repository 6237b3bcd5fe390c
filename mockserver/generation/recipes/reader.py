"""Recipes as they are read: each kind says which keys it takes, and the reader collects everything that is wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract.lifecycles import Lifecycle
from mockserver.errors import Fault
from mockserver.formats.json_schema import Validator
from mockserver.formats.json_text import show
from mockserver.formats.strict_yaml import Document, Pointer
from mockserver.generation.recipes.faker_providers import nearest
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

    at: Pointer
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
    faults: list[Fault] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    within: tuple[str, str] = ("", "")
    """Collection and member that are being read."""

    @property
    def lifecycle(self) -> Lifecycle | None:
        """Of the collection that is being read."""
        return self.lifecycles.get(self.within[0])

    def fault(self, at: Pointer, message: str) -> Recipe:
        """Note a fault of the value there; the recipe returned stands in for the one that cannot be."""
        self.faults.append(self.document.fault(at, message))
        return Constant(None)

    def refer(self, at: Pointer, text: str, collection: str = "") -> Members:
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
            return self.fault(at, f"a list is no recipe; expected {{value: {show(entry)}}} for one that is always the same")
        if not isinstance(entry, dict):
            return Constant(entry)
        name = self._kind(entry)
        if not name:
            return self._no_kind(at, entry)
        if violations := self.kinds[name].validator(name).violations(entry):
            self.faults += self.document.faults(violations, at)
            return Constant(None)
        return self.kinds[name].read(self, at, entry)

    def _kind(self, entry: Mapping[str, Any]) -> str:
        """The kind that the keys tell: `chance` is a kind by itself, and an option of `maybe`."""
        named = [key for key in entry if key in self.kinds]
        owners = [name for name in named if all(other == name or other in self.kinds[name].options for other in named)]
        return (owners or named or [""])[0]

    def _no_kind(self, at: Pointer, entry: Mapping[str, Any]) -> Recipe:
        for key in entry:
            self.faults.append(Fault(self.document.at_key((*at, key)), f"unknown kind of recipe {key}{nearest(key, self.kinds)}"))
        kinds = ", ".join(self.kinds)
        return self.fault(at, f"no kind of recipe; expected one of {kinds}") if not entry else Constant(None)
