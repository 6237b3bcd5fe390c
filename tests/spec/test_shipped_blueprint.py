"""The shipped blueprint and the page that it was made from: no fact differs.

The page was scraped, and its Markdown flattened, so these tests have a reader for it. The page is
not part of the repository. Without it these tests are skipped. `docs/blueprint.md` lists its
errors.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from helpers.repository import ROOT

from mockserver.config.shipped import SCHEMAS
from mockserver.spec import blueprint
from mockserver.spec.description import Api, DataType, Operation

PAGE = ROOT.parent / "shared" / "source" / "push_notifications_blueprint.txt"
TEXT = (SCHEMAS / "push_notifications" / "push_notifications.apib").read_text(encoding="utf-8")

_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_GLUED = re.compile(r"^\}(?=[A-Z-])", re.MULTILINE)
_FACT = re.compile(
    r"""^(?:
      (?P<base_url>Group\ (?P<group>.+?)\.\ Base\ URL:(?P<url>\S+)/\.)
    | (?P<resource>.+)\ \[(?P<uri>/.+)\]
    | (?P<action>.+)\ \[(?P<method>[A-Z]+)\]
    | status\s*possible\ values:(?P<values>.+)
    | Required\ feature(?:\ \(one\ of\):\n-\n|:\ )(?P<feature>\S+)
    | -\ (?P<parameter>\w+)\ \((?P<type>\w+),\ (?P<use>\w+)\)\ -\ .+
    | Request\ \((?P<request>.+)\)
    | (?P<header>X-[\w-]+):\ (?P<value>.+)
    | (?:-\ )?Response\ (?P<status>\d+)\ \((?P<response>.+)\)
    )$""",
    re.MULTILINE | re.VERBOSE,
)


@pytest.fixture(scope="module")
def page() -> str:
    if not PAGE.exists():
        pytest.skip("the scraped page is not next to this clone")
    return PAGE.read_text(encoding="utf-8")


def exact_json(value: Any) -> str:
    """Return a JSON value as text. This distinguishes 1 from 1.0, and the order of members."""
    return json.dumps(value)


def facts_of_page(page: str) -> dict[str, Any]:
    """Return every fact of the scraped page."""
    text = _GLUED.sub("}\n", _TRAILING_COMMA.sub("", page))
    facts: dict[str, Any] = {"operations": [], "statuses": {}}
    resource = uri = ""
    for match in _FACT.finditer(text):
        if match["base_url"]:
            facts |= {"group": match["group"], "base URL": match["url"]}
        elif match["resource"]:
            resource, uri = match["resource"], match["uri"]
        elif match["values"]:
            facts["statuses"][resource] = match["values"].split(",")
        elif match["action"]:
            facts["operations"].append(operation_of_page(match, resource, uri))
        else:
            add_to_operation(facts["operations"][-1], match, text)
    return facts


def operation_of_page(match: re.Match[str], resource: str, uri: str) -> dict[str, Any]:
    return {
        "name": match["action"],
        "method": match["method"],
        "uri": uri,
        "resource": resource,
        "features": [],
        "parameters": [],
        "request": [],
        "headers": [],
        "responses": [],
    }


def add_to_operation(operation: dict[str, Any], match: re.Match[str], text: str) -> None:
    if match["feature"]:
        operation["features"].append(match["feature"])
    elif match["parameter"]:
        operation["parameters"].append((match["parameter"], match["type"], match["use"]))
    elif match["request"]:
        operation["request"].append(match["request"])
    elif match["header"]:
        operation["headers"].append((match["header"], match["value"]))
    else:
        body, _ = json.JSONDecoder().raw_decode(text, text.index("{", match.end()))
        response = (int(match["status"]), match["response"], exact_json(body))
        operation["responses"].append(response)


def facts_of_api(api: Api) -> dict[str, Any]:
    """Return the same facts, as the reader finds them in a blueprint."""
    (group,) = {operation.group for operation in api.operations}
    statuses = {}
    for operation in api.operations:
        values = status_values(operation)
        if values:
            statuses[operation.resource] = values
    operations = [facts_of_operation(operation) for operation in api.operations]
    return {"group": group, "base URL": api.host, "statuses": statuses, "operations": operations}


def facts_of_operation(operation: Operation) -> dict[str, Any]:
    headers: list[tuple[str, str]] = []
    for request in operation.requests:
        headers += request.headers
    parameters = []
    for parameter in operation.parameters:
        if parameter.location == "query":
            use = "required" if parameter.required else "optional"
            parameters.append((parameter.name, parameter.type, use))
    responses = []
    for transaction in operation.transactions:
        body = json.loads(str(transaction.response.body))
        content_type = transaction.response.content_type
        responses.append((transaction.status, content_type, exact_json(body)))
    return {
        "name": operation.name,
        "method": operation.method,
        "uri": operation.uri_template,
        "resource": operation.resource,
        "features": list(operation.required_features),
        "parameters": parameters,
        "request": [request.content_type for request in operation.requests],
        "headers": headers,
        "responses": responses,
    }


def status_values(operation: Operation) -> list[Any]:
    """Return the possible values of the member `status`, which must be the same everywhere."""
    enums: list[list[Any]] = []
    for transaction in operation.transactions:
        if transaction.response.data:
            enums += status_enums(transaction.response.data)
    if not enums:
        return []
    assert all(values == enums[0] for values in enums)
    return enums[0]


def status_enums(data: DataType) -> Iterator[list[Any]]:
    """Yield the values of each member `status` in a type."""
    for member in data.members:
        if member.name == "status":
            yield list(member.type.values)
        yield from status_enums(member.type)
    for item in data.items:
        yield from status_enums(item)


def test_the_page_reader_finds_all_facts(page: str) -> None:
    facts = facts_of_page(page)
    assert len(_TRAILING_COMMA.findall(page)) == 2
    assert [operation["method"] for operation in facts["operations"]] == [
        "GET",
        "GET",
        "DELETE",
        "GET",
        "PATCH",
    ]
    assert sum(len(operation["responses"]) for operation in facts["operations"]) == 8
    assert sum(len(operation["parameters"]) for operation in facts["operations"]) == 5
    assert sum(len(operation["features"]) for operation in facts["operations"]) == 4
    assert all(operation["headers"] and operation["request"] for operation in facts["operations"])
    assert len(facts["statuses"]) == 2


def test_the_blueprint_has_the_facts_of_the_page(page: str) -> None:
    assert facts_of_api(blueprint.parse_blueprint(TEXT, "f", "x")) == facts_of_page(page)


def test_the_description_of_a_resource_lists_the_values_of_status(page: str) -> None:
    documented = {}
    for operation in blueprint.parse_blueprint(TEXT, "f", "x").operations:
        names = re.findall(r"`(\w+)`", operation.resource_description)
        documented[operation.resource] = names
    for resource, values in facts_of_page(page)["statuses"].items():
        assert documented[resource] == ["status", *values]


# Changes that leave the blueprint valid, so that only the comparison can notice them.
CHANGES = {
    "host": ("instance_name.meiro.io/api", "instance_name.meiro.io/v1"),
    "group": ("# Group Push Notification Exports", "# Group Exports"),
    "path": ("/push_notifications/trash{?", "/push_notifications/bin{?"),
    "query variable": ("{?limit,offset,searched_text}", "{?limit,offset,searched_text,sort}"),
    "method": ("[PATCH]", "[POST]"),
    "name": ("### Restore a Trashed", "### Restore the Trashed"),
    "resource": ("## Trashed Push Notifications [", "## Trash ["),
    "feature": ("- push_notifications/view", "- push_notifications/edit"),
    "second feature": (
        "- push_notifications/view",
        "- push_notifications/view\n- push_notifications/edit",
    ),
    "feature of the last": ("feature: push_notifications/edit", "feature: push_notifications/view"),
    "type of a parameter": ("+ limit: 20 (number, optional)", "+ limit: 20 (string, optional)"),
    "required parameter": ("(number, optional)", "(number, required)"),
    "header": ("X-Access-Token: 1234567890abcdef", "X-Token: 1234567890abcdef"),
    "value of a header": ("1234567890abcdef", "1234567890abcdee"),
    "media type of a request": ("+ Request (application/json)", "+ Request (text/plain)"),
    "media type of a response": (
        "+ Response 404 (application/json)",
        "+ Response 404 (application/problem+json)",
    ),
    "status": ("+ Response 400", "+ Response 409"),
    "message": ("Finished export cannot be canceled", "Finished exports cannot be canceled"),
    "possible value": ("+ error\n", "+ failed\n"),
    "missing value": ("+ canceled\n\n## Stamp", "\n## Stamp"),
    "order of members": (
        '"id": 100,\n                  "user_id": 200',
        '"user_id": 200,\n                  "id": 100',
    ),
}


def other_value(value: str) -> str:
    """Return another JSON value of the same type. For null, return an empty text."""
    if value in _OTHERS:
        return _OTHERS[value]
    if value.startswith('"'):
        return f'{value[:-1]}x"'
    return f"{value}1"


def differs(page: str, text: str) -> bool:
    api = blueprint.parse_blueprint(text, "f", "x")
    return bool(api.messages) or facts_of_api(api) != facts_of_page(page)


@pytest.mark.parametrize(("old", "new"), CHANGES.values(), ids=CHANGES)
def test_the_comparison_notices_a_changed_fact(old: str, new: str, page: str) -> None:
    assert old in TEXT
    assert differs(page, TEXT.replace(old, new, 1))


_VALUE = re.compile(r'^ {12,}"\w+": (?P<value>"[^"]*"|\d+|true|false|null)', re.MULTILINE)
VALUES_IN_BODIES = 73
"""The number of scalar members in all bodies, so that the expression cannot miss one."""
_OTHERS = {"true": "false", "false": "true", "null": '""'}


def test_the_comparison_notices_each_changed_value_of_each_body(page: str) -> None:
    values = list(_VALUE.finditer(TEXT))
    assert len(values) == VALUES_IN_BODIES
    for match in values:
        changed_value = other_value(match["value"])
        changed = TEXT[: match.start("value")] + changed_value + TEXT[match.end("value") :]
        assert differs(page, changed), f"{match.group().strip()} can be {changed_value}"
