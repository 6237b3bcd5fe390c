"""`Accept` selects a documented response of a status, `Content-Type` a documented request."""

import json
from typing import Any

import pytest
from helpers.generated_apis import generated_contract, generated_server, send_request

from mockserver.contract.model import Contract
from mockserver.contract.negotiation import preferred
from mockserver.contract.openapi import openapi
from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer

JSON, XML, TEXT, FORM = (
    "application/json",
    "application/xml",
    "text/plain",
    "application/x-www-form-urlencoded",
)
VERSIONS = ("application/vnd.x+json; version=1", "application/vnd.x+json; version=2")
PREFERRED = [
    ("*/*", (JSON, XML), JSON),
    ("*", (JSON, XML), JSON),
    ("", (JSON, XML), JSON),
    (" , ", (JSON, XML), JSON),
    (XML, (JSON, XML), XML),
    ("APPLICATION/XML", (JSON, XML), XML),
    (f"{XML}, {JSON}", (JSON, XML), JSON),
    (f"{XML};q=0.9, {JSON};q=0.8", (JSON, XML), XML),
    (f"{XML} ; Q=0.9 , {JSON} ; q=0.8", (JSON, XML), XML),
    (f"{XML}, */*", (JSON, XML), XML),
    (f"{XML}, */*;q=0.1", (JSON, XML), XML),
    ("application/*;q=0.5, text/plain;q=0.4", (TEXT, JSON), JSON),
    (f"application/*, {JSON};q=0.1", (JSON, XML), XML),
    (f"{JSON};q=0, */*", (JSON, XML), XML),
    (f"*/*, {JSON};q=0", (JSON, XML), XML),
    (f"{JSON};q=0", (JSON, XML), None),
    ("*/*;q=0", (JSON, XML), None),
    (f"{JSON};q=0.000", (JSON,), None),
    ("image/png", (JSON, XML), None),
    ("text/*", (JSON, XML), None),
    ("application/jsonp", (JSON,), None),
    (f"{JSON};charset=utf-8", (JSON,), JSON),
    (JSON, (f"{JSON}; charset=utf-8",), f"{JSON}; charset=utf-8"),
    (f"{JSON};q=nonsense", (XML, JSON), JSON),
    ("text/html;level=1", ("text/html",), None),
    ("application/vnd.x+json;version=2", VERSIONS, VERSIONS[1]),
    ('application/vnd.x+json;version="2";q=0.5, */*;q=0.4', VERSIONS, VERSIONS[1]),
    ("application/vnd.x+json", VERSIONS, VERSIONS[0]),
    ('a/b;x="y,z;q=0", application/xml', (JSON, XML), XML),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", (JSON, XML), XML),
]


@pytest.mark.parametrize(
    ("accept", "offered", "best"), PREFERRED, ids=[f"{a} of {o}" for a, o, _ in PREFERRED]
)
def test_the_type_that_is_liked_best(
    accept: str, offered: tuple[str, ...], best: str | None
) -> None:
    assert preferred(accept, offered) == best


def of(response: Response) -> tuple[int, str | None, bytes]:
    return response.status, dict(response.headers).get("Content-Type"), response.body


def problem(response: Response) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.body)
    return found


def journal(server: MockServer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(server.store.journal("default")[-1])
    return found


NOTE, XML_NOTE = (200, JSON, b'{"id":1,"text":"hi"}'), (200, XML, b'<note id="1">hi</note>')


@pytest.mark.parametrize("repeat", [1, 2])
@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (JSON, NOTE),
        (XML, XML_NOTE),
        ("*/*", NOTE),
        (None, NOTE),
        (f"{JSON};q=0.1,{XML}", XML_NOTE),
        ("image/png", NOTE),
    ],
)
def test_accept_chooses_the_representation(
    accept: str | None, expected: object, repeat: int
) -> None:
    server = generated_server("negotiate")
    for _ in range(repeat):
        assert of(send_request(server, "GET", "/v1/notes/1", accept=XML)) == XML_NOTE
        response = send_request(
            server, "GET", "/v1/notes/1", **({"accept": accept} if accept else {})
        )
        assert of(response) == expected
        assert ("Vary", "Accept") in response.headers


def test_a_representation_has_no_records_of_its_own_but_a_missing_record_is_missing() -> None:
    server = generated_server("negotiate")
    assert send_request(server, "GET", "/v1/notes/999999", accept=XML).status == 404
    send_request(server, "GET", "/v1/notes/1", accept=XML)
    assert journal(server)["reason"] == "the documented example of application/xml"


def test_an_unacceptable_response_is_a_note_in_the_journal() -> None:
    server = generated_server("negotiate")
    send_request(server, "GET", "/v1/notes/1", accept="image/png")
    assert journal(server)["notes"] == [
        "header/Accept: image/png matches no documented media type; sent application/json"
    ]
    send_request(server, "GET", "/v1/notes/1", accept=XML)
    assert journal(server)["notes"] == []


