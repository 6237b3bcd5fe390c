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
    if any(keyword in orjson.dumps(schema).decode() for keyword in _REFERENCES):
        raise ValueError("the response schema uses $ref; expected a schema without references")
    text = transactions[0].response.body
    body = orjson.loads(text) if text is not None else None
    variables = [each.name for each in operation.parameters if each.location == "query"]
    container = _explicit_container(schema, many, collection)
    total = next(_totals(schema, variables), None) if many else None
    hints = [EnvelopeHints(container, total, body), EnvelopeHints(container, None, body)]
    envelope = _first_envelope(schema, variables, many, hints)
    _check_item(envelope.item_schema, many)
    has_total = total is not None and (envelope.total_member or total in envelope.echoed)
    echo = _member(body, envelope.echo_member) if envelope.echo_member else {}
    return ResponseShape(
        envelope.item_schema,
        tuple(_records(body, envelope)),
        envelope.container,
        explicit_container=container,
        total=total if has_total else None,
        echo=echo if isinstance(echo, dict) else {},
    )


def _records(body: Any, envelope: Envelope) -> list[Mapping[str, Any]]:
    """Return the records of the documented body."""
    content = _member(body, envelope.container) if envelope.container else body
    records = content if isinstance(content, list) else [content]
    return [record for record in records if isinstance(record, dict)]


def _member(body: Any, name: str) -> Any:
    """Return a member of an object; the value itself if it is not an object."""
    return body.get(name) if isinstance(body, dict) else body


def _first_envelope(
    schema: Mapping[str, Any], variables: list[str], many: bool, alternatives: list[EnvelopeHints]
) -> Envelope:
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
        raise ValueError(
            f"the response contains no {'array of objects' if many else 'object'} with members"
        )
    properties = item["properties"]
    if not many and len(properties) == 1 and _is(next(iter(properties.values())), "array"):
        raise ValueError("the response contains only an array; expected one record")


def _explicit_container(schema: Mapping[str, Any], many: bool, collection: str) -> str | None:
    """Return the member that holds the records if there are several candidates and one has a matching name."""
    members: Mapping[str, Any] = schema.get("properties", {})
    is_record = any(snake_case(name) in KEYS for name in members)
    if not many:
        # A body with a key is a record, and the object in it a part of the record.
        objects = [name for name, member in members.items() if _is(member, "object")]
        is_wrapper = 1 < len(members) <= _MAX_WRAPPER_MEMBERS and not is_record
        return _matching_name(objects, collection) if is_wrapper else None
    arrays = {name: member for name, member in members.items() if _is(member, "array")}
    container = _matching_name(arrays, collection)
    if is_record and not container:
        raise ValueError("the response is one record, but the path names a collection")
    lists = [*arrays.values(), schema] if _is(schema, "array") else [*arrays.values()]
    if any(not isinstance(each.get("items"), dict) for each in lists):
        raise ValueError(
            "the response contains an array whose items are not documented; expected objects with members"
        )
    return container if len(arrays) > 1 else None


_MAX_WRAPPER_MEMBERS = 3
"""Maximum number of members of a body that wraps one record."""


def _matching_name(names: Iterable[str], collection: str) -> str | None:
    """Return the name that matches the collection, else a generic one."""
    by_name = {snake_case(name): name for name in names}
    candidates = (snake_case(collection), singular(snake_case(collection)), *WRAPPERS)
    return next((by_name[each] for each in candidates if each in by_name), None)


def _totals(schema: Mapping[str, Any], variables: Iterable[str]) -> Iterator[str]:
    """Yield the integers, in the body or in an object of it, with the name of a total."""
    members: Mapping[str, Any] = schema.get("properties", {})
    has_paging = any(snake_case(variable) in (*SIZES, *PAGES, "offset") for variable in variables)
    has_links = any(snake_case(name) in SIBLINGS for name in members)
    # With paging, `count` may be the number of records on this page.
    conventions = (TOTALS,) if has_paging and not has_links else (TOTALS, COUNTS)
    objects = [member.get("properties", {}) for member in members.values() if _is(member, "object")]
    for properties in (members, *objects):
        for names in conventions:
            for name, member in properties.items():
                if snake_case(name) in names and member.get("type") == "integer":
                    yield name


def _is(schema: Mapping[str, Any], kind: str) -> bool:
    return schema.get("type") in (kind, [kind, "null"])
