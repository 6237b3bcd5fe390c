"""Documented response headers: which are dropped, counted, encoded and rewritten, read by strict clients."""

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
from helpers.generated_apis import (
    CASES,
    ONE_ACTION,
    client_of_folder,
    folder_flags,
    generate_client,
    run_init,
)
from helpers.pages import running_page_server
from helpers.processes import run_command, running_server
from helpers.tools import require_tool
from playwright.sync_api import Browser

from mockserver.contract import loader
from mockserver.contract.openapi import openapi
from mockserver.errors import InvalidFiles
from mockserver.formats.documented_headers import NOT_SENT, TOTAL_COUNT_HEADERS, reason_not_sent
from mockserver.formats.header_text import ascii_text, decoded, text_of, wsgi_text
from mockserver.spec import blueprint

ORIGIN = "http://localhost:3000"
FILE = 'attachment; filename="žluť.csv"'
NAME = "测试名"


def shown(*headers: str, body: str = '{"id": 5}', status: int = 200) -> str:
    """An API whose one response documents these headers; the first stands in line 13, in column 13."""
    lines = "".join(f"            {header}\n" for header in headers)
    return f"{ONE_ACTION}+ Response {status} (application/json)\n    + Headers\n\n{lines}\n    + Body\n\n            {body}\n"


NOT_THE_VENDORS = [
    *NOT_SENT,
    "Access-Control-Allow-Origin",
    "access-control-max-age",
    "Proxy-Authenticate",
    "DATE",
]


def test_a_header_that_is_not_the_vendors_is_dropped_with_a_warning(tmp_path: Path) -> None:
    ended = run_init(
        tmp_path, shown("X-Own: 1", *(f"{name}: 5" for name in NOT_THE_VENDORS), "X-Other: 2")
    )
    warnings = ended.stderr.splitlines()
    for line, (name, warning) in enumerate(zip(NOT_THE_VENDORS, warnings, strict=True), start=14):
        at = rf"mockserver: warning: \S+/schemas/a/a\.apib:{line}:13: the documented header {name} is not sent: \S.+"
        assert re.fullmatch(at, warning)
    assert run_command("check", *folder_flags(tmp_path)).stderr == ended.stderr
    contract = loader.load_contract(tmp_path / "schemas", tmp_path / "fixtures")
    response = openapi(contract)["paths"]["/v2/t"]["get"]["responses"]["200"]
    assert list(response["headers"]) == ["X-Own", "X-Other"]


def test_a_header_of_the_mock_server_is_sent_once_whatever_is_documented(tmp_path: Path) -> None:
    names = ("Preference-Applied", "X-Mock-Sandbox", "X-Mock-Violations")
    ended = run_init(tmp_path, shown(*(f"{name}: 5" for name in names)))
    for line, name in enumerate(names, start=13):
        assert (
            f"a.apib:{line}:13: the documented header {name} is not sent: the mock server sets it\n"
            in ended.stderr
        )
    with running_server(*folder_flags(tmp_path), "--store", "memory:", "--workers", "1") as server:
        connection = http.client.HTTPConnection(*urlsplit(server.url).netloc.split(":"))
        connection.request("GET", "/v2/t", headers={"Prefer": "code=200", "X-Mock-Sandbox": "one"})
        response = connection.getresponse()
        response.read()
        connection.close()
    sent = {name: response.headers.get_all(name) for name in names}
    assert response.status == 200
    assert sent == {
        "Preference-Applied": ["code=200"],
        "X-Mock-Sandbox": ["one"],
        "X-Mock-Violations": None,
    }


@pytest.mark.parametrize(
    "name",
    ["Upgrade-Insecure-Requests", "Serverless", "X-Date", "Allow", "ETag", "Set-Cookie", "Vary"],
)
def test_any_other_header_is_the_vendors(name: str) -> None:
    assert reason_not_sent(name) is None


def test_serve_warns_too(tmp_path: Path) -> None:
    run_init(tmp_path, shown("Connection: close"))
    with running_server(*folder_flags(tmp_path), "--store", "memory:", "--workers", "1") as process:
        process.terminate()
        warned = process.stderr.read()
    assert "a.apib:13:13: the documented header Connection is not sent" in warned


def test_a_model_is_warned_of_once(tmp_path: Path) -> None:
    model = "+ Model (application/json)\n    + Headers\n\n            Server: nginx\n\n    + Body\n\n            {}\n\n"
    text = (
        ONE_ACTION.replace("### Show", model + "### Show")
        + "+ Response 200\n\n    [T][]\n\n+ Response 404\n\n    [T][]\n"
    )
    assert run_init(tmp_path, text).stderr.count("the documented header Server is not sent") == 1


def test_a_request_keeps_its_headers(tmp_path: Path) -> None:
    request = "+ Request\n    + Headers\n\n            Connection: close\n\n"
    api = blueprint.parse_blueprint(f"{ONE_ACTION}{request}+ Response 204\n", "a.apib", "a")
    assert (api.operations[0].requests[0].headers, api.warnings) == ((("Connection", "close"),), ())


