"""Headers of an example request are required, except those that clients send by default."""

import pytest
from helpers.generated_apis import generated_contract, generated_server, send_request

OF_CLIENTS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "Accept-Language": "cs",
    "Cache-Control": "no-cache",
    "Connection": "close",
    "Content-Length": "12",
    "Content-Type": "application/json",
    "Date": "Sat, 01 Apr 2017 10:12:07 GMT",
    "Expect": "100-continue",
    "Host": "api.vendor.example",
    "If-Modified-Since": "Sat, 01 Apr 2017 10:12:07 GMT",
    "If-None-Match": '"abc"',
    "Origin": "https://app.vendor.example",
    "Pragma": "no-cache",
    "Prefer": "return=minimal",
    "Range": "bytes=0-9",
    "Referer": "https://app.vendor.example/",
    "Sec-Fetch-Mode": "cors",
    "User-Agent": "Vendor/1.0",
    "X-Forwarded-For": "192.0.2.1",
    "X-Requested-With": "XMLHttpRequest",
}
REQUIRED = {
    "Authorization": "Bearer x",
    "X-Api-Key": "k",
    "X-Access-Token": "t",
    "Idempotency-Key": "1",
    "Accepted-Terms": "yes",
}


def blueprint(headers: dict[str, str]) -> str:
    lines = "".join(f"            {name}: {value}\n" for name, value in headers.items())
    return f"# A\n\n## Get [GET /t]\n\n+ Request\n    + Headers\n\n{lines}\n+ Response 204\n"


def test_a_header_of_the_client_is_not_required() -> None:
    source = blueprint(OF_CLIENTS)
    assert generated_contract(source).served[0].headers == ()
    assert send_request(generated_server(source), "GET", "/t").status == 204


@pytest.mark.parametrize("name", REQUIRED)
def test_a_header_of_the_api_is_required(name: str) -> None:
    source = blueprint({**OF_CLIENTS, name: REQUIRED[name]})
    server = generated_server(source)
    response = send_request(server, "GET", "/t")
    assert response.status in (400, 401)
    header = {name.lower().replace("-", "_"): REQUIRED[name]}
    assert send_request(server, "GET", "/t", **header).status == 204
