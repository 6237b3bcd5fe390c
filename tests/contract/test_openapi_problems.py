"""`/openapi.json` has the problems of each operation. Each problem is provoked and compared."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.shipped_api import (
    BUSY,
    CANCEL,
    EXPORTS,
    LIST_EXPORTS,
    LIST_TRASH,
    RESTORE,
    RETRIEVE,
    TOKEN,
    TRASH,
    shipped_contract,
)
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from mockserver.config.settings import Settings
from mockserver.contract import loader
from mockserver.contract.model import Contract
from mockserver.contract.openapi import openapi
from mockserver.contract.openapi_parts import problems
from mockserver.errors import Problem
from mockserver.pipeline.messages import Request
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore

PROBLEM = "application/problem+json"
TARGETS = {
    LIST_EXPORTS: ("GET", EXPORTS),
    RETRIEVE: ("GET", f"{EXPORTS}/102"),
    CANCEL: ("DELETE", f"{EXPORTS}/102"),
    LIST_TRASH: ("GET", TRASH),
    RESTORE: ("PATCH", f"{TRASH}/{BUSY}"),
}
"""Operation to its method and path. The notification to restore is not in the trash."""
PROVOCATIONS: dict[str, dict[str, Any]] = {
    "malformed-request": {"query_string": "q=%FF"},
    "preference-not-met": {"headers": {**TOKEN, "Prefer": "code=299"}},
    "sandbox-name-invalid": {"headers": {**TOKEN, "X-Mock-Sandbox": "a b"}},
    "access-token-missing": {"headers": {}},
    "access-token-expired": {"headers": {"X-Access-Token": "expired"}},
    "feature-missing": {"headers": {"X-Access-Token": "no-features"}},
    "record-not-found": {},
    "body-too-large": {"data": b"x" * (Settings().max_body + 1)},
    "unsupported-content-coding": {"data": b"x", "headers": {**TOKEN, "Content-Encoding": "br"}},
    "unsupported-media-type": {"data": b"x", "headers": {**TOKEN, "Content-Type": "text/plain"}},
    "target-too-long": {"query_string": "q=" + "x" * 9000},
}
"""Problem to the parts of a request that provoke it.