VARIES = [
    (("Vary: Accept",), "Accept, Origin"),
    (("vary: Origin, Accept-Encoding",), "Origin, Accept-Encoding"),
    (("Vary: origin",), "origin"),
    (("Vary: Accept", "Vary: Cookie, accept"), "Accept, Cookie, Origin"),
    (("Vary: *",), "*"),
    (("Vary:",), "Origin"),
]


@pytest.mark.parametrize(("headers", "merged"), VARIES, ids=str)
def test_vary_is_sent_once(tmp_path: Path, headers: tuple[str, ...], merged: str) -> None:
    client = generate_client(tmp_path, shown(*headers))
    for asked in ({}, {"Origin": ORIGIN}):
        assert client.get("/v2/t", headers=asked).headers.getlist("Vary") == [merged]


@pytest.mark.parametrize("character", ["\x01", "\x0b", "\x1b", "\x7f", "\x85", "\u2028"], ids=ascii)
@pytest.mark.parametrize("kind", ["+ Response 200", "+ Request"])
def test_a_control_character_is_refused_at_its_place(kind: str, character: str) -> None:
    text = (
        f"{ONE_ACTION}{kind}\n    + Headers\n\n            X-A: a{character}b\n\n+ Response 200\n"
    )
    with pytest.raises(InvalidFiles) as raised:
        blueprint.parse_blueprint(text, "a.apib", "a")
    expected = (
        f"a.apib:13:19: the header X-A has the control character {character!a}; expected plain text"
    )
    assert [str(error) for error in raised.value.errors] == [expected]


# The vendor's host, a header that leads to it, and what is sent.
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
    """Return for each host a client of an API in which each row of `URLS` is the action `/v2/t/ROW`."""
    clients = {}
    for host in dict.fromkeys(host for host, _, _ in URLS):
        actions = [
            f"## T{row} [/t/{row}]\n\n### Show {row} [GET]\n\n+ Response 303 (application/json)\n    + Headers\n\n"
            f'            {header}\n\n    + Body\n\n            {{"id": 5}}\n\n'
            for row, (other, header, _) in enumerate(URLS)
            if other == host
        ]
        source = f"FORMAT: 1A\nHOST: {host}\n\n# A\n\n{''.join(actions)}"
        clients[host] = generate_client(tmp_path_factory.mktemp("urls"), source)
    return clients


@pytest.mark.parametrize(
    "row", range(len(URLS)), ids=[f"{host} {header}" for host, header, _ in URLS]
)
def test_no_url_leads_to_the_vendor(redirecting_clients: dict[str, FlaskClient], row: int) -> None:
    host, header, sent = URLS[row]
    assert redirecting_clients[host].get(f"/v2/t/{row}").headers[header.split(":")[0]] == sent


@pytest.mark.parametrize("status", [200, 201, 303])
def test_below_a_sandboxs_base_url_it_leads_there(tmp_path: Path, status: int) -> None:
    headers = [
        "Location: https://api.vendor.example/v2/a",
        "Link: <https://api.vendor.example/v2/b>; rel=next, </v2/c>",
        "Content-Location: //cdn.example/d",
    ]
    sent = generate_client(tmp_path, shown(*headers, status=status)).get("/~anna/v2/t").headers
    assert sent["Location"] == "/~anna/v2/a"
    assert sent["Link"] == "</~anna/v2/b>; rel=next, </~anna/v2/c>"
    assert sent["Content-Location"] == "//cdn.example/d"


def test_a_documented_job_is_followed_within_the_mock_server(tmp_path: Path) -> None:
    client = generate_client(tmp_path, CASES / "loc.apib")
    assert client.get("/~anna/v2/jobs/1").headers["Location"] == "/~anna/v2/jobs/1/result"


LIST = """FORMAT: 1A
HOST: https://api.vendor.example/v2

# A

## Users [/users{?limit,role}]

### List [GET]

+ Parameters
    + limit: 10 (number, optional)
    + role: admin (string, optional)

+ Response 200 (application/json)
    + Headers

            %s: 40
            X-Page-Count: 4

    + Body

            [{"id": 1, "role": "admin"}, {"id": 2, "role": "user"}]
"""


@pytest.mark.parametrize("name", sorted(TOTAL_COUNT_HEADERS))
def test_a_count_header_has_the_number_of_matching_records(tmp_path: Path, name: str) -> None:
    client = generate_client(tmp_path, LIST % name.title())
    every = client.get("/v2/users?limit=1000").json
    admins = [each for each in every if each["role"] == "admin"]
    assert 0 < len(admins) < len(every) == 45
    for query, total in (
        ("?limit=3", 45),
        ("?role=admin&limit=1", len(admins)),
        ("?role=nobody", 0),
    ):
        headers = client.get(f"/v2/users{query}").headers
        assert (headers[name], headers["X-Page-Count"]) == (str(total), "4")


