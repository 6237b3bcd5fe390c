"""Merge alternatives of one kind, so that schemas with the same values have the same shape."""

from typing import Any

from mockserver.verification.diff.schema_branch import Branch
from mockserver.verification.diff.schema_document import node_key
from mockserver.verification.diff.schema_limits import ROWS


def simplified(branches: tuple[Branch, ...]) -> tuple[Branch, ...]:
    """Return the branches of one kind without those whose values others accept, too."""
    if len(branches) == 1:
        return branches
    listed = [branch for branch in branches if branch.is_finite and not branch.opaque]
    others = [branch for branch in branches if branch not in listed]
    others = _without_subsets(others)
    values = _values_outside(listed, others)
    if not values:
        return tuple(others)
    first = listed[0]
    return (Branch(first.document, first.kind, (), values=values), *others)


def _values_outside(listed: list[Branch], others: list[Branch]) -> dict[str, Any]:
    """Return the listed values that no other branch accepts."""
    unlimited = [branch for branch in others if not branch.opaque and not branch.is_finite]
    values: dict[str, Any] = {}
    for branch in listed:
        for key, value in (branch.values or {}).items():
            if not any(other.within_limits(value) for other in unlimited):
                values[key] = value
    return values


def _without_subsets(branches: list[Branch]) -> list[Branch]:
    """Return the branches that no other branch contains. Of equal branches, one stays."""
    kept: list[Branch] = []
    for index, branch in enumerate(branches):
        rivals = [*kept, *branches[index + 1 :]]
        if not any(_contains(rival, branch) for rival in rivals):
            kept.append(branch)
    return kept


def _contains(outer: Branch, inner: Branch) -> bool:
    """Return whether each value of a branch is provably in another branch."""
    if outer.opaque:
        return False
    if node_key(outer.parts) == node_key(inner.parts):
        return True
    if outer.values is not None or outer.has_structure:
        return False
    for name, row in ROWS[outer.kind].items():
        limit = outer.limits.get(name, row.default)
        if row.tightens(inner.limits.get(name, row.default), limit):
            return False
    return True
