"""A finding: one change between two operations, before its rule gives it verdicts."""

from dataclasses import dataclass, field

from mockserver.errors import Position


@dataclass(frozen=True, slots=True)
class Touch:
    """The items of the coverage that a change concerns.

    Ids of items start with the operation's id, and have words such as `400` or `query limit`.
    """

    subjects: tuple[str, ...] = ()
    """The words after the operation's id, from the narrowest subject to the widest."""
    only: tuple[str, ...] = ()
    """The last words of the items that count, for example `absent`. Empty if all count."""
    without: tuple[str, ...] = ()
    """The last words of the items that do not count."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One change."""

    rule: str
    """The id of its rule."""
    where: str = ""
    """The part of the operation, for example `200 /name` or `query limit`."""
    old: str = ""
    new: str = ""
    old_position: Position | None = None
    new_position: Position | None = None
    variant: str = ""
    """The variant of the rule."""
    touch: Touch = field(default_factory=Touch)
    """Empty if the whole operation is concerned."""
    status: int | None = None
    """The status of the response that changed; `None` for another change."""
