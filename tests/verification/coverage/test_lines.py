"""LCOV and Cobertura colour the same lines of the blueprint."""

import re
from xml.etree import ElementTree

from helpers.shop_coverage import FILE, coverage_document, shop_coverage

from mockserver.verification.coverage.cobertura import cobertura
from mockserver.verification.coverage.document import from_json
from mockserver.verification.coverage.lcov import lcov
from mockserver.verification.coverage.model import Coverage

EXCLUDED = {"list-orders 404": "not in our app"}
HITS = {10: 2, 11: 1, 12: 2, 30: 0, 31: 0}
"""Line to the tests that any of its items was served to. Line 20 has only an exclusion."""


def lcov_records(coverage: Coverage, name: str) -> list[str]:
    """Return the values of the records with this name."""
    return re.findall(rf"^{name}:(.*)$", lcov(coverage, 0), re.MULTILINE)


def cobertura_lines(coverage: Coverage) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(cobertura(coverage, 0))
    return {str(line.get("number")): line for line in root.iter("line")}


def test_lcov_has_the_hits_of_each_line() -> None:
    coverage = shop_coverage(excluded=EXCLUDED)
    assert lcov_records(coverage, "SF") == [FILE]
    assert lcov_records(coverage, "DA") == [f"{line},{hits}" for line, hits in HITS.items()]
    assert lcov_records(coverage, "LF") == ["5"]
    assert lcov_records(coverage, "LH") == ["3"]
    assert lcov(coverage, 0).endswith("end_of_record\n")


def test_lcov_has_a_branch_for_each_item_of_a_line_with_several() -> None:
    coverage = shop_coverage(excluded=EXCLUDED)
    assert lcov_records(coverage, "BRDA") == ["11,0,0,1", "11,0,1,0", "12,0,0,2", "12,0,1,0"]
    assert (lcov_records(coverage, "BRF"), lcov_records(coverage, "BRH")) == (["4"], ["2"])


def test_lcov_marks_the_branches_of_a_line_without_hits() -> None:
    assert lcov_records(shop_coverage({}), "BRDA")[0] == "11,0,0,-"


def test_cobertura_has_the_hits_and_the_branches_of_each_line() -> None:
    lines = cobertura_lines(shop_coverage(excluded=EXCLUDED))
    assert {number: line.get("hits") for number, line in lines.items()} == {
        str(line): str(hits) for line, hits in HITS.items()
    }
    assert lines["11"].get("branch") == "true"
    assert lines["11"].get("condition-coverage") == "50% (1/2)"
    assert lines["10"].get("branch") is None


def test_cobertura_has_the_rates_and_a_path_relative_to_the_repository() -> None:
    root = ElementTree.fromstring(cobertura(shop_coverage(excluded=EXCLUDED), 12.5))
    assert root.get("line-rate") == "0.6000"
    assert root.get("branch-rate") == "0.5000"
    assert root.get("timestamp") == "12500"
    assert [name.get("filename") for name in root.iter("class")] == [FILE]
    assert [name.get("name") for name in root.iter("package")] == ["schemas/shop"]


def test_several_files_are_in_order() -> None:
    document = coverage_document()
    document["items"][0]["file"] = "a <b>/x & y.apib"
    coverage = from_json(document, "x")
    files = ["a <b>/x & y.apib", FILE]
    assert lcov_records(coverage, "SF") == files
    root = ElementTree.fromstring(cobertura(coverage, 0))
    assert [name.get("filename") for name in root.iter("class")] == files


def test_items_without_a_position_are_left_out() -> None:
    document = coverage_document()
    for item in document["items"]:
        item["line"] = 0
    coverage = from_json(document, "x")
    assert lcov(coverage, 0) == ""
    assert list(ElementTree.fromstring(cobertura(coverage, 0)).iter("line")) == []
