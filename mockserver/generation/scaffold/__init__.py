"""Infer the effects and recipes of an API from its blueprint.

    Api, schemas --path_positions, responses--> collections --effects, field_recipes--> Draft
    Draft --yaml_files--> effects.yaml, recipes.yaml

Tables map methods, paths, schemas, examples and names. An ambiguous operation gets no effect, but a reason.
"""

from collections.abc import Iterable, Iterator, Mapping

from mockserver.generation.scaffold.collection_recipes import collection_of
from mockserver.generation.scaffold.collections import (
    InferredCollection,
    PathPosition,
    infer_collections,
    operation_paths,
)
from mockserver.generation.scaffold.conventions import TOKENS, first_match
from mockserver.generation.scaffold.draft import CollectionDraft, Draft, OperationDraft
from mockserver.generation.scaffold.effects import effect_of, label
from mockserver.generation.scaffold.yaml_files import effects_text, now_of, recipes_text
from mockserver.spec.description import Api
from mockserver.spec.schemas import Schemas

__all__ = ["Draft", "OperationDraft", "draft", "effects_text", "recipes_text"]


def draft(api: Api, derived: Schemas, without: Mapping[str, str]) -> Draft:
    """Return the inferred draft of an API.

    Args:
        api: The API description, with examples for all payloads (`schemas.with_examples`).
        derived: Its JSON Schemas.
        without: The ids of operations that get no effect, each with the reason.
    """
    positions, path_reasons = operation_paths(api)
    inferred, response_reasons = infer_collections(api, derived, positions, without)
    reasons = {**path_reasons, **response_reasons, **without}
    operations: list[OperationDraft] = []
    for operation in api.operations:
        try:
            if operation.id in reasons:
                raise ValueError(reasons[operation.id])
            position = positions[operation.id]
            if position.pattern not in inferred:
                raise ValueError(_unknown_collection(position, inferred))
            schema = derived.get((operation.id, operation.success_status or 0))
            operations.append(effect_of(operation, position, inferred[position.pattern], schema))
        except ValueError as error:
            operations.append(OperationDraft(operation.id, label(operation), str(error)))
    collections = list(_collections(inferred.values(), operations))
    headers = [
        name
        for o in api.operations
        for t in o.transactions
        if t.request
        for name, _ in t.request.headers
    ]
    return Draft(
        tuple(operations), tuple(collections), first_match(headers, TOKENS), now_of(collections)
    )


def _unknown_collection(position: PathPosition, inferred: Mapping[str, InferredCollection]) -> str:
    """Return why the collection of a path is unknown."""
    parent = inferred.get(position.pattern.rpartition("/{}/")[0])
    if parent and not position.key:
        return f"it looks like a state transition; add a lifecycle for {parent.name} and a `transition` effect"
    return "no GET operation shows which records this path is about"


def _collections(
    inferred: Iterable[InferredCollection], operations: list[OperationDraft]
) -> Iterator[CollectionDraft]:
    """Yield the collections that an operation uses, parents first."""
    parents: dict[str, CollectionDraft] = {}
    for group in sorted(inferred, key=lambda each: each.parent is not None):
        group_operations = [each for each in operations if each.collection == group.name]
        if group_operations:
            collection = collection_of(group, group_operations, parents)
            parents.setdefault(group.key, collection)
            yield collection
