"""The Python client, against a real server and against others."""

import pickle
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from apib_mockserver import (
    MockServer,
    NoResponse,
    ProblemError,
    Sandbox,
    UnmatchedFound,
    ViolationsFound,
    connect,
    sandbox_for,
)
from helpers.shipped_api import LIST_TRASH, TRASH

from mockserver.web.servers.thread import running_in_thread

pytestmark = pytest.mark.server
RECORDS = "push_notifications/exports"


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    with running_in_thread({"admin_token": "secret"}) as url:
        yield url


@pytest.fixture
def sandbox(guarded: str, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    sandbox = connect(guarded, token="secret").start_test(request.node)
    yield sandbox
    sandbox.delete()


def send(sandbox: Sandbox, path: str) -> None:
    with suppress(HTTPError):
        urlopen(Request(sandbox.api_base + path, headers={"X-Access-Token": "any"})).close()


def test_a_sandbox_has_its_urls(guarded: str) -> None:
    sandbox = connect(f"{guarded}/").sandbox("anna")
    assert (sandbox.name, sandbox.api_base) == ("anna", f"{guarded}/~anna")
    assert sandbox.panel == f"{guarded}/~anna/__admin/"


def test_a_scenario_is_on_until_it_is_switched_off(sandbox: Sandbox) -> None:
    assert sandbox.on("slow", delay=0)["overrides"] == {"delay": 0}
    assert [each["name"] for each in sandbox.scenarios() if each["on"]] == ["slow"]
    assert not sandbox.off("slow")["on"]


def test_records_are_listed_changed_and_restored(sandbox: Sandbox) -> None:
    [first] = sandbox.records.list(RECORDS, limit=1)
    [second] = sandbox.records.list(RECORDS, limit=1, offset=1)
    key = first["key"]
    assert key != second["key"]
    assert sandbox.records.patch(RECORDS, key, {"segment_name": "Mine"})["modified"]
    state = first["next_states"][0]
    assert sandbox.records.transition(RECORDS, key, state)["state"] == state
    assert not sandbox.records.restore(RECORDS, key)["modified"]
    assert sandbox.records.put(RECORDS, key, first["record"])["record"] == first["record"]
    assert sandbox.records.delete(RECORDS, key)["deleted"]


def test_the_journal_is_filtered_counted_and_cleared(sandbox: Sandbox) -> None:
    send(sandbox, TRASH)
    sandbox.expect_no_violations()
    sandbox.expect_no_unmatched()
    send(sandbox, f"{TRASH}?limit=abc")
    send(sandbox, "/api/nothing")
    assert sandbox.count() == 3
    assert sandbox.count(operation=LIST_TRASH, status=200) == 1
    with pytest.raises(ViolationsFound, match=r"limit=abc.*\n    query/limit: expected") as broken:
        sandbox.expect_no_violations()
    assert [each["status"] for each in broken.value.exchanges] == [400]
    with pytest.raises(UnmatchedFound, match=r"/api/nothing .*\n    closest is GET"):
        sandbox.expect_no_unmatched()
    sandbox.clear_requests()
    assert sandbox.requests() == []


def test_a_sandbox_is_exported_and_imported(sandbox: Sandbox, guarded: str) -> None:
    sandbox.on("slow")
    sandbox.clock.run()
    exported = sandbox.export(frozen=True)
    other = connect(guarded, token="secret").sandbox("copy")
    assert other.import_(exported)["name"] == "copy"
    assert other.clock.get()["mode"] == "frozen"
    assert [each["name"] for each in other.scenarios() if each["on"]] == ["slow"]
    assert other.delete()
    assert not other.delete()


def test_an_empty_journal_is_not_reported_for_a_server_without_one() -> None:
    with running_in_thread({"journal_size": "0"}) as url:
        sandbox = connect(url).sandbox("a")
        for call in (sandbox.count, sandbox.expect_no_violations, sandbox.expect_no_unmatched):
            with pytest.raises(RuntimeError, match="is disabled; start the server with"):
                call()


REFUSED: dict[str, tuple[Callable[[MockServer], Any], int, str, str]] = {
    "an unknown scenario": (
        lambda server: server.sandbox("a").on("slwo"),
        *(404, "unknown-scenario", r"; expected one of .*, slow; did you mean 'slow'\? \(urn:"),
    ),
    "an unknown scenario with other characters": (
        lambda server: server.sandbox("a").off("a b?c"),
        *(404, "unknown-scenario", r"unknown scenario 'a b\?c'"),
    ),
    "an invalid timestamp": (
        lambda server: server.sandbox("a").clock.set("noon"),
        *(400, "admin-request-invalid", r"^[^\n]*/now: expected a timestamp[^\n]*$"),
    ),
    "an unknown collection": (
        lambda server: server.sandbox("a").records.list("exports"),
        *(404, "record-not-found", "unknown collection 'exports'; expected one of"),
    ),
    "a long title": (
        lambda server: server.sandbox("a").set_test("x" * 1001),
        *(400, "admin-request-invalid", "/test: expected .*1000"),
    ),
    "an unknown filter": (
        lambda server: server.sandbox("a").requests(code=200),
        *(400, "admin-request-invalid", "code"),
    ),
    "a call without the token": (
        lambda server: connect(server.url).sandbox("a").reset(),
        *(401, "admin-token-missing", "expected the token"),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_call_raises_the_problem(guarded: str, name: str) -> None:
    call, status, slug, text = REFUSED[name]
    with pytest.raises(ProblemError, match=text) as caught:
        call(connect(guarded, token="secret"))
    kind = f"urn:mockserver:problem:{slug}"
    assert (caught.value.status, caught.value.type) == (status, kind)
    assert kind in str(caught.value)


def test_an_error_of_another_process_keeps_its_message(sandbox: Sandbox) -> None:
    send(sandbox, f"{TRASH}?limit=abc")
    send(sandbox, "/api/nothing")
    calls = (sandbox.expect_no_violations, sandbox.expect_no_unmatched, lambda: sandbox.on("none"))
    for call in calls:
        with pytest.raises((AssertionError, ProblemError)) as caught:
            call()
        copy = pickle.loads(pickle.dumps(caught.value))
        assert str(copy) == str(caught.value)
        assert vars(copy) == vars(caught.value)


@contextmanager
def responding(response: bytes) -> Iterator[str]:
    """Yield the URL of a server that sends these bytes to one client."""

    def respond() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(response)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=respond)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


JSON = b"Content-Type: application/json\r\nContent-Length: "
OTHERS = {
    "a page": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n<p>",
    "a truncated response": b"HTTP/1.1 200 OK\r\n" + JSON + b'100\r\n\r\n{"a":',
    "invalid JSON": b"HTTP/1.1 200 OK\r\n" + JSON + b"5\r\n\r\nnope!",
    "another server's error": b"HTTP/1.1 404 No\r\n" + JSON + b'16\r\n\r\n{"message":"no"}',
    "a redirect": b"HTTP/1.1 302 Found\r\nLocation: /__admin/health\r\nContent-Length: 0\r\n\r\n",
    "no HTTP": b"SSH-2.0-OpenSSH\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_server_is_no_mock_server(name: str) -> None:
    with responding(OTHERS[name]) as url, pytest.raises(NoResponse, match=r"^expected .* got "):
        connect(url).sandbox("a").clock.get()


def test_a_server_that_does_not_respond_is_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = connect(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=0.01)
        with pytest.raises(NoResponse, match=r"got no response: none within 0\.01 s"):
            server.sandbox("a").reset()


@pytest.mark.parametrize("path", ["/api", "/__admin", "/~anna"])
def test_a_url_with_a_path_is_reported(guarded: str, path: str) -> None:
    with pytest.raises(NoResponse, match=f"of a mock server without the path {path}, got "):
        connect(f"{guarded}{path}", token="secret").sandbox("a").reset()


INVALID_URLS = [
    *("", "here", "localhost:8080", "ftp://a", "http://", "http://a:b", "http://[::1"),
    *("http://u@a", "http://u:p@a", "http://:p@a", "http://a?b", "http://a#b", "http://a?"),
    *(" http://a", "http://a ", "http://a\n", "http://a/é", "http://a..b", f"http://{'a' * 64}"),
]


@pytest.mark.parametrize("url", INVALID_URLS)
def test_an_invalid_url_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="expected the URL of a mock server, such as"):
        connect(url)


@pytest.mark.parametrize("name", ["", "a/b", "-a", "é", "x" * 65, "a\n", None])
def test_an_invalid_name_is_refused_at_once(name: Any) -> None:
    with pytest.raises(ValueError, match="invalid sandbox name"):
        connect("http://here").sandbox(name)


@pytest.mark.parametrize("token", ["a\nb", "é"])
def test_an_invalid_token_is_refused_at_once(token: str) -> None:
    with pytest.raises(ValueError, match="invalid admin token"):
        connect("http://here", token=token)


BEGINNINGS = {
    "tests/test_a.py::test_b": "test-b-",
    "t.py::test_c[" + "x" * 300 + "]": "test-c-" + "x" * 40 + "-",
    "t.py::TestA::test_[ü/ö]": "test-u-o-",
    "README.md::名前": "test-",
}


@pytest.mark.parametrize("nodeid", BEGINNINGS)
def test_each_test_has_a_valid_sandbox_name(nodeid: str) -> None:
    test, other = SimpleNamespace(nodeid=nodeid), SimpleNamespace(nodeid=nodeid + "2")
    name = sandbox_for(test)
    assert connect("http://here").sandbox(name).name == name
    assert name[:-16] == BEGINNINGS[nodeid]
    assert sandbox_for(test) == name
    assert len({name, sandbox_for(other), sandbox_for(test, "7")}) == 3
