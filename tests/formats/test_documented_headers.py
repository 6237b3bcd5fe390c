"""Documented response headers: which are sent, and which have the number of records."""

import http.client
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from helpers.blueprint_messages import blueprint_messages
from helpers.generated_apis import CASES, ONE_ACTION, folder_flags, generate_client, run_init
from helpers.header_blueprints import blueprint_with_headers
from helpers.processes import run_command, running_server

from mockserver.contract import loader
from mockserver.contract.openapi import openapi
from mockserver.formats.documented_headers import NOT_SENT, TOTAL_COUNT_HEADERS, reason_not_sent
from mockserver.spec import blueprint

HEADERS_NOT_SENT = [
    *NOT_SENT,
    "Access-Control-Allow-Origin",
    "access-control-max-age",
    "Proxy-Authenticate",
    "DATE",
]


def test_a_header_that_the_server_controls_is_not_sent_and_is_a_warning(tmp_path: Path) -> None:
    result = run_init(
        tmp_path,
        blueprint_with_headers(
            "X-Own: 1", *(f"{name}: 5" for name in HEADERS_NOT_SENT), "X-Other: 2"
        ),
    )
    warnings = [line for line in result.stderr.splitlines() if not line.startswith(" ")]
    for line, (name, warning) in enumerate(zip(HEADERS_NOT_SENT, warnings, strict=True), start=14):
        position = rf"\S+/schemas/a/a\.apib:{line}:13"
        message = rf"warning: the documented header {name} is not sent: \S.+"
        assert re.fullmatch(f"{position}: {message}", warning)
    assert run_command("check", *folder_flags(tmp_path)).stderr == result.stderr
    contract = loader.load_contract(tmp_path / "schemas", tmp_path / "fixtures")
    response = openapi(contract)["paths"]["/v2/t"]["get"]["responses"]["200"]
    assert list(response["headers"]) == ["X-Own", "X-Other"]


def test_a_header_of_the_mock_server_is_sent_once_with_its_own_value(tmp_path: Path) -> None:
    names = ("Preference-Applied", "X-Mock-Sandbox", "X-Mock-Violations")
    result = run_init(tmp_path, blueprint_with_headers(*(f"{name}: 5" for name in names)))
    for line, name in enumerate(names, start=13):
        message = f"warning: the documented header {name} is not sent: the mock server sets it"
        assert f"a.apib:{line}:13: {message}. The header is not sent. [B310]\n" in result.stderr
    with running_server(*folder_flags(tmp_path), "--store", "memory:", "--workers", "1") as server:
        connection = http.client.HTTPConnection(*urlsplit(server.url).netloc.split(":"))
        connection.request("GET", "/v2/t", headers={"Prefer": "code=200", "X-Mock-Sandbox": "one"})
        response = connection.getresponse()
        response.read()
        connection.close()
    sent = {name: response.headers.get_all(name) for name in names}
    assert response.status == 200
    assert sent == {
        "Preference-Applied": ["code=200"],
        "X-Mock-Sandbox": ["one"],
        "X-Mock-Violations": None,
    }


@pytest.mark.parametrize(
    "name",
    ["Upgrade-Insecure-Requests", "Serverless", "X-Date", "Allow", "ETag", "Set-Cookie", "Vary"],
)
def test_any_other_header_is_sent(name: str) -> None:
    assert reason_not_sent(name) is None


def test_serve_warns_of_a_header_that_is_not_sent(tmp_path: Path) -> None:
    run_init(tmp_path, blueprint_with_headers("Connection: close"))
    with running_server(*folder_flags(tmp_path), "--store", "memory:", "--workers", "1") as process:
        process.terminate()
        warned = process.stderr.read()
    assert "a.apib:13:13: the documented header Connection is not sent" in warned


