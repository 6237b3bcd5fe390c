"""The records in the success response of an operation: their schema, container and examples."""

from collections.abc import Iterable, Iterator, Mapping
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
    _check_references(schema)
    body = _parse_body(transactions[0].response.body)
    variables = [variable.name for variable in operation.parameters if variable.location == "query"]
    container = _explicit_container(schema, many, collection)
    total = _total(schema, variables) if many else None
    envelope = _envelope(schema, variables, many, EnvelopeHints(container, total, body))
    _check_item(envelope.item_schema, many)
    if not _shows_total(envelope, total):
        total = None
    return ResponseShape(
        envelope.item_schema,
        tuple(_records(body, envelope)),
        container or envelope.container,
        explicit_container=container,
        total=total,
        echo=_echo(body, envelope),
    )


def _check_references(schema: Mapping[str, Any]) -> None:
    """Raise `ValueError` if a schema has references that are not to its `$defs`."""
    text = orjson.dumps(schema).decode()
    if any(text.count(keyword) != text.count(f'{keyword}:"#/$defs/') for keyword in _REFERENCES):
        expected = "expected no references, or references to its $defs"
        raise ValueError(f"the response schema uses $ref; {expected}")


def _parse_body(text: str | None) -> Any:
    """Return the value of a JSON text; `None` without a text."""
    if text is None:
        return None
    return orjson.loads(text)


def _records(body: Any, envelope: Envelope) -> list[Mapping[str, Any]]:
    """Return the records of the documented body."""
    content = envelope.content_of(body)
    records = content if isinstance(content, list) else [content]
    return [record for record in records if isinstance(record, dict)]


def _shows_total(envelope: Envelope, total: str | None) -> bool:
    """Return whether the response has the total in one of its envelopes."""
    if envelope.total_member or total in envelope.echoed:
        return True
    return envelope.inner is not None and _shows_total(envelope.inner, total)


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
    if len(members) > _MAX_WRAPPER_MEMBERS or _has_key(members):
        return None
    objects = _members_of_type(members, "object")
    name = _matching_name(objects, collection)
    if len(members) == 1 and objects:
        name = next(iter(objects))
        # One object alone needs no container, unless the record is in an object of it.
        return _nested_record(name, objects[name], collection)
    return name


def _nested_record(name: str, wrapper: Mapping[str, Any], collection: str) -> str | None:
    """Return the record in a wrapper in a wrapper, with a dot; `None` without one."""
    members: Mapping[str, Any] = wrapper.get("properties", {})
    objects = _members_of_type(members, "object")
    inner = _matching_name(objects, collection)
    if inner is None or "." in f"{name}{inner}" or len(members) > _MAX_WRAPPER_MEMBERS:
        return None
    if _has_key(members) or not _has_key(objects[inner].get("properties", {})):
        return None
    return f"{name}.{inner}"


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
    if not arrays and not _is(schema, "array"):
        return _nested_list(schema, collection)
    lists = list(arrays.values())
    if _is(schema, "array"):
        lists.append(schema)
    if any(not isinstance(array.get("items"), dict) for array in lists):
        raise ValueError(
            "the response contains an array whose items are not documented; "
            "expected objects with members"
        )
    return container if len(arrays) > 1 else None


def _nested_list(schema: Mapping[str, Any], collection: str) -> str | None:
    """Return the array of records in an object of the body, with dots; `None` without one."""
    paths = list(_record_lists(schema, _MAX_WRAPPERS))
    named = [path for path in paths if _matching_name([path.split(".")[-1]], collection)]
    if len(paths) == 1:
        return paths[0]
    return named[0] if len(named) == 1 else None


def _record_lists(schema: Mapping[str, Any], depth: int) -> Iterator[str]:
    """Yield each array of objects in an object, down to a depth, with dots between the members."""
    for name, member in schema.get("properties", {}).items():
        if "." in name:
            continue
        if _is(member, "array") and _is(member.get("items") or {}, "object"):
            yield name
        elif _is(member, "object") and depth and not _has_key(member.get("properties", {})):
            for path in _record_lists(member, depth - 1):
                yield f"{name}.{path}"


_MAX_WRAPPERS = 2
"""Maximum number of objects around an array of records, in the body."""
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
