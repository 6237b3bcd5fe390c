"""Merge operations of one method and path: OpenAPI cannot distinguish operations by their query."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]


def merge(documents: list[Json]) -> Json:
    """Return one OpenAPI operation with the parameters, bodies and responses of all of these."""
    first, *others = documents
    if not others:
        return first
    merged = {**first, "summary": " / ".join(document["summary"] for document in documents)}
    merged["parameters"] = _parameters([document["parameters"] for document in documents])
    merged["responses"] = _responses([document["responses"] for document in documents])
    bodies = [document["requestBody"] for document in documents if "requestBody" in document]
    if bodies:
        required = len(bodies) == len(documents) and all(body["required"] for body in bodies)
        merged["requestBody"] = {
            "required": required,
            "content": _content([body["content"] for body in bodies]),
        }
    merged["x-operation-ids"] = [document["operationId"] for document in documents]
    return merged


def _parameters(lists: list[list[Json]]) -> list[Json]:
    """Return each parameter once; it is required if all operations require it."""
    named: dict[tuple[str, str], list[Json]] = {}
    for parameters in lists:
        for parameter in parameters:
            named.setdefault((parameter["in"], parameter["name"]), []).append(parameter)
    merged: list[Json] = []
    for same in named.values():
        required = len(same) == len(lists) and all(parameter["required"] for parameter in same)
        merged.append(
            {**same[0], "required": required, "schema": _either([each["schema"] for each in same])}
        )
    return merged


def _responses(maps: list[Mapping[str, Json]]) -> Json:
    """Return each status once, with the content of all operations."""
    merged: Json = {}
    for status in sorted({status for responses in maps for status in responses}):
        same = [responses[status] for responses in maps if status in responses]
        contents = [response["content"] for response in same if "content" in response]
        merged[status] = {**same[0], "content": _content(contents)} if contents else same[0]
    return merged


def _content(contents: list[Mapping[str, Json]]) -> Json:
    """Return each media type once; a body matches one of its schemas."""
    merged: Json = {}
    for media in dict.fromkeys(media for content in contents for media in content):
        same = [content[media] for content in contents if media in content]
        schemas = [each["schema"] for each in same if "schema" in each]
        is_known = len(schemas) == len(same)
        merged[media] = {key: value for key, value in same[0].items() if key != "schema"}
        if is_known:
            merged[media]["schema"] = _either(schemas)
    return merged


def _either(schemas: list[Json]) -> Json:
    distinct = [schema for index, schema in enumerate(schemas) if schema not in schemas[:index]]
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}
