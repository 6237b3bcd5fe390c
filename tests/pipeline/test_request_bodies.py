"""Request bodies are validated against their declared schema, which OpenAPI has too."""

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from mockserver.config.settings import Settings
from mockserver.contract import loader
from mockserver.contract.openapi import openapi
from mockserver.pipeline.messages import Request
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore

DECLARED = """
+ Request (application/json)
    + Attributes
        + title (string, required)
        + lines (array, required)
            + (object)
                + sku: `A-1` (string, required)
                + quantity: 2 (number, required)
"""
EXAMPLE = '\n+ Request (application/json)\n\n        {"title": "Mine"}\n'
OTHER = (
    "\n+ Request Short (application/json)\n    + Attributes\n        + name (string, required)\n"
)
ANSWER = "\n+ Response 204\n"
TARGET = "POST /a{?dry}\n\n+ Parameters\n    + dry: true (boolean, optional)\n"
GOOD = {"title": "Mine", "lines": [{"sku": "A-2", "quantity": 1}]}


def serve(folder: Path, *requests: str) -> MockServer:
    (folder / "a").mkdir()
    parts = "".join(f"{request}{ANSWER}" for request in requests) or ANSWER
    (folder / "a/a.apib").write_text(f"# {TARGET}{parts}")
    return MockServer(loader.load_contract(folder, folder), Settings(), MemoryStore(SandboxState()))


def post(server: MockServer, body: Any, query: str = "") -> tuple[int, list[tuple[str, str]]]:
    """The status, and where the request broke the contract and what was expected there."""
    data = b"" if body is None else json.dumps(body).encode()
    response = server.respond(
        Request("POST", "/a", query, {"content-type": "application/json"}, data)
    )
    reported = json.loads(response.body)["violations"] if response.status == 400 else []
    return response.status, [
        (violation["pointer"], violation["expected"]) for violation in reported
    ]


CASES: dict[str, tuple[list[str], Any, int, list[tuple[str, str]]]] = {
    "as declared": ([DECLARED], GOOD, 204, []),
    "a member misspelt": (
        [DECLARED],
        {"titel": "Mine", "lines": []},
        400,
        [("", 'member "title"'), ("/titel", 'no other member than "title" or "lines"')],
    ),
    "deep inside": (
        [DECLARED],
        {**GOOD, "lines": [{"sku": 1, "quantity": 1}]},
        400,
        [("/lines/0/sku", "string")],
    ),
    "no body": ([DECLARED], None, 400, [("body", "JSON")]),
    "an example is one of many": ([EXAMPLE], {"anything": 1}, 204, []),
    "an example, and no body": ([EXAMPLE], None, 204, []),
    "one of two": ([DECLARED, OTHER], {"name": "x"}, 204, []),
    "one declared, one shown": ([DECLARED, EXAMPLE], {"anything": 1}, 204, []),
    "nothing documented": ([], {"anything": 1}, 204, []),
}


@pytest.mark.parametrize(("requests", "body", "status", "violations"), CASES.values(), ids=CASES)
def test_a_body_is_validated_against_its_declared_schema(
    tmp_path: Path, requests: list[str], body: Any, status: int, violations: list[tuple[str, str]]
) -> None:
    assert post(serve(tmp_path, *requests), body) == (status, violations)


def test_violations_of_query_and_body_are_reported_together(tmp_path: Path) -> None:
    status, violations = post(serve(tmp_path, DECLARED), {"title": 1, "lines": []}, "dry=maybe")
    assert (status, violations) == (400, [("query/dry", "true or false"), ("/title", "string")])


def test_the_openapi_document_has_the_body_with_schema_and_example(tmp_path: Path) -> None:
    document = openapi(serve(tmp_path, DECLARED).contracts.main.contract)
    validate(document)
    body = document["paths"]["/a"]["post"]["requestBody"]
    media = body["content"]["application/json"]
    assert body["required"] is True
    assert media["schema"]["required"] == ["title", "lines"]
    assert media["example"] == {"title": "", "lines": [{"sku": "A-1", "quantity": 2}]}


def test_the_journal_truncates_a_body_and_does_not_list_it_as_an_argument(tmp_path: Path) -> None:
    server = serve(tmp_path)
    post(server, {"text": "x" * 5000})
    entry = json.loads(server.store.journal("default")[0])
    assert entry["arguments"] == {}
    assert len(json.dumps(entry)) < 6000


@pytest.mark.parametrize("levels", [64, 500, 100_000])
def test_a_body_that_nests_too_deep_is_refused(tmp_path: Path, levels: int) -> None:
    data = b"[" * (levels + 1) + b"]" * (levels + 1)
    response = serve(tmp_path, DECLARED).respond(
        Request("POST", "/a", "", {"content-type": "application/json"}, data)
    )
    assert response.status == 400
    assert json.loads(response.body)["violations"][0]["pointer"] == "body"


WIDE = {
    "items": {"title": "x", "lines": [1] * 300_000},
    "objects": {"title": "x", "lines": [{}] * 200_000},
    "members": {f"m{number}": 1 for number in range(50_000)},
}


@pytest.mark.parametrize("body", WIDE.values(), ids=WIDE)
def test_the_number_of_reported_violations_is_limited(tmp_path: Path, body: Any) -> None:
    status, violations = post(serve(tmp_path, DECLARED), body)
    assert (status, len(violations)) == (400, 100)


def test_a_violation_of_anyof_does_not_repeat_the_whole_body(tmp_path: Path) -> None:
    server = serve(tmp_path, DECLARED, OTHER)
    data = json.dumps({"name": ["x" * 1000] * 100}).encode()
    response = server.respond(Request("POST", "/a", "", {"content-type": "application/json"}, data))
    assert response.status == 400
    assert len(response.body) < 2000
