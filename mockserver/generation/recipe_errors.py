"""Check generated records against the contract.

A violation is reported at the recipe, not at the record.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.contract.effects import RecordLocator
from mockserver.contract.record_checks import RecordCheck
from mockserver.contract.record_types import Record
from mockserver.errors import FileMessage, Violation
from mockserver.formats.strict_yaml import Pointer
from mockserver.generation.recipes import Recipes

_INDEX = re.compile(r"/[0-9]+(?=/|$)")


def recipe_errors(
    recipes: Recipes, collections: Mapping[str, Sequence[Record]], checks: Mapping[str, RecordCheck]
) -> Iterator[FileMessage]:
    """Yield an error for each way in which a recipe's records violate the contract.

    An error has the number of such records.

    Args:
        recipes: The recipes.
        collections: The generated records by collection.
        checks: The checks of each collection. A collection without one is not checked.
    """
    for name, records in collections.items():
        if name in checks:
            yield from _schema_errors(recipes, name, records, checks[name])
            yield from _duplicate_key_errors(recipes, name, records, checks[name].rule)


def _schema_errors(
    recipes: Recipes, name: str, records: Sequence[Record], check: RecordCheck
) -> Iterator[FileMessage]:
    # One error for all records: by the recipe's pointer, the violation's without indexes, and
    # the expected value.
    groups: dict[tuple[Pointer, str, str], dict[int, Violation]] = {}
    for index, record in enumerate(records):
        for violation in check.violations(record):
            pointer = recipe_pointer(recipes, name, index, violation.pointer.split("/")[1:])
            group = (pointer, _INDEX.sub("/*", violation.pointer), violation.expected)
            groups.setdefault(group, {}).setdefault(index, violation)
    for (pointer, _, _), violations in groups.items():
        index, violation = next(iter(violations.items()))
        message = f"{name}: record {index}"
        if len(violations) > 1:
            message += f" (and {len(violations) - 1} more)"
        message += f" violates its schema at {violation}"
        yield recipes.document.file_error(pointer, message)


def _duplicate_key_errors(
    recipes: Recipes, name: str, records: Sequence[Record], locator: RecordLocator
) -> Iterator[FileMessage]:
    first_index: dict[str, int] = {}
    for index, record in enumerate(records):
        key = locator.key_of(record)
        if first_index.setdefault(key, index) != index:
            pointer = recipe_pointer(recipes, name, index, [locator.id_field])
            message = f"{name}: duplicate key {key} (records {first_index[key]} and {index})"
            yield recipes.document.file_error(pointer, message)
            return


def recipe_pointer(recipes: Recipes, name: str, index: int, steps: Sequence[str]) -> Pointer:
    """Return where the file defines a value of a record: in an example or a recipe.

    Without a recipe for the value, it is the nearest recipe around it.

    Args:
        recipes: The recipes.
        name: The collection.
        index: The record's index.
        steps: The path from the record to the value.
    """
    entry = recipes.document.value["collections"][name]
    fields = ("collections", name, "fields")
    field, *inner_steps = steps or [""]
    examples = entry.get("examples", [])
    if index < len(examples) and field in examples[index]:
        return ("collections", name, "examples", index, *map(_example_step, steps))
    if field not in entry["fields"]:
        return fields
    return (*fields, field, *_inner_pointer(entry["fields"][field], inner_steps))


def _example_step(step: str) -> str | int:
    """Return a step of a JSON pointer as a step in YAML, where the items of a list have numbers."""
    return int(step) if step.isdecimal() else step


def _inner_pointer(recipe: Any, steps: Sequence[str]) -> Pointer:
    """Return the path from a recipe to that of a member or item, as far as the file has one."""
    if not steps or not isinstance(recipe, dict):
        return ()
    if "nullable" in recipe:
        return ("nullable", *_inner_pointer(recipe["nullable"], steps))
    if "of" in recipe and steps[0].isdecimal():
        return ("of", *_inner_pointer(recipe["of"], steps[1:]))
    fields = recipe.get("fields", {})
    if steps[0] not in fields:
        return ()
    return ("fields", steps[0], *_inner_pointer(fields[steps[0]], steps[1:]))
