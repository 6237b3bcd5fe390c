"""The Markdown report, rendered by a Markdown parser."""

from helpers.shop_coverage import coverage_document, shop_coverage
from markdown_it import MarkdownIt

from mockserver.verification.coverage.document import from_json
from mockserver.verification.coverage.markdown import escape, markdown
from mockserver.verification.coverage.model import Coverage

EXCLUDED = {"create-an-order": "created | elsewhere"}


def tables(text: str) -> list[list[list[str]]]:
    """Return the cells of each table of a Markdown text, as a reader sees them."""
    found: list[list[list[str]]] = []
    for token in MarkdownIt("gfm-like", {"linkify": False}).parse(text):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and found and token.level > 2:
            found[-1][-1].append("".join(child.content for child in token.children or ()))
    return found


def test_the_tables_have_the_denominators_the_matrix_the_gaps_and_the_exclusions() -> None:
    denominators, matrix, gaps, exclusions = tables(markdown(shop_coverage(excluded=EXCLUDED), 0))
    assert denominators == [
        ["of", "served", "items", "share"],
        ["whole contract", "3", "9", "33.3 %"],
        ["operations that were called", "3", "7", "42.8 %"],
        ["operations that were called, without exclusions", "3", "7", "42.8 %"],
    ]
    assert matrix[1:] == [
        ["GET /orders", "yes", "1/2", "1/2", "-", "-", "0/1", "0/1"],
        ["POST /orders", "no", "0/1", "-", "-", "-", "-", "-"],
    ]
    assert gaps[2] == [
        'list-orders query limit "a|b`c"',
        "limit is <script>alert(1)</script>",
        "send limit=a|b",
    ]
    assert len(gaps) == 6
    assert exclusions[1:] == [["create-an-order", "created | elsewhere"]]


def test_text_of_a_blueprint_is_shown_as_it_is() -> None:
    text = "a|b `c` *d* _e_ <f> [g](h) \\ & #1 @me :x: ~~i~~ $j$ ![k] {l}"
    assert tables(f"| {escape(text)} |\n| --- |")[0][0][0] == text
    html = MarkdownIt("gfm-like", {"linkify": False}).render(escape(text))
    assert html.count("<") == 2  # those of the paragraph


def test_text_of_a_blueprint_stays_on_one_line() -> None:
    assert escape("a\n\n# b\tc\x00d") == "a &#35; b c d"


def complete() -> Coverage:
    """Return a coverage in which each item was served."""
    document = coverage_document()
    for item in document["items"]:
        item.update(covered=True, tests=[0])
    return from_json(document, "x")


def test_a_complete_coverage_has_no_gaps() -> None:
    assert "<details>" not in markdown(complete(), 0)


def test_the_title_names_the_contract() -> None:
    assert markdown(shop_coverage(contract="next"), 0).startswith("## Contract coverage: next\n")
