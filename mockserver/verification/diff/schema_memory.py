"""Remember the differences of pairs of nodes, so that recursive schemas come to an end.

While a pair is compared, it has no differences for the pairs inside it. Their results are then
only true if the pair has no effect, so they are forgotten if it has one.
"""

from mockserver.verification.diff.schema_differences import SchemaDifference

Pair = tuple[frozenset[int], frozenset[int]]
"""The identities of an old and of a new node."""
Differences = tuple[SchemaDifference, ...]


class PairMemory:
    """The results of all pairs that were compared, and the pairs that are being compared."""

    def __init__(self) -> None:
        self._results: dict[Pair, Differences] = {}
        self._assumptions: dict[Pair, set[Pair]] = {}
        """The open pairs that a result assumes to have no effect."""
        self._open: dict[Pair, set[Pair]] = {}
        """Each pair that is being compared, with the open pairs that its result assumes."""

    @property
    def depth(self) -> int:
        """Return how many pairs are being compared."""
        return len(self._open)

    def recall(self, pair: Pair) -> Differences | None:
        """Return the differences of a pair, `None` if they are unknown.

        A pair that is being compared has none.
        """
        if pair in self._open:
            self._assume({pair})
            return ()
        if pair in self._results:
            self._assume(self._assumptions.get(pair, set()))
            return self._results[pair]
        return None

    def begin(self, pair: Pair) -> None:
        """Begin the comparison of a pair inside the pair that began last."""
        self._open[pair] = set()

    def end(self, pair: Pair, differences: Differences) -> None:
        """Remember the differences of the pair that began last."""
        assumptions = self._open.pop(pair)
        was_assumed = pair in assumptions
        assumptions.discard(pair)
        if was_assumed:
            self._settle(pair, differences, assumptions)
        self._results[pair] = differences
        if assumptions:
            self._assumptions[pair] = assumptions
            self._assume(assumptions)

    def _settle(self, pair: Pair, differences: Differences, assumptions: set[Pair]) -> None:
        """Forget the results that assume in vain that a pair has no effect."""
        has_effect = any(item.narrows or item.widens for item in differences)
        dependent = [other for other, pairs in self._assumptions.items() if pair in pairs]
        for other in dependent:
            if has_effect:
                del self._results[other]
                del self._assumptions[other]
            else:
                remaining = (self._assumptions[other] | assumptions) - {pair}
                self._assumptions[other] = remaining

    def _assume(self, pairs: set[Pair]) -> None:
        """Note that the result of the pair that began last assumes other pairs."""
        if pairs and self._open:
            last = next(reversed(self._open))
            self._open[last] |= pairs
