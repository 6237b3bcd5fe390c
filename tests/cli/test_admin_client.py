"""Calls of the commands and of the pytest plugin to a running server."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from mockserver.cli.admin_client import call
from mockserver.errors import StartError, UsageError


class Recorder(BaseHTTPRequestHandler):
    """Keep the requests, and respond as the test has chosen."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server: Any = self.server
        server.sent.append(
            (
                self.command,
                self.path,
                self.headers.get("Content-Type"),
                self.headers.get("Authorization"),
                body,
            )
        )
        status, text = server.answers
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PUT = do_POST = do_DELETE = answer

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.delenv("MOCKSERVER_ADMIN_TOKEN", raising=False)
    http_server: Any = HTTPServer(("127.0.0.1", 0), Recorder)
    http_server.sent, http_server.answers = [], (200, b"{}")
    http_server.url = f"http://127.0.0.1:{http_server.server_port}"
    thread = threading.Thread(target=http_server.serve_forever)
    thread.start()
    yield http_server
    http_server.shutdown()
    thread.join()
    http_server.server_close()


CALLS: list[tuple[str, Any, str | None, bytes]] = [
    ("GET", None, None, b""),
    ("DELETE", None, None, b""),
    ("PUT", None, "application/json", b"{}"),
    ("POST", {"to": "x"}, "application/json", b'{"to":"x"}'),
]


@pytest.mark.parametrize(("method", "sent", "kind", "body"), CALLS, ids=[case[0] for case in CALLS])
def test_only_requests_that_write_have_a_body(
    server: Any, method: str, sent: Any, kind: str | None, body: bytes
) -> None:
    assert call(f"{server.url}/~a/", method, "/clock", sent=sent) == {}
    assert server.sent == [(method, "/~a/__admin/clock", kind, None, body)]


def test_the_token_of_the_call_precedes_that_of_the_environment(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKSERVER_ADMIN_TOKEN", "of-the-environment")
    call(server.url, "GET", "/clock")
    call(server.url, "GET", "/clock", "of-the-call")
    assert [sent[3] for sent in server.sent] == ["Bearer of-the-environment", "Bearer of-the-call"]
    with pytest.raises(
        UsageError,
        match=r"^--admin-token \(MOCKSERVER_ADMIN_TOKEN\): expected visible ASCII characters$",
    ):
        call(server.url, "GET", "/clock", "é")


def problem(slug: str, detail: str) -> bytes:
    kind = f"urn:mockserver:problem:{slug}"
    return json.dumps({"type": kind, "detail": detail}).encode()


REFUSED = [
    ((409, problem("state-conflict", "it cannot move")), "it cannot move"),
    ((500, b"{}"), "the server at URL is not a mock server: its response is Internal Server Error"),
    ((200, b"[]"), "the server at URL is not a mock server: its response is not a JSON object"),
    ((200, b"<html>"), "the server at URL is not a mock server: its response is not JSON"),
]


@pytest.mark.parametrize(("answer", "message"), REFUSED, ids=[case[1] for case in REFUSED])
def test_an_error_has_the_message_of_the_server(
    server: Any, answer: tuple[int, bytes], message: str
) -> None:
    server.answers = answer
    with pytest.raises(StartError) as caught:
        call(server.url, "GET", "/clock")
    text = str(caught.value).removesuffix("; check the port; `mockserver serve` prints its URL")
    assert text == message.replace("URL", server.url)
