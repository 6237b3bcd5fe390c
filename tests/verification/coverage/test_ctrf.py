"""The CTRF report has the members that the specification requires."""

import json

from helpers.shop_coverage import shop_coverage

from mockserver.verification.coverage.ctrf import ctrf

TYPES = {
    **dict.fromkeys(["name", "status", "rawStatus", "message", "filePath"], str),
    **dict.fromkeys(["duration", "line"], int),
    **dict.fromkeys(["suite", "tags"], list),
    "extra": dict,
}
"""Members of a test, and their types in the schema of CTRF. No other member is allowed."""


def test_the_summary_counts_the_tests() -> None:
    report = json.loads(ctrf(shop_coverage(), 1000.5))
    assert (report["reportFormat"], report["specVersion"]) == ("CTRF", "1.0.0")
    summary = report["results"]["summary"]
    extra = summary.pop("extra")
    assert summary == {
        "tests": 9,
        "passed": 3,
        "failed": 0,
        "skipped": 6,
        "pending": 0,
        "other": 0,
        "start": 1000500,
        "stop": 1000500,
    }
    assert extra["called"] == {"items": 7, "served": 3}
    assert report["results"]["tool"]["name"] == "mockserver coverage"


def test_a_test_has_its_status_and_how_to_reach_it() -> None:
    coverage = shop_coverage(excluded={"list-orders 404": "not in our app"})
    tests = {test["name"]: test for test in json.loads(ctrf(coverage, 0))["results"]["tests"]}
    served = tests["list-orders 200"]
    assert (served["status"], served["rawStatus"]) == ("passed", "served")
    assert "message" not in served
    assert served["extra"]["servedTo"] == [
        "sandbox default",
        "orders.spec.ts:4 › lists (sandbox w0-list)",
    ]
    excluded = tests["list-orders 404"]
    assert (excluded["status"], excluded["rawStatus"]) == ("skipped", "excluded")
    assert excluded["message"] == "excluded: not in our app"
    served_too = ctrf(shop_coverage(excluded={"list-orders 200": "x"}), 0)
    assert json.loads(served_too)["results"]["summary"]["passed"] == 2
    gap = tests["create-an-order 201"]
    assert (gap["status"], gap["rawStatus"]) == ("skipped", "not served")
    assert gap["message"] == "not served; to reach it: POST /orders"
    assert (gap["filePath"], gap["line"]) == ("schemas/shop/shop.apib", 31)


def test_each_member_of_a_test_is_one_of_the_specification() -> None:
    for test in json.loads(ctrf(shop_coverage(), 0))["results"]["tests"]:
        assert {name: TYPES[name] for name in test} == {
            name: type(value) for name, value in test.items()
        }
