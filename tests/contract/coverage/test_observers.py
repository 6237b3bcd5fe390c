"""What one exchange covers: compiled walks agree with a plain reading of the documented places."""

from collections.abc import Iterator
from typing import Any

import pytest
from helpers.shipped_api import CANCEL, LIST_EXPORTS, LIST_TRASH, RETRIEVE, shipped_contract
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.coverage.bodies import Place, read_places
from mockserver.contract.coverage.body_walks import BodyWalks
from mockserver.contract.coverage.items import CoverageItems
from mockserver.contract.coverage.observers import NO_BODY
from mockserver.contract.coverage.operation_items import value_word
from mockserver.contract.coverage.shape import json_key

SCHEMA = {
    "type": "object",
    "required": ["id", "state", "parts"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "state": {"type": ["string", "null"], "enum": ["on", "off", None]},
        "level": {"enum": [1, 2.5, True, "1", [1], {"a": 1}]},
        "parts": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"flag": {"type": "boolean"}, "tags": {"type": "array"}},
            },
        },
        "pair": {"type": "array", "prefixItems": [{"enum": ["x", "y"]}], "items": {"enum": [1, 2]}},
        "labels": {
            "type": "object",
            "properties": {"main": {"type": "string"}},
            "additionalProperties": {"enum": ["red", "blue"]},
        },
    },
}
WORDS = st.sampled_from(
    [None, True, False, 0, 1, 1.0, 2, 2.5, "1", "on", "off", "x", "y", "red", "blue", [1], {"a": 1}]
)
BODY = read_places(SCHEMA)
NAMES = st.sampled_from(
    ["id", "name", "state", "level", "parts", "pair", "labels", "flag", "tags", "main", "other"]
)
VALUES = st.recursive(
    WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=7),
    max_leaves=20,
)


def items_in(place: Place, value: Any) -> Iterator[str]:
    """Yield the items of a value as `POINTER WORD`, from the rules in the documents."""
    words: list[str] = []
    if value is None:
        words.append("null" if place.shape.null else "present")
    elif place.has_present:
        words.append("present")
    words += [value_word(one) for one in place.values if json_key(one) == json_key(value)]
    if isinstance(value, list):
        words += [("empty", "one", "many")[min(len(value), 2)]]
    yield from (f"{place.pointer} {word}" for word in words)
    if isinstance(value, dict):
        yield from members_in(place, value)
    if isinstance(value, list):
        for index, item in enumerate(value):
            inner = place.first_items.get(index, place.items)
            if inner:
                yield from items_in(inner, item)


def members_in(place: Place, value: dict[str, Any]) -> Iterator[str]:
    for name, member in place.members.items():
        if name in value:
            yield from items_in(member, value[name])
        elif not member.is_required:
            yield f"{member.pointer} absent"
    for name in value:
        if place.others and name not in place.members:
            yield from items_in(place.others, value[name])


class Numbers(dict[str, int]):
    """Gives each item a number when it is first used."""

    def __missing__(self, name: str) -> int:
        self[name] = len(self)
        return self[name]


@given(VALUES)
def test_a_compiled_walk_finds_the_items_of_a_plain_reading(value: Any) -> None:
    assert BODY
    numbers = Numbers()
    bits = BodyWalks("o", "200", numbers).walk_of(BODY)(value)
    covered = {
        name.removeprefix("o 200 ").removeprefix("body")
        for name, number in numbers.items()
        if bits >> number & 1
    }
    documented = {name.removeprefix("o 200 ").removeprefix("body").lstrip() for name in numbers}
    expected = {name for name in items_in(BODY, value) if name.lstrip() in documented}
    assert {name.lstrip() for name in covered} == {name.lstrip() for name in expected}


@pytest.fixture(scope="module")
def items() -> CoverageItems:
    return CoverageItems(shipped_contract())


@pytest.mark.parametrize("name", [LIST_EXPORTS, LIST_TRASH])
def test_kept_records_cover_the_items_of_the_body(items: CoverageItems, name: str) -> None:
    served = items.contract.operation(name)
    assert served.envelope
    observer = items.observer(served)
    records = list(items.contract.collections[served.collection].values())
    for start in range(0, len(records), 7):
        page = records[start : start + 7]
        content = [served.envelope.item(record) for record in page]
        body = served.envelope.wrap(content, {"limit": 7})
        first, again = (observer.response(200, body, page) for _ in range(2))
        assert first == again == observer.response(200, body)


def test_a_kept_record_covers_the_items_of_its_response(items: CoverageItems) -> None:
    served = items.contract.operation(RETRIEVE)
    assert served.envelope
    observer = items.observer(served)
    for record in items.contract.collections[served.collection].values():
        body = served.envelope.wrap(served.envelope.item(record), {})
        first, again = (observer.response(200, body, (record,)) for _ in range(2))
        assert first == again == observer.response(200, body)


def test_what_is_not_documented_covers_nothing(items: CoverageItems) -> None:
    observer = items.observer(items.contract.operation(RETRIEVE))
    assert observer.response(500, {"message": "x"}) == 0
    body = {"push_notification_export": {"status": "lost", "color": "red"}, "message": "x"}
    names = items.ids(observer.response(200, body))
    assert [name for name in names if "lost" in name or "color" in name or "message" in name] == []
    assert f"{RETRIEVE} 200 /push_notification_export/status present" in names


def test_a_documented_status_without_a_body_covers_the_status(items: CoverageItems) -> None:
    observer = items.observer(items.contract.operation(CANCEL))
    assert items.ids(observer.response(400, NO_BODY)) == [CANCEL, f"{CANCEL} 400"]


def test_the_items_of_a_scenario_have_a_bit_and_others_have_none(items: CoverageItems) -> None:
    assert items.ids(items.scenario("slow")) == ["scenario slow"]
    assert items.scenario(f"{CANCEL}-404") == 0
    assert items.scenario("fault-reset") == 0
