"""The HTTP servers and their capabilities: one table, and the documents say the same."""

import re

import pytest
from helpers.repository import ROOT
from mockserver.config.servers import SERVERS, STARTABLE, HttpServer

from mockserver.cli.serve import RUNNERS
from mockserver.contract.scenarios.faults import FAULTS, ensure_supported
from mockserver.errors import FaultNotSupported

YES_NO = {True: "yes", False: "no"}


def documented(server: HttpServer) -> list[str]:
    """The column of a server in the table of docs/sandboxes.md."""
    capabilities = (
        server.breaks_connections,
        server.keeps_encoded_slashes,
        server.detects_truncated_chunks,
        server.streams_events,
        server.serves_bound_sockets,
    )
    return [*(YES_NO[capability] for capability in capabilities), str(server.max_delayed)]


def test_the_documented_capabilities_are_those_of_the_table() -> None:
    section = (ROOT / "docs/sandboxes.md").read_text().partition("## gunicorn or granian")[2]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in re.findall(r"^\|.*\|$", section, re.MULTILINE)]
    head, _, *body = rows
    assert head[1:] == [f"`{name}`" for name in SERVERS]
    for index, server in enumerate(SERVERS.values(), 1):
        assert [row[index] for row in body] == documented(server)


def test_each_server_that_can_be_started_has_a_runner() -> None:
    assert tuple(RUNNERS) == STARTABLE


@pytest.mark.parametrize("name", FAULTS)
def test_a_server_that_owns_the_connection_supports_the_faults_that_need_none(name: str) -> None:
    ensure_supported(name, None)
    if not FAULTS[name].breaks_connection:
        ensure_supported(name, "Granian")
        return
    with pytest.raises(FaultNotSupported, match=f"fault '{name}' is not supported under Granian; use gunicorn") as caught:
        ensure_supported(name, "Granian")
    assert caught.value.extensions["server"] == "Granian"
    assert name not in caught.value.extensions["faults"]
