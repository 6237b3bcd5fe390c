"""A payload that has attributes and no body has an example all the same: it is what the attributes show."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import called
from test_schemas import RULES, api_of

from mockserver import loading, schemas
from mockserver.config import Settings
from mockserver.message import Request
from mockserver.pipeline import MockServer
from mockserver.stores import State
from mockserver.stores.memory import MemoryStore

MADE: dict[str, tuple[str, Any]] = {
    "samples": ("+ a: 1 (number)\n+ b: x\n+ c: true (boolean)", {"a": 1, "b": "x", "c": True}),
    "nothing shown": ("+ a (number)\n+ b\n+ c (boolean)", {"a": 0, "b": "", "c": False}),
    "a default": ("+ a\n    + Default: x", {"a": "x"}),
    "the first value of an enum": ("+ a (enum)\n    + b\n    + c", {"a": "b"}),
    "the sample of an enum": ("+ a: c (enum)\n    + b\n    + c", {"a": "c"}),
    "objects and arrays": ("+ a (object)\n    + b (array[number])\n        + 1\n        + 2", {"a": {"b": [1]}}),
    "the first of One Of": ("+ a\n+ One Of\n    + b: 1\n    + c: 2", {"a": "", "b": "1"}),
}


def made(attributes: str) -> Any:
    return json.loads(schemas.with_examples(api_of(attributes)).operations[0].transactions[0].response.body or "null")


@pytest.mark.parametrize(("attributes", "expected"), MADE.values(), ids=MADE)
def test_what_the_attributes_show_is_the_example(attributes: str, expected: Any) -> None:
    assert made(attributes) == expected


@pytest.mark.parametrize("attributes", [*(a for a, _, _ in RULES.values()), *(a for a, _ in MADE.values())])
def test_the_example_fits_the_schema_that_the_same_attributes_make(attributes: str) -> None:
    api = api_of(attributes)
    assert not schemas.example_faults(schemas.with_examples(api), schemas.derive(api))


def test_a_body_that_is_shown_stays_as_it_is() -> None:
    api = api_of("+ a: 1 (number)", '{"a": 2}')
    assert schemas.with_examples(api) == api


def test_a_sample_that_its_enum_has_not_is_a_fault_with_its_place() -> None:
    api = api_of("+ a: d (enum)\n    + b\n    + c")
    faults = schemas.example_faults(schemas.with_examples(api), schemas.derive(api))
    assert [str(each) for each in faults] == [
        'f:3:3: the example that the attributes make breaks its schema at /a: expected "b" or "c", got string "d"'
    ]


def write(tmp_path: Path, response: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/a.apib").write_text(f"# GET /a\n\n+ Response 200 (application/json)\n{response}")


def test_an_operation_without_effect_and_without_a_body_answers_with_its_attributes(tmp_path: Path) -> None:
    write(tmp_path, "    + Attributes\n        + name: Anna (required)\n")
    server = MockServer(loading.load(tmp_path, tmp_path), Settings(), MemoryStore(State()))
    response = server.handle(Request("GET", "/a", "", {}, b""))
    assert (response.status, response.body) == (200, b'{"name":"Anna"}')


def test_an_answer_that_shows_nothing_to_answer_with_is_a_warning(tmp_path: Path) -> None:
    write(tmp_path, '    + Schema\n\n            {"type": "object"}\n')
    said = called("check", "--schemas", str(tmp_path), "--fixtures", str(tmp_path))
    assert "a.apib:3:3: GET /a 200 shows neither body nor attributes to answer with" in said.stderr
    assert said.returncode == 0
