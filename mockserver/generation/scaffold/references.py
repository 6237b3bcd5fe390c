"""Members that name a record of another collection: `user_id`, if there is a collection `users`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from mockserver.generation.scaffold.collections import InferredCollection
from mockserver.generation.scaffold.conventions import KEYS, singular, snake_case

References = Mapping[str, InferredCollection]
"""Member of a record to the collection with the record that it names."""
_COMPARED = ("format", "pattern", "enum")
"""The keywords that two keys of one kind have in common, in addition to the type."""


def targets_of(collections: Iterable[InferredCollection]) -> dict[str, InferredCollection]:
    """Return the collections that can be referenced, by the name of one record.

    A record with a parent cannot be referenced, because its key needs the parent too.
    """
    targets: dict[str, InferredCollection] = {}
    for target in collections:
        if target.parent is None:
            targets.setdefault(singular(snake_case(target.name)), target)
    return targets


def references_of(
    collection: InferredCollection, targets: Mapping[str, InferredCollection]
) -> dict[str, InferredCollection]:
    """Return the members of a collection that have keys of other collections, each with this one.

    Args:
        collection: The collection.
        targets: The collections that can be referenced: see `targets_of`.
    """
    references: dict[str, InferredCollection] = {}
    for member, schema in collection.members.items():
        named, _, ending = snake_case(member).rpartition("_")
        referenced = targets.get(named)
        if member in (collection.id_field, collection.parent_field) or ending not in KEYS:
            continue
        if referenced and referenced.name != collection.name and _is_key_of(schema, referenced):
            references[member] = referenced
    return references


def _is_key_of(schema: Mapping[str, Any], target: InferredCollection) -> bool:
    """Return whether a member has values of the same kind as the keys of a collection."""
    key = target.members.get(target.id_field, {})
    if key.get("type") not in ("string", "integer"):
        return False
    if schema.get("type") not in (key["type"], [key["type"], "null"]):
        return False
    return all(schema.get(keyword) == key.get(keyword) for keyword in _COMPARED)


def with_referenced_records(
    collections: Mapping[str, InferredCollection],
) -> dict[str, InferredCollection]:
    """Return the collections, each with an example for each documented reference to it."""
    targets = targets_of(collections.values())
    added: dict[str, dict[Any, None]] = {}
    for collection in collections.values():
        for member, target in references_of(collection, targets).items():
            values = added.setdefault(target.name, {})
            values.update(dict.fromkeys(_documented_values(collection, member)))
    results: dict[str, InferredCollection] = {}
    for pattern, collection in collections.items():
        keys = dict.fromkeys(collection.example_keys)
        keys.update(added.get(collection.name, {}))
        results[pattern] = replace(collection, example_keys=tuple(keys))
    return results


def _documented_values(collection: InferredCollection, member: str) -> Iterator[Any]:
    for response in collection.responses.values():
        for record in response.records:
            value = record.get(member)
            if isinstance(value, str | int) and value != "":
                yield value
