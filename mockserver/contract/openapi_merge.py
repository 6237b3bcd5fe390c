"""Merge operations of one method and path: OpenAPI cannot distinguish operations by their query."""

from collections.abc import Iterable, Mapping
from typing import Any

Json = dict[str, Any]


def merge(documents: list[Json]) -> Json:
    """Return one OpenAPI operation with the parameters, bodies and responses of all of these."""
    first, *others = documents
    if not others:
        return first
    merged = {**first, "summary": " / ".join(_values(documents, "summary"))}
    merged["parameters"] = _parameters(_values(documents, "parameters"))
    merged["responses"] = _responses(_values(documents, "responses"))
    bodies = _values(documents, "requestBody")
    if bodies:
        is_always_required = all(_values(bodies, "required"))
        merged["requestBody"] = {
            "required": len(bodies) == len(documents) and is_always_required,
            "content": _content(_values(bodies, "content")),
        }
    merged["x-operation-ids"] = _values(documents, "operationId")
    return merged


def _values(documents: Iterable[Mapping[str, Any]], name: str) -> list[Any]:
    """Return the values of a member, of the documents that have it."""
    return [document[name] for document in documents if name in document]


def _names(documents: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the members of all documents, each once."""
    names: dict[str, None] = {}
    for document in documents:
        names |= dict.fromkeys(document)
    return list(names)


def _parameters(lists: list[list[Json]]) -> list[Json]:
    """Return each parameter once; it is required if all operations require it."""
    by_name: dict[tuple[str, str], list[Json]] = {}
    for parameters in lists:
        for parameter in parameters:
            by_name.setdefault((parameter["in"], parameter["name"]), []).append(parameter)
    merged: list[Json] = []
    for same in by_name.values():
        is_required = len(same) == len(lists) and all(_values(same, "required"))
        schema = _any_of(_values(same, "schema"))
        merged.append({**same[0], "required": is_required, "schema": schema})
    return merged


def _responses(maps: list[Mapping[str, Json]]) -> Json:
    """Return each status once, with the content of all operations."""
    merged: Json = {}
    for status in sorted(_names(maps)):
        same = _values(maps, status)
        contents = _values(same, "content")
        merged[status] = same[0]
        if contents:
            merged[status] = {**same[0], "content": _content(contents)}
    return merged


def _content(contents: list[Mapping[str, Json]]) -> Json:
    """Return each media type once; a body matches one of its schemas."""
    merged: Json = {}
    for media_type in _names(contents):
        same = _values(contents, media_type)
        schemas = _values(same, "schema")
        media = dict(same[0])
        media.pop("schema", None)
        if len(schemas) == len(same):
            # Without a schema an operation accepts any body, so the merged one has none either.
            media["schema"] = _any_of(schemas)
        merged[media_type] = media
    return merged


def _any_of(schemas: list[Json]) -> Json:
    distinct: list[Json] = []
    for schema in schemas:
        if schema not in distinct:
            distinct.append(schema)
    if len(distinct) == 1:
        return distinct[0]
    return {"anyOf": distinct}
