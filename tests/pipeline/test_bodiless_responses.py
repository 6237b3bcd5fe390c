"""Responses without a body, and documented HEAD and OPTIONS, as a client reads them."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from helpers.generated_apis import (
    generate_folders,
    generated_contract,
    generated_server,
    send_request,
)
from helpers.processes import running_server

from mockserver.web.app import create_app

STATUSES = """FORMAT: 1A
HOST: http://h/v1

# Things

## Read [GET /things]

+ Response 200 (application/json)

        {"id": 1}

+ Response 304 (application/json)

    + Headers

            ETag: "abc"

    + Body

            {"id": 1}

+ Response 302

    + Headers

            Location: /elsewhere

## Remove [DELETE /things]

+ Response 204 (application/json)

        {"gone": true}

## Reset [PUT /things]

+ Response 205 (text/plain)

    + Attributes (string)

## Typed [POST /things]

+ Response 204 (application/json)
    + Attributes
        + a: 1 (number)
"""
ANSWERED = [
    ("GET", "", 200, "application/json", "8", b'{"id":1}'),
    ("HEAD", "", 200, "application/json", "8", b""),
    ("GET", "code=304", 304, None, None, b""),
    ("HEAD", "code=304", 304, None, None, b""),
    ("GET", "code=302", 302, None, "0", b""),
    ("DELETE", "", 204, None, None, b""),
    ("POST", "", 204, None, None, b""),
    ("PUT", "", 205, None, "0", b""),
    ("GET", "code=304, scenario=fault-slow", 304, None, None, b""),
    ("GET", "code=304, scenario=fault-malformed-json", 304, None, None, b""),
    ("GET", "code=304, scenario=fault-endless", 304, None, None, b""),
    ("DELETE", "scenario=fault-slow", 204, None, None, b""),
    ("DELETE", "scenario=fault-malformed-json", 204, None, None, b""),
    ("PUT", "scenario=fault-slow", 205, None, "0", b""),
]
IDS = [f"{method} {prefer}" for method, prefer, *_ in ANSWERED]


@pytest.fixture(scope="module", params=["fast path", "views"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    settings = generate_folders(tmp_path_factory.mktemp("api"), STATUSES)
    return create_app(settings, fast_path=request.param == "fast path").test_client()


@pytest.mark.parametrize(
    ("method", "prefer", "status", "media", "length", "body"), ANSWERED, ids=IDS
)
def test_a_bodiless_response_has_neither_body_nor_length(
    client: FlaskClient,
    method: str,
    prefer: str,
    status: int,
    media: str | None,
    length: str | None,
    body: bytes,
) -> None:
    response = client.open(
        "/v1/things", method=method, headers={"Prefer": prefer} if prefer else {}
    )
    assert (response.status_code, response.data) == (status, body)
    assert (response.headers.get("Content-Type"), response.headers.get("Content-Length")) == (
        media,
        length,
    )
    assert ("ETag" in response.headers) == (status == 304)


def read(url: str, head: str) -> tuple[str, dict[str, str], bytes]:
    """Send the head of a request, and return status, headers and all bytes of the body."""
    address = urlsplit(url)
    with socket.create_connection((str(address.hostname), address.port or 80)) as connection:
        connection.sendall(f"{head}Host: h\r\nConnection: close\r\n\r\n".encode())
        data = b""
        while piece := connection.recv(65536):
            data += piece
    text, _, body = data.partition(b"\r\n\r\n")
    status, *lines = text.decode().split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    return status.split(" ")[1], headers, body


@pytest.mark.server
def test_no_bytes_follow_the_head_of_a_bodiless_response(tmp_path: Path) -> None:
    generate_folders(tmp_path, STATUSES)
    folders = ("--schemas", str(tmp_path / "schemas"), "--fixtures", str(tmp_path / "fixtures"))
    with running_server(*folders) as process:
        for method, prefer, status, media, length, body in ANSWERED:
            head = f"{method} /v1/things HTTP/1.1\r\n" + (f"Prefer: {prefer}\r\n" if prefer else "")
            received_status, headers, received_body = read(process.url, head)
            assert (received_status, received_body) == (str(status), body), (method, prefer)
            assert (headers.get("content-type"), headers.get("content-length")) == (
                media,
                length,
            ), (method, prefer)
            assert "transfer-encoding" not in headers


WARNED = [("20:13", 304), ("32:9", 204), ("36:3", 205), ("42:3", 204)]


def test_a_documented_body_that_is_not_sent_is_a_warning() -> None:
    messages = generated_contract(STATUSES).messages
    warnings = [str(message).partition("a.apib:")[2] for message in messages]
    text = "{}: a response with status {} has no body (RFC 9110). The body is not sent. [B505]"
    assert sorted(warnings) == [text.format(position, status) for position, status in WARNED]


def test_a_response_that_is_not_final_is_not_sent() -> None:
    source = (
        "# A\n\n## Get [GET /t]\n\n+ Response 101\n\n+ Response 200 (text/plain)\n\n        fine\n"
    )
    contract = generated_contract(source)
    assert contract.served[0].operation.statuses == (200,)
    [warning] = contract.messages
    assert str(warning).endswith(
        "a.apib:5:12: a response with status 101 is not final (RFC 9110, section 15.2). "
        "It is not sent. [B504]"
    )
    assert send_request(generated_server(source), "GET", "/t", prefer="code=101").status == 400


METHODS = [
    ("HEAD", {}, 200, {"X-File-Size": "42", "Content-Length": "0"}, b""),
    ("HEAD", {"Prefer": "code=404"}, 404, {}, b""),
    ("OPTIONS", {}, 200, {"Content-Type": "application/json"}, b'{"methods":["HEAD","PUT"]}'),
    ("OPTIONS", {"Origin": "http://localhost:3000"}, 200, {}, b'{"methods":["HEAD","PUT"]}'),
    (
        "OPTIONS",
        {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "PUT"},
        204,
        {"Access-Control-Allow-Methods": "HEAD, OPTIONS, PUT"},
        b"",
    ),
    ("GET", {}, 405, {"Allow": "HEAD, OPTIONS, PUT"}, None),
]


@pytest.fixture(scope="module", params=["fast path", "views"])
def files(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    settings = generate_folders(tmp_path_factory.mktemp("api"), "methods")
    return create_app(settings, fast_path=request.param == "fast path").test_client()


@pytest.mark.parametrize(("method", "headers", "status", "expected", "body"), METHODS)
def test_documented_head_and_options_operations_are_served(
    files: FlaskClient,
    method: str,
    headers: dict[str, str],
    status: int,
    expected: dict[str, str],
    body: bytes | None,
) -> None:
    response = files.open("/v1/files/a.txt", method=method, headers=headers)
    assert (response.status_code, {name: response.headers[name] for name in expected}) == (
        status,
        expected,
    )
    assert body is None or response.data == body


def test_an_undocumented_options_request_lists_the_methods(client: FlaskClient) -> None:
    response = client.options("/v1/things")
    assert (response.status_code, response.headers["Allow"]) == (
        204,
        "DELETE, GET, HEAD, OPTIONS, POST, PUT",
    )
