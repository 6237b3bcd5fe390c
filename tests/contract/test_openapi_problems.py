"""`/openapi.json` has the problems of each operation; each problem is caused and compared."""

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
WAYS: dict[str, dict[str, Any]] = {
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
"""Problem to what a request has that provokes it. The others need a broken, a full or another server."""


def cases() -> Iterator[Any]:
    for served in shipped_contract().served:
        for kind in problems(served):
            if kind.slug in WAYS:
                yield pytest.param(
                    served.operation.id, kind, id=f"{served.operation.id} {kind.slug}"
                )


@pytest.mark.parametrize(("operation", "kind"), list(cases()))
def test_each_problem_is_as_described(
    client: FlaskClient, contract: Contract, operation: str, kind: type[Problem]
) -> None:
    method, path = TARGETS[operation]
    response = client.open(path, method=method, **{"headers": TOKEN, **WAYS[kind.slug]})
    assert response.get_json()["type"] == f"urn:mockserver:problem:{kind.slug}"
    document = openapi(contract)
    described = document["paths"][contract.operation(operation).route][method.lower()]["responses"][
        str(response.status_code)
    ]
    schema = {
        **described["content"][response.mimetype]["schema"],
        "components": document["components"],
    }
    assert list(Draft202012Validator(schema).iter_errors(response.get_json())) == []


def test_every_way_is_tried() -> None:
    assert (
        WAYS.keys()
        == {kind.slug for served in shipped_contract().served for kind in problems(served)}
        & WAYS.keys()
    )


def test_a_problem_of_another_kind_does_not_fit(contract: Contract) -> None:
    """The test above can fail."""
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
def test_the_statuses_are_those_that_can_happen(contract: Contract, operation: str) -> None:
    served = contract.operation(operation)
    responses = openapi(contract)["paths"][served.route][TARGETS[operation][0].lower()]["responses"]
    assert list(responses) == STATUSES[operation].split()
    # The documented 404 of an export is the vendor's alone: there is no other way for it to be missing.
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
    document = openapi(server.contract)
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    operation: dict[str, Any] = document["paths"][path][method]
    return operation


def test_a_documented_problem_may_be_either(tmp_path: Path) -> None:
    text = (
        "# GET /a\n\n+ Response 200\n\n+ Response 400 (application/problem+json)\n\n"
        + " " * 8
        + '{"code": 7}\n'
    )
    media = operation_of(served_from(tmp_path, text), "/a", "get")["responses"]["400"]["content"]
    assert list(media) == [PROBLEM]
    vendors, ours = media[PROBLEM]["schema"]["anyOf"]
    assert (vendors["required"], "allOf" in ours) == (["code"], True)
    assert media[PROBLEM]["example"] == {"code": 7}


def test_an_array_is_published_as_the_template_expands_it(tmp_path: Path) -> None:
    text = (
        "# GET /a{?tags}\n\n+ Parameters\n    + tags: red,blue (array[string])\n\n+ Response 204\n"
    )
    server = served_from(tmp_path, text)
    tags = operation_of(server, "/a", "get")["parameters"][0]
    assert (tags["style"], tags["explode"], tags["schema"]["type"]) == ("form", False, "array")
    assert server.respond(Request("GET", "/a", "tags=red,blue", {}, b"")).status == 204


def test_the_sandbox_is_a_parameter_with_the_pattern_that_is_enforced(
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
def test_a_body_is_required_where_its_absence_is_refused(
    tmp_path: Path, request_: str, required: bool
) -> None:
    text = f"# POST /a\n\n+ Request (application/json)\n{request_}\n+ Response 204\n"
    server = served_from(tmp_path, text)
    assert operation_of(server, "/a", "post")["requestBody"]["required"] is required
    response = server.respond(Request("POST", "/a", "", {"content-type": "application/json"}, b""))
    assert response.status == (400 if required else 204), json.loads(response.body or b"{}")
