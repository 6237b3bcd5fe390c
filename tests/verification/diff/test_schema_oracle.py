"""Random schemas and values never contradict a comparison that finds a change safe."""

from collections import Counter
from collections.abc import Iterable

import pytest
from helpers.schema_changes import CHANGES
from helpers.schema_pairs import SchemaPair, sample, schema_pairs

from mockserver.verification.diff.schema_comparison import compare_schemas
from mockserver.verification.diff.schema_differences import accepts_new_values, accepts_old_values

THOROUGH_PAIRS = 10_000


def check(pairs: Iterable[SchemaPair]) -> Counter[tuple[str, str]]:
    """Check each pair, and count by kind of change what the values confirm.

    Each pair counts twice: for the old values in the new schema, and the reverse.
    """
    figures: Counter[tuple[str, str]] = Counter()
    for seed, pair in enumerate(pairs):
        differences = compare_schemas(pair.old, pair.new)
        samples = sample(pair, seed)
        directions = (
            (accepts_old_values(differences), samples.only_old),
            (accepts_new_values(differences), samples.only_new),
        )
        for is_safe, rejected in directions:
            assert not (is_safe and rejected), (pair, differences, rejected[:3])
            result = "safe"
            if not is_safe:
                result = "confirmed" if rejected else "not confirmed"
            for change in pair.changes:
                figures[change, result] += 1
    return figures


def test_no_value_contradicts_a_change_that_is_safe() -> None:
    figures = check(schema_pairs(1, 5 * len(CHANGES), tuple(CHANGES)))
    assert {change for change, _ in figures} == CHANGES.keys()


def test_no_value_contradicts_several_changes_that_are_safe() -> None:
    figures = check(schema_pairs(2, 100))
    results = Counter[str]()
    for (_, result), count in figures.items():
        results[result] += count
    # Values that never differ would prove nothing.
    assert results["confirmed"] > results["not confirmed"]
    assert results["safe"] > 40


@pytest.mark.usefixtures("thorough")
def test_10000_pairs_are_not_contradicted() -> None:
    """With `-s`, print for each kind of change how often values confirm an effect."""
    figures = check(schema_pairs(3, THOROUGH_PAIRS, tuple(CHANGES)))
    check(schema_pairs(4, THOROUGH_PAIRS // 4))
    print(f"\n{'change':28} safe confirmed not confirmed")
    for change in CHANGES:
        counts = [figures[change, result] for result in ("safe", "confirmed", "not confirmed")]
        print(f"{change:28} {counts[0]:4} {counts[1]:9} {counts[2]:13}")
