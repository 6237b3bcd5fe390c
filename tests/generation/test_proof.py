"""The proof of `init` and `check`: documented requests to the real server, and a strict client."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.generated_apis import CASES, ONE_ACTION, folder_flags, generate_client, run_init
from helpers.processes import clean_environ, run_command

from mockserver.cli.proof import prove_contract
from mockserver.contract import loader
from mockserver.contract.model import Contract
from mockserver.generation.proof import Failure, prove
from mockserver.web.application import proof_application
from mockserver.web.http.in_process import InProcessServer

HERE = sorted(CASES.glob("*.apib"))


def test_the_documented_exchanges_of_the_shipped_api_work(contract: Contract) -> None:
    assert prove_contract(contract) == []


@pytest.mark.parametrize("path", HERE, ids=lambda path: path.stem)
def test_init_and_check_accept_each_unusual_blueprint(tmp_path: Path, path: Path) -> None:
    generate_client(tmp_path, path)


def loaded(folder: Path, text: str) -> Contract:
    ended = run_init(folder, text)
    assert ended.returncode == 0, ended.stderr
    return loader.load_contract(folder / "schemas", folder / "fixtures")


OK = '+ Response 200 (application/json)\n\n        {"a": 1}\n'
Change = Callable[[bytes], bytes]


def prove_changed(contract: Contract, change: Change) -> list[Failure]:
    """Prove a contract with a server whose responses are changed on the way."""
    with InProcessServer(proof_application(contract)) as server:
        return prove(contract, lambda data: change(server.send(data)))


def having(*lines: bytes) -> Change:
    return lambda response: response.replace(
        b"\r\n\r\n", b"".join(b"\r\n" + line for line in lines) + b"\r\n\r\n", 1
    )


def without(name: bytes) -> Change:
    return lambda response: re.sub(rb"\r\n%b: [^\r]*" % name, b"", response)


def with_body(change: Change) -> Change:
    def changed(response: bytes) -> bytes:
        head, end, body = response.partition(b"\r\n\r\n")
        return head + end + change(body)

    return changed


def with_status(line: bytes) -> Change:
    return lambda response: line + response[response.index(b"\r\n") :]


UNREADABLE: dict[str, tuple[Change, str]] = {
    "nothing": (lambda _: b"", "invalid status line ''"),
    "two lengths": (having(b"content-length: 3"), "duplicate header content-length"),
    "too long": (lambda response: response + b"xyz", "3 bytes follow the response"),
    "a second response": (lambda response: response * 2, " bytes follow the response"),
    "too short": (with_body(lambda body: body[:2]), "IncompleteRead: "),
    "no body": (with_body(lambda _: b""), "IncompleteRead: "),
    "no length": (without(b"Content-Length"), "no Content-Length header"),
    "false coding": (having(b"Content-Encoding: gzip"), "unexpected coding gzip of the body"),
    "chunks": (having(b"Transfer-Encoding: chunked"), "IncompleteRead: "),
    "a second date": (having(b"Date: today"), "duplicate header date"),
    "a second connection": (having(b"Connection: close"), "duplicate header connection"),
    "two origins": (
        having(b"Access-Control-Allow-Origin: *"),
        "duplicate header access-control-allow-origin",
    ),
    "no origin": (
        without(b"Access-Control-Allow-Origin"),
        "missing CORS header: a page of another origin cannot read it",
    ),
    "line feed": (having(b"X-A: a\nb: c"), r"invalid header 'X-A: a\nb: c'"),
    "carriage return": (having(b"X-A: a\rb: c"), r"invalid header 'X-A: a\rb: c'"),
    "control character": (having(b"X-A: a\0"), r"invalid header 'X-A: a\x00'"),
    "no header's name": (having(b"X A: 1"), "invalid header 'X A: 1'"),
    "space after the name": (having(b"X-A : 1"), "invalid header 'X-A : 1'"),
    "folded header": (having(b"X-A: 1", b" 2"), "invalid header ' 2'"),
    "no colon": (having(b"X-A"), "invalid header 'X-A'"),
    "only a number": (with_status(b"200"), "invalid status line '200'"),
    "another version": (with_status(b"HTTP/2 200 OK"), "invalid status line 'HTTP/2 200 OK'"),
    "no number": (with_status(b"HTTP/1.1 OK"), "invalid status line 'HTTP/1.1 OK'"),
    "no space after the status": (
        with_status(b"HTTP/1.1 200"),
        "invalid status line 'HTTP/1.1 200'",
    ),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_response_that_is_not_valid_http_is_a_failure(tmp_path: Path, case: str) -> None:
    change, message = UNREADABLE[case]
    contract = loaded(tmp_path, ONE_ACTION + OK)
    assert prove_contract(contract) == []
    (failure,) = prove_changed(contract, change)
    assert failure.operation_id == "show"
    position, _, reason = str(failure.problem).partition(
        ": the documented request GET /v2/t: invalid HTTP response: "
    )
    assert position.endswith("/schemas/a/a.apib:8:5")
    assert message in reason


WRONG: dict[str, tuple[Change, str]] = {
    "another status": (
        with_status(b"HTTP/1.1 203 Other"),
        "the documented request GET /v2/t: the response is 203; expected 200 or 404",
    ),
    "no JSON": (with_body(lambda body: b"x" * len(body)), "the response is not JSON: "),
}


def test_a_record_that_breaks_its_schema_is_a_failure(tmp_path: Path) -> None:
    contract = loaded(tmp_path, RECORDS)
    (failure,) = prove_changed(contract, having(b"X-Mock-Violations: 2"))
    assert "the response is invalid according to its schema (2 violations); " in str(failure)


def test_an_example_that_breaks_its_schema_is_sent_without_a_failure(tmp_path: Path) -> None:
    contract = loaded(tmp_path, f"{ONE_ACTION}{OK}")
    assert prove_changed(contract, having(b"X-Mock-Violations: 2")) == []


def test_a_documented_text_with_a_json_media_type_is_not_a_failure(tmp_path: Path) -> None:
    text = f"{ONE_ACTION}+ Response 200 (application/json)\n\n        {{not JSON}}\n"
    assert prove_contract(loaded(tmp_path, text)) == []


@pytest.mark.parametrize("case", WRONG)
def test_an_undocumented_response_is_a_failure(tmp_path: Path, case: str) -> None:
    change, message = WRONG[case]
    contract = loaded(tmp_path, f"{ONE_ACTION}{OK}\n+ Response 404\n")
    (failure,) = prove_changed(contract, change)
    assert message in str(failure.problem)


def test_each_documented_status_and_example_is_requested(tmp_path: Path) -> None:
    text = f"{ONE_ACTION}+ Request Žluť\n\n{OK}\n+ Request b\n\n+ Response 404\n\n+ Response 503\n"
    contract = loaded(tmp_path, text)
    preferences = [header(data, b"Prefer") for data in sent_requests(contract)]
    preferred = [preference for (preference,) in filter(None, preferences)]
    assert preferred == [
        b"code=404",
        b"code=503",
        b"example=%C5%BDlu%C5%A5",
        b"example=b",
    ]


def sent_requests(contract: Contract) -> list[bytes]:
    """Return the requests of a successful proof, as they are sent."""
    requests: list[bytes] = []
    with InProcessServer(proof_application(contract)) as server:

        def send(data: bytes) -> bytes:
            requests.append(data)
            return server.send(data)

        assert prove(contract, send) == []
    return requests


def header(request: bytes, name: bytes) -> list[bytes]:
    """Return the values of a header, which occurs once at most in most requests."""
    head = request.partition(b"\r\n\r\n")[0]
    return re.findall(rb"(?i)\r\n%b: ([^\r]*)" % name, head)


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
    second, first = sent_requests(loaded(tmp_path, REQUEST))[:2]
    assert first.startswith(b"POST /a%20b/%C5%BE%20x?q=a%26b HTTP/1.1\r\n")
    assert second.startswith(b"POST /a%20b/%C5%BE%20x?q=a%26b&r=true HTTP/1.1\r\n")
    expected = {
        "Host": b"localhost:8080",
        "Content-Length": b"6",
        "Content-Type": b"text/plain",
        "X-Name": "žluť".encode(),
        "Cookie": b"a=1; b=2",
        "Authorization": b"any",
        "Origin": b"http://localhost:3000",
    }
    assert {name: header(first, name.encode()) for name in expected} == {
        name: [value] for name, value in expected.items()
    }
    assert first.partition(b"\r\n\r\n")[2] == "žluť".encode()


CONTRADICTION = """# A