def test_a_count_header_without_a_list_is_sent_as_documented(tmp_path: Path) -> None:
    client = generate_client(tmp_path, CASES / "hopheaders.apib")
    assert client.get("/api/cookies").headers["X-Total-Count"] == "40"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which `init` made an API of both cases about headers, each below a path of its own, and one of names."""
    folder = tmp_path_factory.mktemp("made")
    for name in ("hop2", "hopheaders", "names"):
        text = (CASES / f"{name}.apib").read_text(encoding="utf-8")
        (folder / f"{name}.apib").write_text(
            re.sub("HOST: .*", f"HOST: http://localhost:8000/{name}", text, count=1)
        )
        assert (
            run_command("init", str(folder / f"{name}.apib"), *folder_flags(folder)).returncode == 0
        )
    return folder


@pytest.fixture(scope="module")
def url(made: Path) -> Iterator[str]:
    with running_server(*folder_flags(made), "--store", "memory:", "--workers", "1") as process:
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
"""Path to the body that each client has to read."""
ONCE = (
    "Content-Length",
    "Content-Encoding",
    "Transfer-Encoding",
    "Connection",
    "Server",
    "Date",
    "Vary",
)


@pytest.mark.server
def test_pythons_client_reads_each_response(url: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    for path, body in PATHS.items():
        connection.request("GET", path, headers={"Origin": ORIGIN})
        response = connection.getresponse()
        assert response.read().decode() == body, path
        names = [name.lower() for name, _ in response.getheaders()]
        assert all(names.count(name.lower()) <= 1 for name in ONCE), names
        assert response.headers.get_all("Access-Control-Allow-Origin") == [ORIGIN]
    connection.close()


@pytest.mark.server
def test_curl_reads_utf_8(url: str) -> None:
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
  const seen = [];
  for (const path of paths) {
    try {
      const response = await fetch(url + path);
      const header = response.headers.get("Content-Disposition") ?? response.headers.get("X-Name") ?? "";
      const bytes = Uint8Array.from(header, (character) => character.charCodeAt(0));
      seen.push([response.status, await response.text(), new TextDecoder().decode(bytes)]);
    } catch (error) {
      seen.push([String(error)]);
    }
  }
  return seen;
}"""
NAMED = {"/hop2/uni": FILE, "/hop2/cjk": NAME}
SEEN = [
    [204 if path.endswith("nolen") else 200, body, NAMED.get(path, "")]
    for path, body in PATHS.items()
]


@pytest.mark.server
def test_nodes_fetch_reads_each_response(url: str) -> None:
    script = f"({READ})({json.dumps([url, list(PATHS)])}).then((seen) => console.log(JSON.stringify(seen)))"
    ended = subprocess.run(
        [require_tool("node"), "-e", script], capture_output=True, text=True, check=True
    )
    assert json.loads(ended.stdout) == SEEN


@pytest.mark.server
def test_a_page_in_chromium_reads_each_response(url: str, browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html>")
    with running_page_server(tmp_path) as port:
        page = browser.new_page()
        page.goto(f"http://localhost:{port}/")
        seen: Any = page.evaluate(READ, [url, list(PATHS)])
        page.context.close()
    assert seen == SEEN


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
RAW = [
    ("example=Žluť", 200, "example=%C5%BDlu%C5%A5"),
    ('example="Žluť"', 200, "example=%C5%BDlu%C5%A5"),
    ("scenario=čti-věci-404", 404, "scenario=%C4%8Dti-v%C4%9Bci-404"),
    ("example=neť", 400, None),
]


@pytest.fixture(scope="module")
def client(made: Path) -> FlaskClient:
    return client_of_folder(made)


@pytest.mark.parametrize(
    ("prefer", "status", "applied"),
    [*PREFERENCES, *RAW],
    ids=[each[0] for each in [*PREFERENCES, *RAW]],
)
def test_a_name_that_is_not_ascii_can_be_preferred(
    client: FlaskClient, prefer: str, status: int, applied: str | None
) -> None:
    # As on the wire: UTF-8 bytes, which WSGI gives as Latin-1.
    response = client.get("/names/things", headers={"Prefer": wsgi_text(prefer)})
    assert (response.status_code, response.headers.get("Preference-Applied")) == (status, applied)


def test_the_journal_has_such_names_as_text(client: FlaskClient) -> None:
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
    seen = [
        client.get("/v1/things", headers={"X-Name": name}).status_code
        for name in (wsgi_text("žluť"), "zlut")
    ]
    assert seen == [404, 200]


@pytest.mark.server
def test_the_server_takes_such_names(url: str) -> None:
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
def test_header_text_goes_there_and_back(text: str) -> None:
    assert text_of(wsgi_text(text)) == text
    assert ascii_text(text).isascii()
    assert ascii_text(text).isprintable()
    assert decoded(ascii_text(text)) == text


def test_bytes_that_are_not_utf_8_stay() -> None:
    assert (text_of("caf\xe9"), text_of("€"), decoded("%E9")) == ("caf\xe9", "€", "%E9")
