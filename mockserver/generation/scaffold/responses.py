"""The records in the success response of an operation: their schema, container and examples."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from mockserver.contract.envelope import Envelope, EnvelopeHints, infer_envelope
from mockserver.generation.scaffold.conventions import (
    COUNTS,
    KEYS,
    PAGES,
    SIBLINGS,
    SIZES,
    TOTALS,
    WRAPPERS,
    singular,
    snake_case,
)
from mockserver.spec.description import Operation

_REFERS = ('"$ref"', '"$dynamicRef"')


@dataclass(frozen=True, slots=True)
class ResponseShape:
    """The records in one response."""

    item: Mapping[str, Any] = field(default_factory=dict)
    """The schema of one record."""
    records: tuple[Mapping[str, Any], ...] = ()
    """The records of the documented body."""
    container: str | None = None
    """The member of the body that holds them; `None` if the body itself does."""
    into: str | None = None
    """The same member, if effects.yaml must name it."""
    total: str | None = None
    """The member with the number of records on all pages."""
    echo: Mapping[str, Any] = field(default_factory=dict)
    """The part of the documented body that repeats the request."""

    @property
    def members(self) -> Mapping[str, Any]:
        """The schema of each member of a record."""
        properties: Mapping[str, Any] = self.item.get("properties", {})
        return properties


def response_of(operation: Operation, schema: Mapping[str, Any] | None, many: bool, collection: str) -> ResponseShape:
    """Return the shape of the success response. Raises `ValueError` with the reason if it is ambiguous."""
    documented = operation.transactions_for(operation.success_status or 0)
    if schema is None or not documented or not documented[0].response.is_json:
        raise ValueError(
            f"the {operation.success_status or 'success'} response has no JSON body; expected one that holds the records"
        )
    if any(word in orjson.dumps(schema).decode() for word in _REFERS):
        raise ValueError("the response schema uses $ref; expected a schema without references")
    body = documented[0].response.body
    shown = orjson.loads(body) if body is not None else None
    variables = [each.name for each in operation.parameters if each.location == "query"]
    into = _into(schema, many, collection)
    total = next(_totals(schema, variables), None) if many else None
    found = _first_envelope(schema, variables, many, [EnvelopeHints(into, total, shown), EnvelopeHints(into, None, shown)])
    _check_item(found.item_schema, many)
    records = shown.get(found.container) if found.container and isinstance(shown, dict) else shown
    listed = records if isinstance(records, list) else [records]
    echo = shown.get(found.echo_member) if found.echo_member and isinstance(shown, dict) else {}
    named = total if total and (found.total_member or total in found.echoed) else None
    own = tuple(each for each in listed if isinstance(each, dict))
    return ResponseShape(found.item_schema, own, found.container, into, named, echo if isinstance(echo, dict) else {})


def _first_envelope(schema: Mapping[str, Any], variables: list[str], many: bool, alternatives: list[EnvelopeHints]) -> Envelope:
    """Return the envelope for the first hints that work."""
    *likelier, last = alternatives
    for hints in likelier:
        try:
            return infer_envelope(schema, variables, many, hints)
        except ValueError:
            continue
    return infer_envelope(schema, variables, many, last)


def _check_item(item: Mapping[str, Any], many: bool) -> None:
    if not _is(item, "object") or not item.get("properties"):
        raise ValueError(f"the response contains no {'array of objects' if many else 'object'} with members")
    properties = item["properties"]
    if not many and len(properties) == 1 and _is(next(iter(properties.values())), "array"):
        raise ValueError("the response contains only an array; expected one record")


def _into(schema: Mapping[str, Any], many: bool, collection: str) -> str | None:
    """Return the member that holds the records if there are several candidates and one has a matching name."""
    members: Mapping[str, Any] = schema.get("properties", {})
    arrays = {name: each for name, each in members.items() if _is(each, "array")}
    own = _named(arrays if many else [name for name, each in members.items() if _is(each, "object")], collection)
    is_record = any(snake_case(name) in KEYS for name in members)
    if not many:
        # A body with a key is a record, and the object in it a part of the record.
        return own if own and 1 < len(members) <= _FEW and not is_record else None
    if is_record and not own:
        raise ValueError("the response is one record, but the path names a collection")
    if any(not isinstance(each.get("items"), dict) for each in (*arrays.values(), *([schema] if _is(schema, "array") else []))):
        raise ValueError("the response contains an array whose items are not documented; expected objects with members")
    return own if len(arrays) > 1 else None


_FEW = 3
"""Maximum number of members of a body that wraps one record."""


def _named(names: Iterable[str], collection: str) -> str | None:
    """Return the name that matches the collection, else a generic one."""
    by_name = {snake_case(name): name for name in names}
    candidates = (snake_case(collection), singular(snake_case(collection)), *WRAPPERS)
    return next((by_name[each] for each in candidates if each in by_name), None)


def _totals(schema: Mapping[str, Any], variables: Iterable[str]) -> Iterator[str]:
    """Yield the integers, in the body or in an object of it, with the name of a total."""
    members: Mapping[str, Any] = schema.get("properties", {})
    paged = any(snake_case(each) in (*SIZES, *PAGES, "offset") for each in variables)
    plain = not paged or any(snake_case(name) in SIBLINGS for name in members)
    inner = [each.get("properties", {}) for each in members.values() if _is(each, "object")]
    for place in (members, *inner):
        for names in (TOTALS, COUNTS if plain else ()):
            yield from (name for name, each in place.items() if snake_case(name) in names and each.get("type") == "integer")


def _is(schema: Mapping[str, Any], kind: str) -> bool:
    return schema.get("type") in (kind, [kind, "null"])
