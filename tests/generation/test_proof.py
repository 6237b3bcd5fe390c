"""The proof of `init` and `check`: documented requests through the real application, read by a strict client."""

import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from helpers.generated_apis import CASES, ONE_ACTION, folder_flags, generate_client, run_init
from helpers.processes import clean_environ, run_command

from mockserver.contract import loader
from mockserver.contract.model import Contract
from mockserver.generation.proof import prove
from mockserver.generation.proof.reader import Application
from mockserver.web.app import proof_app

HERE = sorted(CASES.glob("*.apib"))


def test_the_shipped_api_is_proven(contract: Contract) -> None:
    assert prove(contract, proof_app(contract)) == []


@pytest.mark.parametrize("path", HERE, ids=lambda path: path.stem)
def test_each_case_is_made_and_checked(tmp_path: Path, path: Path) -> None:
    generate_client(tmp_path, path)


def loaded(folder: Path, text: str) -> Contract:
    ended = run_init(folder, text)
    assert ended.returncode == 0, ended.stderr
    return loader.load_contract(folder / "schemas", folder / "fixtures")


OK = '+ Response 200 (application/json)\n\n        {"a": 1}\n'
Change = Callable[[str, list[tuple[str, str]], bytes], tuple[str, list[tuple[str, str]], bytes]]


