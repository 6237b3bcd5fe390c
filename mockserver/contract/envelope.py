"""Where in an answer's body the records go, and what of a record is shown: both are read off the answer's JSON Schema."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Projection = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Envelope:
    """The body around one record or a list of them."""

    container: str | None
    """The member that holds the record or the list; `None` where the body itself is it."""
    echo_member: str | None
    """The member that repeats the request's paging and search; `None` where there is none."""
    echoed: tuple[str, ...]
    """The members of `echo`, each named like a query variable."""
    item: Projection
    """A record as the answer shows it: the members that the schema has, and no other."""
    item_schema: Mapping[str, Any]
    """The schema of one record."""
    template: Mapping[str, Any] = field(default_factory=dict)
    """Every member of the body, in order: those beside records and echo are as in the documented example."""
    total_member: str | None = None
    """The member beside the records that says how many there are in all; `None` where none does."""

    def wrap(self, content: Any, echo: Mapping[str, Any]) -> Any:
        """The body with this content; `content` is one shown record or a list of them."""
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
    """What effects.yaml and the blueprint say of a body, where its schema leaves it open."""

    container: str | None = None
    """The member that the records go into."""
    total: str | None = None
    """The member, of the body or of its echo, that says how many records there are in all."""
    example: Any = None
    """The documented body."""


def infer_envelope(
    schema: Mapping[str, Any], variables: Iterable[str], of_list: bool, told: EnvelopeHints | None = None
) -> Envelope:
    """The envelope that a success schema describes.

    Raises `ValueError` with a sentence where it does not say where the record, or the list, goes.
    """
    told = told or EnvelopeHints()
    kind = "array" if of_list else "object"
    members: Mapping[str, Any] = schema.get("properties", {})
    echoing = {*variables, *([told.total] if told.total else ())}
    echo = next((n for n, s in members.items() if n != told.container and _is(s, "object") and _named_like(s, echoing)), None)
    into = [name for name, member in members.items() if _is(member, kind) and told.container in (None, name) and name != echo]
    if of_list and _is(schema, "array"):
        return _build(None, None, schema, schema["items"], told)
    if len(into) == 1 and (of_list or told.container or len(members) == 1 + (echo is not None)):
        return _build(into[0], echo, schema, members[into[0]]["items"] if of_list else members[into[0]], told)
    if not of_list and not told.container and _is(schema, "object"):
        return _build(None, None, schema, schema, told)
    wanted = f"member {told.container}" if told.container else f"members ({', '.join(into)})" if into else "member"
    hint = "; the key `container` selects one" if into else ""
    raise ValueError(
        f"the answer's schema has {len(into)} {wanted} of type {kind}; expected one, for the records to go into{hint}"
    )


def _build(
    into: str | None, echo: str | None, schema: Mapping[str, Any], item: Mapping[str, Any], told: EnvelopeHints
) -> Envelope:
    members: Mapping[str, Any] = schema.get("properties", {})
    echoed = tuple(members[echo]["properties"]) if echo else ()
    shown = told.example if isinstance(told.example, dict) else {}
    frame = {name: shown.get(name) for name in members if name in shown or name in (into, echo, told.total)}
    counted = told.total if told.total in members and told.total != into else None
    if told.total and not counted and told.total not in echoed:
        known = ", ".join(name for name in (*members, *echoed) if name not in (into, echo)) or "none"
        raise ValueError(f"the answer has no member {told.total} for the total; expected one of {known}")
    return Envelope(into, echo, echoed, projection(item), item, frame, counted)


def _is(schema: Mapping[str, Any], kind: str) -> bool:
    return schema.get("type") in (kind, [kind, "null"])


def _named_like(schema: Mapping[str, Any], variables: Iterable[str]) -> bool:
    return bool(schema.get("properties")) and set(schema["properties"]) <= set(variables)


def projection(schema: Mapping[str, Any]) -> Projection:
    """What shows of a value only the members that `schema` has, in the schema's order."""
    if _is(schema, "object") and schema.get("additionalProperties") is False:
        return _object(tuple((name, projection(member)) for name, member in schema.get("properties", {}).items()))
    if _is(schema, "array") and "items" in schema:
        return _array(projection(schema["items"]))
    return _whole


def _whole(value: Any) -> Any:
    return value


def _object(members: tuple[tuple[str, Projection], ...]) -> Projection:
    plain = all(project is _whole for _, project in members)
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
