"""Read recipes: each kind declares its keys, and the reader collects all errors."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from mockserver.contract.lifecycles import FieldPath, Lifecycle
from mockserver.errors import FileError
from mockserver.formats.json_schema import Validator, closed_object
from mockserver.formats.json_text import abbreviated_json
from mockserver.formats.strict_yaml import Document, Pointer
from mockserver.generation.recipes.faker_providers import did_you_mean
from mockserver.generation.recipes.recipe import CollectionRecipe, Constant, Recipe


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of recipe: the row of a table."""

    schema: Mapping[str, Any]
    """JSON Schema of the value of the kind's own key."""
    read: "Callable[[Reader, Pointer, Mapping[str, Any]], Recipe]"
    """Makes the recipe of a mapping that fits `validator`. Reports other errors to the reader."""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """JSON Schema of each further key."""
    required: tuple[str, ...] = ()
    """The options that are required."""

    def validator(self, name: str) -> Validator:
        """Return the validator of such a recipe; `name` is the kind's own key."""
        properties = {name: self.schema, **self.options}
        required = [name, *self.required]
        return Validator(closed_object(required, **properties))


@dataclass(frozen=True, slots=True)
class Reference:
    """One use of another member. The member must exist, and must not need the one that uses it."""

    pointer: Pointer
    needed_by: tuple[str, str]
    """Collection and member that use it."""
    collection: str
    field_path: FieldPath


@dataclass(slots=True)
class Reader:
    """The state of reading one recipes.yaml."""

    document: Document
    kinds: Mapping[str, Kind]
    locale: tuple[str, ...]
    now: str
    lifecycles: Mapping[str, Lifecycle]
    collections: tuple[str, ...]
    """The names of all collections, embedded ones included."""
    known: dict[str, CollectionRecipe] = field(default_factory=dict)
    """The collections that have been read so far."""
    errors: list[FileError] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    current: tuple[str, str] = ("", "")
    """Collection and member that are being read."""

    @property
    def lifecycle(self) -> Lifecycle | None:
        """Return the lifecycle of the collection that is being read."""
        return self.lifecycles.get(self.current[0])

    def file_error(self, pointer: Pointer, message: str) -> Recipe:
        """Report an error of the value at `pointer`. Return a recipe to continue with."""
        self.errors.append(self.document.file_error(pointer, message))
        return Constant(None)

    def add_reference(self, pointer: Pointer, text: str, collection: str = "") -> FieldPath:
        """Record the use of a member of the same record, or of another collection's. Return its path."""
        field_path = tuple(text.split("."))
        self.references.append(
            Reference(pointer, self.current, collection or self.current[0], field_path)
        )
        return field_path

    def add_record_references(self, pointer: Pointer, collection: str) -> None:
        """Record the use of all members of another collection's records."""
        value = self.document.value
        entry = value["collections"].get(collection) or value["embedded"][collection]
        self.references += [
            Reference(pointer, self.current, collection, (name,)) for name in entry["fields"]
        ]

    def recipe(self, pointer: Pointer, entry: Any) -> Recipe:
        """Read the recipe at `pointer`: a constant, or a mapping with the key of one kind."""
        if isinstance(entry, list):
            constant = f"{{value: {abbreviated_json(entry)}}}"
            return self.file_error(
                pointer, f"a list is not a recipe; expected {constant} for a constant list"
            )
        if not isinstance(entry, dict):
            return Constant(entry)
        name = self._kind(entry)
        if not name:
            return self._unknown_kind(pointer, entry)
        if violations := self.kinds[name].validator(name).violations(entry):
            self.errors += self.document.file_errors(violations, pointer)
            return Constant(None)
        return self.kinds[name].read(self, pointer, entry)

    def _kind(self, entry: Mapping[str, Any]) -> str:
        """Return the kind that the keys name, or an empty text. A kind may be an option of another: `probability`."""
        kinds = [key for key in entry if key in self.kinds]
        for kind in kinds:
            if all(other == kind or other in self.kinds[kind].options for other in kinds):
                return kind
        return kinds[0] if kinds else ""

    def _unknown_kind(self, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
        kinds = ", ".join(self.kinds)
        if not entry:
            return self.file_error(
                pointer, f"the recipe is empty; expected one of the keys {kinds}"
            )
        # The other keys may be valid options of the kind that was meant.
        options = {option for kind in self.kinds.values() for option in kind.options}
        candidates = [key for key in entry if key not in options] or list(entry)
        hints = {key: did_you_mean(key, self.kinds) for key in candidates}
        key = next((key for key, hint in hints.items() if hint), candidates[0])
        message = f"unknown kind of recipe '{key}'{hints[key] or f'; expected one of {kinds}'}"
        self.errors.append(FileError(self.document.key_position((*pointer, key)), message))
        return Constant(None)


def missing_record_errors(reader: Reader) -> Iterator[FileError]:
    """Yield an error for each reference to a member that does not exist, or not in every record."""
    for reference in reader.references:
        collection = reader.known[reference.collection]
        name = reference.field_path[0]
        if name not in collection.fields:
            hint = did_you_mean(name, collection.fields)
            message = f"collection '{collection.name}' has no field '{name}'{hint}"
            yield reader.document.file_error(reference.pointer, message)
        elif not _is_in_every_record(collection, reference.field_path):
            text = ".".join(reference.field_path)
            message = f"'{text}' may be missing in records of '{collection.name}'; expected a member that every record has"
            yield reader.document.file_error(reference.pointer, message)


def _is_in_every_record(collection: CollectionRecipe, field_path: FieldPath) -> bool:
    recipe: Recipe | None = collection.fields[field_path[0]]
    for step in field_path[1:]:
        recipe = recipe.child(step) if recipe else None
    return recipe is not None


def reference_cycle_errors(reader: Reader) -> Iterator[FileError]:
    """Yield an error for a cycle of references: none of its members could be made first."""
    needs: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for reference in reader.references:
        needs.setdefault(reference.needed_by, []).append(
            (reference.collection, reference.field_path[0])
        )
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        cycle = error.args[1]
        pointer = next(
            reference.pointer for reference in reader.references if reference.needed_by in cycle
        )
        path = " > ".join(".".join(member) for member in cycle)
        yield reader.document.file_error(pointer, f"cycle of references: {path}")
