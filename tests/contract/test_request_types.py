"""`Content-Type` selects a documented request. An undocumented one is a problem."""

import json

import pytest
from helpers.generated_apis import generated_contract, generated_server, send_request

from mockserver.contract.openapi import openapi

JSON, XML, TEXT = "application/json", "application/xml", "text/plain"
FORM = "application/x-www-form-urlencoded"
BOTH = "/v1/both"
OK = b'{"ok":true}'


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        (JSON, b'{"a": 2}', b'{"kind":"json"}'),
        ("Application/JSON; charset=utf-8", b'{"a": 2}', b'{"kind":"json"}'),
        (FORM, b"a=2", b'{"kind":"form"}'),
        (f"{FORM};charset=UTF-8", b"{not json", b'{"kind":"form"}'),
        (None, b'{"a": 2}', b'{"kind":"json"}'),
        (None, b"", b'{"kind":"json"}'),
        (FORM, b"", b'{"kind":"json"}'),
    ],
)
def test_the_content_type_selects_the_documented_exchange(
    content_type: str | None, body: bytes, expected: bytes
) -> None:
    server = generated_server("forms")
    for _ in range(2):
        headers = {"content_type": content_type} if content_type else {}
        response = send_request(server, "POST", BOTH, body, **headers)
        response_type = dict(response.headers).get("Content-Type")
        assert (response.status, response_type, response.body) == (200, JSON, expected)


@pytest.mark.parametrize(
    ("target", "content_type", "body", "status"),
    [
        ("/v1/login", FORM, b"user=ann", 200),
        ("/v1/login", None, b"user=ann", 200),
        ("/v1/upload", "multipart/form-data; boundary=other", b"--other--", 201),
        ("/v1/typed", JSON, b'{"name": "A"}', 200),
        ("/v1/typed", None, b'{"name": "A"}', 200),
        ("/v1/typed", JSON, b'{"age": 1}', 400),
        ("/v1/typed", JSON, b"name=A", 400),
        ("/v1/typed", JSON, b"", 400),
    ],
)
def test_a_body_is_validated_by_its_documented_type(
    target: str, content_type: str | None, body: bytes, status: int
) -> None:
    headers = {"content_type": content_type} if content_type else {}
    assert send_request(generated_server("forms"), "POST", target, body, **headers).status == status


@pytest.mark.parametrize(
    ("content_type", "body"),
    [(TEXT, b"All your base"), (JSON, b'{"a": 1}'), (TEXT, b"{"), (None, b"{")],
)
def test_an_operation_accepts_text_and_json(content_type: str | None, body: bytes) -> None:
    headers = {"content_type": content_type} if content_type else {}
    assert (
        send_request(generated_server("text_or_json"), "PUT", "/t", body, **headers).status == 204
    )


@pytest.mark.parametrize(
    ("target", "content_type", "documented"),
    [
        (BOTH, TEXT, [JSON, FORM]),
        (BOTH, "application/vnd.x+json", [JSON, FORM]),
        (BOTH, "nonsense", [JSON, FORM]),
        ("/v1/login", JSON, [FORM]),
        ("/v1/upload", FORM, ["multipart/form-data"]),
        ("/v1/typed", FORM, [JSON]),
    ],
)
def test_an_undocumented_content_type_is_a_415_problem_and_in_the_journal(
    target: str, content_type: str, documented: list[str]
) -> None:
    server = generated_server("forms")
    response = send_request(server, "POST", target, b"{}", content_type=content_type)
    problem = json.loads(response.body)
    assert (response.status, problem["type"]) == (
        415,
        "urn:mockserver:problem:unsupported-media-type",
    )
    assert (problem["title"], problem["documented"]) == ("Unsupported media type", documented)
    violation = {
        "pointer": "header/Content-Type",
        "expected": " or ".join(documented),
        "actual": json.dumps(content_type),
        "schema_pointer": "",
    }
    assert problem["violations"] == [violation]
    entry = json.loads(server.store.journal("default")[-1])
    assert entry["violations"] == [violation]
    assert dict(response.headers)["Accept"] == ", ".join(documented)


SPECIAL = """# A

## One [POST /one]

+ Request JSON (application/json)

        {"a": 1}

+ Response 201 (application/json)

        {"is": "json"}

+ Request Form (application/x-www-form-urlencoded)

        a=1

+ Response 303

    + Headers

            Location: /form

+ Request XML (application/xml)

        <a/>

+ Response 415 (text/plain)

        no XML here

## Two [POST /two]

+ Request (image/*)

+ Response 204

## Three [POST /three]

+ Request (application/json)

        {"a": 1}

+ Request

        anything

+ Response 204

## Four [POST /four]

+ Response 204

## Five [POST /five]

+ Request (application/vnd.x+json)

        {"a": 1}

+ Response 204
"""


@pytest.mark.parametrize(
    ("path", "content_type", "body", "status"),
    [
        ("/one", JSON, b"{}", 201),
        ("/one", FORM, b"a=1", 303),
        ("/one", XML, b"<a/>", 415),
        ("/one", TEXT, b"a", 415),
        ("/two", "image/png", b"x", 204),
        ("/two", "video/png", b"x", 415),
        ("/three", JSON, b"{}", 204),
        ("/three", JSON, b"{", 400),
        ("/three", TEXT, b"x", 204),
        ("/three", "", b"{not JSON", 204),
        ("/four", TEXT, b"x", 204),
        ("/four", JSON, b"{", 400),
        ("/four", "application/x-ndjson", b"{}\n{}", 204),
        ("/five", "application/vnd.x+json", b"{", 400),
        ("/five", "application/vnd.x+json; charset=utf-8", b"{}", 204),
        ("/five", JSON, b"{}", 415),
    ],
)
def test_each_content_type_has_its_documented_status(
    path: str, content_type: str, body: bytes, status: int
) -> None:
    response = send_request(
        generated_server(SPECIAL), "POST", path, body, content_type=content_type
    )
    assert response.status == status, response.body
    assert (response.body == b"no XML here") == (content_type == XML)


def test_openapi_has_every_media_type() -> None:
    paths = openapi(generated_contract("forms"))["paths"]
    body = paths[BOTH]["post"]["requestBody"]["content"]
    assert {media: content["example"] for media, content in body.items()} == {
        JSON: {"a": 1},
        FORM: "a=1",
    }
    notes = openapi(generated_contract("negotiate"))["paths"]["/v1/notes/{id}"]["get"]
    content = notes["responses"]["200"]["content"]
    assert content[JSON]["schema"]["properties"].keys() == {"id", "text"}
    assert content[XML] == {"example": '<note id="1">hi</note>'}
