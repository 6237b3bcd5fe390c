"""References between members: each has to lead to a member that is there, and none back to where it came from."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from mockserver.errors import Fault
from mockserver.generation.recipes.faker_providers import nearest
from mockserver.generation.recipes.reader import Reader, Reference
from mockserver.generation.recipes.recipe import CollectionRecipe, Recipe


def missing_faults(reader: Reader) -> Iterator[Fault]:
    """References to a member that is not there, or not in each record."""
    for reference in reader.references:
        collection, text = reader.known[reference.collection], ".".join(reference.members)
        if reference.members[0] not in collection.fields:
            message = f"{collection.name} has no field {reference.members[0]}{nearest(reference.members[0], collection.fields)}"
            yield reader.document.fault(reference.at, message)
        elif not _reached(collection, reference):
            message = f"{text} need not be in each record of {collection.name}; expected a member that always is"
            yield reader.document.fault(reference.at, message)


def _reached(collection: CollectionRecipe, reference: Reference) -> bool:
    recipe: Recipe | None = collection.fields[reference.members[0]]
    for step in reference.members[1:]:
        recipe = recipe.inner(step) if recipe else None
    return recipe is not None


def circle_faults(reader: Reader) -> Iterator[Fault]:
    """References that go round in a circle: none of those members could be made first."""
    needs: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for reference in reader.references:
        needs.setdefault(reference.needed_by, []).append((reference.collection, reference.members[0]))
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        circle = error.args[1]
        at = next(r.at for r in reader.references if r.needed_by in circle)
        way = " > ".join(".".join(member) for member in circle)
        yield reader.document.fault(at, f"{way} is a circle; expected a member that can be made before the others")