## T [/t]

### Send [POST]

+ Request (application/json)
    + Attributes
        + n: 1 (number)
    + Body

            {"n": "x"}

+ Response 204
"""


def test_init_reports_a_request_that_fails_without_an_effect_and_creates_the_api(
    tmp_path: Path,
) -> None:
    ended = run_init(tmp_path, CONTRADICTION)
    assert ended.returncode == 0
    place = (
        f"{tmp_path}/a.apib:5:5: error: the documented request POST /t: "
        f"the response is 400, problem request-breaks-contract "
    )
    assert ended.stderr.startswith(place), ended.stderr
    assert "; expected 204: correct the documented request or its schema\n" in ended.stderr
    assert (tmp_path / "schemas/a/a.apib").exists()


RECORDS = """# A

## T [/t/{id}]

+ Parameters
    + id: 7 (number, required)

### Show [GET]

+ Response 200 (application/json)

        {"id": 7}
"""


def test_check_fails_for_a_documented_record_that_is_not_in_the_fixtures(
    tmp_path: Path,
) -> None:
    assert run_init(tmp_path, RECORDS).returncode == 0
    assert run_command("check", *folder_flags(tmp_path)).returncode == 0
    records = tmp_path / "fixtures/a/records/t.yaml"
    text = records.read_text()
    assert "- id: 7\n" in text
    records.write_text(text.replace("- id: 7\n", "- id: 70\n"))
    ended = run_command("check", *folder_flags(tmp_path))
    assert ended.returncode == 1
    assert (
        "/schemas/a/a.apib:8:5: error: the documented request GET /t/7: "
        "the response is 404, problem record-not-found " in ended.stderr
    )
    assert "; expected 200: add a record with this key or document a 404\n" in ended.stderr


def test_without_an_example_in_the_path_the_first_record_is_requested(tmp_path: Path) -> None:
    text = RECORDS.replace("+ Parameters\n    + id: 7 (number, required)\n", "").replace(
        '{"id": 7}', '{"id": "x-1"}'
    )
    contract = loaded(tmp_path, text)
    assert contract.served[0].effect.kind == "retrieve"
    assert prove_contract(contract) == []


def test_a_bug_is_reported_as_a_failure_and_not_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    contract = loaded(tmp_path, ONE_ACTION + OK)

    def broken(*_: Any) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr("mockserver.pipeline.execution.build_response", broken)
    (failure,) = prove_contract(contract)
    assert "the response is 500, problem internal-error (" in str(failure.problem)
    assert "; KeyError: 'a bug'); expected 200: please report it" in str(failure.problem)
    assert caplog.records == []


def test_serving_does_not_import_the_proof() -> None:
    code = (
        "import sys, mockserver.cli.serve, mockserver.web.servers.gunicorn; "
        "print([n for n in sys.modules if 'proof' in n])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=clean_environ(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == "[]\n"
