"""The shipped blueprint and the page that it was made from: no fact differs.

The page is read here by other means than the blueprint: it was scraped, and its Markdown flattened. `docs/blueprint.md` says
what is wrong with it. The page is not part of the repository: without it these tests are skipped.
"""

import json
import re
from typing import Any

import pytest
from helpers.repository import ROOT

from mockserver.config.shipped import SCHEMAS
from mockserver.errors import InvalidFiles
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


def written(value: Any) -> str:
    """A JSON value as text, so that 1 and 1.0, and the order of members, are distinguished."""
    return json.dumps(value)


def facts_of_page(page: str) -> dict[str, Any]:
    """Every fact of the scraped page."""
    text = _GLUED.sub("}\n", _TRAILING_COMMA.sub("", page))
    facts: dict[str, Any] = {"operations": [], "statuses": {}}
    resource = uri = ""
    operation: dict[str, Any] = {}
    for found in _FACT.finditer(text):
        if found["base_url"]:
            facts |= {"group": found["group"], "base URL": found["url"]}
        elif found["resource"]:
            resource, uri = found["resource"], found["uri"]
        elif found["values"]:
            facts["statuses"][resource] = found["values"].split(",")
        elif found["action"]:
            operation = {
                "name": found["action"],
                "method": found["method"],
                "uri": uri,
                "resource": resource,
            }
            operation |= {
                "features": [],
                "parameters": [],
                "request": [],
                "headers": [],
                "responses": [],
            }
            facts["operations"].append(operation)
        elif found["feature"]:
            operation["features"].append(found["feature"])
        elif found["parameter"]:
            operation["parameters"].append((found["parameter"], found["type"], found["use"]))
        elif found["request"]:
            operation["request"].append(found["request"])
        elif found["header"]:
            operation["headers"].append((found["header"], found["value"]))
        else:
            body, _ = json.JSONDecoder().raw_decode(text, text.index("{", found.end()))
            operation["responses"].append((int(found["status"]), found["response"], written(body)))
    return facts


def facts_of_api(api: Api) -> dict[str, Any]:
    """The same facts, as the reader finds them in a blueprint."""
    (group,) = {operation.group for operation in api.operations}
    statuses = {
        operation.resource: values
        for operation in api.operations
        if (values := status_values(operation))
    }
    operations = [facts_of_operation(operation) for operation in api.operations]
    return {"group": group, "base URL": api.host, "statuses": statuses, "operations": operations}


def facts_of_operation(operation: Operation) -> dict[str, Any]:
    requests = list({id(t.request): t.request for t in operation.transactions}.values())
    query = [parameter for parameter in operation.parameters if parameter.location == "query"]
    return {
        "name": operation.name,
        "method": operation.method,
        "uri": operation.uri_template,
        "resource": operation.resource,
        "features": list(operation.required_features),
        "parameters": [(p.name, p.type, "required" if p.required else "optional") for p in query],
        "request": [request.content_type for request in requests if request],
        "headers": [header for request in requests if request for header in request.headers],
        "responses": [
            (t.status, t.response.content_type, written(json.loads(str(t.response.body))))
            for t in operation.transactions
        ],
    }


def status_values(operation: Operation) -> list[Any]:
    """The values that a member `status` may have, anywhere in a response."""
    found = [
        values
        for t in operation.transactions
        if t.response.data
        for values in enums(t.response.data)
    ]
    assert all(values == found[0] for values in found)
    return found[0] if found else []


def enums(data: DataType) -> list[list[Any]]:
    own = [list(member.type.values) for member in data.members if member.name == "status"]
    return own + [
        each for inner in (*data.items, *(m.type for m in data.members)) for each in enums(inner)
    ]


def test_the_page_is_read_wholly(page: str) -> None:
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


def test_no_fact_differs(page: str) -> None:
    assert facts_of_api(blueprint.parse_blueprint(TEXT, "f", "x")) == facts_of_page(page)


def test_the_values_of_status_are_described_in_text_too(page: str) -> None:
    documented = {
        o.resource: re.findall(r"`(\w+)`", o.resource_description)
        for o in blueprint.parse_blueprint(TEXT, "f", "x").operations
    }
    for resource, values in facts_of_page(page)["statuses"].items():
        assert documented[resource] == ["status", *values]


# What may be changed in the blueprint without the reader minding: the comparison has to.
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


def differs(page: str, text: str) -> bool:
    try:
        return facts_of_api(blueprint.parse_blueprint(text, "f", "x")) != facts_of_page(page)
    except InvalidFiles:
        return True


@pytest.mark.parametrize(("old", "new"), CHANGES.values(), ids=CHANGES)
def test_a_changed_fact_is_noticed(old: str, new: str, page: str) -> None:
    assert old in TEXT
    assert differs(page, TEXT.replace(old, new, 1))


_VALUE = re.compile(r'^ {12,}"\w+": (?P<value>"[^"]*"|\d+|true|false|null)', re.MULTILINE)
_OTHERS = {"true": "false", "false": "true", "null": '""'}


def test_each_changed_value_of_each_body_is_noticed(page: str) -> None:
    values = list(_VALUE.finditer(TEXT))
    assert len(values) == 73
    for found in values:
        value = found["value"]
        other = _OTHERS.get(value) or (f'{value[:-1]}x"' if value.startswith('"') else f"{value}1")
        changed = TEXT[: found.start("value")] + other + TEXT[found.end("value") :]
        assert differs(page, changed), f"{found.group().strip()} may be {other}"
