"""The processes of one server share new connections."""

from types import SimpleNamespace
from typing import Any

import pytest

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
