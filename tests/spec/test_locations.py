"""URLs in response headers: they stay within the mock server and within the sandbox."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from helpers.generated_apis import CASES, generate_client
from helpers.header_blueprints import blueprint_with_headers

# The vendor's host, a documented header, and the value that is sent.
HOST = "https://api.vendor.example/v2"
URLS = [
    (HOST, "Location: https://api.vendor.example/v2/jobs/1/result", "/v2/jobs/1/result"),
    (HOST, "Location: http://api.vendor.example:80/v2/jobs?x=1&y#end", "/v2/jobs?x=1&y#end"),
    (HOST, "Location: HTTPS://API.Vendor.Example:8443/a", "/a"),
    (HOST, "Location: //api.vendor.example/a", "/a"),
    (HOST, "Location: https://api.vendor.example", "/"),
    (HOST, "Location: https://api.vendor.example./a", "/a"),
    (HOST, "Location: https://user@api.vendor.example//evil.example/a", "/evil.example/a"),
    (HOST, "content-location: https://api.vendor.example/v2/jobs/{id}", "/v2/jobs/{id}"),
    (
        HOST,
        "Link: <https://api.vendor.example/a>; rel=next, <https://b.example/b>",
        "</a>; rel=next, <https://b.example/b>",
    ),
    (HOST, "Refresh: 5; URL='https://api.vendor.example/a'", "5; URL='/a'"),
    (HOST, "Location: /v2/jobs/1", "/v2/jobs/1"),
    (HOST, "Location: https://www.vendor.example/a", "https://www.vendor.example/a"),
    (HOST, "Location: //cdn.example/a", "//cdn.example/a"),
    (HOST, "Location: ftp://api.vendor.example/a", "ftp://api.vendor.example/a"),
    (HOST, "Location: https://[broken/a", "https://[broken/a"),
    (HOST, "X-Documentation: https://api.vendor.example/a", "https://api.vendor.example/a"),
    ("http://localhost:8000/v2", "Location: http://localhost:8000/v2/a", "/v2/a"),
    (
        "http://localhost:8000/v2",
        "Location: http://localhost:3000/callback",
        "http://localhost:3000/callback",
    ),
    ("http://localhost/v2", "Location: http://localhost:80/a", "/a"),
]


@pytest.fixture(scope="module")
def redirecting_clients(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FlaskClient]:
    """Return a client for each host. Its API has an action `/v2/t/ROW` for each row of `URLS`."""
    sources: dict[str, str] = {}
    for row, (host, header, _) in enumerate(URLS):
        source = sources.get(host, f"FORMAT: 1A\nHOST: {host}\n\n# A\n\n")
        sources[host] = source + (
            f"## T{row} [/t/{row}]\n\n### Show {row} [GET]\n\n"
            f"+ Response 303 (application/json)\n    + Headers\n\n            {header}\n\n"
            '    + Body\n\n            {"id": 5}\n\n'
        )
    clients = {}
    for host, source in sources.items():
        clients[host] = generate_client(tmp_path_factory.mktemp("urls"), source)
    return clients


@pytest.mark.parametrize(
    "row", range(len(URLS)), ids=[f"{host} {header}" for host, header, _ in URLS]
)
def test_a_url_on_the_host_of_the_vendor_becomes_a_path_of_the_server(
    redirecting_clients: dict[str, FlaskClient], row: int
) -> None:
    host, header, sent = URLS[row]
    assert redirecting_clients[host].get(f"/v2/t/{row}").headers[header.split(":")[0]] == sent


@pytest.mark.parametrize("status", [200, 201, 303])
def test_below_the_base_url_of_a_sandbox_a_path_has_its_prefix(tmp_path: Path, status: int) -> None:
    headers = [
        "Location: https://api.vendor.example/v2/a",
        "Link: <https://api.vendor.example/v2/b>; rel=next, </v2/c>",
        "Content-Location: //cdn.example/d",
    ]
    client = generate_client(tmp_path, blueprint_with_headers(*headers, status=status))
    sent = client.get("/~anna/v2/t").headers
    assert sent["Location"] == "/~anna/v2/a"
    assert sent["Link"] == "</~anna/v2/b>; rel=next, </~anna/v2/c>"
    assert sent["Content-Location"] == "//cdn.example/d"


def test_the_location_of_a_job_is_within_the_mock_server(tmp_path: Path) -> None:
    client = generate_client(tmp_path, CASES / "loc.apib")
    assert client.get("/~anna/v2/jobs/1").headers["Location"] == "/~anna/v2/jobs/1/result"
