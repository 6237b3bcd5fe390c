"""Fixtures of the tests of the HTTP server."""

from collections.abc import Iterator

import pytest
from helpers.loop_server import LOOPS, LoopServer, loop_server


@pytest.fixture(scope="module", params=LOOPS)
def shared(request: pytest.FixtureRequest) -> Iterator[LoopServer]:
    """Return a server for all tests of a module, on each event loop."""
    with loop_server(request.param, max_delay=600, frozen=True) as server:
        yield server


@pytest.fixture
def served(
    shared: LoopServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[LoopServer]:
    """Return a server with a new sandbox. The test fails if the server logs or prints anything."""
    shared.clear()
    yield shared
    assert caplog.text == ""
    assert capfd.readouterr().err == ""
