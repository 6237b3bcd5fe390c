"""The responses of `response`: what is sent, and which headers a scenario cannot set."""

from typing import Any

import pytest

from mockserver.contract.scenarios.undocumented import (
    SERVER_HEADERS,
    SERVER_PREFIXES,
    build_undocumented,
    undocumented_errors,
)

JSON = ("Content-Type", "application/json")
TEXT = ("Content-Type", "text/plain; charset=utf-8")
SENT: list[tuple[dict[str, Any], tuple[tuple[str, str], ...], bytes]] = [
    ({}, (), b""),
    ({"body": {"a": [1, None]}}, (JSON,), b'{"a":[1,null]}'),
    ({"body": ["á"]}, (JSON,), '["á"]'.encode()),
    ({"body": 1.5}, (JSON,), b"1.5"),
    ({"body": False}, (JSON,), b"false"),
    ({"body": "á"}, (TEXT,), "á".encode()),
    ({"body": ""}, (TEXT,), b""),
    (
        {"body": "{", "headers": {"content-type": "application/json"}},
        (("content-type", "application/json"),),
        b"{",
    ),
    (
        {"body": "á", "headers": {"Content-Type": "text/plain; charset=latin-1"}},
        (("Content-Type", "text/plain; charset=latin-1"),),
        b"\xe1",
    ),
    ({"headers": {"Retry-After": 5, "X-A": True}}, (("Retry-After", "5"), ("X-A", "true")), b""),
    ({"headers": {"X-A": "á"}}, (("X-A", "Ã¡"),), b""),
]


@pytest.mark.parametrize(("members", "headers", "body"), SENT)
def test_a_body_is_json_or_text(
    members: dict[str, Any], headers: tuple[tuple[str, str], ...], body: bytes
) -> None:
    value = {"status": 500, **members}
    assert list(undocumented_errors(value)) == []
    response = build_undocumented(value)
    assert (response.status, response.headers, response.body) == (500, headers, body)


SERVER_NAMES = [*SERVER_HEADERS, *(f"{prefix}Anything" for prefix in SERVER_PREFIXES)]


@pytest.mark.parametrize("name", SERVER_NAMES)
def test_a_header_of_the_server_is_refused_with_the_reason(name: str) -> None:
    reasons = {**SERVER_HEADERS, **SERVER_PREFIXES}
    reason = next(reason for start, reason in reasons.items() if name.startswith(start))
    for spelling in (name, name.title(), name.upper()):
        (error,) = undocumented_errors({"status": 500, "headers": {spelling: "x"}})
        message = f"'{spelling}' cannot be set: {reason}; expected another header"
        assert error == (("headers", spelling), message, True)


ERRORS = {
    "a name with a space": ({"headers": {"A B": "x"}}, "has a character that header names cannot"),
    "an empty name": ({"headers": {"": "x"}}, "has a character that header names cannot"),
    "two spellings": ({"headers": {"X-A": "1", "x-a": "2"}}, "is the same header as 'X-A'"),
    "a line end": ({"headers": {"X-A": "1\r\nDate: x"}}, "the value has a control character"),
    "an unknown charset": (
        {"body": "x", "headers": {"Content-Type": "text/plain; charset=nope"}},
        "the charset 'nope' cannot encode the text",
    ),
    "a narrow charset": (
        {"body": "名", "headers": {"Content-Type": "text/plain; charset=latin-1"}},
        "the charset 'latin-1' cannot encode the text",
    ),
    "a charset without texts": (
        {"body": "x", "headers": {"Content-Type": "text/plain; charset=base64"}},
        "the charset 'base64' cannot encode the text",
    ),
    "a charset for names of hosts": (
        {"body": "x..y", "headers": {"Content-Type": "text/plain; charset=idna"}},
        "the charset 'idna' cannot encode the text",
    ),
    "a 204 with a body": ({"status": 204, "body": "x"}, "a 204 response has no body"),
    "a 304 with a body": ({"status": 304, "body": {}}, "a 304 response has no body"),
}


@pytest.mark.parametrize(("members", "message"), ERRORS.values(), ids=ERRORS)
def test_a_response_that_cannot_be_sent_is_an_error(members: dict[str, Any], message: str) -> None:
    (error,) = undocumented_errors({"status": 500, **members})
    assert message in error[1]


def test_all_errors_of_a_response_are_reported() -> None:
    headers = {"Date": "x", "X-Mock-Sandbox": "x", "X-A": "\n"}
    assert len(list(undocumented_errors({"status": 204, "headers": headers, "body": 1}))) == 4


def test_a_zero_byte_in_a_charset_is_an_error() -> None:
    value = {"status": 500, "headers": {"Content-Type": "a/b; charset=c\0d"}, "body": "x"}
    pointers = [error[0] for error in undocumented_errors(value)]
    assert pointers == [("body",), ("headers", "Content-Type")]
