"""The OpenAPI description of the contract."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.generated_apis import generate_client, generated_contract
from helpers.shipped_api import TRASHED
from helpers.shop_api import SHOP
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from mockserver.contract.model import Contract
from mockserver.contract.openapi import openapi


@pytest.fixture
def document(contract: Contract) -> dict[str, Any]:
    return openapi(contract)


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_every_documented_response_has_its_schema_and_example(
    document: dict[str, Any], contract: Contract
) -> None:
    operations = {o["operationId"]: o for path in document["paths"].values() for o in path.values()}
    for served in contract.served:
        responses = operations[served.operation.id]["responses"]
        documented = [str(status) for status in served.operation.statuses]
        assert list(responses)[: len(documented)] == documented
        assert list(responses)[-1] == "default"
        for status in served.operation.statuses:
            media = responses[str(status)]["content"]["application/json"]
            assert Draft202012Validator(media["schema"]).is_valid(media["example"])


def test_patterns_have_no_look_ahead_of_python(
    document: dict[str, Any], contract: Contract
) -> None:
    patterns = re.findall(r'"pattern": "([^"]*)"', json.dumps(document))
    assert patterns
    assert not [pattern for pattern in patterns if "(?" in pattern]
    assert "(?!" in json.dumps(
        [validator.schema for served in contract.served for validator in served.validators.values()]
    )


def test_path_parameters_are_inline_with_scalar_examples(document: dict[str, Any]) -> None:
    assert [(path, *item) for path, item in document["paths"].items()] == [
        ("/api/push_notifications/{push_notification_id}/exports", "get"),
        ("/api/push_notifications/{push_notification_id}/exports/{export_id}", "get", "delete"),
        ("/api/push_notifications/trash", "get"),
        ("/api/push_notifications/trash/{push_notification_id}", "patch"),
    ]
    for path, item in document["paths"].items():
        for operation in item.values():
            named = {p["name"]: p for p in operation["parameters"] if p["in"] == "path"}
            assert set(named) == {
                part.strip("{}") for part in path.split("/") if part.startswith("{")
            }
            assert all(isinstance(p["example"], str | int) for p in named.values())
    restore = document["paths"]["/api/push_notifications/trash/{push_notification_id}"]["patch"]
    assert restore["parameters"][0]["example"] == TRASHED


def test_documented_types_and_bounds_are_the_validated_ones(document: dict[str, Any]) -> None:
    list_exports = document["paths"]["/api/push_notifications/{push_notification_id}/exports"][
        "get"
    ]
    schemas = {p["name"]: p["schema"] for p in list_exports["parameters"]}
    assert schemas["limit"] == {"type": "integer", "minimum": 0, "maximum": 1000}
    assert schemas["offset"] == {"type": "integer", "minimum": 0, "maximum": 9007199254740991}
    retrieve = document["paths"][
        "/api/push_notifications/{push_notification_id}/exports/{export_id}"
    ]["get"]
    integer = {"type": "integer", "minimum": -(2**63), "maximum": 2**64 - 1}
    assert [p["schema"] for p in retrieve["parameters"] if p["in"] == "path"] == [
        {"type": "string"},
        integer,
    ]


def test_the_access_token_is_a_security_scheme_and_features_are_named(
    document: dict[str, Any],
) -> None:
    assert document["components"]["securitySchemes"]["accessToken"]["name"] == "X-Access-Token"
    operation = document["paths"][
        "/api/push_notifications/{push_notification_id}/exports/{export_id}"
    ]["delete"]
    assert operation["security"] == [{"accessToken": []}]
    assert operation["x-required-features"] == ["push_notifications/edit"]


def test_the_server_returns_the_same_document(
    client: FlaskClient, document: dict[str, Any]
) -> None:
    assert client.get("/openapi.json").json == document


def test_operations_of_one_method_and_path_are_merged() -> None:
    paths = openapi(generated_contract(SHOP))["paths"]
    users = paths["/v1/users"]["get"]
    assert users["x-operation-ids"] == ["users-by-name", "users-by-city"]
    required = {parameter["name"]: parameter["required"] for parameter in users["parameters"]}
    assert required == {"name": False, "city": False, "X-Mock-Sandbox": False}
    halves = paths["/v1/halves"]["get"]
    parameter = halves["parameters"][0]
    assert (parameter["name"], parameter["required"]) == ("x", True)
    assert [schema["enum"] for schema in parameter["schema"]["anyOf"]] == [["1"], ["2"]]
    flag = next(other for other in halves["parameters"] if other["name"] == "exact")
    assert (flag["name"], flag["required"], flag["schema"]["enum"]) == ("exact", False, [""])


WITHOUT_EXAMPLE = """# A

## Coupon [/coupons/{id}]

+ Parameters
    + id (string) - No example

### Get [GET]

+ Response 200 (application/json)

        {"id": "250FF", "percent": 25}

## Coupons [/coupons]

### List [GET]

+ Response 200 (application/json)

        [{"id": "250FF", "percent": 25}]
"""


def test_a_path_parameter_without_an_example_names_a_record(tmp_path: Path) -> None:
    client = generate_client(tmp_path, WITHOUT_EXAMPLE)
    document = client.get("/openapi.json").json
    [parameter, *_] = document["paths"]["/coupons/{id}"]["get"]["parameters"]
    assert client.get(f"/coupons/{parameter['example']}").status_code == 200


@pytest.mark.parametrize("method", ["TRACE", "LINK", "UNLINK", "COPY", "MOVE", "LOCK", "SEARCH"])
def test_a_method_that_openapi_does_not_have_is_an_extension(tmp_path: Path, method: str) -> None:
    text = f"# A\n\n## {method} /a\n\n+ Response 204\n"
    document = generate_client(tmp_path, text).get("/openapi.json").json
    expected = "trace" if method == "TRACE" else f"x-{method.lower()}"
    assert list(document["paths"]["/a"]) == [expected]
