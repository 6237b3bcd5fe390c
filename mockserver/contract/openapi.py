"""The API description as OpenAPI 3.1, through apispec."""

from collections.abc import Mapping
from typing import Any

from apispec import APISpec
from apispec.core import VALID_METHODS_OPENAPI_V3

from mockserver import __version__
from mockserver.contract.examples import example, example_values
from mockserver.contract.model import Contract, ServedOperation
from mockserver.contract.openapi_components import (
    component_name,
    has_references,
    reference,
    referring_schemas,
    with_component_references,
    without_boolean_schemas,
)
from mockserver.contract.openapi_merge import merge
from mockserver.contract.openapi_parts import MEDIA_TYPE, PROBLEM, SANDBOX, problems, with_problems
from mockserver.contract.parameters import TypedParameter
from mockserver.contract.record_types import Record
from mockserver.formats.exact_json import LEAST_INTEGER, MOST_INTEGER
from mockserver.spec.description import Payload
from mockserver.spec.schemas.samples import TIMESTAMP_END


def openapi(contract: Contract) -> dict[str, Any]:
    """Return the OpenAPI document of all operations."""
    spec = APISpec(
        title=", ".join(api.name for api in contract.apis),
        version=__version__,
        openapi_version="3.1.0",
        info={"description": _description(contract)},
    )
    spec.components.schema("Problem", PROBLEM)
    if contract.access_tokens:
        # There is one security scheme, so only one header can have the token.
        name = _capitalized(contract.access_tokens[0])
        scheme = {"type": "apiKey", "in": "header", "name": name}
        spec.components.security_scheme("accessToken", scheme)
    for group in dict.fromkeys(served.operation.group for served in contract.served):
        spec.tag({"name": group or "operations"})
    for name, schema in _components(contract).items():
        spec.components.schema(name, schema)
    by_route: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for served in contract.served:
        key = (served.route, served.operation.method.lower())
        records: Mapping[str, Record] = contract.collections.get(served.collection, {})
        by_route.setdefault(key, []).append(_operation(served, example_values(served, records)))
    for (route, method), documents in by_route.items():
        spec.path(path=route, operations={_method_key(method): merge(documents)})
    return spec.to_dict()


def _method_key(method: str) -> str:
    """Return the name of a method in a path item. OpenAPI 3.1 has no field for LINK and others."""
    if method in VALID_METHODS_OPENAPI_V3:
        return method
    return f"x-{method}"


def _description(contract: Contract) -> str:
    return "\n\n".join(api.description for api in contract.apis if api.description)


def _components(contract: Contract) -> dict[str, Any]:
    """Return the schemas with references to their own parts, by the component's name."""
    components: dict[str, Any] = {}
    for served in contract.served:
        for name, schema in referring_schemas(served):
            published = _published(schema)
            if name.endswith(".request"):
                published = _bounded(published)
            components[name] = with_component_references(published, name)
    return components


def _operation(served: ServedOperation, path_values: Mapping[str, Any]) -> dict[str, Any]:
    """Return an operation. `path_values` name a record that exists, if there is one."""
    operation = served.operation
    documented = {str(status): _response(served, status) for status in operation.statuses}
    document: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.name,
        "tags": [operation.group or "operations"],
        "parameters": [
            *(_parameter(served, check, path_values) for check in served.parameters),
            *_fixed_parameters(served),
            *_header_parameters(served),
            SANDBOX,
        ],
        "responses": with_problems(documented, problems(served)),
    }
    if body := _request_body(served):
        document["requestBody"] = body
    if operation.description:
        document["description"] = operation.description
    if operation.required_features:
        document["x-required-features"] = list(operation.required_features)
    if served.access_token:
        document["security"] = [{"accessToken": []}]
    document["responses"]["default"] = {
        "description": "Another problem returned by the mock server.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    return document


_ARRAY_STYLES = {"query": "form", "path": "simple"}
"""Location of a parameter to the OpenAPI style of comma-separated values."""


def _parameter(
    served: ServedOperation, check: TypedParameter, path_values: Mapping[str, Any]
) -> dict[str, Any]:
    parameter = check.parameter
    description = parameter.description
    if parameter.location == "path" and parameter.name in served.template.rests:
        description = f"{description}\n\nIt may contain slashes.".strip()
    document: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.location,
        "required": parameter.required or parameter.location == "path",
        "schema": check.schema(),
    }
    if check.type == "array":
        # RFC 6570 expands {?tags} to tags=a,b, and {?tags*} to tags=a&tags=b. The default style of
        # a path has the same form as {?tags}.
        document["style"] = _ARRAY_STYLES[parameter.location]
        document["explode"] = parameter.name in served.template.lists
    if description:
        document["description"] = description
    example_value = _parameter_example(check, path_values)
    if example_value is not None:
        document["example"] = example_value
    if parameter.unfit_example:
        document["x-documented-example"] = parameter.unfit_example
    if parameter.unfit_default:
        document["x-documented-default"] = parameter.unfit_default
    return document


