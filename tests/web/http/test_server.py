"""A process accepts a connection, or leaves it to another process or to a later time."""

from types import SimpleNamespace
from typing import Any

import pytest
from helpers.loop_server import loop_server
from helpers.shipped_api import TRASH

from mockserver.web.http import server as server_module
from mockserver.web.http.server import BURST_GAP, HttpServer

LATER = BURST_GAP + 0.01
CASES: dict[str, tuple[list[tuple[float, int]], list[bool]]] = {
    "connections that stay": ([(0, 1), (0.001, 2), (0.002, 3)], [True, True, True]),
    "connections that replace others": (
        [(0, 1), (0.001, 2), (0.002, 2), (0.003, 1)],
        [True, True, False, False],
    ),
    "another burst": ([(0, 3), (0.001, 3), (LATER + 0.001, 1)], [True, False, True]),
    "the first of all": ([(0, 0), (0.001, 0)], [False, False]),
}


@pytest.mark.parametrize("name", CASES)
def test_additional_connections_are_distributed_to_processes(name: str) -> None:
    accepted, expected = CASES[name]
    application: Any = None
    server: Any = HttpServer(application, (), shares_sockets=True)
    seen = []
    for seconds, count in accepted:
        server._loop = SimpleNamespace(time=lambda now=seconds + 100: now)
        server._dispatcher = SimpleNamespace(connections=range(count))
        seen.append(server._has_more_connections())
    assert seen == expected


def test_a_connection_waits_while_the_selector_has_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "max_connections", lambda: 2)
    request = f"GET {TRASH} HTTP/1.1\r\nHost: localhost\r\nX-Access-Token: any\r\n\r\n".encode()
    with loop_server() as server:
        first, second, third = (server.connect(request) for _ in range(3))
        with first, second, third:
            server.wait_until(lambda connections: len(connections) >= 2)
            # The loop has had the time to accept the third one too.
            for _ in range(5):
                assert server.on_loop(lambda: len(server.dispatcher.connections)) == 2
            assert first.recv(65536).startswith(b"HTTP/1.1 200")
            first.close()
            assert third.recv(65536).startswith(b"HTTP/1.1 200")
