"""What each operation does to the records, as far as method, path, answer and variables say so plainly."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockserver.contract.records import LABELS
from mockserver.generation.recipes.timestamps import FORMATS
from mockserver.generation.scaffold import conventions
from mockserver.generation.scaffold.collections import InferredCollection, PathPosition
from mockserver.generation.scaffold.conventions import ACTIONS, RESTORES, TRASH, first_match, snake_case
from mockserver.generation.scaffold.draft import OperationDraft
from mockserver.generation.scaffold.responses import ResponseShape, response_of
from mockserver.spec.description import Operation
from mockserver.spec.schemas.samples import TIMESTAMP_START

EffectEntry = dict[str, Any]
PLAIN = {
    ("GET", True): "list",
    ("GET", False): "retrieve",
    ("POST", True): "create",
    ("PUT", False): "update",
    ("PATCH", False): "update",
    ("DELETE", False): "remove",
}
"""Method, and whether it is at a collection and not at one record, to the kind of effect that this plainly is."""
UNPAGED = 1000
"""The length of the one page of a list that no variable pages."""


def effect_of(
    operation: Operation, place: PathPosition, group: InferredCollection, schema: Mapping[str, Any] | None
) -> OperationDraft:
    """The effect of an operation at the place of a collection. Raises `ValueError`, in a sentence, where none is plain."""
    kind = PLAIN.get((operation.method, place.many))
    where = f"{operation.method} {'of a collection' if place.many else 'of one record'}"
    if kind is None:
        raise ValueError(f"{where} has no standard meaning; expected GET or POST, or PUT, PATCH or DELETE of one record")
    _check_variables(place, group)
    acts = next(iter(conventions.words(operation.name)), "")
    if kind in ("update", "remove") and acts in ACTIONS:
        kind = _restored(acts, group)
    answer = group.shown.get(operation.id) or _written(operation, group, schema)
    entry = {kind: group.name, **dict(_KINDS[kind](operation, group, answer))}
    if kind not in ("list", "create") and 404 in operation.statuses:
        entry["not_found"] = 404
    return OperationDraft(operation.id, label(operation), f"{label(operation)}: {_SUGGESTIONS[kind]}", entry, answer, group.name)


def label(operation: Operation) -> str:
    """Method and URI template."""
    return f"{operation.method} {operation.uri_template}"


def _check_variables(place: PathPosition, group: InferredCollection) -> None:
    if place.within != group.parent:
        raise ValueError(f"the parent of {group.name} is {group.parent or 'none'}, but the path names {place.within or 'none'}")
    if place.key and place.key != group.key:
        raise ValueError(f"the path names {place.key}, but the key of {group.name} is {group.key}")


def _restored(acts: str, group: InferredCollection) -> str:
    """What is restored leaves the trash; any other action moves a record in a way that only people know."""
    if acts in RESTORES and snake_case(group.name).split("_")[-1] in TRASH:
        return "remove"
    raise ValueError(
        f"the name {acts!r} looks like a state transition; add a lifecycle for {group.name} and a `transition` effect"
    )


def _written(operation: Operation, group: InferredCollection, schema: Mapping[str, Any] | None) -> ResponseShape | None:
    """What an operation that writes shows of the record; `None` for one that shows something else, or nothing."""
    try:
        answer = response_of(operation, schema, many=False, collection=group.name)
    except ValueError:
        return None
    return answer if answer.members.keys() <= group.members.keys() else None


def _list(operation: Operation, group: InferredCollection, answer: ResponseShape | None) -> Iterator[tuple[str, Any]]:
    answer = answer or ResponseShape()
    query = {each.name: each for each in operation.parameters if each.location == "query"}
    size, page = first_match(query, conventions.SIZES), first_match(query, conventions.PAGES)
    search = {each: label for each in query if snake_case(each) in conventions.SEARCHES and (label := _label(answer))}
    taken = {size, page, "offset", *search}
    filters = {each: member for each in query if each not in taken and (member := _compared(each, answer))}
    yield from ((key, value) for key, value in {"search": search, "filter": filters}.items() if value)
    yield "limit", _limit(answer, query[size].default if size else None, size) if size or page else UNPAGED
    if "offset" in query and not page:
        yield "offset", None if "offset" in answer.echo and answer.echo["offset"] is None else 0
    named = {"page": page, "size": size if size != "limit" else None, "total": answer.total, "container": answer.into}
    yield from ((key, value) for key, value in named.items() if value)


def _label(answer: ResponseShape) -> str | None:
    """The text that names a record to people."""
    texts = {snake_case(name): name for name, schema in answer.members.items() if schema.get("type") == "string"}
    return next((texts[each] for each in LABELS if each in texts), None)


def _compared(variable: str, answer: ResponseShape) -> str | None:
    """The member of the same name with a single value."""
    single = ("string", "integer", "number", "boolean")
    return next((n for n, s in answer.members.items() if snake_case(n) == snake_case(variable) and s.get("type") in single), None)


def _limit(answer: ResponseShape, default: Any, size: str | None) -> int:
    for value in (default, answer.echo.get(size or "")):
        if isinstance(value, int) and 0 < value <= UNPAGED:
            return value
    return 20


def _retrieve(operation: Operation, group: InferredCollection, answer: ResponseShape | None) -> Iterator[tuple[str, Any]]:
    yield from (("container", answer.into),) if answer and answer.into else ()


def _create(operation: Operation, group: InferredCollection, answer: ResponseShape | None) -> Iterator[tuple[str, Any]]:
    yield from _timestamps(group, answer, (*conventions.CREATED, *conventions.CHANGED))
    if 409 in operation.statuses:
        yield "conflict", 409
    yield from _response_entry(operation, answer)


def _update(operation: Operation, group: InferredCollection, answer: ResponseShape | None) -> Iterator[tuple[str, Any]]:
    yield from _timestamps(group, answer, conventions.CHANGED)
    yield from _response_entry(operation, answer)


def _remove(operation: Operation, group: InferredCollection, answer: ResponseShape | None) -> Iterator[tuple[str, Any]]:
    yield from _response_entry(operation, answer)


def _timestamps(group: InferredCollection, answer: ResponseShape | None, among: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    members = answer.members if answer else group.members
    found = [name for name, schema in members.items() if snake_case(name) in among and timestamp_format(schema)]
    if found:
        yield "timestamps", found


def timestamp_format(schema: Mapping[str, Any]) -> str | None:
    """How a recipe of kind `time` writes what fits this schema; `None` where it is no stamp."""
    if "string" not in str(schema.get("type")):
        return None
    timestamp, iso = FORMATS
    if schema.get("format") == "date-time":
        return iso
    return timestamp if schema.get("pattern") == TIMESTAMP_START else None


def _response_entry(operation: Operation, answer: ResponseShape | None) -> Iterator[tuple[str, Any]]:
    """An answer that shows no record is the example; one without JSON needs no such word."""
    if answer is not None:
        yield from (("container", answer.into),) if answer.into else ()
    elif any(t.response.documents_body for t in operation.transactions_for(operation.success_status or 0)):
        yield "respond_with", "example"


_KINDS: dict[str, Callable[[Operation, InferredCollection, ResponseShape | None], Iterator[tuple[str, Any]]]] = {
    "list": _list,
    "retrieve": _retrieve,
    "create": _create,
    "update": _update,
    "remove": _remove,
}
_SUGGESTIONS = {
    "list": "the response contains one array of records",
    "retrieve": "the response contains one record",
    "create": "creates a record that a GET returns",
    "update": "changes a record that a GET returns",
    "remove": "removes a record that a GET returns",
}
