from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.formats.strict_yaml import parse_yaml
from mockserver.formats.yaml_writer import block_lines, flow, item_lines, member_lines

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.lists(VALUES, min_size=1) | st.dictionaries(st.text(), VALUES, min_size=1),
    st.integers(0, 60),
)
def test_the_reader_reads_each_written_value_at_any_width(value: Any, width: int) -> None:
    text = "\n".join(block_lines(value, 0, width))
    assert parse_yaml(text.encode(), "x").value == value


@given(VALUES)
def test_the_reader_reads_each_value_in_flow_style(value: Any) -> None:
    text = flow(value)
    assert "\n" not in text
    assert parse_yaml(f"- {text}".encode(), "x").value == [value]


def test_a_member_that_fits_on_its_line_is_in_flow_style() -> None:
    field = {"one_of": ["a", "b, c"], "nullable": 0.5}
    assert [*member_lines("name", field, 2, 50)] == ['  name: {one_of: [a, "b, c"], nullable: 0.5}']
    assert [*member_lines("name", field, 2, 40)] == [
        "  name:",
        '    one_of: [a, "b, c"]',
        "    nullable: 0.5",
    ]
    assert [*member_lines("name", field, 2)] == [
        "  name:",
        "    one_of:",
        "      - a",
        "      - b, c",
        "    nullable: 0.5",
    ]


@pytest.mark.parametrize(
    ("width", "lines"), [(10, ["- {a: [1]}"]), (9, ["- a: [1]"]), (7, ["- a:", "    - 1"])]
)
def test_an_item_in_flow_style_has_at_most_the_width(width: int, lines: list[str]) -> None:
    assert [*item_lines({"a": [1]}, 0, width)] == lines