def _parameter_example(check: TypedParameter, path_values: Mapping[str, Any]) -> Any:
    """Return the documented example, else the value that names a record; `None` without one."""
    parameter = check.parameter
    if parameter.example is not None or parameter.location != "path":
        return parameter.example
    value = path_values[parameter.name]
    if check.type == "string":
        return str(value)
    return value


def _fixed_parameters(served: ServedOperation) -> list[dict[str, Any]]:
    """Return the undocumented fixed parts of the query as parameters with one value."""
    documented = {check.parameter.name for check in served.parameters}
    parameters: list[dict[str, Any]] = []
    # A name that occurs twice is one parameter.
    for name, value in dict(served.template.fixed).items():
        if name in documented:
            continue
        parameters.append(
            {
                "name": name,
                "in": "query",
                "required": True,
                "schema": {"type": "string", "enum": [value]},
                "example": value,
            }
        )
    return parameters


def _header_parameters(served: ServedOperation) -> list[dict[str, Any]]:
    """Return the required headers; the access token is a security scheme instead."""
    parameters: list[dict[str, Any]] = []
    for name in served.headers:
        parameters.append(
            {
                "name": _capitalized(name),
                "in": "header",
                "required": True,
                "schema": {"type": "string"},
            }
        )
    return parameters


def _request_body(served: ServedOperation) -> dict[str, Any]:
    """Return the request body, with the first example of each media type.

    It is empty if no body is documented.
    """
    content: dict[str, Any] = {}
    for request in served.operation.requests:
        if request.content_type and request.documents_body and request.content_type not in content:
            content[request.content_type] = _request_media(served, request)
    if not content:
        return {}
    # A missing body is rejected only if there is a schema.
    required = served.body is not None and served.operation.needs_body
    return {"required": required, "content": content}


def _request_media(served: ServedOperation, request: Payload) -> dict[str, Any]:
    """Return one media type of a request."""
    media: dict[str, Any] = {}
    if served.body and request.is_json:
        media["schema"] = _schema(served, "request", _bounded(_published(served.body.schema)))
    body, _ = example(request)
    if body is not None:
        media["example"] = body
    return media


def _response(served: ServedOperation, status: int) -> dict[str, Any]:
    documented = [transaction.response for transaction in served.operation.transactions_for(status)]
    document: dict[str, Any] = {
        "description": documented[0].description or f"{served.operation.name}: {status}"
    }
    headers: dict[str, Any] = {}
    for payload in documented:
        for name, value in payload.headers:
            headers[name] = {"schema": {"type": "string"}, "example": value}
    if headers:
        document["headers"] = headers
    content: dict[str, Any] = {}
    for payload in documented:
        if payload.content_type and payload.content_type not in content:
            content[payload.content_type] = _media(served, status, payload, len(documented) > 1)
    if content:
        document["content"] = content
    return document


def _media(served: ServedOperation, status: int, payload: Payload, several: bool) -> dict[str, Any]:
    """Return one media type of a response.

    If a status has several types, its schema is that of the JSON.
    """
    media: dict[str, Any] = {}
    validator = served.validators.get(status)
    if validator and (payload.is_json or not several):
        media["schema"] = _schema(served, str(status), _published(validator.schema))
    body, _ = example(payload)
    if body is not None:
        media["example"] = body
    return media


def _schema(served: ServedOperation, part: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema, or a reference to its component if it has references."""
    if has_references(schema):
        return reference(component_name(served, part))
    return schema


def _published(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema without `$schema`.

    OpenAPI 3.1 implies 2020-12, and the keyword confuses some tools.
    """
    portable = {key: _portable(value) for key, value in schema.items() if key != "$schema"}
    published: dict[str, Any] = without_boolean_schemas(portable)
    return published


def _bounded(value: Any) -> Any:
    """Return the schema with the bounds of integers that are kept exactly.

    An integer with its own bounds keeps them.
    """
    if isinstance(value, list):
        return list(map(_bounded, value))
    if not isinstance(value, dict):
        return value
    schema = {key: _bounded(member) for key, member in value.items()}
    if schema.get("type") in ("integer", ["integer", "null"]) and "enum" not in schema:
        return {**schema, "minimum": LEAST_INTEGER, "maximum": MOST_INTEGER} | value
    return schema


def _portable(value: Any) -> Any:
    """Return the schema with ECMA-262 patterns, where `$` is the end of the text.

    The look-ahead that Python needs breaks generators.
    """
    if isinstance(value, list):
        return list(map(_portable, value))
    if not isinstance(value, dict):
        return value
    schema = {key: _portable(member) for key, member in value.items()}
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        schema["pattern"] = pattern.removesuffix(TIMESTAMP_END)
    return schema


def _capitalized(name: str) -> str:
    """Return a header's name with capitals: `X-Access-Token`."""
    return "-".join(map(str.capitalize, name.split("-")))
