"""Both validators agree, and a response that breaks the contract is rejected or sent."""

import copy
import logging
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from helpers.shipped_api import EXPORTS
from jsonschema import Draft202012Validator

from mockserver.contract.examples import example_path
from mockserver.contract.model import Contract, ServedOperation
from mockserver.formats.json_schema import Validator, schema_violations
from mockserver.formats.schema_messages import _FORMATS
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.mock_server import MockServer

Ask = Callable[..., Response]
MIN_REJECTED = 300
"""Fewer rejected variants would mean that the test changes too little."""
REPLACEMENTS: dict[type, list[Any]] = {
    str: [
        1,
        None,
        "",
        "2017-13-01 15:35:00",
        "2017-01-01 15:35:00\n",
        "٢٠١٧-01-01 15:35:00",
        "not a date or id",
        True,
    ],
    int: ["1", 1.5, None, True],
    bool: ["true", 0, None],
    type(None): [{}, "x" * 3, [1], False],
    dict: [[], None, "x"],
    list: [{}, None, "x"],
}
"""Type of a value to its replacements: another type, null, outside the enum, another format."""


def broken_variants(value: Any) -> Iterator[Any]:
    """Yield variants of a value, each with one change that can break its schema."""
    yield from REPLACEMENTS[type(value)]
    if isinstance(value, str):
        yield f"{value}\n"
    if isinstance(value, dict):
        yield {**value, "undocumented": 1}
        for name, member in value.items():
            yield {key: other for key, other in value.items() if key != name}
            for variant in broken_variants(member):
                yield {**value, name: variant}
    elif isinstance(value, list):
        for variant in broken_variants(value[0]) if value else ():
            yield [variant, *value[1:]]


def precise_validator(served: ServedOperation, status: int) -> Draft202012Validator:
    return Draft202012Validator(served.validators[status].schema, format_checker=_FORMATS)


def responses(contract: Contract, ask: Ask) -> Iterator[tuple[ServedOperation, int, Any]]:
    for served in contract.served:
        for status in served.operation.statuses:
            target = example_path(served) + ("?limit=2" if served.effect.kind == "list" else "")
            response = ask(served.operation.method, target, prefer=f"code={status}")
            yield served, status, orjson.loads(response.body)


def test_both_validators_agree_on_each_response_and_its_broken_variants(
    contract: Contract, ask: Ask
) -> None:
    rejected = 0
    for served, status, body in responses(contract, ask):
        slow = precise_validator(served, status)
        assert served.validators[status].accepts(body)
        assert slow.is_valid(body)
        for variant in broken_variants(copy.deepcopy(body)):
            accepted = served.validators[status].accepts(variant)
            assert accepted == slow.is_valid(variant), (served.operation.id, status, variant)
            assert bool(served.validators[status].violations(variant)) != accepted
            rejected += not accepted
    assert rejected > MIN_REJECTED


@pytest.fixture
def strict(contract: Contract, server: MockServer) -> MockServer:
    """The server with schemas that every response with status 200 violates."""
    served = []
    for operation in contract.served:
        schema = copy.deepcopy(operation.validators[200].schema)
        schema["maxProperties"] = 0
        validators = {**operation.validators, 200: Validator(schema)}
        served.append(replace(operation, validators=validators))
    server.use(replace(contract, served=tuple(served)))
    return server


def test_a_response_that_breaks_the_contract_is_a_problem_and_changes_nothing(
    strict: MockServer, contract: Contract, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        response = ask("DELETE", f"{EXPORTS}/100")
    problem = orjson.loads(response.body)
    assert (response.status, problem["type"]) == (
        500,
        "urn:mockserver:problem:response-breaks-contract",
    )
    assert problem["violations"][0]["schema_pointer"] == "/maxProperties"
    assert "response breaks contract" in caplog.text
    strict.use(contract)
    assert (
        orjson.loads(ask("GET", f"{EXPORTS}/100").body)["push_notification_export"]["status"]
        == "running"
    )


def test_on_violation_warn_sends_the_response_and_logs_a_warning_each_time(
    strict: MockServer, caplog: pytest.LogCaptureFixture
) -> None:
    strict.settings = replace(strict.settings, on_violation="warn")
    request = Request("GET", f"{EXPORTS}/100", "", {"x-access-token": "any"})
    with caplog.at_level(logging.WARNING):
        responses = [strict.respond(request) for _ in range(2)]
    assert [(r.status, dict(r.headers)["X-Mock-Violations"]) for r in responses] == [(200, "1")] * 2
    assert caplog.text.count("response breaks contract") == 2


@pytest.mark.parametrize("target", ["URL", "FILE"])
def test_a_schema_in_another_document_is_an_error_and_is_not_fetched(
    target: str, tmp_path: Path
) -> None:
    other = tmp_path / "other.json"
    other.write_text('{"type": "string"}')
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/other.json"
        reference = {"URL": url, "FILE": other.as_uri()}[target]
        violations = schema_violations({"properties": {"a": {"$ref": reference}}})
        assert "which is not fetched" in violations[0].actual
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
