"""Event streams: a client receives the events of a sandbox at once, from every worker."""

import http.client
import json
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from helpers.admin import journal_entries
from helpers.processes import running_server
from helpers.shipped_api import BUSY, EXPORTS, TOKEN, TRASH

from mockserver.errors import StoreUnavailable
from mockserver.web import event_streams

Event = tuple[str, str, Any]
"""Kind, id, data."""


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the streams of this process poll without a pause."""
    monkeypatch.setattr(event_streams, "INTERVAL", 0.0)


def events_in(pieces: Iterator[bytes]) -> Iterator[Event]:
    """Yield the events of a stream. Comments are events without a kind."""
    rest = b""
    for piece in pieces:
        *texts, rest = (rest + piece).split(b"\n\n")
        for text in texts:
            fields = dict(line.partition(": ")[::2] for line in text.decode().split("\n"))
            if "retry" not in fields:
                yield (
                    fields.get("event", ""),
                    fields.get("id", ""),
                    json.loads(fields.get("data", "null")),
                )


@contextmanager
def streaming(client: FlaskClient, prefix: str = "", **headers: str) -> Iterator[Iterator[Event]]:
    """Yield the events of a stream of this process."""
    response = client.get(f"{prefix}/__admin/events", headers=headers)
    assert response.status_code == 200, response.data
    try:
        yield events_in(response.response)
    finally:
        response.close()


def ask(client: FlaskClient, sandbox: str = "default") -> None:
    client.get(TRASH, headers={**TOKEN, "X-Mock-Sandbox": sandbox})


def journal(client: FlaskClient) -> list[dict[str, Any]]:
    return list(reversed(journal_entries(client)))


def test_a_stream_begins_with_the_event_state(client: FlaskClient) -> None:
    response = client.get("/~a/__admin/events")
    assert response.content_type.startswith("text/event-stream")
    assert [response.headers[name] for name in ("Cache-Control", "X-Mock-Sandbox")] == [
        "no-store",
        "a",
    ]
    first = next(iter(response.response))
    assert first.startswith(b"retry: 1000\n\n")
    response.close()


def test_each_exchange_is_sent_once_with_its_journal_entry(client: FlaskClient) -> None:
    ask(client)
    with streaming(client) as events:
        assert next(events)[0] == "state"
        received = []
        for _ in range(3):
            ask(client, "other")
            ask(client)
            received.append(next(events))
    entries = journal(client)[1:]
    assert [event[:2] for event in received] == [("exchange", entry["id"]) for entry in entries]
    for (_, _, data), entry in zip(received, entries, strict=True):
        assert data.items() <= entry.items()  # the journal also has WireMock's members


CHANGES: dict[str, tuple[str, str, Any]] = {
    "a scenario": ("PUT", "/__admin/scenarios/slow", {}),
    "a record": (
        "POST",
        "/__admin/records/transition",
        {"collection": "push_notifications/exports", "key": f"{BUSY}/100", "to": "error"},
    ),
    "the clock": ("PUT", "/__admin/clock", {"mode": "running"}),
    "a reset": ("POST", "/__admin/reset", {}),
    "the journal": ("DELETE", "/__admin/requests", None),
}


@pytest.mark.parametrize(("method", "path", "body"), CHANGES.values(), ids=CHANGES)
def test_changes_of_the_state_are_sent_to_streams(
    client: FlaskClient, method: str, path: str, body: Any
) -> None:
    client.delete(f"{EXPORTS}/100", headers=TOKEN) if path.endswith("reset") else ask(client)
    with streaming(client) as events:
        first = next(events)
        assert client.open(path, method=method, json=body).status_code == 200
        kind, _, received = next(events)
    assert kind == first[0] == "state"
    assert received["version"] != first[2]["version"]


def test_a_failed_reload_is_sent_to_streams(client: FlaskClient) -> None:
    with streaming(client) as events:
        first = next(events)
        client.application.extensions["mockserver"].reload_errors.note("", ["x.yaml:1:1: invalid"])
        kind, _, received = next(events)
    assert kind == "state"
    assert received["version"] != first[2]["version"]


def test_a_stream_does_not_report_other_sandboxes(client: FlaskClient) -> None:
    with streaming(client, "/~a") as events:
        next(events)
        client.put("/__admin/scenarios/slow", json={})
        ask(client, "a")
        assert next(events)[0] == "exchange"


def test_a_running_clock_advances_records_without_a_request(client: FlaskClient) -> None:
    client.put("/__admin/clock", json={"mode": "running", "progression": "time"})
    with streaming(client) as events:
        versions = [next(events)[2]["version"] for _ in range(3)]
    assert len(set(versions)) == 3


@pytest.mark.parametrize(("index", "missed"), [(0, 3), (2, 1), (3, 0), (None, 4)])
def test_a_reconnected_stream_gets_the_missed_events(
    client: FlaskClient, index: int | None, missed: int
) -> None:
    for _ in range(4):
        ask(client)
    entries = journal(client)
    last = "unknown" if index is None else entries[index]["id"]
    with streaming(client, **{"Last-Event-ID": last}) as events:
        received = [next(events) for _ in range(missed + 1)]
        ask(client)
        received.append(next(events))
    later_entries = [*entries[len(entries) - missed :], journal(client)[-1]]
    ids = [event_id for kind, event_id, _ in received if kind == "exchange"]
    assert ids == [entry["id"] for entry in later_entries]


def test_a_stream_sends_the_newest_of_many_entries(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_streams, "WINDOW", 3)
    monkeypatch.setattr(event_streams, "BUSY_INTERVAL", 0.0)
    ask(client)
    with streaming(client) as events:
        next(events)
        for _ in range(5):
            ask(client)
        received = [next(events)[1] for _ in range(3)]
    assert received == [entry["id"] for entry in journal(client)[-3:]]


def test_a_silent_stream_sends_a_comment(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_streams, "PING", 0.0)
    with streaming(client) as events:
        assert [next(events)[0] for _ in range(3)] == ["state", "", ""]


def test_streams_continue_after_an_outage_of_the_store(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, tries = client.application.extensions["mockserver"].store, []
    monkeypatch.setattr(event_streams, "BUSY_INTERVAL", 0.0)

    def fail(_: str) -> None:
        tries.append(1)
        if len(tries) == 3:
            monkeypatch.undo()
        raise StoreUnavailable("it does not respond")

    with streaming(client) as events:
        next(events)
        ask(client)
        monkeypatch.setattr(store, "read", fail)
        assert next(events)[0] == "exchange"
    assert len(tries) == 3


def test_the_number_of_streams_is_limited(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_streams, "MAX_STREAMS", 2)
    with ExitStack() as opened:
        for _ in range(2):
            next(opened.enter_context(streaming(client)))
        response = client.get("/__admin/events")
        assert (response.status_code, response.json["type"]) == (
            503,
            "urn:mockserver:problem:too-many-streams",
        )
        assert response.headers["Retry-After"] == "5"
    with streaming(client) as events:
        assert next(events)[0] == "state"


def test_a_head_request_opens_no_stream(client: FlaskClient) -> None:
    assert client.head("/__admin/events").status_code == 200
    assert client.application.extensions["mockserver-streams"].open == 0


ACTIONS: dict[str, tuple[Callable[[socket.socket], object], bool]] = {
    "nothing": (lambda _: None, False),
    "more bytes are sent": (lambda other: other.sendall(b"x"), False),
    "closed": (lambda other: other.close(), True),
    "half closed": (lambda other: other.shutdown(socket.SHUT_WR), True),
}


@pytest.mark.parametrize(("action", "is_disconnected"), ACTIONS.values(), ids=ACTIONS)
def test_a_disconnected_client_is_detected(
    action: Callable[[socket.socket], object], is_disconnected: bool
) -> None:
    one, other = socket.socketpair()
    with one, other:
        action(other)
        assert event_streams.is_disconnected(one) is is_disconnected


@contextmanager
def live_stream(url: str, path: str = "/__admin/events") -> Iterator[Iterator[Event]]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    connection.request("GET", path)
    response = connection.getresponse()
    assert response.status == 200
    try:
        yield events_in(iter(lambda: response.read1(65536), b""))
    finally:
        connection.close()


def fetch(url: str, method: str, path: str, body: Any = None) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    headers = {**TOKEN, "Content-Type": "application/json", "Connection": "close"}
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.server
def test_each_stream_gets_the_exchanges_of_all_workers() -> None:
    with running_server("--workers", "2") as process, ExitStack() as opened:
        watching = [opened.enter_context(live_stream(process.url)) for _ in range(4)]
        workers: set[str] = set()
        for _ in range(200):
            fetch(process.url, "GET", TRASH)
            received = {
                next(event for event in events if event[0] == "exchange")[1] for events in watching
            }
            assert len(received) == 1
            workers.add(received.pop().partition("-")[0])
            if len(workers) == 2:
                break
        assert len(workers) == 2
        fetch(process.url, "PUT", "/__admin/scenarios/slow", {})
        assert {next(events)[0] for events in watching} == {"state"}


@pytest.mark.server
def test_event_streams_close_cleanly_at_shutdown() -> None:
    with (
        running_server("--workers", "2") as process,
        live_stream(process.url) as events,
        ExitStack() as opened,
    ):
        for _ in range(4):
            next(opened.enter_context(live_stream(process.url)))
        next(events)
        process.send_signal(signal.SIGTERM)
        assert list(events) == []  # http.client raises where the last chunk is missing
        assert process.wait(8) == 0
        assert "Traceback" not in process.stderr.read()


@pytest.mark.server
def test_a_client_that_reads_nothing_does_not_delay_the_shutdown() -> None:
    with running_server("--workers", "1") as process:
        parts = urlsplit(process.url)
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            client.connect((parts.hostname, parts.port))
            # The journal becomes larger than the buffers of a socket.
            connection = http.client.HTTPConnection(parts.netloc)
            for _ in range(1000):
                connection.request("GET", f"{EXPORTS}?limit=1000", headers=TOKEN)
                connection.getresponse().read()
            connection.close()
            client.sendall(b"GET /__admin/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: all\r\n\r\n")
            assert client.recv(1, socket.MSG_PEEK)
            process.send_signal(signal.SIGTERM)
            assert process.wait(8) == 0
