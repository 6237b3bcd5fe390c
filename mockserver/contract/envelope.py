"""The envelope of a response: the members around its records, inferred from the JSON Schema."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Projection = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Envelope:
    """The body around one record or a list of them."""

    container: str | None
    """The member that holds the record or the list.

    `None` if the body itself is the record or the list.
    """
    echo_member: str | None
    """The member that repeats the request's paging and search; `None` without one."""
    echoed: tuple[str, ...]
    """Those members of `echo_member` that have the name of a query variable or of the total."""
    item: Projection
    """Reduce a record to the members that the schema has."""
    item_schema: Mapping[str, Any]
    """The schema of one record."""
    template: Mapping[str, Any] = field(default_factory=dict)
    """Every member of the body, in order, with the values of the documented example."""
    total_member: str | None = None
    """The member of the body with the number of all records; `None` without one."""
    inner: "Envelope | None" = None
    """The envelope in `container`, if the records are not directly in it."""
    echo_template: Mapping[str, Any] = field(default_factory=dict)
    """Every member of `echo_member`, in order, with the values of the documented example."""

    def content_of(self, body: Any) -> Any:
        """Return the record or the list in a body; the body itself if it has no container."""
        if self.container is None or not isinstance(body, dict):
            return body
        content = body.get(self.container)
        if self.inner:
            return self.inner.content_of(content)
        return content

    def unwrap(self, body: Any) -> Any:
        """Return the record in a request body, which may have the containers and nothing else."""
        if self.container is None or not isinstance(body, dict) or body.keys() != {self.container}:
            return body
        content = body[self.container]
        if self.inner:
            return self.inner.unwrap(content)
        return content

    def wrap(self, content: Any, echo: Mapping[str, Any]) -> Any:
        """Return the body around `content`: a record, or a list of records.

        Args:
            content: The records, reduced to the members of the schema.
            echo: The request's paging and search, and the number of all records.
        """
        if self.container is None:
            return content
        if self.inner:
            content = self.inner.wrap(content, echo)
        body = {**self.template, self.container: content}
        if self.total_member is not None:
            body[self.total_member] = echo.get(self.total_member)
        if self.echo_member is not None:
            values = {name: echo.get(name) for name in self.echoed}
            body[self.echo_member] = {**self.echo_template, **values}
        return body


@dataclass(frozen=True, slots=True)
class EnvelopeHints:
    """Facts about a body that are in effects.yaml or in the blueprint, and not in its schema."""

    container: str | None = None
    """The member that holds the records; with dots for a member of a member."""
    total: str | None = None
    """The member of the body, or of its echo, with the number of all records."""
    example: Any = None
    """The documented body."""


def infer_envelope(
    schema: Mapping[str, Any],
    variables: Iterable[str],
    of_list: bool,
    hints: EnvelopeHints | None = None,
) -> Envelope:
    """Return the envelope that a success schema describes.

    Args:
        schema: The JSON Schema of the response body.
        variables: The names of the operation's query variables.
        of_list: Whether the body holds a list of records, and not one record.
        hints: Facts that are not in the schema.

    Raises:
        ValueError: The schema does not determine which member holds the record or the list.
    """
    hints, variables = hints or EnvelopeHints(), tuple(variables)
    members: Mapping[str, Any] = schema.get("properties", {})
    outer, _, inner = (hints.container or "").partition(".")
    if inner and outer in members and hints.container not in members:
        return _nested(schema, variables, of_list, hints, (outer, inner))
    echo = _echo_member(members, variables, hints)
    if of_list:
        container = _list_container(schema, members, echo, hints)
    else:
        container = _record_container(schema, members, echo, hints)
    content_schema = schema
    if container is not None:
        content_schema = members[container]
    item_schema = _with_definitions(_item_schema(content_schema, of_list), schema)
    if container is None:
        return _build(None, None, (), schema, item_schema, hints)
    echoed = _echoed(members, echo, variables, hints)
    return _build(container, echo, echoed, schema, item_schema, hints)