def test_a_text_and_a_json_response_without_records() -> None:
    server = generated_server("negotiate")
    text, document = (200, TEXT, b"Hello World!"), (200, JSON, b'{"text":"Hello World!"}')
    for accept, expected in [
        ("*/*", text),
        (JSON, document),
        (TEXT, text),
        (f"{TEXT};q=0.5,{JSON}", document),
    ]:
        assert of(send_request(server, "GET", "/v1/text", accept=accept)) == expected


ERRORS = """# A

## Get [GET /t]

+ Response 200 (application/json)

        {"a": 1}

+ Response 404 (application/json)

        {"error": 1}

+ Response 404 (application/xml)

        <error/>

+ Response 404 (text/plain)

        gone
"""


@pytest.mark.parametrize(
    ("prefer", "accept", "expected"),
    [
        ("code=404", XML, (404, XML, b"<error/>")),
        ("code=404", JSON, (404, JSON, b'{"error":1}')),
        ("code=404", "image/png", (404, JSON, b'{"error":1}')),
        ("code=200", XML, (200, JSON, b'{"a":1}')),
    ],
)
def test_accept_chooses_for_a_preferred_status(prefer: str, accept: str, expected: object) -> None:
    response = send_request(generated_server(ERRORS), "GET", "/t", prefer=prefer, accept=accept)
    assert of(response) == expected
    assert (("Vary", "Accept") in response.headers) == (response.status == 404)


NAMED = """# A

## Get [GET /t]

+ Request One

+ Response 200 (application/json)

        {"a": 1}

+ Request Two

+ Response 200 (application/xml)

        <two/>

+ Request Three

+ Response 200 (application/json)

        {"a": 3}

+ Response 200 (text/plain)

        three
"""


@pytest.mark.parametrize(
    ("name", "accept", "expected"),
    [
        ("Two", JSON, (200, XML, b"<two/>")),
        ("One", XML, (200, JSON, b'{"a":1}')),
        ("Three", JSON, (200, JSON, b'{"a":3}')),
        ("Three", TEXT, (200, TEXT, b"three")),
    ],
)
def test_a_preferred_example_wins_over_accept(name: str, accept: str, expected: object) -> None:
    assert (
        of(
            send_request(
                generated_server(NAMED), "GET", "/t", prefer=f"example={name}", accept=accept
            )
        )
        == expected
    )


# Requests.

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
def test_the_content_type_chooses_the_documented_exchange(
    content_type: str | None, body: bytes, expected: bytes
) -> None:
    server = generated_server("forms")
    for _ in range(2):
        headers = {"content_type": content_type} if content_type else {}
        assert of(send_request(server, "POST", BOTH, body, **headers)) == (200, JSON, expected)


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
def test_each_request_is_taken_as_what_it_is(
    target: str, content_type: str | None, body: bytes, status: int
) -> None:
    headers = {"content_type": content_type} if content_type else {}
    assert send_request(generated_server("forms"), "POST", target, body, **headers).status == status


@pytest.mark.parametrize(
    ("content_type", "body"),
    [(TEXT, b"All your base"), (JSON, b'{"a": 1}'), (TEXT, b"{"), (None, b"{")],
)
def test_text_beside_json(content_type: str | None, body: bytes) -> None:
    headers = {"content_type": content_type} if content_type else {}
    assert send_request(generated_server("e3"), "PUT", "/t", body, **headers).status == 204


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
def test_an_undocumented_content_type_is_a_problem_and_noted(
    target: str, content_type: str, documented: list[str]
) -> None:
    server = generated_server("forms")
    response = send_request(server, "POST", target, b"{}", content_type=content_type)
    detail = problem(response)
    assert (response.status, detail["type"]) == (
        415,
        "urn:mockserver:problem:unsupported-media-type",
    )
    assert (detail["title"], detail["documented"]) == ("Unsupported media type", documented)
    violation = {
        "pointer": "header/Content-Type",
        "expected": " or ".join(documented),
        "actual": json.dumps(content_type),
        "schema_pointer": "",
    }
    assert detail["violations"] == [violation]
    assert journal(server)["violations"] == [violation]
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
def test_siblings(path: str, content_type: str, body: bytes, status: int) -> None:
    response = send_request(
        generated_server(SPECIAL), "POST", path, body, content_type=content_type
    )
    assert response.status == status, response.body
    assert (response.body == b"no XML here") == (content_type == XML)


def test_openapi_has_every_media_type() -> None:
    contract: Contract = generated_contract("forms")
    paths = openapi(contract)["paths"]
    body = paths[BOTH]["post"]["requestBody"]["content"]
    assert {media: content["example"] for media, content in body.items()} == {
        JSON: {"a": 1},
        FORM: "a=1",
    }
    content = openapi(generated_contract("negotiate"))["paths"]["/v1/notes/{id}"]["get"][
        "responses"
    ]["200"]["content"]
    assert content[JSON]["schema"]["properties"].keys() == {"id", "text"}
    assert content[XML] == {"example": '<note id="1">hi</note>'}