def test_a_header_of_a_model_is_one_warning(tmp_path: Path) -> None:
    model = (
        "+ Model (application/json)\n    + Headers\n\n            Server: nginx\n\n"
        "    + Body\n\n            {}\n\n"
    )
    text = (
        ONE_ACTION.replace("### Show", model + "### Show")
        + "+ Response 200\n\n    [T][]\n\n+ Response 404\n\n    [T][]\n"
    )
    assert run_init(tmp_path, text).stderr.count("the documented header Server is not sent") == 1


def test_a_header_of_a_request_is_kept_without_a_warning(tmp_path: Path) -> None:
    request = "+ Request\n    + Headers\n\n            Connection: close\n\n"
    api = blueprint.parse_blueprint(f"{ONE_ACTION}{request}+ Response 204\n", "a.apib", "a")
    assert (api.operations[0].requests[0].headers, api.messages) == ((("Connection", "close"),), ())


VARIES = [
    (("Vary: Accept",), "Accept, Origin"),
    (("vary: Origin, Accept-Encoding",), "Origin, Accept-Encoding"),
    (("Vary: origin",), "origin"),
    (("Vary: Accept", "Vary: Cookie, accept"), "Accept, Cookie, Origin"),
    (("Vary: *",), "*"),
    (("Vary:",), "Origin"),
]


@pytest.mark.parametrize(("headers", "merged"), VARIES, ids=str)
def test_vary_is_sent_once_with_origin_added(
    tmp_path: Path, headers: tuple[str, ...], merged: str
) -> None:
    client = generate_client(tmp_path, blueprint_with_headers(*headers))
    for headers_sent in ({}, {"Origin": "http://localhost:3000"}):
        response = client.get("/v2/t", headers=headers_sent)
        assert response.headers.getlist("Vary") == [merged]


@pytest.mark.parametrize("character", ["\x01", "\x0b", "\x1b", "\x7f", "\x85", "\u2028"], ids=ascii)
@pytest.mark.parametrize("kind", ["+ Response 200", "+ Request"])
def test_a_control_character_is_a_warning_at_its_position(kind: str, character: str) -> None:
    text = (
        f"{ONE_ACTION}{kind}\n    + Headers\n\n            X-A: a{character}b\n\n+ Response 200\n"
    )
    expected = f"13:19: the header X-A has the control character {character!a}; expected plain text"
    assert blueprint_messages(text) == [expected]
    api = blueprint.parse_blueprint(text, "a.apib", "a")
    for transaction in api.operations[0].transactions:
        assert transaction.response.headers == ()
        assert transaction.request is None or transaction.request.headers == ()


RECORDS = 45
"""The number of records that `init` generates for the list."""
LIST = """FORMAT: 1A
HOST: https://api.vendor.example/v2

# A

## Users [/users{?limit,role}]

### List [GET]

+ Parameters
    + limit: 10 (number, optional)
    + role: admin (string, optional)

+ Response 200 (application/json)
    + Headers

            %s: 40
            X-Page-Count: 4

    + Body

            [{"id": 1, "role": "admin"}, {"id": 2, "role": "user"}]
"""


@pytest.mark.parametrize("name", sorted(TOTAL_COUNT_HEADERS))
def test_a_count_header_has_the_number_of_matching_records(tmp_path: Path, name: str) -> None:
    client = generate_client(tmp_path, LIST % name.title())
    users = client.get("/v2/users?limit=1000").json
    admins = [user for user in users if user["role"] == "admin"]
    assert 0 < len(admins) < len(users) == RECORDS
    for query, total in (
        ("?limit=3", RECORDS),
        ("?role=admin&limit=1", len(admins)),
        ("?role=nobody", 0),
    ):
        headers = client.get(f"/v2/users{query}").headers
        assert (headers[name], headers["X-Page-Count"]) == (str(total), "4")


def test_a_count_header_without_a_list_is_sent_as_documented(tmp_path: Path) -> None:
    client = generate_client(tmp_path, CASES / "hopheaders.apib")
    assert client.get("/api/cookies").headers["X-Total-Count"] == "40"
