"""The JUnit report, read back with an XML parser."""

from xml.etree import ElementTree

from helpers.shop_coverage import coverage_document, shop_coverage

from mockserver.verification.coverage.document import from_json
from mockserver.verification.coverage.junit import junit

EXCLUDED = {"create-an-order 201": "orders are created elsewhere"}


def test_each_item_is_a_test_case_and_gaps_are_skipped() -> None:
    root = ElementTree.fromstring(junit(shop_coverage(excluded=EXCLUDED), 0))
    messages = {}
    for case in root.iter("testcase"):
        skipped = case.find("skipped")
        messages[case.get("name")] = None if skipped is None else skipped.get("message")
        if skipped is not None:
            assert skipped.text == skipped.get("message")
    assert messages == {
        "list-orders": None,
        "list-orders 200": None,
        "list-orders 404": "not served; to reach it: Prefer: code=404",
        "list-orders query limit absent": None,
        'list-orders query limit "a|b`c"': "not served; to reach it: send limit=a|b",
        "list-orders 200 /orders empty": "not served; to reach it: Prefer: data=empty",
        "create-an-order": "not served; to reach it: POST /orders",
        "create-an-order 201": "excluded: orders are created elsewhere",
        "scenario sold-out": "not served; its record does not exist",
    }


def test_the_suites_are_the_operations_with_their_counts() -> None:
    root = ElementTree.fromstring(junit(shop_coverage(), 0))
    counts = {}
    for suite in root.iter("testsuite"):
        assert len(suite.findall("testcase")) == int(suite.get("tests", ""))
        assert len(list(suite.iter("skipped"))) == int(suite.get("skipped", ""))
        counts[suite.get("name")] = suite.get("tests")
        assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    assert counts == {"list-orders": "6", "create-an-order": "2", "scenarios": "1"}
    assert (root.get("tests"), root.get("skipped")) == ("9", "6")


def test_a_test_case_has_its_line_and_a_scenario_without_a_file_has_none() -> None:
    cases = list(ElementTree.fromstring(junit(shop_coverage(), 0)).iter("testcase"))
    assert (cases[0].get("file"), cases[0].get("line")) == ("schemas/shop/shop.apib", "10")
    assert cases[-1].get("file") is None


def test_characters_that_xml_does_not_allow_are_escaped() -> None:
    document = coverage_document()
    document["items"][2]["id"] = 'a\x00b\x1bc\ufffe<&">\n\U0001f600'
    root = ElementTree.fromstring(junit(from_json(document, "x"), 0))
    names = [case.get("name") for case in root.iter("testcase")]
    assert names[2] == 'a\\x00b\\x1bc\\ufffe<&">\n\U0001f600'