def _nested(
    schema: Mapping[str, Any],
    variables: tuple[str, ...],
    of_list: bool,
    hints: EnvelopeHints,
    containers: tuple[str, str],
) -> Envelope:
    """Return the envelope of records in a member of a member.

    Args:
        schema: The JSON Schema of the response body.
        variables: The names of the operation's query variables.
        of_list: Whether the body holds a list of records, and not one record.
        hints: Facts that are not in the schema.
        containers: The member of the body, and the container in it.
    """
    outer, inner = containers
    members: Mapping[str, Any] = schema["properties"]
    example = None
    if isinstance(hints.example, dict):
        example = hints.example.get(outer)
    inner_hints, outer_hints = EnvelopeHints(inner, None, example), replace(hints, container=outer)
    if hints.total and _documents(members[outer], hints.total):
        inner_hints = replace(inner_hints, total=hints.total)
        outer_hints = replace(outer_hints, total=None)
    inner_schema = _with_definitions(members[outer], schema)
    inner_envelope = infer_envelope(inner_schema, variables, of_list, inner_hints)
    echo = _echo_member(members, variables, outer_hints)
    echoed = _echoed(members, echo, variables, outer_hints)
    envelope = _build(outer, echo, echoed, schema, inner_envelope.item_schema, outer_hints)
    return replace(envelope, inner=inner_envelope)


def _documents(schema: Mapping[str, Any], name: str) -> bool:
    """Return whether an object, or an object in it, has a member of this name."""
    members: Mapping[str, Any] = schema.get("properties", {})
    if name in members:
        return True
    return any(name in member.get("properties", {}) for member in members.values())


def _echo_member(
    members: Mapping[str, Any], variables: Iterable[str], hints: EnvelopeHints
) -> str | None:
    """Return the object with the total, or whose members all have names of query variables."""
    echoed = set(variables)
    for name, schema in members.items():
        if name == hints.container or not _is(schema, "object"):
            continue
        if hints.total in schema.get("properties", {}) or _has_only(schema, echoed):
            return name
    return None


def _echoed(
    members: Mapping[str, Any],
    echo: str | None,
    variables: tuple[str, ...],
    hints: EnvelopeHints,
) -> tuple[str, ...]:
    """Return the members of the echo with the name of a query variable or of the total."""
    if echo is None:
        return ()
    names = {*variables, hints.total}
    return tuple(name for name in members[echo]["properties"] if name in names)


def _list_container(
    schema: Mapping[str, Any], members: Mapping[str, Any], echo: str | None, hints: EnvelopeHints
) -> str | None:
    """Return the member with the list; `None` if the body itself is the list."""
    if _is(schema, "array"):
        return None
    candidates = _candidates(members, "array", echo, hints)
    if len(candidates) != 1:
        raise ValueError(_ambiguity(candidates, "array", hints))
    return candidates[0]


def _record_container(
    schema: Mapping[str, Any], members: Mapping[str, Any], echo: str | None, hints: EnvelopeHints
) -> str | None:
    """Return the member with the record; `None` if the body itself is the record."""
    candidates = _candidates(members, "object", echo, hints)
    other_members = members.keys() - {echo, *candidates}
    # Without `container`, an object next to other members is one of the members of the record.
    if len(candidates) == 1 and (hints.container or not other_members):
        return candidates[0]
    if not hints.container and _is(schema, "object"):
        return None
    raise ValueError(_ambiguity(candidates, "object", hints))


def _candidates(
    members: Mapping[str, Any], kind: str, echo: str | None, hints: EnvelopeHints
) -> list[str]:
    """Return the members that may hold the record or the list."""
    candidates: list[str] = []
    for name, schema in members.items():
        is_excluded = name == echo or (hints.container and name != hints.container)
        if _is(schema, kind) and not is_excluded:
            candidates.append(name)
    return candidates


