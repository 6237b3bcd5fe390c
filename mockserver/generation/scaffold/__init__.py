"""From a blueprint alone to what its API's folder of fixtures says: effects and recipes, as far as they are plain.

    Api, schemas --path_positions, responses--> collections --effects, field_recipes--> Draft
    Draft --yaml_files--> effects.yaml, recipes.yaml

Everything is read off method, path, schema, example and name, by tables; what is not plain has no effect, and says why.
"""

from collections.abc import Iterable, Iterator, Mapping

from mockserver.generation.scaffold.collection_recipes import collection_of
from mockserver.generation.scaffold.collections import InferredCollection, PathPosition, infer_collections, operation_paths
from mockserver.generation.scaffold.conventions import TOKENS, first_match
from mockserver.generation.scaffold.draft import CollectionDraft, Draft, OperationDraft
from mockserver.generation.scaffold.effects import effect_of, label
from mockserver.generation.scaffold.yaml_files import effects_text, now_of, recipes_text
from mockserver.spec.description import Api
from mockserver.spec.schemas import Schemas

__all__ = ["Draft", "OperationDraft", "draft", "effects_text", "recipes_text"]


def draft(api: Api, derived: Schemas, without: Mapping[str, str]) -> Draft:
    """What can be inferred of an API, whose payloads have examples (`schemas.with_examples`), and whose schemas are `derived`.

    `without` are ids of operations that get no effect, each with the sentence that says why.
    """
    places, nowhere = operation_paths(api)
    found, shapeless = infer_collections(api, derived, places, without)
    reasons = {**nowhere, **shapeless, **without}
    operations: list[OperationDraft] = []
    for operation in api.operations:
        try:
            if operation.id in reasons:
                raise ValueError(reasons[operation.id])
            place = places[operation.id]
            if place.pattern not in found:
                raise ValueError(_unknown(place, found))
            schema = derived.get((operation.id, operation.success or 0))
            operations.append(effect_of(operation, place, found[place.pattern], schema))
        except ValueError as error:
            operations.append(OperationDraft(operation.id, label(operation), str(error)))
    collections = list(_collections(found.values(), operations))
    headers = [name for o in api.operations for t in o.transactions if t.request for name, _ in t.request.headers]
    return Draft(tuple(operations), tuple(collections), first_match(headers, TOKENS), now_of(collections))


def _unknown(place: PathPosition, found: Mapping[str, InferredCollection]) -> str:
    """Why nothing is known of what a path is about."""
    above = found.get(place.pattern.rpartition("/{}/")[0])
    if above and not place.key:
        return f"it looks like a state transition; add a lifecycle for {above.name} and a `transition` effect"
    return "no GET operation shows which records this path is about"


def _collections(found: Iterable[InferredCollection], operations: list[OperationDraft]) -> Iterator[CollectionDraft]:
    """Those that some operation is about; parents before what belongs to them."""
    parents: dict[str, CollectionDraft] = {}
    for group in sorted(found, key=lambda each: each.parent is not None):
        own = [each for each in operations if each.collection == group.name]
        if own:
            made = collection_of(group, own, parents)
            parents.setdefault(group.key, made)
            yield made
