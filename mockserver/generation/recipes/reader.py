"""Read recipes: each kind declares its keys, and the reader collects all errors."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from mockserver.contract.lifecycles import FieldPath, Lifecycle
from mockserver.errors import FileMessage
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
    recipes: dict[str, CollectionRecipe] = field(default_factory=dict)
    """The collections that have been read so far."""
    errors: list[FileMessage] = field(default_factory=list)
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
        """Record the use of a member of the same record, or of another collection's record.

        Return the path of the member.
        """
        field_path = tuple(text.split("."))
        self.references.append(
            Reference(pointer, self.current, collection or self.current[0], field_path)
        )
        return field_path

    def add_record_references(self, pointer: Pointer, collection: str) -> None:
        """Record the use of all members of another collection's records."""
        value = self.document.value
        entry = value["collections"].get(collection) or value["embedded"][collection]
        for name in entry["fields"]:
            self.references.append(Reference(pointer, self.current, collection, (name,)))

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
        violations = self.kinds[name].validator(name).violations(entry)
        if violations:
            self.errors += self.document.file_errors(violations, pointer)
            return Constant(None)
        return self.kinds[name].read(self, pointer, entry)

    def _kind(self, entry: Mapping[str, Any]) -> str:
        """Return the kind that the keys name; empty without one.

        A kind may be an option of another one: `probability`.
        """
        kinds = [key for key in entry if key in self.kinds]
        for kind in kinds:
            if {kind, *self.kinds[kind].options}.issuperset(kinds):
                return kind
        return kinds[0] if kinds else ""

    def _unknown_kind(self, pointer: Pointer, entry: Mapping[str, Any]) -> Recipe:
        kinds = ", ".join(self.kinds)
        if not entry:
            return self.file_error(
                pointer, f"the recipe is empty; expected one of the keys {kinds}"
            )
        candidates = self._possible_kinds(entry)
        key, hint = candidates[0], f"; expected one of {kinds}"
        for candidate in candidates:
            similar = did_you_mean(candidate, self.kinds)
            if similar:
                key, hint = candidate, similar
                break
        position = self.document.key_position((*pointer, key))
        self.errors.append(FileMessage(position, f"unknown kind of recipe '{key}'{hint}"))
        return Constant(None)

    def _possible_kinds(self, entry: Mapping[str, Any]) -> list[str]:
        """Return the keys that may be a misspelled kind: those that are not options of one."""
        options: set[str] = set()
        for kind in self.kinds.values():
            options.update(kind.options)
        return [key for key in entry if key not in options] or list(entry)


def parse_bounds(text: str) -> tuple[int, int]:
    """Return the two numbers of `1-3`, or twice the one of `3`."""
    low, _, high = text.partition("-")
    return int(low), int(high or low)


def missing_record_errors(reader: Reader) -> Iterator[FileMessage]:
    """Yield an error for each reference to a member that is not in every record."""
    for reference in reader.references:
        collection = reader.recipes[reference.collection]
        name = reference.field_path[0]
        if name not in collection.fields:
            hint = did_you_mean(name, collection.fields)
            message = f"collection '{collection.name}' has no field '{name}'{hint}"
            yield reader.document.file_error(reference.pointer, message)
        elif not _is_in_every_record(collection, reference.field_path):
            text = ".".join(reference.field_path)
            message = (
                f"'{text}' may be missing in records of '{collection.name}'; "
                "expected a member that every record has"
            )
            yield reader.document.file_error(reference.pointer, message)


def _is_in_every_record(collection: CollectionRecipe, field_path: FieldPath) -> bool:
    recipe: Recipe | None = collection.fields[field_path[0]]
    for step in field_path[1:]:
        if recipe is None:
            return False
        recipe = recipe.child(step)
    return recipe is not None


def reference_cycle_errors(reader: Reader) -> Iterator[FileMessage]:
    """Yield an error for a cycle of references: none of its members could be made first."""
    needs: TopologicalSorter[tuple[str, str]] = TopologicalSorter()
    for reference in reader.references:
        needs.add(reference.needed_by, (reference.collection, reference.field_path[0]))
    try:
        needs.prepare()
    except CycleError as error:
        cycle = error.args[1]
        path = " > ".join(map(".".join, cycle))
        pointers = [each.pointer for each in reader.references if each.needed_by in cycle]
        yield reader.document.file_error(pointers[0], f"cycle of references: {path}")
