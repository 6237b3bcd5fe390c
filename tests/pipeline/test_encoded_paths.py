"""An encoded slash is part of a value, and the `Location` of any new record can be read."""

import json
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from flask.testing import FlaskClient
from helpers.generated_apis import generate_folders
from helpers.processes import running_server

from mockserver.web.app import create_app

KEYS = [
    "src/a b.txt",
    "/",
    "a//b/",
    "a%2Fb",
    "%",
    "100%",
    "q?x=1",
    "a#b",
    "ř/€",
    "..",
    "a/../b",
    "a;b&c=d+e",
    "a\\b",
    '"q"',
]
FILE = {"size": 1}


@pytest.fixture(scope="module", params=["fast path", "views"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    settings = generate_folders(tmp_path_factory.mktemp("api"), "slashkey")
    return create_app(settings, fast_path=request.param == "fast path").test_client()


@pytest.mark.parametrize("base", ["", "/~anna"])
@pytest.mark.parametrize("key", KEYS)
def test_the_location_of_a_record_with_special_characters_can_be_read(
    client: FlaskClient, key: str, base: str
) -> None:
    client.post("/__admin/reset", json={}, base_url=f"http://localhost{base}")
    client.delete(f"{base}/v4/files/{quote(key, safe='')}")
    created = client.post(f"{base}/v4/files", json={**FILE, "path": key})
    assert created.status_code == 201, created.data
    location = created.headers["Location"]
    assert client.get(location).json == {**FILE, "path": key}
    assert client.head(location).status_code == 200
    assert client.delete(location).status_code == 204
    assert client.get(location).status_code == 404


@pytest.mark.parametrize(
    "target", ["/v4%2Ffiles", "/v4/files/a/b", "/%2Fv4/files", "/v4/files%2Fa"]
)
def test_an_encoded_slash_never_changes_the_route(client: FlaskClient, target: str) -> None:
    response = client.get(target)
    problem = json.loads(response.data)
    assert (response.status_code, problem["type"].rpartition(":")[2]) in [
        (404, "unknown-operation"),
        (404, "route-not-found"),
    ]


def test_problems_and_journal_show_the_slash_encoded(client: FlaskClient) -> None:
    assert "matches the path /v4/a%2Fb/c" in client.get("/v4/a%2fb/c").json["detail"]
    client.get("/v4/files/src%2fa%20b.txt?x=%2F")
    exchange = client.get("/__admin/requests?limit=1").json["requests"][0]
    assert (exchange["path"], exchange["query"]) == ("/v4/files/src%2Fa b.txt", "x=%2F")
    assert exchange["arguments"] == {"path": "src/a b.txt"}


def test_preflight_and_options_list_the_methods_of_an_encoded_path(client: FlaskClient) -> None:
    assert client.options("/v4/files/a%2Fb").headers["Allow"] == "DELETE, GET, HEAD, OPTIONS"
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "DELETE"}
    response = client.options("/v4/files/a%2Fb", headers=headers)
    assert response.headers["Access-Control-Allow-Methods"] == "DELETE, GET, HEAD, OPTIONS"


def test_an_encoded_slash_after_the_sandbox_name_is_rejected(client: FlaskClient) -> None:
    assert client.get("/~anna%2Fv4/files").status_code == 400


@pytest.mark.server
def test_the_location_of_a_record_can_be_read_over_http(tmp_path: Path) -> None:
    generate_folders(tmp_path, "slashkey")
    with running_server(
        "--schemas", str(tmp_path / "schemas"), "--fixtures", str(tmp_path / "fixtures")
    ) as process:
        for base in ("", "/~anna"):
            for key in KEYS:
                call(process.url, "DELETE", f"{base}/v4/files/{quote(key, safe='')}")
                status, location, _ = call(
                    process.url, "POST", f"{base}/v4/files", {**FILE, "path": key}
                )
                assert (status, location is not None) == (201, True), key
                status, _, body = call(process.url, "GET", str(location))
                assert (status, json.loads(body)) == (200, {**FILE, "path": key})


def call(url: str, method: str, target: str, body: object = None) -> tuple[int, str | None, bytes]:
    """Send one request with an unchanged target."""
    address = urlsplit(url)
    headers = {"Content-Type": "application/json"} if body else {}
    with closing(HTTPConnection(str(address.hostname), address.port)) as connection:
        connection.request(method, target, json.dumps(body) if body else None, headers)
        response = connection.getresponse()
        return response.status, response.headers["Location"], response.read()
