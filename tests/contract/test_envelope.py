"""Envelopes: the position of the records in a response, and the members around them."""

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


def test_a_list_is_in_the_only_array_and_paging_is_in_the_echo() -> None:
    envelope = infer_envelope(LIST, ["limit", "offset", "searched_text"], of_list=True)
    assert (envelope.container, envelope.echo_member) == ("things", "paging")
    assert envelope.wrap([{"id": 1}], {"limit": 5, "offset": None}) == {
        "things": [{"id": 1}],
        "paging": {"limit": 5, "offset": None},
    }


def test_a_record_is_in_the_only_object() -> None:
    envelope = infer_envelope({"type": "object", "properties": {"thing": ITEM}}, [], of_list=False)
    assert envelope.wrap(envelope.item({"id": 1, "name": "a", "secret": 2}), {}) == {
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
def test_a_response_without_a_container_for_the_list_is_an_error(schema: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected one that holds the records"):
        infer_envelope(schema, [], of_list=True)


def test_a_projection_has_the_members_of_the_schema_in_its_order_at_every_depth() -> None:
    nested = {
        "type": "object",
        "properties": {"list": {"type": "array", "items": ITEM}, "one": ITEM},
        "additionalProperties": False,
    }
    reduced = projection(nested)(
        {"one": {"name": "b", "id": 2, "x": 0}, "list": [{"id": 1, "y": 0}], "z": 0}
    )
    assert list(reduced.items()) == [("list", [{"id": 1}]), ("one", {"id": 2, "name": "b"})]


def test_a_projection_does_not_change_values_of_another_type() -> None:
    assert projection(ITEM)("text") == "text"
    assert projection({"type": "array", "items": ITEM})(None) is None
