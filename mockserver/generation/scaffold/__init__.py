"""Infer the effects and recipes of an API from its blueprint.

    Api, schemas --path_positions, responses--> collections --effects, field_recipes--> Draft
    Draft --yaml_files--> effects.yaml, recipes.yaml

Tables map methods, paths, schemas, examples and names.
An ambiguous operation gets no effect, and the draft has the reason.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from mockserver.generation.scaffold.collection_recipes import MAX_TOTAL, collection_of
from mockserver.generation.scaffold.collections import (
    InferredCollection,
    PathPosition,
    infer_collections,
    operation_paths,
)
from mockserver.generation.scaffold.conventions import KEYS, TOKENS, first_match
from mockserver.generation.scaffold.draft import CollectionDraft, Draft, OperationDraft
from mockserver.generation.scaffold.effects import effect_of, invalid_status, label
from mockserver.generation.scaffold.references import (
    references_of,
    targets_of,
    with_referenced_records,
)
from mockserver.generation.scaffold.yaml_files import effects_file, now_of, recipes_file
from mockserver.spec.description import Api, Operation
from mockserver.spec.schemas import Schemas, derive_requests

__all__ = ["Draft", "OperationDraft", "draft", "effects_file", "recipes_file"]


def draft(api: Api, derived: Schemas, without: Mapping[str, str]) -> Draft:
    """Return the inferred draft of an API.

    Args:
        api: The API description, with examples for all payloads (`schemas.with_examples`).
        derived: Its JSON Schemas.
        without: The ids of operations that get no effect, each with the reason.
    """
    positions, path_reasons = operation_paths(api)
    with_request_schema = derive_requests(api).keys()
    inferred, response_reasons = infer_collections(api, derived, positions, without)
    inferred = with_referenced_records(inferred)
    reasons = {**path_reasons, **response_reasons, **without}
    operations: list[OperationDraft] = []
    for operation in api.operations:
        if operation.id in reasons:
            operations.append(_without_effect(operation, reasons[operation.id]))
        else:
            operations.append(_operation(operation, positions[operation.id], inferred, derived))
        if operation.id in with_request_schema:
            operations[-1] = replace(operations[-1], invalid=invalid_status(operation))
    collections = list(_collections(inferred.values(), operations))
    access_token = first_match(_request_headers(api), TOKENS)
    return Draft(tuple(operations), tuple(collections), access_token, now_of(collections))


def _operation(
    operation: Operation,
    position: PathPosition,
    inferred: Mapping[str, InferredCollection],
    derived: Schemas,
) -> OperationDraft:
    """Return the draft of an operation, with an effect if it is not ambiguous."""
    collection = inferred.get(position.pattern)
    if collection is None:
        return _without_effect(operation, _unknown_collection(position, inferred))
    schema = derived.get((operation.id, operation.success_status or 0))
    try:
        return effect_of(operation, position, collection, schema)
    except ValueError as error:
        return _without_effect(operation, str(error))


def _without_effect(operation: Operation, reason: str) -> OperationDraft:
    return OperationDraft(operation.id, label(operation), reason)


def _unknown_collection(position: PathPosition, inferred: Mapping[str, InferredCollection]) -> str:
    """Return why the collection of a path is unknown."""
    parent = inferred.get(position.pattern.rpartition("/{}/")[0])
    if parent and not position.key:
        advice = f"add a lifecycle for {parent.name} and a `transition` effect"
        return f"it looks like a state transition; {advice}"
    return "no GET operation shows which records this path is about"


def _request_headers(api: Api) -> Iterator[str]:
    """Yield the names of all documented request headers."""
    for operation in api.operations:
        for transaction in operation.transactions:
            if transaction.request:
                for name, _ in transaction.request.headers:
                    yield name


def _collections(
    inferred: Iterable[InferredCollection], operations: list[OperationDraft]
) -> Iterator[CollectionDraft]:
    """Yield the collections that an operation uses, parents first."""
    inferred = list(inferred)
    parents: dict[str, CollectionDraft] = {}
    users_of: dict[str, list[OperationDraft]] = {}
    for operation in operations:
        if operation.collection:
            users_of.setdefault(operation.collection, []).append(operation)
    share = MAX_TOTAL // max(1, len(users_of))
    targets = targets_of(collection for collection in inferred if collection.name in users_of)
    for collection in sorted(inferred, key=lambda collection: collection.pattern.count("{}")):
        users = users_of.get(collection.name)
        if users:
            parent = _parent_of(collection, parents)
            references = references_of(collection, targets)
            collection_draft = collection_of(collection, users, parent, references, share)
            parents[collection.pattern] = collection_draft
            yield collection_draft


def _parent_of(
    collection: InferredCollection, parents: Mapping[str, CollectionDraft]
) -> CollectionDraft | None:
    """Return the collection of the parents: by its path, or by the variable of its keys."""
    parent = parents.get(collection.parent_pattern)
    if parent or collection.parent in (None, *KEYS):
        return parent
    for draft in parents.values():
        if draft.rule["key"] == collection.parent:
            return draft
    return None
