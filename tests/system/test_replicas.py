"""Two servers with one Redis behind a balancer, configured as in compose.yaml."""

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
    """What runs."""

    port: int
    """The balancer's."""
    masters: dict[str, Any]
    """The servers' first processes, by the names that the balancer has for them."""

    def ask(self, method: str, target: str) -> tuple[str, int, Any]:
        """Who answered, with which status, and what."""
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

    def ask_until_both_are_there(self) -> None:
        """A server that the balancer holds for down is not asked; before the first is up, it answers 503 in HTML."""
        seen: set[str] = set()
        while seen != set(self.masters):
            connection = http.client.HTTPConnection("127.0.0.1", self.port)
            connection.request("GET", "/__admin/health")
            seen.add(connection.getresponse().getheader("X-Served-By", ""))
            connection.close()
            seen &= set(self.masters)


def configured(text: str, port: int, masters: dict[str, Any]) -> str:
    """The configuration with addresses of this machine in the place of the containers' names."""
    text = text.replace("bind :8080", f"bind 127.0.0.1:{port}")
    for name, process in masters.items():
        assert f"server {name} {name}:8080" in text
        text = text.replace(
            f"server {name} {name}:8080", f"server {name} 127.0.0.1:{urlsplit(process.url).port}"
        )
    return text


@contextmanager
def balancing(path: Path, port: int, masters: dict[str, Any]) -> Iterator[None]:
    path.write_text(configured(CONFIGURATION.read_text(), port, masters))
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
    """As when its host is gone: the first process and its workers at once."""
    for number in (process.pid, *child_ids(process.pid)):
        os.kill(number, signal.SIGKILL)
    process.wait()


def test_a_change_through_one_replica_is_returned_by_the_other_at_once(
    replicas: Replicas,
) -> None:
    replicas.ask_until_both_are_there()
    stale, same = [], 0
    for number in range(200):
        world = f"/~world-{number}{EXPORTS}/100"
        canceled_by, status, _ = replicas.ask("DELETE", world)
        read_by, _, body = replicas.ask("GET", world)
        assert status == 200
        same += canceled_by == read_by
        if body["push_notification_export"]["status"] != "canceled":
            stale.append((number, canceled_by, read_by))
    assert stale == []
    assert same <= 2, "the balancer asks them in turn, unless a health check came late"


def test_the_balancer_serves_without_the_lost_replica(replicas: Replicas) -> None:
    replicas.ask_until_both_are_there()
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
