"""Two servers with one Redis and a balancer, with the configuration of compose.yaml."""

import http.client
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from helpers.processes import child_ids, free_port, running_server, wait_until_listening
from helpers.repository import ROOT
from helpers.shipped_api import EXPORTS, TOKEN
from helpers.stores import running_redis
from helpers.tools import require_tool

pytestmark = pytest.mark.server

CONFIGURATION = ROOT / "examples/compose/haproxy.cfg"


@dataclass(frozen=True, slots=True)
class Replicas:
    """Two running servers and their balancer."""

    port: int
    """The port of the balancer."""
    masters: dict[str, Any]
    """Name of a server in the balancer's configuration to its first process."""

    def ask(self, method: str, target: str) -> tuple[str, int, Any]:
        """Send a request. Return the name of the server, the status and the JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        try:
            connection.request(method, target, headers=TOKEN)
            response = connection.getresponse()
            return (
                response.getheader("X-Served-By", ""),
                response.status,
                json.loads(response.read() or b"null"),
            )
        finally:
            connection.close()

    def wait_for_both(self) -> None:
        """Wait until the balancer uses both servers.

        It sends no request to a server that failed its check. Without a server it responds 503.
        """
        seen: set[str] = set()
        while seen != set(self.masters):
            connection = http.client.HTTPConnection("127.0.0.1", self.port)
            connection.request("GET", "/__admin/health")
            seen.add(connection.getresponse().getheader("X-Served-By", ""))
            connection.close()
            seen &= set(self.masters)


def configuration(text: str, port: int, masters: dict[str, Any]) -> str:
    """Return the configuration with local addresses instead of the containers' names."""
    text = text.replace("bind :8080", f"bind 127.0.0.1:{port}")
    for name, process in masters.items():
        assert f"server {name} {name}:8080" in text
        text = text.replace(
            f"server {name} {name}:8080", f"server {name} 127.0.0.1:{urlsplit(process.url).port}"
        )
    return text


@contextmanager
def balancing(path: Path, port: int, masters: dict[str, Any]) -> Iterator[None]:
    path.write_text(configuration(CONFIGURATION.read_text(), port, masters))
    process = subprocess.Popen(
        [require_tool("haproxy"), "-db", "-q", "-f", str(path)], stdout=subprocess.DEVNULL
    )
    try:
        wait_until_listening(f"http://127.0.0.1:{port}", process)
        yield
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def replicas(tmp_path: Path) -> Iterator[Replicas]:
    require_tool("haproxy")
    with ExitStack() as stack:
        _, url = stack.enter_context(running_redis(tmp_path, 0, "--appendonly", "yes"))
        masters = {
            name: stack.enter_context(running_server("--workers", "1", MOCKSERVER_STORE=url))
            for name in ("one", "two")
        }
        port = free_port()
        stack.enter_context(balancing(tmp_path / "haproxy.cfg", port, masters))
        yield Replicas(port, masters)


def kill(process: Any) -> None:
    """Kill the first process and its workers at once, as a lost host would."""
    for number in (process.pid, *child_ids(process.pid)):
        os.kill(number, signal.SIGKILL)
    process.wait()


def test_a_change_through_one_replica_is_returned_by_the_other_at_once(
    replicas: Replicas,
) -> None:
    replicas.wait_for_both()
    stale, same_server = [], 0
    for number in range(200):
        path = f"/~sandbox-{number}{EXPORTS}/100"
        canceled_by, status, _ = replicas.ask("DELETE", path)
        read_by, _, body = replicas.ask("GET", path)
        assert status == 200
        same_server += canceled_by == read_by
        if body["push_notification_export"]["status"] != "canceled":
            stale.append((number, canceled_by, read_by))
    assert stale == []
    assert same_server <= 2, "the balancer alternates, unless a health check was late"


def test_the_balancer_serves_without_the_lost_replica(replicas: Replicas) -> None:
    replicas.wait_for_both()
    assert replicas.ask("DELETE", f"{EXPORTS}/100")[1] == 200
    kill(replicas.masters["one"])
    for _ in range(50):
        served_by, status, body = replicas.ask("GET", f"{EXPORTS}/100")
        assert (served_by, status, body["push_notification_export"]["status"]) == (
            "two",
            200,
            "canceled",
        )
    assert replicas.ask("DELETE", f"/~other{EXPORTS}/100")[:2] == ("two", 200)
