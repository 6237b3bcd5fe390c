"""The records in the success response of an operation: their schema, container and examples."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
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

_REFERENCES = ('"$ref"', '"$dynamicRef"')


@dataclass(frozen=True, slots=True)
class ResponseShape:
    """The records in one response."""

    item: Mapping[str, Any] = field(default_factory=dict)
    """The schema of one record."""
    records: tuple[Mapping[str, Any], ...] = ()
    """The records of the documented body."""
    container: str | None = None
    """The member of the body that holds them; `None` if the body itself does."""
    explicit_container: str | None = None
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


def merge_members(responses: Iterable[ResponseShape]) -> dict[str, Any]:
    """Return the schema of each member of a record. The earlier of two responses counts."""
    members: dict[str, Any] = {}
    for response in reversed(list(responses)):
        members |= response.members
    return members


def response_of(
    operation: Operation, schema: Mapping[str, Any] | None, many: bool, collection: str
) -> ResponseShape:
    """Return the shape of the success response.

    Args:
        operation: The operation.
        schema: The JSON Schema of its success response; `None` without one.
        many: Whether the response holds a list of records, and not one record.
        collection: The name of the collection.

    Raises:
        ValueError: The shape is ambiguous; the text has the reason.
    """
    transactions = operation.transactions_for(operation.success_status or 0)
    if schema is None or not transactions or not transactions[0].response.is_json:
        status = operation.success_status or "success"
        raise ValueError(
            f"the {status} response has no JSON body; expected one that holds the records"
        )
    _check_no_references(schema)
    body = _parse_body(transactions[0].response.body)
    variables = [variable.name for variable in operation.parameters if variable.location == "query"]
    container = _explicit_container(schema, many, collection)
    total = _total(schema, variables) if many else None
    envelope = _envelope(schema, variables, many, EnvelopeHints(container, total, body))
    _check_item(envelope.item_schema, many)
    if not envelope.total_member and total not in envelope.echoed:
        total = None
    return ResponseShape(
        envelope.item_schema,
        tuple(_records(body, envelope)),
        envelope.container,
        explicit_container=container,
        total=total,
        echo=_echo(body, envelope),
    )


def _check_no_references(schema: Mapping[str, Any]) -> None:
    text = orjson.dumps(schema).decode()
    if any(keyword in text for keyword in _REFERENCES):
        raise ValueError("the response schema uses $ref; expected a schema without references")


def _parse_body(text: str | None) -> Any:
    """Return the value of a JSON text; `None` without a text."""
    if text is None:
        return None
    return orjson.loads(text)


def _records(body: Any, envelope: Envelope) -> list[Mapping[str, Any]]:
    """Return the records of the documented body."""
    content = body
    if envelope.container and isinstance(body, dict):
        content = body.get(envelope.container)
    records = content if isinstance(content, list) else [content]
    return [record for record in records if isinstance(record, dict)]


def _echo(body: Any, envelope: Envelope) -> Mapping[str, Any]:
    """Return the part of the documented body that repeats the request; empty without one."""
    if not envelope.echo_member or not isinstance(body, dict):
        return {}
    echo = body.get(envelope.echo_member)
    return echo if isinstance(echo, dict) else {}


def _envelope(
    schema: Mapping[str, Any], variables: list[str], many: bool, hints: EnvelopeHints
) -> Envelope:
    """Return the envelope for these hints; without the hint on the total if it does not fit."""
    try:
        return infer_envelope(schema, variables, many, hints)
    except ValueError:
        return infer_envelope(schema, variables, many, replace(hints, total=None))


def _check_item(item: Mapping[str, Any], many: bool) -> None:
    if not _is(item, "object") or not item.get("properties"):
        expected = "array of objects" if many else "object"
        raise ValueError(f"the response contains no {expected} with members")
    properties = item["properties"]
    if not many and len(properties) == 1 and _is(next(iter(properties.values())), "array"):
        raise ValueError("the response contains only an array; expected one record")


def _explicit_container(schema: Mapping[str, Any], many: bool, collection: str) -> str | None:
    """Return the member with the records, if it must be named because there are several."""
    if many:
        return _list_container(schema, collection)
    return _record_container(schema.get("properties", {}), collection)


def _record_container(members: Mapping[str, Any], collection: str) -> str | None:
    """Return the object in a body that wraps one record, if the body has other members too."""
    # A body with a key is a record, and the object in it a part of the record.
    if not 1 < len(members) <= _MAX_WRAPPER_MEMBERS or _has_key(members):
        return None
    return _matching_name(_members_of_type(members, "object"), collection)


def _list_container(schema: Mapping[str, Any], collection: str) -> str | None:
    """Return the array in a body with the records, if the body has several arrays.

    Raises:
        ValueError: The body is one record, or the items of an array are not documented.
    """
    members: Mapping[str, Any] = schema.get("properties", {})
    arrays = _members_of_type(members, "array")
    container = _matching_name(arrays, collection)
    if _has_key(members) and not container:
        raise ValueError("the response is one record, but the path names a collection")
    lists = list(arrays.values())
    if _is(schema, "array"):
        lists.append(schema)
    if any(not isinstance(array.get("items"), dict) for array in lists):
        raise ValueError(
            "the response contains an array whose items are not documented; "
            "expected objects with members"
        )
    return container if len(arrays) > 1 else None


_MAX_WRAPPER_MEMBERS = 3
"""Maximum number of members of a body that wraps one record."""


def _has_key(members: Iterable[str]) -> bool:
    return any(snake_case(name) in KEYS for name in members)


def _members_of_type(members: Mapping[str, Any], kind: str) -> dict[str, Mapping[str, Any]]:
    return {name: member for name, member in members.items() if _is(member, kind)}


def _matching_name(names: Iterable[str], collection: str) -> str | None:
    """Return the name that matches the collection, else a generic one."""
    by_name = {snake_case(name): name for name in names}
    for candidate in (snake_case(collection), singular(snake_case(collection)), *WRAPPERS):
        if candidate in by_name:
            return by_name[candidate]
    return None


def _total(schema: Mapping[str, Any], variables: Iterable[str]) -> str | None:
    """Return the first integer, in the body or in an object of it, with the name of a total."""
    members: Mapping[str, Any] = schema.get("properties", {})
    conventions = _total_conventions(members, variables)
    objects = _members_of_type(members, "object").values()
    for properties in (members, *(member.get("properties", {}) for member in objects)):
        for names in conventions:
            for name, member in properties.items():
                if snake_case(name) in names and member.get("type") == "integer":
                    return str(name)
    return None


def _total_conventions(
    members: Iterable[str], variables: Iterable[str]
) -> tuple[tuple[str, ...], ...]:
    """Return the names of totals, likelier ones first."""
    has_paging = any(snake_case(variable) in (*SIZES, *PAGES, "offset") for variable in variables)
    has_links = any(snake_case(name) in SIBLINGS for name in members)
    if has_paging and not has_links:
        return (TOTALS,)  # `count` may be the number of records on this page
    return (TOTALS, COUNTS)


def _is(schema: Mapping[str, Any], kind: str) -> bool:
    return schema.get("type") in (kind, [kind, "null"])
