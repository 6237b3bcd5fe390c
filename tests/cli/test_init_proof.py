"""`mockserver init` proves what it creates: an effect that fails is removed."""

from pathlib import Path

import pytest
from helpers.blueprints import operation_text
from helpers.created_apis import asker, init, server_of
from helpers.repository import ROOT

from mockserver.contract import loader
from mockserver.contract.examples import example_path
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.mock_server import DelayedResponse, MockServer
from mockserver.spec import blueprint

POLLS = ROOT / "tests/second_api/polls.apib"


def test_an_operation_whose_schema_rejects_the_records_returns_its_example(
    tmp_path: Path,
) -> None:
    # The list has a member within `of` that the detail does not document. The records are shared.
    text = operation_text("/a", '[{"id": 1, "of": {"x": 1, "y": 2}}]') + operation_text(
        "/a/{id}", '{"id": 1, "of": {"x": 1}}', name="One"
    )
    (tmp_path / "a.apib").write_text(f"FORMAT: 1A\n\n# A\n\n## Things\n\n{text}")
    process = init(tmp_path, tmp_path / "a.apib")
    assert (process.returncode, process.stderr) == (0, "")
    assert "Inferred effects for 1 of 2 operations; " in process.stdout
    assert "generated records would violate the blueprint: " in process.stdout
    ask = asker(server_of(tmp_path))
    assert (ask("GET", "/a")[0], ask("GET", "/a/1")[0]) == (200, 200)


def test_a_query_variable_is_sent_with_its_documented_value(tmp_path: Path) -> None:
    """The response repeats the sent value, and documents a number there."""
    text = operation_text(
        "/a{?searched_text}", '{"a": [{"id": 1, "name": "x"}], "paging": {"searched_text": 7}}'
    )
    text = text.replace("1 (number, optional)", "summer (string, required)")
    (tmp_path / "a.apib").write_text(f"FORMAT: 1A\n\n# A\n\n## Things\n\n{text}")
    process = init(tmp_path, tmp_path / "a.apib")
    assert process.returncode == 0
    assert "Inferred effects for 0 of 1 operations; " in process.stdout
    assert '/paging/searched_text: expected number, got string "summer"' in process.stdout


def test_each_request_of_the_proof_is_sent_in_a_separate_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandboxes = []
    handle = MockServer.handle

    def record(server: MockServer, exchange: Exchange) -> Response | DelayedResponse:
        response = handle(server, exchange)
        assert isinstance(response, Response)
        sandboxes.append(dict(response.headers)["X-Mock-Sandbox"])
        return response

    monkeypatch.setattr(MockServer, "handle", record)
    assert init(tmp_path, POLLS).returncode == 0
    assert len(sandboxes) >= len(blueprint.read_blueprint(POLLS, "polls.apib").operations)
    assert len(set(sandboxes)) == len(sandboxes)
    assert "default" not in sandboxes


OTHER_RESPONSE = """### Add [POST /a]

+ Request (application/json)

        {"tags": ["x"]}

+ Response 201 (application/json)

        {"id": 2, "tags": [{"name": "x"}]}
"""


def test_a_create_operation_whose_documented_request_creates_no_record_returns_its_example(
    tmp_path: Path,
) -> None:
    text = operation_text("/a", '[{"id": 1, "tags": [{"name": "x"}]}]') + OTHER_RESPONSE
    (tmp_path / "a.apib").write_text(f"FORMAT: 1A\n\n# A\n\n## Things\n\n{text}")
    process = init(tmp_path, tmp_path / "a.apib")
    assert (process.returncode, process.stderr) == (0, "")
    assert (
        "No effect inferred for add (POST /a): the documented request would fail: "
        in process.stdout
    )
    assert asker(server_of(tmp_path))("POST", "/a", {"tags": ["x"]}) == (
        201,
        {"id": 2, "tags": [{"name": "x"}]},
    )


def test_a_text_response_is_not_validated_against_the_json_schema_of_its_status(
    tmp_path: Path,
) -> None:
    responses = (
        "+ Response 200 (text/plain)\n\n        Hail\n\n"
        + '+ Response 200 (application/json)\n\n        {"text": "Hail"}\n'
    )
    text = f"### Hail [GET /hail]\n\n{responses}"
    (tmp_path / "a.apib").write_text(f"FORMAT: 1A\n\n# A\n\n## Things\n\n{text}")
    assert init(tmp_path, tmp_path / "a.apib").returncode == 0
    response = server_of(tmp_path).respond(Request("GET", "/hail"))
    assert (response.status, response.body.strip()) == (200, b"Hail")


def test_a_variable_without_an_example_gets_a_valid_request(tmp_path: Path) -> None:
    (tmp_path / "a.apib").write_text(
        f"FORMAT: 1A\n\n# A\n\n## Things\n\n{operation_text('/a/{id}', '[1]')}"
    )
    assert init(tmp_path, tmp_path / "a.apib").returncode == 0
    contract = loader.load_contract(tmp_path / "schemas", tmp_path / "fixtures")
    assert example_path(contract.served[0]) == "/a/1"
