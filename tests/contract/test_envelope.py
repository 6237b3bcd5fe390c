"""Envelopes: where the records of a response are, and what is around them."""

from typing import Any

import pytest

from mockserver.contract.envelope import infer_envelope, projection

ITEM = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
    "additionalProperties": False,
}
PAGING = {
    "type": "object",
    "properties": {"limit": {"type": "integer"}, "offset": {"type": ["integer", "null"]}},
}
LIST = {
    "type": "object",
    "properties": {"things": {"type": "array", "items": ITEM}, "paging": PAGING},
}


def test_a_list_goes_into_the_one_array_and_paging_into_the_echo() -> None:
    found = infer_envelope(LIST, ["limit", "offset", "searched_text"], of_list=True)
    assert (found.container, found.echo_member) == ("things", "paging")
    assert found.wrap([{"id": 1}], {"limit": 5, "offset": None}) == {
        "things": [{"id": 1}],
        "paging": {"limit": 5, "offset": None},
    }


def test_a_record_goes_into_the_one_object() -> None:
    found = infer_envelope({"type": "object", "properties": {"thing": ITEM}}, [], of_list=False)
    assert found.wrap(found.item({"id": 1, "name": "a", "secret": 2}), {}) == {
        "thing": {"id": 1, "name": "a"}
    }


def test_a_bare_list_and_a_bare_record_are_the_body_itself() -> None:
    assert infer_envelope({"type": "array", "items": ITEM}, [], of_list=True).wrap([1], {}) == [1]
    assert infer_envelope(ITEM, [], of_list=False).wrap({"id": 1}, {}) == {"id": 1}


@pytest.mark.parametrize(
    "schema",
    [{"type": "object", "properties": {}}, {"type": "string"}, PAGING],
    ids=["empty", "text", "other"],
)
def test_a_response_without_a_place_for_the_list_is_reported(schema: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected one that holds the records"):
        infer_envelope(schema, [], of_list=True)


def test_a_projection_shows_what_the_schema_has_in_its_order_at_every_depth() -> None:
    nested = {
        "type": "object",
        "properties": {"list": {"type": "array", "items": ITEM}, "one": ITEM},
        "additionalProperties": False,
    }
    shown = projection(nested)(
        {"one": {"name": "b", "id": 2, "x": 0}, "list": [{"id": 1, "y": 0}], "z": 0}
    )
    assert list(shown.items()) == [("list", [{"id": 1}]), ("one", {"id": 2, "name": "b"})]


def test_a_projection_leaves_wrong_types_for_the_validation_to_find() -> None:
    assert projection(ITEM)("text") == "text"
    assert projection({"type": "array", "items": ITEM})(None) is None
