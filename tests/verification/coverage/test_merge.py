"""Shards and reruns of one contract merge, in any order; files of different contracts do not."""

from functools import reduce
from random import Random

import pytest
from helpers.shop_coverage import ITEMS, coverage_document, shop_coverage
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import InvalidFiles
from mockserver.verification.coverage.document import from_json
from mockserver.verification.coverage.merge import merge
from mockserver.verification.coverage.model import Coverage

NAMES = st.sampled_from(["default", "w0", "w1"])
TESTS = st.lists(st.tuples(NAMES, st.sampled_from(["", "a", "b"])), min_size=1, max_size=4)


@st.composite
def coverages(draw: st.DrawFn) -> Coverage:
    """Return the coverage of a shard of the shop."""
    tests = draw(TESTS)
    indexes = st.sets(st.integers(0, len(tests) - 1), min_size=1)
    served = draw(st.dictionaries(st.sampled_from([item[0] for item in ITEMS]), indexes))
    return shop_coverage(served, tests=tests)


def merged(*parts: Coverage) -> Coverage:
    return merge([(f"{index}.json", part) for index, part in enumerate(parts)])


@given(st.lists(coverages(), min_size=1, max_size=4), st.randoms())
def test_the_order_and_the_grouping_of_shards_do_not_matter(
    parts: list[Coverage], random: Random
) -> None:
    result = merged(*parts)
    assert reduce(merged, parts) == result
    shuffled = [*parts, parts[0]]
    random.shuffle(shuffled)
    assert merged(*shuffled) == result


@given(coverages(), coverages())
def test_a_merge_is_the_union_of_items_and_tests(one: Coverage, other: Coverage) -> None:
    result = merged(one, other)
    assert set(result.tests) == {*one.tests, *other.tests}
    for item, first, second in zip(result.items, one.items, other.items, strict=True):
        assert item.tests == first.tests | second.tests
        assert item.covered == (first.covered or second.covered)


def test_the_same_test_in_two_files_is_one_test() -> None:
    first = shop_coverage({"list-orders": [0]}, tests=[("w0", "a")])
    rerun = shop_coverage({"list-orders 404": [0]}, tests=[("w0", "a")])
    elsewhere = shop_coverage({"list-orders": [0]}, tests=[("w1", "a")])
    result = merged(first, rerun, elsewhere)
    assert [(test.sandbox, test.title) for test in result.tests] == [("w0", "a"), ("w1", "a")]


def test_contract_names_that_differ_are_left_out() -> None:
    named = shop_coverage(contract="next")
    assert merged(named, named).contract == "next"
    assert merged(named, shop_coverage()).contract == ""


def test_a_merge_is_complete_if_each_part_is() -> None:
    assert merged(shop_coverage(), shop_coverage()).is_complete
    assert not merged(shop_coverage(), shop_coverage(complete=False)).is_complete


def test_files_of_different_contracts_are_refused_with_the_items_that_differ() -> None:
    document = coverage_document(fingerprint="sha256:1")
    for index in range(7):
        document["items"][index]["id"] = f"other-{index}"
    other = from_json(document, "b.json")
    with pytest.raises(InvalidFiles) as caught:
        merge([("a.json", shop_coverage()), ("b.json", other)])
    text = str(caught.value)
    assert text.startswith("b.json: another contract than a.json: only a.json has 'list-orders', ")
    assert (
        "only b.json has 'other-0', 'other-1', 'other-2', 'other-3', 'other-4' and 2 more" in text
    )


def test_files_with_other_apis_are_refused() -> None:
    other = shop_coverage(fingerprint="sha256:1")
    with pytest.raises(InvalidFiles, match=r"b\.json: another contract than a\.json: the names"):
        merge([("a.json", shop_coverage()), ("b.json", other)])


def test_files_with_other_exclusions_are_refused() -> None:
    other = shop_coverage(excluded={"list-orders 404": "not in our app"})
    with pytest.raises(InvalidFiles, match=r"b\.json: other exclusions .*'list-orders 404'"):
        merge([("a.json", shop_coverage()), ("b.json", other)])


def test_each_file_of_another_contract_is_reported() -> None:
    other = shop_coverage(fingerprint="sha256:1")
    parts = [("a.json", shop_coverage()), ("b.json", other), ("c.json", other)]
    with pytest.raises(InvalidFiles) as caught:
        merge(parts)
    assert [error.position.file for error in caught.value.errors] == ["b.json", "c.json"]
