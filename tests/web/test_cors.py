"""CORS: preflights, allowed origins, and exposed headers."""

import pytest

from mockserver.web.cors import Cors, is_loopback

LOOPBACK = [
    "http://localhost:3000",
    "https://localhost",
    "http://app.localhost:5173",
    "http://127.0.0.1:8000",
    "http://127.9.9.9",
    "http://[::1]:3000",
]
FOREIGN = [
    "https://example.com",
    "http://localhost.evil.test",
    "http://127.0.0.1.evil.test",
    "http://evillocalhost",
    "null",
    "",
    "file://",
    "http://localhost:3000/path",
    "chrome-extension://localhost",
    "http://[::1",
    "http://10.0.0.1",
]


@pytest.mark.parametrize("origin", LOOPBACK)
def test_loopback_origins_are_allowed(origin: str) -> None:
    assert is_loopback(origin)
    headers = dict(Cors(()).headers(origin))
    assert headers["Access-Control-Allow-Origin"] == origin
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert headers["Vary"] == "Origin"


@pytest.mark.parametrize("origin", FOREIGN)
def test_other_origins_are_not_allowed(origin: str) -> None:
    assert not is_loopback(origin)
    assert Cors(()).headers(origin) == (("Vary", "Origin"),)


def test_configured_origins_are_allowed() -> None:
    assert Cors(["https://example.com"]).allows("https://example.com")
    assert not Cors(["https://example.com"]).allows("https://example.com.evil.test")
    assert (
        dict(Cors(["*"]).headers("https://any.test"))["Access-Control-Allow-Origin"]
        == "https://any.test"
    )


def test_a_preflight_names_methods_and_headers() -> None:
    request_headers = {
        "access-control-request-method": "DELETE",
        "access-control-request-headers": "baggage, x-access-token, prefer",
    }
    response = Cors(()).preflight("http://localhost:3000", request_headers, ["DELETE", "GET"])
    headers = dict(response.headers)
    assert response.status == 204
    assert headers["Access-Control-Allow-Methods"] == "DELETE, GET"
    assert headers["Access-Control-Allow-Headers"] == "baggage, x-access-token, prefer"


def test_a_preflight_does_not_echo_an_invalid_list_of_headers() -> None:
    request_headers = {
        "access-control-request-method": "GET",
        "access-control-request-headers": "x: y\r\nSet-Cookie",
    }
    assert "Access-Control-Allow-Headers" not in dict(
        Cors(()).preflight("http://localhost", request_headers, []).headers
    )


def test_a_preflight_of_another_origin_gets_no_cors_headers() -> None:
    request_headers = {"access-control-request-method": "GET"}
    assert Cors(()).preflight("https://example.com", request_headers, ["GET"]).headers == (
        ("Vary", "Origin"),
    )
