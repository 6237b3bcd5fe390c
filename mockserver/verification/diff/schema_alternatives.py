"""Compare several alternatives of one kind: match each old one with the most similar new one."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence

from mockserver.verification.diff.schema_branch import Branch
from mockserver.verification.diff.schema_differences import (
    SchemaDifference,
    accepts_new_values,
    accepts_old_values,
    value_difference,
)
from mockserver.verification.diff.schema_limits import ROWS
from mockserver.verification.diff.schema_shapes import Shapes
from mockserver.verification.diff.schema_texts import branch_text

MAX_COMPARED = 64
"""Maximum pairs of alternatives that are compared whole, to find what another one accepts."""
UNRELATED = 1000
"""The distance of alternatives that are not two versions of one."""

CompareBranches = Callable[[Branch, Branch], tuple[SchemaDifference, ...]]
"""Return the differences of two branches."""


class AlternativesComparison:
    """Compares the alternatives of one kind.

    Args:
        old: The shapes of the old document.
        new: The shapes of the new document.
        compare: The function that compares two alternatives.
    """

    def __init__(self, old: Shapes, new: Shapes, compare: CompareBranches) -> None:
        self._old, self._new, self._compare = old, new, compare

    def differences(
        self, old: Sequence[Branch], new: Sequence[Branch]
    ) -> Iterator[SchemaDifference]:
        """Yield the differences between the alternatives."""
        pairs = self._pairs(old, new)
        for old_branch, new_branch in pairs:
            yield from self._pair_differences(old_branch, new_branch, old, new)
        matched = {id(branch) for branch in itertools.chain.from_iterable(pairs)}
        for branch in old:
            if id(branch) not in matched and not self._is_accepted(branch, new):
                text = branch_text(branch)
                yield value_difference("anyOf", text, "", narrows=True, widens=False)
        for branch in new:
            if id(branch) not in matched and not self._is_known(branch, old):
                text = branch_text(branch)
                yield value_difference("anyOf", "", text, narrows=False, widens=True)

    def _pair_differences(
        self,
        old_branch: Branch,
        new_branch: Branch,
        old: Sequence[Branch],
        new: Sequence[Branch],
    ) -> Iterator[SchemaDifference]:
        """Yield the differences of two similar alternatives.

        They have no effect on values that another alternative accepts.
        """
        differences = self._compare(old_branch, new_branch)
        narrows = not accepts_old_values(differences)
        widens = not accepts_new_values(differences)
        if len(old) * len(new) <= MAX_COMPARED:
            narrows = narrows and not self._is_accepted(old_branch, new)
            widens = widens and not self._is_known(new_branch, old)
        for difference in differences:
            limited = difference.limited(narrows=narrows, widens=widens)
            if limited is not None:
                yield limited

    def _is_accepted(self, branch: Branch, new: Iterable[Branch]) -> bool:
        """Return whether one new alternative accepts all values of an old one."""
        return any(accepts_old_values(self._compare(branch, other)) for other in new)

    def _is_known(self, branch: Branch, old: Iterable[Branch]) -> bool:
        """Return whether one old alternative accepts all values of a new one."""
        return any(accepts_new_values(self._compare(other, branch)) for other in old)

    def _pairs(self, old: Sequence[Branch], new: Sequence[Branch]) -> list[tuple[Branch, Branch]]:
        """Return pairs of similar alternatives, the most similar first."""
        candidates = []
        for old_index, old_branch in enumerate(old):
            for new_index, new_branch in enumerate(new):
                distance = self._distance(old_branch, new_branch)
                candidates.append((distance, abs(old_index - new_index), old_index, new_index))
        pairs = []
        old_matched: set[int] = set()
        new_matched: set[int] = set()
        for distance, _, old_index, new_index in sorted(candidates):
            is_free = old_index not in old_matched and new_index not in new_matched
            if is_free and distance < UNRELATED:
                old_matched.add(old_index)
                new_matched.add(new_index)
                pairs.append((old[old_index], new[new_index]))
        return pairs

    def _distance(self, old: Branch, new: Branch) -> int:
        """Return how different two alternatives are, by their own keywords."""
        distance = 0
        for name, row in ROWS[old.kind].items():
            distance += old.limits.get(name, row.default) != new.limits.get(name, row.default)
        distance += len(old.required.keys() ^ new.required.keys())
        distance += len(old.names.keys() ^ new.names.keys())
        if old.names and new.names and old.names.keys().isdisjoint(new.names):
            return UNRELATED
        old_keys, new_keys = set(old.values or ()), set(new.values or ())
        distance += len(old_keys ^ new_keys)
        for name in old.required.keys() & new.required.keys():
            distance += self._member_distance(old, new, name)
        return distance

    def _member_distance(self, old: Branch, new: Branch, name: str) -> int:
        """Return `UNRELATED` if a required member has other values, else 0."""
        old_shape = self._old.shape(old.member(name))
        new_shape = self._new.shape(new.member(name))
        old_keys: set[str] = set()
        new_keys: set[str] = set()
        for shape, keys in ((old_shape, old_keys), (new_shape, new_keys)):
            for branches in shape.values():
                for branch in branches:
                    if not branch.is_finite:
                        return 0
                    keys.update(branch.values or ())
        if old_keys.isdisjoint(new_keys):
            return UNRELATED
        return 0
