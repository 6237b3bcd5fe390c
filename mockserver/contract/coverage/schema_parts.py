"""A schema inside of a body's schema: alone, or combined with others of the same value."""

from dataclasses import dataclass
from typing import Any

from mockserver.formats.json_pointer import pointer_steps


@dataclass(frozen=True, slots=True)
class Plain:
    """One schema."""

    schema: Any
    root: Any = None
    """The document that its references refer to."""
    followed: frozenset[int] = frozenset()
    """The identities of the schemas that references led to on the way from the body."""


@dataclass(frozen=True, slots=True)
class AllOf:
    """The schema of values that fit all parts."""

    parts: "tuple[Part, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The schema of values that fit at least one part."""

    parts: "tuple[Part, ...]"


Part = Plain | AllOf | AnyOf
ANY = Plain(True)
"""Accepts any value: nothing is documented."""
NEVER = Plain(False)
"""Accepts no value."""


def below(part: Plain, schema: Any) -> Plain:
    """Return a schema inside of another one."""
    if schema is False:
        return NEVER
    if schema in (True, {}):
        return ANY
    root = part.root
    if isinstance(schema, dict) and "$id" in schema:
        root = schema
    return Plain(schema, root, part.followed)


def referenced(part: Plain, reference: str) -> Part:
    """Return the schema that a reference leads to. A repeated one documents nothing more."""
    target = _target(part.root, reference)
    if target is None or id(target) in part.followed:
        return ANY
    root = part.root
    if "$id" in target:
        root = target
    return Plain(target, root, part.followed | {id(target)})


def _target(root: Any, reference: str) -> Any:
    """Return the object that a reference names; `None` if there is none."""
    _, _, fragment = reference.partition("#")
    if fragment and not fragment.startswith("/"):
        return _anchored(root, fragment)
    target = root
    for step in pointer_steps(fragment):
        if isinstance(target, list) and step.isdecimal() and int(step) < len(target):
            target = target[int(step)]
        elif isinstance(target, dict):
            target = target.get(step)
        else:
            return None
    if isinstance(target, dict):
        return target
    return None


def _anchored(root: Any, name: str) -> Any:
    """Return the object below `root` that has an anchor of this name; `None` without one."""
    pending = [root]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if name in (value.get("$anchor"), value.get("$dynamicAnchor")):
                return value
            pending += value.values()
        elif isinstance(value, list):
            pending += value
    return None
