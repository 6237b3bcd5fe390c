"""Where in an answer's body the records go, and what of a record is shown: both are read off the answer's JSON Schema."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Projection = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Envelope:
    """The body around one record or a list of them."""

    into: str | None
    """The member that holds the record or the list; `None` where the body itself is it."""
    echo: str | None
    """The member that repeats the request's paging and search; `None` where there is none."""
    echoed: tuple[str, ...]
    """The members of `echo`, each named like a query variable."""
    item: Projection
    """A record as the answer shows it: the members that the schema has, and no other."""
    item_schema: Mapping[str, Any]
    """The schema of one record."""

    def around(self, content: Any, echo: Mapping[str, Any]) -> Any:
        """The body with this content; `content` is one shown record or a list of them."""
        if self.into is None:
            return content
        body = {self.into: content}
        if self.echo is not None:
            body[self.echo] = {name: echo.get(name) for name in self.echoed}
        return body


def envelope(schema: Mapping[str, Any], variables: Iterable[str], of_list: bool) -> Envelope:
    """The envelope that a success schema describes.

    Raises `ValueError` with a sentence where it does not say where the record, or the list, goes.
    """
    kind = "array" if of_list else "object"
    members: Mapping[str, Any] = schema.get("properties", {})
    echo = next((n for n, s in members.items() if _is(s, "object") and _named_like(s, variables)), None)
    into = [name for name, member in members.items() if _is(member, kind) and name != echo]
    if of_list and _is(schema, "array"):
        return _made(None, None, schema, schema["items"])
    if len(into) == 1 and len(members) == 1 + (echo is not None):
        return _made(into[0], echo, schema, members[into[0]]["items"] if of_list else members[into[0]])
    if not of_list and _is(schema, "object"):
        return _made(None, None, schema, schema)
    raise ValueError(f"the answer's schema has {len(into)} members of type {kind}; expected one, for the records to go into")


def _made(into: str | None, echo: str | None, schema: Mapping[str, Any], item: Mapping[str, Any]) -> Envelope:
    echoed = tuple(schema["properties"][echo]["properties"]) if echo else ()
    return Envelope(into, echo, echoed, projection(item), item)


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
