"""Almost-JSON becomes JSON if there is one way to read it."""

import json

import pytest

from mockserver.spec.blueprint.json_repair import repair_json

REPAIRABLE = {
    '{"a": 1,}': {"a": 1},
    "[1, 2, ...]": [1, 2],
    "[1, ..., 9]": [1, 9],
    "[..., 9]": [9],
    "[...]": [],
    "{...}": {},
    '{"a": 1, …}': {"a": 1},
    '[{"id": 1}, {...}]': [{"id": 1}, {}],
    '[{"id": 1} ...]': [{"id": 1}],
    '{"a": 1 // one\n, "b": "http://x"}': {"a": 1, "b": "http://x"},
    '# two\n{"a": 1}': {"a": 1},
    '{"a": /* x */ 2,\n /* y */}': {"a": 2},
    '{"a": "b", // c\n "d": [1, 2,],}': {"a": "b", "d": [1, 2]},
    '{"a": 1},': {"a": 1},
    '{"a": "# // /* ... ,}",}': {"a": "# // /* ... ,}"},
    '{"id": 1234567890123456789,}': {"id": 1234567890123456789},
}
AMBIGUOUS = [
    '{"a": ...}',
    '{"a": <id>,}',
    '["a" "b",]',
    '{"a": 1 ... "b": 2}',
    '{"a": 1..2}',
    "[1,,2]",
    '{"a": 1} /* no end',
    "{'a': 1,}",
    "<xml>...</xml>",
    "",
]


@pytest.mark.parametrize("text", REPAIRABLE)
def test_a_repaired_text_has_one_meaning(text: str) -> None:
    repaired = repair_json(text)
    assert repaired is not None
    assert json.loads(repaired.text) == REPAIRABLE[text]


@pytest.mark.parametrize("text", REPAIRABLE)
def test_a_repair_keeps_all_positions(text: str) -> None:
    repaired = repair_json(text)
    assert repaired is not None
    assert len(repaired.text) == len(text)
    assert repaired.text.count("\n") == text.count("\n")
    changes = [index for index in range(len(text)) if repaired.text[index] != text[index]]
    for index in changes:
        assert any(repair.start <= index < repair.end for repair in repaired.repairs)


@pytest.mark.parametrize("text", AMBIGUOUS)
def test_an_ambiguous_text_is_not_repaired(text: str) -> None:
    assert repair_json(text) is None


def test_json_has_nothing_to_repair() -> None:
    assert repair_json('{"a": [1, 2]}') is None


@pytest.mark.parametrize("piece", ["[", '{"a":', "/* ", '"', "..", ",", "// x\n", "#", "/"])
def test_a_long_text_takes_linear_time(piece: str) -> None:
    # A quadratic pattern would need hours here.
    repair_json(piece * 300_000)
