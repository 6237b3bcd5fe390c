"""Coverage over workers and servers: nothing that a client received is missing."""

import http.client
import json
import os
import signal
from collections import defaultdict
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from helpers.processes import child_ids, running_server
from helpers.shipped_api import EXPORTS
from helpers.stores import running_redis

pytestmark = pytest.mark.server

RETRIEVE = "retrieve-a-push-notification-segment-export"
ROUNDS = 8


class Client:
    """A connection to one server, and so to one of its workers."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(str(address.hostname), address.port)

    def ask(self, method: str, target: str, sandbox: str = "default", body: Any = None) -> Any:
        """Send a request. Return the status and the JSON."""
        headers = {"X-Access-Token": "t", "X-Mock-Sandbox": sandbox}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        self._connection.request(method, target, body, headers)
        response = self._connection.getresponse()
        return response.status, json.loads(response.read() or b"null")

    def close(self) -> None:
        self._connection.close()


def covered(url: str, query: str = "") -> dict[tuple[str, str], set[str]]:
    """Return the items of each sandbox and test, from the coverage document."""
    with closing(Client(url)) as client:
        status, document = client.ask("GET", f"/__admin/coverage{query}")
    assert (status, document["complete"]) == (200, True)
    items: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for item in document["items"]:
        assert item["covered"] == bool(item["tests"])
        for index in item["tests"]:
            test = document["tests"][index]
            items[test["sandbox"], test["test"]].add(item["id"])
    return dict(items)


def ask_until_both_answer(clients: list[Client], sandbox: str) -> None:
    """Send a request on each connection, for a response of its own."""
    for number, client in enumerate(clients):
        status, _ = client.ask("GET", f"{EXPORTS}/{100 + number}", f"{sandbox}-{number}")
        assert status == 200


@pytest.mark.parametrize("store", ["sqlite:", "file"])
def test_a_killed_worker_loses_nothing_that_clients_received(tmp_path: Path, store: str) -> None:
    if store == "file":
        store = f"sqlite:///{tmp_path}/s.sqlite"
    with running_server("--workers", "2", "--store", store) as process:
        for number in range(ROUNDS):
            clients = [Client(process.url) for _ in range(4)]
            ask_until_both_answer(clients, f"s{number}")
            # Without waiting: the workers may still write the journal of these requests.
            workers = child_ids(process.pid)
            os.kill(workers[number % len(workers)], signal.SIGKILL)
            for client in clients:
                client.close()
        items = covered(process.url)
        expected = {(f"s{number}-{one}", "") for number in range(ROUNDS) for one in range(4)}
        assert items.keys() == expected
        for one in items.values():
            assert {RETRIEVE, f"{RETRIEVE} 200"} <= one
            assert f"{RETRIEVE} 200 /push_notification_export/message_counts/sent present" in one


def test_workers_count_again_after_the_coverage_was_deleted() -> None:
    """A repeated request takes the quick path, which counts nothing by itself."""
    with running_server("--workers", "2") as process, ExitStack() as stack:
        clients = [stack.enter_context(closing(Client(process.url))) for _ in range(8)]
        for _ in range(5):
            for client in clients:
                client.ask("GET", f"{EXPORTS}/100", "repeated")
        before = covered(process.url)
        assert before.keys() == {("repeated", "")}
        for client in clients:
            assert client.ask("DELETE", "/__admin/coverage")[0] == 200
            assert covered(process.url) == {}
            client.ask("GET", f"{EXPORTS}/100", "repeated")
            assert covered(process.url) == before


def test_two_servers_with_one_redis_count_together(tmp_path: Path) -> None:
    with ExitStack() as stack:
        _, url = stack.enter_context(running_redis(tmp_path))
        servers = []
        for _ in range(2):
            server = stack.enter_context(running_server("--workers", "2", "--store", url))
            servers.append(server)
        one, other = (stack.enter_context(closing(Client(server.url))) for server in servers)
        assert one.ask("PATCH", "/__admin/sandboxes/a", body={"test": "cancels"})[0] == 200
        one.ask("GET", f"{EXPORTS}/999999", "a")
        other.ask("GET", f"{EXPORTS}/100", "a")
        other.ask("GET", f"{EXPORTS}/100", "b")
        for server in servers:
            items = covered(server.url)
            assert {f"{RETRIEVE} 404", f"{RETRIEVE} 200"} <= items["a", "cancels"]
            assert f"{RETRIEVE} 404" not in items["b", ""]
            assert covered(server.url, "?sandbox=b") == {("b", ""): items["b", ""]}
        for worker in child_ids(servers[0].pid):
            os.kill(worker, signal.SIGKILL)
        assert covered(servers[1].url) == items
        assert other.ask("DELETE", "/__admin/coverage")[0] == 200
        other.ask("GET", f"{EXPORTS}/100", "b")
        assert covered(servers[1].url) == {("b", ""): items["b", ""]}


def test_a_file_keeps_its_coverage_over_a_restart(tmp_path: Path) -> None:
    arguments = ("--workers", "1", "--store", f"sqlite:///{tmp_path}/s.sqlite")
    with running_server(*arguments) as process, closing(Client(process.url)) as client:
        client.ask("GET", f"{EXPORTS}/999999", "a")
        client.ask("POST", "/__admin/reset", "a", body={})
        client.ask("DELETE", "/__admin/sandboxes/a")
        before = covered(process.url)
    assert before["a", ""] >= {RETRIEVE, f"{RETRIEVE} 404"}
    with running_server(*arguments) as process:
        assert covered(process.url) == before
