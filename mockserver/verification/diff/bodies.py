"""Compare bodies: their media types, their schemas and their examples."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import orjson

from mockserver.errors import Position
from mockserver.formats.json_equality import value_key
from mockserver.formats.json_schema import Schema
from mockserver.spec.description import Payload, media_type, type_parameters
from mockserver.verification.diff.findings import Finding, Touch
from mockserver.verification.diff.schema_findings import Body, Comparison, schema_findings


def types_of(payloads: Iterable[Payload]) -> dict[str, Payload]:
    """Return the media types, each with its first payload. Empty is a body without a media type."""
    types: dict[str, Payload] = {}
    for payload in payloads:
        name = media_type(payload.content_type)
        if name or payload.documents_body:
            types.setdefault(name, payload)
    return types


def are_undecided(old: Mapping[str, Payload], new: Mapping[str, Payload]) -> bool:
    """Return whether the media types differ, and a body has none."""
    return ("" in old or "" in new) and old.keys() != new.keys()


def type_names(types: Iterable[str]) -> str:
    """Return the media types for people."""
    return ", ".join(name or "no media type" for name in types)


def bodiless_types(payloads: Iterable[Payload]) -> dict[str, Payload]:
    """Return the media types of payloads without a body, each with its first payload."""
    return types_of(payload for payload in payloads if not payload.documents_body)


def parameter_changes(
    old: Iterable[Payload], new: Iterable[Payload]
) -> Iterator[tuple[Payload, Payload]]:
    """Yield the first payloads of each common media type whose parameters differ."""
    old, new = list(old), list(new)
    new_types = types_of(new)
    for name, payload in types_of(old).items():
        if name in new_types and _parameters(old, name) != _parameters(new, name):
            yield payload, new_types[name]


def _parameters(payloads: Iterable[Payload], name: str) -> set[frozenset[tuple[str, str]]]:
    """Return the parameters of each payload of a media type, without those of one message."""
    parameters = set()
    for payload in _of_type(payloads, name):
        own = set(type_parameters(payload.content_type))
        parameters.add(frozenset(own - {("charset", "utf-8")} - _boundaries(own)))
    return parameters


def _boundaries(parameters: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the boundaries of a multipart body, which differ in each message."""
    return {parameter for parameter in parameters if parameter[0] == "boundary"}


def json_first(payloads: Sequence[Payload]) -> Payload:
    """Return the first JSON payload, else the first one."""
    return next((payload for payload in payloads if payload.is_json), payloads[0])


def json_findings(
    comparison: Comparison,
    payloads: tuple[Sequence[Payload], Sequence[Payload]],
    schemas: tuple[Schema | None, Schema | None],
) -> Iterator[Finding]:
    """Yield the differences of the JSON bodies. An invalid body counts as text.

    Args:
        comparison: The bodies.
        payloads: The payloads with a body, of both sides.
        schemas: The JSON schemas of both sides, of which one can be missing.
    """
    is_json = [_has_json(side) for side in payloads]
    is_text = [_has_text(side) for side in payloads]
    old, new = schemas
    if all(is_json) and is_text[0] != is_text[1]:
        yield comparison.finding("UNDECIDED", "", _text_kind(is_text[0]), _text_kind(is_text[1]))
    if not all(is_json):
        if any(is_json) and any(is_text):
            yield comparison.finding("UNDECIDED", "", _kind(is_json[0]), _kind(is_json[1]))
    elif old is not None and new is not None:
        yield from schema_findings(comparison, old, new)
    elif old is not None or new is not None:
        yield comparison.finding("UNDECIDED", "", _schema_text(old), _schema_text(new))


def _has_json(payloads: Iterable[Payload]) -> bool:
    return any(payload.is_json for payload in payloads)


def _has_text(payloads: Iterable[Payload]) -> bool:
    return any(payload.is_text for payload in payloads)


def _kind(is_json: bool) -> str:
    if is_json:
        return "JSON"
    return "text that is not JSON"


def _text_kind(is_text: bool) -> str:
    if is_text:
        return "JSON, and text that is not JSON"
    return "JSON"


def _schema_text(schema: Schema | None) -> str:
    if schema is None:
        return "no schema"
    return "a schema"


def other_schema_findings(
    comparison: Comparison, old: Sequence[Payload], new: Sequence[Payload]
) -> Iterator[Finding]:
    """Yield the differences of bodies that are not JSON, such as forms and XML."""
    new_types = types_of(new)
    for name, first in types_of(old).items():
        second = new_types.get(name)
        if second is None or first.is_json or second.is_json:
            continue
        own = comparison.with_payloads(first, second)
        old_schema, new_schema = own.old.form_schema(), own.new.form_schema()
        old_forms, new_forms = _forms(own.old, old, name), _forms(own.new, new, name)
        if _schemas(old, name) == _schemas(new, name) and old_forms == new_forms:
            continue
        if old_schema is not None and new_schema is not None:
            yield from schema_findings(own, old_schema, new_schema)
            old_forms.discard(value_key(old_schema))
            new_forms.discard(value_key(new_schema))
        if _schemas(old, name) != _schemas(new, name) or old_forms != new_forms:
            yield own.finding("UNDECIDED", "", f"schema of {name}", f"schema of {name}")


def _schemas(payloads: Iterable[Payload], name: str) -> set[str]:
    """Return the texts of the schemas of a media type."""
    return {_canonical_json(payload.schema) for payload in _of_type(payloads, name)}


def _forms(body: Body, payloads: Iterable[Payload], name: str) -> set[str]:
    """Return the schemas of the attributes of a media type, as texts."""
    bodies = [replace(body, payload=payload) for payload in _of_type(payloads, name)]
    return {value_key(other.form_schema()) for other in bodies}


def _of_type(payloads: Iterable[Payload], name: str) -> list[Payload]:
    return [payload for payload in payloads if media_type(payload.content_type) == name]


def example_findings(
    where: str, touch: Touch, old: Sequence[Payload], new: Sequence[Payload]
) -> Iterator[Finding]:
    """Yield a finding if the bodies of the examples differ."""
    if _bodies(old) == _bodies(new):
        return
    first, second = _first_other(old, new), _first_other(new, old)
    yield Finding(
        "EXAMPLE-CHANGED",
        where,
        "",
        "",
        _body_position(first),
        _body_position(second),
        touch=touch,
    )


def _bodies(payloads: Iterable[Payload]) -> set[str]:
    return set(map(_canonical, payloads))


def _canonical(payload: Payload) -> str:
    """Return the body in a form in which spaces and the order of members make no difference."""
    if payload.body is None or not payload.is_json:
        return payload.body or ""
    return _canonical_json(payload.body)


def _canonical_json(text: str | None) -> str:
    """Return JSON with sorted members and without spaces; another text as it is."""
    try:
        value = orjson.loads(text or "")
    except orjson.JSONDecodeError:
        return text or ""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _first_other(payloads: Sequence[Payload], others: Sequence[Payload]) -> Payload:
    """Return the first payload whose body no other payload has, else the first one."""
    bodies = _bodies(others)
    for payload in payloads:
        if _canonical(payload) not in bodies:
            return payload
    return payloads[0]


def _body_position(payload: Payload) -> Position:
    return payload.body_position or payload.position
