"""Where a response body holds the records, and which members of a record it shows, derived from the JSON Schema."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Projection = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Envelope:
    """The body around one record or a list of them."""

    container: str | None
    """The member that holds the record or the list; `None` if the body itself is the record or the list."""
    echo_member: str | None
    """The member that repeats the request's paging and search; `None` without one."""
    echoed: tuple[str, ...]
    """The members of `echo_member`, each named like a query variable."""
    item: Projection
    """Reduce a record to the members that the schema has."""
    item_schema: Mapping[str, Any]
    """The schema of one record."""
    template: Mapping[str, Any] = field(default_factory=dict)
    """Every member of the body, in order, with the values of the documented example."""
    total_member: str | None = None
    """The member of the body with the number of all records; `None` without one."""

    def wrap(self, content: Any, echo: Mapping[str, Any]) -> Any:
        """Return the body around `content`, one shown record or a list of them."""
        if self.container is None:
            return content
        body = {**self.template, self.container: content}
        if self.total_member is not None:
            body[self.total_member] = echo.get(self.total_member)
        if self.echo_member is not None:
            body[self.echo_member] = {name: echo.get(name) for name in self.echoed}
        return body


@dataclass(frozen=True, slots=True)
class EnvelopeHints:
    """What effects.yaml and the blueprint say about a body that its schema does not."""

    container: str | None = None
    """The member that holds the records."""
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
        hints: What effects.yaml and the blueprint add to the schema.

    Raises:
        ValueError: The schema does not say which member holds the record or the list.
    """
    hints = hints or EnvelopeHints()
    kind = "array" if of_list else "object"
    members: Mapping[str, Any] = schema.get("properties", {})
    echo = _echo_member(members, variables, hints)
    if of_list and _is(schema, "array"):
        return _build(None, None, schema, schema["items"], hints)
    candidates = [name for name, member in members.items() if _is(member, kind) and name != echo]
    if hints.container:
        candidates = [name for name in candidates if name == hints.container]
    is_wrapper = of_list or hints.container or len(members) == 1 + (echo is not None)
    if len(candidates) == 1 and is_wrapper:
        container = candidates[0]
        item_schema = members[container]["items"] if of_list else members[container]
        return _build(container, echo, schema, item_schema, hints)
    if not of_list and not hints.container and _is(schema, "object"):
        return _build(None, None, schema, schema, hints)
    raise ValueError(_ambiguity(candidates, kind, hints))


def _echo_member(
    members: Mapping[str, Any], variables: Iterable[str], hints: EnvelopeHints
) -> str | None:
    """Return the object whose members are named like query variables, or like the total."""
    echoed = {*variables, *([hints.total] if hints.total else ())}
    for name, schema in members.items():
        if name != hints.container and _is(schema, "object") and _named_like(schema, echoed):
            return name
    return None


def _ambiguity(candidates: list[str], kind: str, hints: EnvelopeHints) -> str:
    expected = "expected one that holds the records"
    if hints.container:
        return f"the response schema has no member {hints.container} of type {kind}; {expected}"
    if not candidates:
        return f"the response schema has no member of type {kind}; {expected}"
    names = ", ".join(candidates)
    return f"the response schema has {len(candidates)} members of type {kind} ({names}); set `container` to choose one"


def _build(
    container: str | None,
    echo: str | None,
    schema: Mapping[str, Any],
    item_schema: Mapping[str, Any],
    hints: EnvelopeHints,
) -> Envelope:
    members: Mapping[str, Any] = schema.get("properties", {})
    echoed = tuple(members[echo]["properties"]) if echo else ()
    example = hints.example if isinstance(hints.example, dict) else {}
    reserved = (container, echo, hints.total)
    template = {name: example.get(name) for name in members if name in example or name in reserved}
    is_total_member = hints.total in members and hints.total != container
    if hints.total and not is_total_member and hints.total not in echoed:
        names = [name for name in (*members, *echoed) if name not in (container, echo)]
        expected = ", ".join(names) or "none"
        raise ValueError(f"unknown member {hints.total} for the total; expected one of {expected}")
    total_member = hints.total if is_total_member else None
    return Envelope(
        container, echo, echoed, projection(item_schema), item_schema, template, total_member
    )


def _is(schema: Mapping[str, Any], kind: str) -> bool:
    return schema.get("type") in (kind, [kind, "null"])


def _named_like(schema: Mapping[str, Any], variables: Iterable[str]) -> bool:
    return bool(schema.get("properties")) and set(schema["properties"]) <= set(variables)


def projection(schema: Mapping[str, Any]) -> Projection:
    """Return a function that reduces a value to the members of `schema`, in the order of the schema."""
    if _is(schema, "object") and schema.get("additionalProperties") is False:
        return _object(
            tuple(
                (name, projection(member)) for name, member in schema.get("properties", {}).items()
            )
        )
    if _is(schema, "array") and "items" in schema:
        return _array(projection(schema["items"]))
    return _unchanged


def _unchanged(value: Any) -> Any:
    return value


def _object(members: tuple[tuple[str, Projection], ...]) -> Projection:
    plain = all(project is _unchanged for _, project in members)
    names = tuple(name for name, _ in members)

    def project(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        if plain:
            return {name: value[name] for name in names if name in value}
        return {name: inner(value[name]) for name, inner in members if name in value}

    return project


def _array(item: Projection) -> Projection:
    def project(value: Any) -> Any:
        return [item(each) for each in value] if isinstance(value, list) else value

    return project
