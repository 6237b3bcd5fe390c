"""Infer the effect of each operation from its method, path, response and variables.

An ambiguous operation gets no effect.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from mockserver.contract.records import LABELS
from mockserver.generation.recipes.timestamps import FORMATS
from mockserver.generation.scaffold import conventions
from mockserver.generation.scaffold.collections import InferredCollection, PathPosition
from mockserver.generation.scaffold.conventions import (
    ACTIONS,
    RESTORES,
    TRASH,
    first_match,
    snake_case,
)
from mockserver.generation.scaffold.draft import OperationDraft
from mockserver.generation.scaffold.key_values import fitting_values
from mockserver.generation.scaffold.responses import ResponseShape, response_of
from mockserver.spec.description import Operation, Parameter
from mockserver.spec.schemas.samples import TIMESTAMP_START

KINDS = {
    ("GET", True): "list",
    ("GET", False): "retrieve",
    ("POST", True): "create",
    ("PUT", False): "update",
    ("PATCH", False): "update",
    ("DELETE", False): "remove",
}
"""Method, and whether the path is that of a collection or of one record, to the kind of effect."""
_METHODS_WITH_BODY = ("POST", "PUT", "PATCH")
UNPAGED = 1000
"""The page size of a list without a variable for paging."""

Members = Iterator[tuple[str, Any]]
"""The keys of an entry in effects.yaml, with their values."""


def effect_of(
    operation: Operation,
    position: PathPosition,
    group: InferredCollection,
    schema: Mapping[str, Any] | None,
) -> OperationDraft:
    """Return the draft of an operation, with its effect.

    Args:
        operation: The operation.
        position: The position of its path.
        group: The collection of this position.
        schema: The JSON Schema of its success response; `None` without one.

    Raises:
        ValueError: The effect is ambiguous; the text has the reason.
    """
    kind = _standard_kind(operation, position)
    _check_variables(position, group)
    _check_key(operation, position, group)
    verb = next(iter(conventions.words(operation.name)), "")
    if kind in ("update", "remove") and verb in ACTIONS:
        kind = _action_kind(verb, group)
    response = group.responses.get(operation.id) or _written_record(operation, group, schema)
    entry = {kind: group.name, **dict(_ENTRIES[kind](operation, group, response))}
    if kind not in ("list", "create") and 404 in operation.statuses:
        entry["not_found"] = 404
    reason = f"{label(operation)}: {_REASONS[kind]}"
    return OperationDraft(operation.id, label(operation), reason, entry, response, group.name)


def _standard_kind(operation: Operation, position: PathPosition) -> str:
    """Return the kind of effect of the method. Raises `ValueError` if the method has none."""
    kind = KINDS.get((operation.method, position.is_collection))
    if kind is None:
        target = "a collection" if position.is_collection else "one record"
        expected = "expected GET or POST, or PUT, PATCH or DELETE of one record"
        raise ValueError(f"{operation.method} of {target} has no standard meaning; {expected}")
    return kind


def invalid_status(operation: Operation) -> int | None:
    """Return the documented status for an invalid body; `None` without one.

    It has a documented body, because an empty response would not explain the error.
    """
    if operation.method not in _METHODS_WITH_BODY or operation.success_status is None:
        return None
    for status in conventions.INVALID:
        transactions = operation.transactions_for(status)
        if any(transaction.response.documents_body for transaction in transactions):
            return status
    return None


def label(operation: Operation) -> str:
    """Return method and URI template."""
    return f"{operation.method} {operation.uri_template}"


def _check_variables(position: PathPosition, group: InferredCollection) -> None:
    if position.parent != group.parent:
        parent = f"the parent of {group.name} is {group.parent or 'none'}"
        raise ValueError(f"{parent}, but the path names {position.parent or 'none'}")
    if position.key and position.key != group.key:
        raise ValueError(
            f"the path names {position.key}, but the key of {group.name} is {group.key}"
        )


def _check_key(operation: Operation, position: PathPosition, group: InferredCollection) -> None:
    """Raise `ValueError` if no record can have the documented key."""
    schema = group.members.get(group.id_field)
    for parameter in operation.parameters:
        documented = parameter.example
        if parameter.name != position.key or parameter.location != "path" or documented is None:
            continue
        if not fitting_values([documented], schema):
            raise ValueError(
                f"no record can have the documented {parameter.name} {documented!r}, "
                f"because the responses document another kind of {group.id_field}"
            )


def _action_kind(verb: str, group: InferredCollection) -> str:
    """Return `remove` for the restoration of a deleted record.

    Raises:
        ValueError: The action is another one.
    """
    if verb in RESTORES and snake_case(group.name).split("_")[-1] in TRASH:
        return "remove"
    advice = f"add a lifecycle for {group.name} and a `transition` effect"
    raise ValueError(f"the name {verb!r} looks like a state transition; {advice}")


def _written_record(
    operation: Operation, group: InferredCollection, schema: Mapping[str, Any] | None
) -> ResponseShape | None:
    """Return the shape of the written record in a response; `None` without a record."""
    try:
        response = response_of(operation, schema, many=False, collection=group.name)
    except ValueError:
        return None
    return response if response.members.keys() <= group.members.keys() else None


def _list(
    operation: Operation, group: InferredCollection, response: ResponseShape | None
) -> Members:
    response = response or ResponseShape()
    query = {
        parameter.name: parameter
        for parameter in operation.parameters
        if parameter.location == "query"
    }
    size = first_match(query, conventions.SIZES)
    page = first_match(query, conventions.PAGES)
    search = _search(query, response)
    filters = _filters(query, {size, page, "offset", *search}, response)
    if search:
        yield "search", search
    if filters:
        yield "filter", filters
    yield from _paging(query, size, page, response)
    if response.total:
        yield "total", response.total
    yield from _container(response)


def _paging(
    query: Mapping[str, Parameter], size: str | None, page: str | None, response: ResponseShape
) -> Members:
    """Yield the keys for paging; `size` and `page` are the variables for page size and number."""
    yield "limit", _limit(query, size, page, response)
    if page:
        yield "page", page
    elif "offset" in query:
        yield "offset", _default_offset(response)
    if size and size != "limit":
        yield "size", size


def _limit(
    query: Mapping[str, Parameter], size: str | None, page: str | None, response: ResponseShape
) -> int:
    """Return the page size: the default of the variable, else the echoed value, else 20."""
    if not size and not page:
        return UNPAGED
    values = []
    if size:
        values = [query[size].default, response.echo.get(size)]
    for value in values:
        if isinstance(value, int) and 0 < value <= UNPAGED:
            return value
    return 20


def _default_offset(response: ResponseShape) -> int | None:
    """Return the offset that a response without one in the request repeats: `null` or 0."""
    return None if response.echo.get("offset", 0) is None else 0


def _search(query: Iterable[str], response: ResponseShape) -> dict[str, str]:
    """Return the variables with a text to search for, each with the member that is searched."""
    member = _label_member(response)
    if member is None:
        return {}
    variables = [name for name in query if snake_case(name) in conventions.SEARCHES]
    return dict.fromkeys(variables, member)


def _filters(
    query: Iterable[str], others: set[str | None], response: ResponseShape
) -> dict[str, str]:
    """Return the variables, except `others`, with the name of a member, each with this member."""
    filters: dict[str, str] = {}
    for variable in query:
        member = _scalar_member(variable, response)
        if member and variable not in others:
            filters[variable] = member
    return filters


def _label_member(response: ResponseShape) -> str | None:
    """Return the member whose text names a record to people; `None` without one."""
    texts: dict[str, str] = {}
    for name, schema in response.members.items():
        if schema.get("type") == "string":
            texts[snake_case(name)] = name
    for convention in LABELS:
        if convention in texts:
            return texts[convention]
    return None


def _scalar_member(variable: str, response: ResponseShape) -> str | None:
    """Return the member with the name of a variable and a single value; `None` without one."""
    for name, schema in response.members.items():
        if snake_case(name) == snake_case(variable) and schema.get("type") in _SCALARS:
            return name
    return None


def _retrieve(
    operation: Operation, group: InferredCollection, response: ResponseShape | None
) -> Members:
    if response:
        yield from _container(response)


def _create(
    operation: Operation, group: InferredCollection, response: ResponseShape | None
) -> Members:
    yield from _timestamps(group, response, (*conventions.CREATED, *conventions.CHANGED))
    if 409 in operation.statuses:
        yield "conflict", 409
    yield from _response_entry(operation, response)


def _update(
    operation: Operation, group: InferredCollection, response: ResponseShape | None
) -> Members:
    yield from _timestamps(group, response, conventions.CHANGED)
    yield from _response_entry(operation, response)


def _remove(
    operation: Operation, group: InferredCollection, response: ResponseShape | None
) -> Members:
    yield from _response_entry(operation, response)


def _timestamps(
    group: InferredCollection, response: ResponseShape | None, names: tuple[str, ...]
) -> Members:
    members = response.members if response else group.members
    fields = []
    for name, schema in members.items():
        if snake_case(name) in names and timestamp_format(schema):
            fields.append(name)
    if fields:
        yield "timestamps", fields


def timestamp_format(schema: Mapping[str, Any]) -> str | None:
    """Return the format of a `time` recipe for a schema; `None` if it describes no timestamps."""
    if "string" not in str(schema.get("type")):
        return None
    timestamp, iso = FORMATS
    if schema.get("format") == "date-time":
        return iso
    if schema.get("pattern") == TIMESTAMP_START:
        return timestamp
    return None


def _response_entry(operation: Operation, response: ResponseShape | None) -> Members:
    """Yield the container of the record; for a body without a record `respond_with: example`."""
    if response is not None:
        yield from _container(response)
        return
    transactions = operation.transactions_for(operation.success_status or 0)
    if any(transaction.response.documents_body for transaction in transactions):
        yield "respond_with", "example"


def _container(response: ResponseShape) -> Members:
    if response.explicit_container:
        yield "container", response.explicit_container


_SCALARS = ("string", "integer", "number", "boolean")
_ENTRIES: dict[str, Callable[[Operation, InferredCollection, ResponseShape | None], Members]] = {
    "list": _list,
    "retrieve": _retrieve,
    "create": _create,
    "update": _update,
    "remove": _remove,
}
_REASONS = {
    "list": "the response contains one array of records",
    "retrieve": "the response contains one record",
    "create": "creates a record that a GET returns",
    "update": "changes a record that a GET returns",
    "remove": "removes a record that a GET returns",
}