def _ambiguity(candidates: list[str], kind: str, hints: EnvelopeHints) -> str:
    expected = "expected one that holds the records"
    if hints.container:
        return f"the response schema has no member '{hints.container}' of type {kind}; {expected}"
    if not candidates:
        return f"the response schema has no member of type {kind}; {expected}"
    names = ", ".join(candidates)
    return (
        f"the response schema has {len(candidates)} members of type {kind} ({names}); "
        "set `container` to choose one"
    )


def _item_schema(schema: Mapping[str, Any], of_list: bool) -> Any:
    """Return the schema of one record."""
    if of_list:
        return schema["items"]
    return schema


def _with_definitions(item_schema: Any, schema: Mapping[str, Any]) -> Any:
    """Return the schema of a record with the definitions that its references need."""
    if "$defs" not in schema or not isinstance(item_schema, dict):
        return item_schema
    return {**item_schema, "$defs": schema["$defs"]}


def _build(
    container: str | None,
    echo: str | None,
    echoed: tuple[str, ...],
    schema: Mapping[str, Any],
    item_schema: Mapping[str, Any],
    hints: EnvelopeHints,
) -> Envelope:
    members: Mapping[str, Any] = schema.get("properties", {})
    total_member: str | None = None
    if hints.total in members and hints.total != container:
        total_member = hints.total
    elif hints.total and hints.total not in echoed:
        names = [name for name in (*members, *echoed) if name not in (container, echo)]
        expected = ", ".join(names) or "none"
        raise ValueError(
            f"unknown member '{hints.total}' for the total; expected one of {expected}"
        )
    template = _template(members, hints.example, {container, echo, hints.total})
    echo_template: Mapping[str, Any] = {}
    if echo is not None and isinstance(hints.example, dict):
        echo_template = _template(members[echo]["properties"], hints.example.get(echo), set(echoed))
    item = projection(item_schema)
    return Envelope(
        container,
        echo,
        echoed,
        item,
        item_schema,
        template,
        total_member,
        echo_template=echo_template,
    )


def _template(
    members: Mapping[str, Any], example: Any, reserved: set[str | None]
) -> dict[str, Any]:
    """Return the members of the body with the values of the example.

    The response sets the members in `reserved`, which have no value here.
    """
    values: Mapping[str, Any] = {}
    if isinstance(example, dict):
        values = example
    template: dict[str, Any] = {}
    for name in members:
        if name in values or name in reserved:
            template[name] = values.get(name)
    return template


def _is(schema: Mapping[str, Any], kind: str) -> bool:
    return schema.get("type") in (kind, [kind, "null"])


def _has_only(schema: Mapping[str, Any], names: set[str]) -> bool:
    """Return whether an object has members, and all their names are in `names`."""
    properties: Mapping[str, Any] = schema.get("properties", {})
    return bool(properties) and properties.keys() <= names


def projection(schema: Mapping[str, Any]) -> Projection:
    """Return a function that reduces a value to the members of `schema`, in the schema's order."""
    if _is(schema, "object") and schema.get("additionalProperties") is False:
        members: dict[str, Projection] = {}
        for name, member in schema.get("properties", {}).items():
            members[name] = projection(member)
        return _object(members)
    if _is(schema, "array") and "items" in schema:
        return _array(projection(schema["items"]))
    return _unchanged


def _unchanged(value: Any) -> Any:
    return value


def _object(members: Mapping[str, Projection]) -> Projection:
    if all(project is _unchanged for project in members.values()):
        return _flat_object(tuple(members))

    def project(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        result: dict[str, Any] = {}
        for name, project_member in members.items():
            if name in value:
                result[name] = project_member(value[name])
        return result

    return project


def _flat_object(names: tuple[str, ...]) -> Projection:
    """Return the projection of an object whose members have no members to remove."""

    def project(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: value[name] for name in names if name in value}

    return project


def _array(project_item: Projection) -> Projection:
    def project(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return [project_item(item) for item in value]

    return project
