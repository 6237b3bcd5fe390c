"""`Accept` selects a documented response of a status."""

import json
from typing import Any

import pytest
from helpers.generated_apis import generated_server, send_request

from mockserver.contract.negotiation import preferred
from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer

JSON, XML, TEXT = "application/json", "application/xml", "text/plain"
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
def test_the_type_with_the_highest_quality_is_preferred(
    accept: str, offered: tuple[str, ...], best: str | None
) -> None:
    assert preferred(accept, offered) == best


def parts_of(response: Response) -> tuple[int, str | None, bytes]:
    return response.status, dict(response.headers).get("Content-Type"), response.body


def last_entry(server: MockServer) -> dict[str, Any]:
    """Return the latest entry of the journal."""
    entry: dict[str, Any] = json.loads(server.store.journal("default")[-1])
    return entry


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
def test_accept_selects_the_representation(
    accept: str | None, expected: object, repeat: int
) -> None:
    server = generated_server("negotiate")
    for _ in range(repeat):
        assert parts_of(send_request(server, "GET", "/v1/notes/1", accept=XML)) == XML_NOTE
        headers = {"accept": accept} if accept else {}
        response = send_request(server, "GET", "/v1/notes/1", **headers)
        assert parts_of(response) == expected
        assert ("Vary", "Accept") in response.headers


def test_a_missing_record_is_missing_in_every_representation() -> None:
    server = generated_server("negotiate")
    assert send_request(server, "GET", "/v1/notes/999999", accept=XML).status == 404
    send_request(server, "GET", "/v1/notes/1", accept=XML)
    assert last_entry(server)["reason"] == "the documented example of application/xml"


def test_an_unacceptable_response_is_a_note_in_the_journal() -> None:
    server = generated_server("negotiate")
    send_request(server, "GET", "/v1/notes/1", accept="image/png")
    assert last_entry(server)["notes"] == [
        "header/Accept: image/png matches no documented media type; sent application/json"
    ]
    send_request(server, "GET", "/v1/notes/1", accept=XML)
    assert last_entry(server)["notes"] == []


def test_accept_selects_text_or_json_of_an_operation_without_records() -> None:
    server = generated_server("negotiate")
    text, document = (200, TEXT, b"Hello World!"), (200, JSON, b'{"text":"Hello World!"}')
    for accept, expected in [
        ("*/*", text),
        (JSON, document),
        (TEXT, text),
        (f"{TEXT};q=0.5,{JSON}", document),
    ]:
        assert parts_of(send_request(server, "GET", "/v1/text", accept=accept)) == expected


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
def test_accept_selects_the_response_of_a_preferred_status(
    prefer: str, accept: str, expected: object
) -> None:
    response = send_request(generated_server(ERRORS), "GET", "/t", prefer=prefer, accept=accept)
    assert parts_of(response) == expected
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
def test_a_preferred_example_precedes_accept(name: str, accept: str, expected: object) -> None:
    server = generated_server(NAMED)
    response = send_request(server, "GET", "/t", prefer=f"example={name}", accept=accept)
    assert parts_of(response) == expected
