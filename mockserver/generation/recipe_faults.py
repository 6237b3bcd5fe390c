"""Records that recipes have made, held against the contract: what breaks it is reported at the recipe, not at the record."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.contract.effects import RecordLocator
from mockserver.contract.record_checks import RecordCheck
from mockserver.contract.records import Record
from mockserver.errors import FileError, Violation
from mockserver.formats.strict_yaml import Pointer
from mockserver.generation.recipes import Recipes

_INDEX = re.compile(r"/[0-9]+(?=/|$)")


def recipe_errors(
    recipes: Recipes, made: Mapping[str, Sequence[Record]], checks: Mapping[str, RecordCheck]
) -> Iterator[FileError]:
    """Each way in which the records of a recipe break the contract, once, with the number of the records that do."""
    for name, records in made.items():
        if name in checks:
            yield from _broken_recipes(recipes, name, records, checks[name])
            yield from _same_key(recipes, name, records, checks[name].rule)


def _broken_recipes(recipes: Recipes, name: str, records: Sequence[Record], check: RecordCheck) -> Iterator[FileError]:
    found: dict[tuple[Pointer, str, str], dict[int, Violation]] = {}
    for index, record in enumerate(records):
        for violation in check.violations(record):
            place = recipe_pointer(recipes, name, index, violation.pointer.split("/")[1:])
            kind = (place, _INDEX.sub("/*", violation.pointer), violation.expected)
            found.setdefault(kind, {}).setdefault(index, violation)
    for (place, _, _), broken in found.items():
        index, violation = next(iter(broken.items()))
        more = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
        yield recipes.document.file_error(place, f"{name}: record {index}{more} breaks its schema at {violation}")


def _same_key(recipes: Recipes, name: str, records: Sequence[Record], rule: RecordLocator) -> Iterator[FileError]:
    first: dict[str, int] = {}
    for index, record in enumerate(records):
        key = rule.key_of(record)
        if first.setdefault(key, index) != index:
            message = f"{name}: record {index} has the key {key} of record {first[key]}; expected each key once"
            yield recipes.document.file_error(recipe_pointer(recipes, name, index, [rule.id_field]), message)
            return


def recipe_pointer(recipes: Recipes, name: str, index: int, steps: Sequence[str]) -> Pointer:
    """Where the file says what a value of a record is; for a value without a recipe, where the nearest recipe around it is."""
    entry, field = recipes.document.value["collections"][name], steps[0] if steps else ""
    first = entry.get("first", [])
    if index < len(first) and field in first[index]:
        return ("collections", name, "first", index, *(int(step) if step.isdecimal() else step for step in steps))
    if field not in entry["fields"]:
        return ("collections", name, "fields")
    return ("collections", name, "fields", field, *_inner(entry["fields"][field], steps[1:]))


def _inner(recipe: Any, steps: Sequence[str]) -> Pointer:
    """The way from a recipe to that of a member or item of its value, as far as the file writes one."""
    if not steps or not isinstance(recipe, dict):
        return ()
    if "maybe" in recipe:
        return ("maybe", *_inner(recipe["maybe"], steps))
    if "of" in recipe and steps[0].isdecimal():
        return ("of", *_inner(recipe["of"], steps[1:]))
    fields = recipe.get("fields", {})
    return ("fields", steps[0], *_inner(fields[steps[0]], steps[1:])) if steps[0] in fields else ()
