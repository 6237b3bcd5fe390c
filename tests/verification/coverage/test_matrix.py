"""Counts for people."""

import pytest
from helpers.shop_coverage import shop_coverage

from mockserver.verification.coverage.matrix import Count, counted, operation_rows, rows_of_tests


@pytest.mark.parametrize(
    ("served", "items", "percent", "level"),
    [
        (0, 0, "-", ""),
        (0, 7, "0.0 %", "none"),
        (1, 3, "33.3 %", "some"),
        (2, 3, "66.6 %", "some"),
        (9999, 10000, "99.9 %", "some"),
        (7, 7, "100.0 %", "all"),
    ],
)
def test_a_share_is_rounded_down(served: int, items: int, percent: str, level: str) -> None:
    count = Count(served, items)
    assert (count.percent, count.level) == (percent, level)


def test_one_item_is_singular() -> None:
    assert (counted(0), counted(1), counted(2)) == ("0 items", "1 item", "2 items")


def test_a_scenario_is_counted_for_its_operations() -> None:
    first, second, scenarios = operation_rows(shop_coverage())
    assert (str(first.counts[-1]), str(second.counts[-1])) == ("0/1", "-")
    assert [gap.id for gap in scenarios.gaps] == ["scenario sold-out"]


def test_an_exclusion_is_in_no_count_and_is_not_a_gap() -> None:
    row = operation_rows(shop_coverage(excluded={"list-orders 404": "x"}))[0]
    assert str(row.counts[0]) == "1/1"
    assert "list-orders 404" not in [gap.id for gap in row.gaps]


def test_a_test_has_the_items_that_were_served_to_it_alone() -> None:
    default, listing = rows_of_tests(shop_coverage())
    assert (default.items, [item.id for item in default.alone]) == (
        3,
        ["list-orders query limit absent"],
    )
    assert (listing.items, listing.alone) == (2, ())
