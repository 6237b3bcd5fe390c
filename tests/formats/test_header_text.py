"""Header text that is not ASCII: read by strict clients, in preferences, journal and scenarios."""

import http.client
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from helpers.generated_apis import CASES, client_of_folder, folder_flags, run_init
from helpers.pages import running_page_server
from helpers.processes import run_command, running_server
from helpers.tools import require_tool
from playwright.sync_api import Browser

from mockserver.formats.header_text import ascii_text, decoded, text_of, wsgi_text

ORIGIN = "http://localhost:3000"
FILE = 'attachment; filename="žluť.csv"'
NAME = "测试名"


@pytest.fixture(scope="module")
def generated_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an API for each case about headers and names, each below another path."""
    folder = tmp_path_factory.mktemp("generated")
    for name in ("hop2", "hopheaders", "names"):
        text = (CASES / f"{name}.apib").read_text(encoding="utf-8")
        file = folder / f"{name}.apib"
        file.write_text(re.sub("HOST: .*", f"HOST: http://localhost:8000/{name}", text, count=1))
        assert run_command("init", str(file), *folder_flags(folder)).returncode == 0
    return folder


@pytest.fixture(scope="module")
def url(generated_folder: Path) -> Iterator[str]:
    with running_server(
        *folder_flags(generated_folder), "--store", "memory:", "--workers", "1"
    ) as process:
        yield process.url


PATHS = {
    "/hop2/short": '{"id":5}',
    "/hop2/nolen": "",
    "/hop2/cred": '{"id":5}',
    "/hop2/uni": '{"id":5}',
    "/hop2/cjk": '{"id":5}',
    "/hop2/empty": '{"id":5}',
    "/hopheaders/problems/5": '{"id":5,"title":"Sum"}',
    "/hopheaders/zipped": '{"id":5}',
    "/hopheaders/cross": '{"id":5}',
    "/hopheaders/cookies": '{"id":5}',
}
"""Path to the body that each client must read."""
AT_MOST_ONCE = (
    "Content-Length",
    "Content-Encoding",
    "Transfer-Encoding",
    "Connection",
    "Server",
    "Date",
    "Vary",
)


@pytest.mark.server
def test_the_client_of_python_reads_each_response(url: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    for path, body in PATHS.items():
        connection.request("GET", path, headers={"Origin": ORIGIN})
        response = connection.getresponse()
        assert response.read().decode() == body, path
        names = [name.lower() for name, _ in response.getheaders()]
        assert all(names.count(name.lower()) <= 1 for name in AT_MOST_ONCE), names
        assert response.headers.get_all("Access-Control-Allow-Origin") == [ORIGIN]
    connection.close()


@pytest.mark.server
def test_curl_reads_utf_8_in_headers(url: str) -> None:
    for path, header in (("uni", f"Content-Disposition: {FILE}"), ("cjk", f"X-Name: {NAME}")):
        call = [require_tool("curl"), "-s", "--compressed", "-D", "-", f"{url}/hop2/{path}"]
        lines = (
            subprocess.run(call, capture_output=True, check=True)
            .stdout.decode()
            .lower()
            .splitlines()
        )
        assert header.lower() in lines
        assert lines[-1] == '{"id":5}'


READ = """async ([url, paths]) => {
  const results = [];
  for (const path of paths) {
    try {
      const response = await fetch(url + path);
      const { headers } = response;
      const header = headers.get("Content-Disposition") ?? headers.get("X-Name") ?? "";
      const bytes = Uint8Array.from(header, (character) => character.charCodeAt(0));
      results.push([response.status, await response.text(), new TextDecoder().decode(bytes)]);
    } catch (error) {
      results.push([String(error)]);
    }
  }
  return results;
}"""
STATUSES = {"/hop2/nolen": 204}
HEADERS = {"/hop2/uni": FILE, "/hop2/cjk": NAME}
RESULTS = [[STATUSES.get(path, 200), body, HEADERS.get(path, "")] for path, body in PATHS.items()]


@pytest.mark.server
def test_fetch_in_node_reads_each_response(url: str) -> None:
    call = f"({READ})({json.dumps([url, list(PATHS)])})"
    script = f"{call}.then((results) => console.log(JSON.stringify(results)))"
    process = subprocess.run(
        [require_tool("node"), "-e", script], capture_output=True, text=True, check=True
    )
    assert json.loads(process.stdout) == RESULTS


@pytest.mark.server
def test_a_page_in_chromium_reads_each_response(url: str, browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html>")
    with running_page_server(tmp_path) as port:
        page = browser.new_page()
        page.goto(f"http://localhost:{port}/")
        results: Any = page.evaluate(READ, [url, list(PATHS)])
        page.context.close()
    assert results == RESULTS


PREFERENCES = [
    ("example=%C5%BDlu%C5%A5", 200, "example=%C5%BDlu%C5%A5"),
    ('example="%C5%BDlu%C5%A5"', 200, "example=%C5%BDlu%C5%A5"),
    ("example=UTF-8''%C5%BDlu%C5%A5", 200, "example=UTF-8''%C5%BDlu%C5%A5"),
    ("example=50%25", 404, "example=50%25"),
    ("example=50%", 404, "example=50%"),
    ("scenario=%C4%8Dti-v%C4%9Bci-404", 404, "scenario=%C4%8Dti-v%C4%9Bci-404"),
    ("example=%FF", 400, None),
    ("example=%C5%BD%0D%0ASet-Cookie:a", 400, None),
]
UNENCODED_PREFERENCES = [
    ("example=Žluť", 200, "example=%C5%BDlu%C5%A5"),
    ('example="Žluť"', 200, "example=%C5%BDlu%C5%A5"),
    ("scenario=čti-věci-404", 404, "scenario=%C4%8Dti-v%C4%9Bci-404"),
    ("example=neť", 400, None),
]


@pytest.fixture(scope="module")
def client(generated_folder: Path) -> FlaskClient:
    return client_of_folder(generated_folder)


@pytest.mark.parametrize(
    ("prefer", "status", "applied"),
    [*PREFERENCES, *UNENCODED_PREFERENCES],
    ids=[row[0] for row in [*PREFERENCES, *UNENCODED_PREFERENCES]],
)
def test_a_name_that_is_not_ascii_can_be_preferred(
    client: FlaskClient, prefer: str, status: int, applied: str | None
) -> None:
    # Clients send UTF-8 bytes, and WSGI decodes them as Latin-1.
    response = client.get("/names/things", headers={"Prefer": wsgi_text(prefer)})
    assert (response.status_code, response.headers.get("Preference-Applied")) == (status, applied)


def test_the_journal_has_header_text_that_is_not_ascii(client: FlaskClient) -> None:
    client.get(
        "/~journal/names/things",
        headers={"Prefer": wsgi_text("example=Žluť"), "User-Agent": b"caf\xe9".decode("latin-1")},
    )
    (entry,) = client.get("/~journal/__admin/requests").json["requests"]
    assert entry["headers"]["prefer"] == "example=Žluť"
    assert entry["headers"]["user-agent"] == "café"


def test_a_scenario_matches_a_header_that_is_not_ascii(tmp_path: Path) -> None:
    run_init(tmp_path, CASES / "names.apib")
    scenario = tmp_path / "fixtures/names/scenarios/gone.yaml"
    scenario.parent.mkdir()
    text = "title: Gone\noperations: [čti-věci]\nmatch: {headers: {X-Name: žluť}}\nstatus: 404\n"
    scenario.write_text(text, encoding="utf-8")
    client = client_of_folder(tmp_path)
    assert client.put("/__admin/scenarios/gone", json={}).status_code == 200
    for name, status in ((wsgi_text("žluť"), 404), ("zlut", 200)):
        assert client.get("/v1/things", headers={"X-Name": name}).status_code == status


@pytest.mark.server
def test_the_http_server_accepts_a_name_that_is_not_ascii(url: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    for prefer, status, applied in PREFERENCES[:6]:
        connection.request("GET", "/names/things", headers={"Prefer": prefer})
        response = connection.getresponse()
        response.read()
        assert (response.status, response.getheader("Preference-Applied")) == (status, applied)
    connection.request("GET", "/names/things", headers={"Prefer": "example=Žluť".encode()})
    response = connection.getresponse()
    response.read()
    assert (response.status, response.getheader("Preference-Applied")) == (
        200,
        "example=%C5%BDlu%C5%A5",
    )
    connection.close()


@pytest.mark.parametrize("text", ["plain", "žluť", NAME, "é", "a\u0085b", "𝄞"])
def test_decoding_reverses_encoding(text: str) -> None:
    assert text_of(wsgi_text(text)) == text
    assert ascii_text(text).isascii()
    assert ascii_text(text).isprintable()
    assert decoded(ascii_text(text)) == text


def test_text_that_is_not_utf_8_stays_the_same() -> None:
    assert (text_of("caf\xe9"), text_of("€"), decoded("%E9")) == ("caf\xe9", "€", "%E9")
