"""Several clients read while another changes a record: each response has a state of its time."""

import http.client
import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from helpers.processes import running_server
from helpers.shipped_api import BUSY, EXPORTS, LIST_EXPORTS, RETRIEVE

READERS = 8
CHANGES = 60
TARGETS = (f"{EXPORTS}/100", f"{EXPORTS}?limit=3")
RECORD = urlencode({"collection": "push_notifications/exports", "key": f"{BUSY}/100"})


class Changes:
    """The numbers of the last sent change of a record, and of the last confirmed change."""

    def __init__(self, url: str) -> None:
        self.sent = self.confirmed = 0
        self.end = Event()
        self._url = url

    def write(self) -> None:
        headers = {"Content-Type": "application/json"}
        try:
            with closing(connect(self._url)) as connection:
                for number in range(1, CHANGES + 1):
                    self.sent = number
                    body = json.dumps({"name": f"change {number}"})
                    status, content = call(
                        connection, "PATCH", f"/__admin/records?{RECORD}", body, headers
                    )
                    assert status == 200, content
                    self.confirmed = number
        finally:
            self.end.set()

    def read(self, connection: http.client.HTTPConnection, target: str) -> int:
        """Read until all changes are confirmed, and return the number of requests."""
        requests, last, is_over = 0, 0, False
        while not is_over:
            is_over = self.end.is_set()
            earliest = max(last, self.confirmed)
            last = read_number(connection, target)
            assert earliest <= last <= self.sent
            requests += 1
        return requests


def connect(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc)


def call(
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    body: str | None,
    headers: dict[str, str],
) -> Any:
    connection.request(method, target, body, headers)
    response = connection.getresponse()
    return response.status, response.read().decode()


def read_number(connection: http.client.HTTPConnection, target: str) -> int:
    """Return the number of the change that a response shows; 0 for the shipped record."""
    status, content = call(connection, "GET", target, None, {"X-Access-Token": "any"})
    assert status == 200, content
    found = re.search(r'"name":"change (\d+)"', content)
    return int(found[1]) if found else 0


def responses_of(url: str, operation: str) -> int:
    """Return how many responses of an operation a server has counted."""
    with closing(connect(url)) as connection:
        _, metrics = call(connection, "GET", "/__admin/metrics", None, {})
    found = re.search(
        rf'mockserver_requests_total{{operation="{operation}",status="200"}} (\d+)', metrics
    )
    return int(found[1]) if found else 0


@pytest.mark.server
def test_a_response_shows_a_state_during_its_request(tmp_path: Path) -> None:
    """Two servers, so that some readers are not in the process of the writer."""
    with ExitStack() as stack:
        arguments = ("--workers", "2", "--store", f"sqlite:///{tmp_path}/store.sqlite")
        urls = [stack.enter_context(running_server(*arguments)).url for _ in range(2)]
        readers = []
        for index in range(READERS):
            connection = stack.enter_context(closing(connect(urls[index // 2 % 2])))
            readers.append((connection, TARGETS[index % 2]))
        assert [read_number(*reader) for reader in readers] == [0] * READERS
        changes = Changes(urls[0])
        threads = stack.enter_context(ThreadPoolExecutor(READERS + 1))
        reading = [threads.submit(changes.read, *reader) for reader in readers]
        threads.submit(changes.write).result()
        requests = [1 + reader.result() for reader in reading]
        for index, operation in enumerate((RETRIEVE, LIST_EXPORTS)):
            assert sum(responses_of(url, operation) for url in urls) == sum(requests[index::2])