def changed(application: Application, change: Change) -> Application:
    """The application, each of its responses changed."""

    def call(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        started: list[Any] = []
        body = b"".join(application(environ, lambda *each: started.append(each)))
        status, headers, body = change(*started[0][:2], body)
        start_response(status, headers)
        return [body]

    return call


def having(*more: tuple[str, str]) -> Change:
    return lambda status, headers, body: (status, [*headers, *more], body)


def without(name: str, *more: tuple[str, str]) -> Change:
    return lambda status, headers, body: (status, [*(each for each in headers if each[0] != name), *more], body)


UNREADABLE: dict[str, tuple[Change, str]] = {
    "two lengths": (having(("content-length", "3")), "duplicate header content-length"),
    "too long": (lambda status, headers, body: (status, headers, body + b"xyz"), "3 bytes follow the response"),
    "too short": (lambda status, headers, body: (status, headers, body[:2]), "IncompleteRead: "),
    "no length": (without("Content-Length"), "no Content-Length header"),
    "false coding": (having(("Content-Encoding", "gzip")), "unexpected coding gzip of the body"),
    "chunks": (having(("Transfer-Encoding", "chunked")), "IncompleteRead: "),
    "the server's date": (having(("Date", "today")), "duplicate header date"),
    "the server's connection": (having(("Connection", "close")), "duplicate header connection"),
    "two origins": (having(("Access-Control-Allow-Origin", "*")), "duplicate header access-control-allow-origin"),
    "no origin": (without("Access-Control-Allow-Origin"), "missing CORS header: a page of another origin cannot read it"),
    "control character": (having(("X-A", "a\r\nb: c")), r"invalid header 'X-A': 'a\r\nb: c'"),
    "not Latin-1": (having(("X-A", "ž")), r"invalid header 'X-A': '\u017e'"),
    "no header's name": (having(("X A", "1")), "invalid header 'X A': '1'"),
    "no status": (lambda status, headers, body: ("200", headers, body), "invalid status line '200'"),
    "no JSON": (lambda status, headers, body: (status, headers, b"x" * len(body)), "the body is not valid JSON: "),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_a_client_cannot_read_is_a_failure(tmp_path: Path, case: str) -> None:
    change, message = UNREADABLE[case]
    contract = loaded(tmp_path, ONE_ACTION + OK)
    assert prove(contract, proof_app(contract)) == []
    (failure,) = prove(contract, changed(proof_app(contract), change))
    assert failure.operation_id == "show"
    place, _, said = str(failure.problem).partition(": the documented request GET /v2/t: invalid HTTP response: ")
    assert place.endswith("/schemas/a/a.apib:8:5")
    assert message in said


WRONG: dict[str, tuple[Change, str]] = {
    "another status": (
        lambda status, headers, body: ("203 Other", headers, body),
        "the documented request GET /v2/t: the response is 203; expected 200 or 404",
    ),
    "violations": (
        having(("X-Mock-Violations", "2")),
        "the response is invalid according to its schema (2 violations); correct the example or its schema",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_not_documented_is_a_failure(tmp_path: Path, case: str) -> None:
    change, message = WRONG[case]
    contract = loaded(tmp_path, f"{ONE_ACTION}{OK}\n+ Response 404\n")
    (failure,) = prove(contract, changed(proof_app(contract), change))
    assert message in str(failure.problem)


def test_each_documented_status_and_example_is_asked_for(tmp_path: Path) -> None:
    text = f"{ONE_ACTION}+ Request Žluť\n\n{OK}\n+ Request b\n\n+ Response 404\n\n+ Response 503\n"
    contract, asked = loaded(tmp_path, text), []
    application = proof_app(contract)

    def recorded(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        asked.append(environ.get("HTTP_PREFER"))
        return application(environ, start_response)

    assert prove(contract, recorded) == []
    preferred = [each for each in asked if each]
    assert preferred == ["code=200", "code=404", "code=503", "example=b", "example=%C5%BDlu%C5%A5"]


REQUEST = """# A

## T [/a%20b/{key}{?q,r}]

+ Parameters
    + key: `ž x` (string, required)
    + q: `a&b` (string, required)
    + r: true (boolean, optional)

### Send [POST]

+ Request (text/plain)
    + Headers

            Content-Length: 999
            X-Name: žluť
            Cookie: a=1
            Cookie: b=2
            Authorization:

    + Body

            žluť

+ Response 204
"""


def test_a_request_is_encoded_as_a_client_encodes_it(tmp_path: Path) -> None:
    contract, environs = loaded(tmp_path, REQUEST), []
    application = proof_app(contract)

    def recorded(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environs.append(environ | {"body": environ["wsgi.input"].getvalue()})
        return application(environ, start_response)

    assert prove(contract, recorded) == []
    second, first = environs[:2]
    utf_8 = "ž".encode().decode("latin-1")
    expected = {
        "PATH_INFO": f"/a b/{utf_8} x",
        "RAW_URI": "/a%20b/%C5%BE%20x?q=a%26b",
        "QUERY_STRING": "q=a%26b",
        "CONTENT_LENGTH": "6",
        "CONTENT_TYPE": "text/plain",
        "HTTP_X_NAME": "žluť".encode().decode("latin-1"),
        "HTTP_COOKIE": "a=1; b=2",
        "HTTP_AUTHORIZATION": "any",
        "body": "žluť".encode(),
    }
    assert {name: first[name] for name in expected} == expected
    assert second["QUERY_STRING"] == "q=a%26b&r=true"


CONTRADICTION = """# A

## T [/t{?of}]

+ Parameters
    + of: c (enum, required)
        + Members
            + a
            + b

### Show [GET]

+ Response 204
"""


def test_init_names_the_place_in_the_blueprint_and_makes_nothing(tmp_path: Path) -> None:
    ended = run_init(tmp_path, CONTRADICTION)
    assert ended.returncode == 1
    place = f"{tmp_path}/a.apib:11:5: the documented request GET /t?of=c: the response is 400, problem request-breaks-contract "
    assert ended.stderr.startswith(place), ended.stderr
    assert ended.stderr.endswith("; expected 204: correct the documented request or its schema\n")
    assert [each.name for each in tmp_path.iterdir()] == ["a.apib"]


RECORDS = """# A

## T [/t/{id}]

+ Parameters
    + id: 7 (number, required)

### Show [GET]

+ Response 200 (application/json)

        {"id": 7}
"""


def test_check_fails_for_a_record_that_the_blueprint_shows_and_the_fixtures_do_not_have(tmp_path: Path) -> None:
    assert run_init(tmp_path, RECORDS).returncode == 0
    assert run_command("check", *folder_flags(tmp_path)).returncode == 0
    records = tmp_path / "fixtures/a/records/t.yaml"
    text = records.read_text()
    assert "- id: 7\n" in text
    records.write_text(text.replace("- id: 7\n", "- id: 70\n"))
    ended = run_command("check", *folder_flags(tmp_path))
    assert ended.returncode == 1
    assert (
        "/schemas/a/a.apib:8:5: the documented request GET /t/7: the response is 404, problem record-not-found " in ended.stderr
    )
    assert ended.stderr.endswith("; expected 200: add a record with this key or document a 404\n")


def test_without_an_example_of_the_path_the_first_record_is_asked_for(tmp_path: Path) -> None:
    text = RECORDS.replace("+ Parameters\n    + id: 7 (number, required)\n", "").replace('{"id": 7}', '{"id": "x-1"}')
    contract = loaded(tmp_path, text)
    assert contract.served[0].effect.kind == "retrieve"
    assert prove(contract, proof_app(contract)) == []


def test_a_bug_is_named_and_not_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    contract = loaded(tmp_path, ONE_ACTION + OK)

    def broken(*_: Any) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr("mockserver.pipeline.mock_server.build_response", broken)
    (failure,) = prove(contract, proof_app(contract))
    assert "the response is 500, problem internal-error (" in str(failure.problem)
    assert "; KeyError: 'a bug'); expected 200: please report it" in str(failure.problem)
    assert caplog.records == []


def test_serving_does_not_import_the_proof() -> None:
    code = "import sys, mockserver.cli.serve, mockserver.web.servers.gunicorn; print([n for n in sys.modules if 'proof' in n])"
    ended = subprocess.run([sys.executable, "-c", code], env=clean_environ(), capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"