The other problems need a broken, a full or another server.
"""


def cases() -> Iterator[Any]:
    for served in shipped_contract().served:
        for kind in problems(served):
            if kind.slug in PROVOCATIONS:
                yield pytest.param(
                    served.operation.id, kind, id=f"{served.operation.id} {kind.slug}"
                )


@pytest.mark.parametrize(("operation", "kind"), list(cases()))
def test_a_problem_is_valid_against_its_description(
    client: FlaskClient, contract: Contract, operation: str, kind: type[Problem]
) -> None:
    method, path = TARGETS[operation]
    response = client.open(path, method=method, **{"headers": TOKEN, **PROVOCATIONS[kind.slug]})
    assert response.get_json()["type"] == f"urn:mockserver:problem:{kind.slug}"
    document = openapi(contract)
    response_document = document["paths"][contract.operation(operation).route][method.lower()][
        "responses"
    ][str(response.status_code)]
    schema = {
        **response_document["content"][response.mimetype]["schema"],
        "components": document["components"],
    }
    assert list(Draft202012Validator(schema).iter_errors(response.get_json())) == []


def test_every_provocation_belongs_to_a_problem_of_an_operation() -> None:
    slugs: set[str] = set()
    for served in shipped_contract().served:
        slugs |= {kind.slug for kind in problems(served)}
    assert PROVOCATIONS.keys() <= slugs


def test_a_problem_of_another_type_is_invalid(contract: Contract) -> None:
    """Show that the test above can fail."""
    document = openapi(contract)
    responses = document["paths"]["/api/push_notifications/trash"]["get"]["responses"]
    schema = {
        **responses["401"]["content"][PROBLEM]["schema"],
        "components": document["components"],
    }
    other = {
        "type": "urn:mockserver:problem:feature-missing",
        "title": "x",
        "status": 401,
        "detail": "x",
    }
    assert not Draft202012Validator(schema).is_valid(other)


STATUSES = {
    LIST_EXPORTS: "200 400 401 403 413 414 415 431 500 501 503 default",
    RETRIEVE: "200 404 400 401 403 413 414 415 431 500 501 503 default",
    CANCEL: "200 404 400 401 403 413 414 415 431 500 501 503 507 default",
    LIST_TRASH: "200 400 401 413 414 415 431 500 501 503 default",
    RESTORE: "200 400 401 403 404 413 414 415 431 500 501 503 507 default",
}


@pytest.mark.parametrize("operation", STATUSES)
def test_an_operation_has_the_statuses_that_can_occur(contract: Contract, operation: str) -> None:
    served = contract.operation(operation)
    responses = openapi(contract)["paths"][served.route][TARGETS[operation][0].lower()]["responses"]
    assert list(responses) == STATUSES[operation].split()
    # A missing export is the documented 404, so this status has no problem of the server.
    documented = [str(status) for status in served.operation.statuses]
    assert {status: PROBLEM in responses[status]["content"] for status in documented} == {
        status: status == "400" for status in documented
    }


def served_from(folder: Path, blueprint: str, effects: str = "") -> MockServer:
    for part in ("schemas", "fixtures"):
        (folder / part / "a").mkdir(parents=True)
    (folder / "schemas/a/a.apib").write_text(blueprint)
    if effects:
        (folder / "fixtures/a/effects.yaml").write_text(effects)
    return MockServer(
        loader.load_contract(folder / "schemas", folder / "fixtures"),
        Settings(),
        MemoryStore(SandboxState()),
    )


def operation_of(server: MockServer, path: str, method: str) -> dict[str, Any]:
    document = openapi(server.contracts.main.contract)
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    operation: dict[str, Any] = document["paths"][path][method]
    return operation


def test_a_documented_problem_response_allows_both_schemas(tmp_path: Path) -> None:
    text = (
        "# GET /a\n\n+ Response 200\n\n+ Response 400 (application/problem+json)\n\n"
        + " " * 8
        + '{"code": 7}\n'
    )
    media = operation_of(served_from(tmp_path, text), "/a", "get")["responses"]["400"]["content"]
    assert list(media) == [PROBLEM]
    documented, problem = media[PROBLEM]["schema"]["anyOf"]
    assert (documented["required"], "allOf" in problem) == (["code"], True)
    assert media[PROBLEM]["example"] == {"code": 7}


def test_an_array_has_the_style_of_the_uri_template(tmp_path: Path) -> None:
    text = (
        "# GET /a{?tags}\n\n+ Parameters\n    + tags: red,blue (array[string])\n\n+ Response 204\n"
    )
    server = served_from(tmp_path, text)
    tags = operation_of(server, "/a", "get")["parameters"][0]
    assert (tags["style"], tags["explode"], tags["schema"]["type"]) == ("form", False, "array")
    assert server.respond(Request("GET", "/a", "tags=red,blue", {}, b"")).status == 204


def test_the_pattern_of_the_sandbox_parameter_is_the_enforced_one(
    contract: Contract, client: FlaskClient
) -> None:
    for path in openapi(contract)["paths"].values():
        for operation in path.values():
            sandbox = operation["parameters"][-1]
            assert (sandbox["name"], sandbox["in"], sandbox["required"]) == (
                "X-Mock-Sandbox",
                "header",
                False,
            )
    schema = Draft202012Validator(sandbox["schema"])
    for name in ("a", "a.b_c-d", "A" * 64, "default", "A" * 65, "", "-a", "a b", "ä", "a/b"):
        response = client.get(
            TRASH, headers={**TOKEN, "X-Mock-Sandbox": name.encode("utf-8").decode("latin-1")}
        )
        assert schema.is_valid(name) == (response.status_code == 200), name


BODIES = {
    "a schema": ("    + Attributes\n        + a (string, required)\n", True),
    "an example alone": ('\n        {"a": "b"}\n', False),
}


@pytest.mark.parametrize(("request_", "required"), BODIES.values(), ids=BODIES)
def test_a_body_is_required_if_the_server_rejects_a_request_without_it(
    tmp_path: Path, request_: str, required: bool
) -> None:
    text = f"# POST /a\n\n+ Request (application/json)\n{request_}\n+ Response 204\n"
    server = served_from(tmp_path, text)
    assert operation_of(server, "/a", "post")["requestBody"]["required"] is required
    response = server.respond(Request("POST", "/a", "", {"content-type": "application/json"}, b""))
    assert response.status == (400 if required else 204), json.loads(response.body or b"{}")
