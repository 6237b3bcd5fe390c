"""A payload with attributes and without a body gets an example from its attributes."""

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.blueprints import ATTRIBUTE_RULES, api_with_attributes
from helpers.processes import run_command

from mockserver.config.settings import Settings
from mockserver.contract import loader
from mockserver.pipeline.messages import Request
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore
from mockserver.spec import schemas

GENERATED: dict[str, tuple[str, Any]] = {
    "samples": ("+ a: 1 (number)\n+ b: x\n+ c: true (boolean)", {"a": 1, "b": "x", "c": True}),
    "no samples": ("+ a (number)\n+ b\n+ c (boolean)", {"a": 0, "b": "", "c": False}),
    "a default": ("+ a\n    + Default: x", {"a": "x"}),
    "the first value of an enum": ("+ a (enum)\n    + b\n    + c", {"a": "b"}),
    "the sample of an enum": ("+ a: c (enum)\n    + b\n    + c", {"a": "c"}),
    "objects and arrays": (
        "+ a (object)\n    + b (array[number])\n        + 1\n        + 2",
        {"a": {"b": [1, 2]}},
    ),
    "the first of One Of": ("+ a\n+ One Of\n    + b: 1\n    + c: 2", {"a": "", "b": "1"}),
}


def generated_body(attributes: str) -> Any:
    api = schemas.with_examples(api_with_attributes(attributes))
    body = api.operations[0].transactions[0].response.body
    return json.loads(body or "null")


@pytest.mark.parametrize(("attributes", "expected"), GENERATED.values(), ids=GENERATED)
def test_the_example_has_the_values_of_the_attributes(attributes: str, expected: Any) -> None:
    assert generated_body(attributes) == expected


@pytest.mark.parametrize(
    "attributes",
    [*(a for a, _, _ in ATTRIBUTE_RULES.values()), *(a for a, _ in GENERATED.values())],
)
def test_the_example_is_valid_against_the_schema_of_the_same_attributes(attributes: str) -> None:
    api = api_with_attributes(attributes)
    assert not list(schemas.example_messages(schemas.with_examples(api), schemas.derive(api)))


def test_a_documented_body_is_not_replaced() -> None:
    api = api_with_attributes("+ a: 1 (number)", '{"a": 2}')
    assert schemas.with_examples(api) == api


def test_a_sample_that_an_enum_does_not_have_is_a_warning_with_its_position(tmp_path: Path) -> None:
    write(tmp_path, "    + Attributes\n        + a: d (enum)\n            + b\n            + c\n")
    messages = loader.load_contract(tmp_path, tmp_path).messages
    text = "a.apib:5:11: 'd' is not a value of the enum"
    assert text in "\n".join(map(str, messages))


def write(tmp_path: Path, response: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/a.apib").write_text(f"# GET /a\n\n+ Response 200 (application/json)\n{response}")


def test_an_operation_without_effect_and_body_returns_an_example_of_its_attributes(
    tmp_path: Path,
) -> None:
    write(tmp_path, "    + Attributes\n        + name: Anna (required)\n")
    server = MockServer(
        loader.load_contract(tmp_path, tmp_path), Settings(), MemoryStore(SandboxState())
    )
    response = server.respond(Request("GET", "/a", "", {}, b""))
    assert (response.status, response.body) == (200, b'{"name":"Anna"}')


UNSUPPORTED_SCHEMAS = {
    "a schema that rejects every value": '{"not": {}}',
    "a pattern with a look-ahead": (
        '{"type": "object", "required": ["a"], "properties": {"a": {"pattern": "^(?=b)c"}}}'
    ),
}


@pytest.mark.parametrize(
    "attributes", ["", "    + Attributes\n        + a\n"], ids=["schema alone", "attributes too"]
)
@pytest.mark.parametrize("schema", UNSUPPORTED_SCHEMAS.values(), ids=UNSUPPORTED_SCHEMAS)
def test_check_reports_a_schema_without_an_example(
    tmp_path: Path, schema: str, attributes: str
) -> None:
    write(tmp_path, f"{attributes}    + Schema\n\n            {schema}\n")
    result = run_command("check", "--schemas", str(tmp_path), "--fixtures", str(tmp_path))
    reason = "has no example body, and none can be generated from its schema"
    assert f"a.apib:3:3: warning: GET /a 200 {reason}" in result.stderr
    assert result.returncode == 0
