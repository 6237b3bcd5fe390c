"""What a segment with texts and variables matches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.formats.uri_segment import MixedForm, parse_path

VALUES = {
    "extension": ("/{a}.json", "b.json", ("b",)),
    "another extension": ("/{a}.json", "b.xml", None),
    "no value": ("/{a}.json", ".json", None),
    "value with the text": ("/{a}.json", "b.json.json", ("b.json",)),
    "start": ("/v{a}", "v2", ("2",)),
    "another start": ("/v{a}", "w2", None),
    "start that is the end": ("/x{a}x", "x", None),
    "the first is the longest": ("/{a}-{b}", "1-2-3", ("1-2", "3")),
    "no text between": ("/{a}-{b}", "12", None),
    "empty first": ("/{a}-{b}", "-2", None),
    "empty last": ("/{a}-{b}", "1-", None),
    "empty last, another text": ("/{a}-{b}", "1-2-", ("1", "2-")),
    "three": ("/{a}-{b}-{c}", "1-2-3", ("1", "2", "3")),
    "three, two values": ("/{a}-{b}-{c}", "1--3", None),
    "other case": ("/{a}.json", "b.JSON", None),
    "slash": ("/{a}.json", "b/c.json", None),
    "slash in a rest": ("/x{+a}", "x/b/c", ("/b/c",)),
    "slash after a rest": ("/{+a}.{b}", "c/d.e", ("c/d", "e")),
    "line break": ("/{a}.json", "b\n.json", ("b\n",)),
}


def mixed_form(path: str) -> MixedForm:
    [segment] = parse_path(path)
    return segment.mixed_form


@pytest.mark.parametrize(("path", "text", "values"), VALUES.values(), ids=VALUES)
def test_a_mixed_segment_has_values(path: str, text: str, values: tuple[str, ...] | None) -> None:
    assert mixed_form(path).values(text) == values


def test_a_long_text_is_compared_in_linear_time() -> None:
    names = "-".join(f"{{a{number}}}" for number in range(20))
    # A regular expression would need more than 10 ** 50 steps.
    assert mixed_form(f"/{names}.json").values("-" * 10_000) is None


@given(st.lists(st.text("ab-.", min_size=1, max_size=4), min_size=3, max_size=3))
def test_values_and_texts_together_are_the_text(parts: list[str]) -> None:
    form = mixed_form("/x{a}-{b}.{c}")
    first, second, third = parts
    text = f"x{first}-{second}.{third}"
    values = form.values(text)
    assert values is not None
    assert f"x{values[0]}-{values[1]}.{values[2]}" == text
