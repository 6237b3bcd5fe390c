"""Several clients read while another one changes a record: each response is a state of the time of its request."""

import http.client
import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from helpers.processes import running_server
from helpers.shipped_api import BUSY, EXPORTS, LIST_EXPORTS, RETRIEVE

READERS = 4
CHANGES = 60
TARGETS = (f"{EXPORTS}/100", f"{EXPORTS}?limit=3")
RECORD = urlencode({"collection": "push_notifications/exports", "key": f"{BUSY}/100"})


class Changes:
    """The numbers of the changes of one record that were sent, and that were answered."""

    def __init__(self, url: str) -> None:
        self.sent = self.answered = 0
        self.end = Event()
        self._url = url

    def write(self) -> None:
        headers = {"Content-Type": "application/json"}
        try:
            with closing(connect(self._url)) as connection:
                for number in range(1, CHANGES + 1):
                    self.sent = number
                    body = json.dumps({"name": f"change {number}"})
                    status, content = call(connection, "PATCH", f"/__admin/records?{RECORD}", body, headers)
                    assert status == 200, content
                    self.answered = number
        finally:
            self.end.set()

    def read(self, index: int) -> int:
        """Read until the last change is done, and return the number of requests."""
        requests, last, is_over = 0, 0, False
        with closing(connect(self._url)) as connection:
            while not is_over:
                is_over = self.end.is_set()
                earliest = max(last, self.answered)
                status, content = call(connection, "GET", TARGETS[index % 2], None, {"X-Access-Token": "any"})
                latest = self.sent
                assert status == 200, content
                last = number_in(content)
                assert earliest <= last <= latest
                requests += 1
        return requests


def connect(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc)


def call(connection: http.client.HTTPConnection, method: str, target: str, body: str | None, headers: dict[str, str]) -> Any:
    connection.request(method, target, body, headers)
    response = connection.getresponse()
    return response.status, response.read().decode()


def number_in(content: str) -> int:
    """Return the number of the change that a response shows; 0 for the shipped record."""
    found = re.search(r'"name":"change (\d+)"', content)
    return int(found[1]) if found else 0


@pytest.mark.server
def test_a_response_is_a_state_between_its_request_and_its_end() -> None:
    with running_server("--workers", "2", "--store", "sqlite:") as process, ThreadPoolExecutor(READERS + 1) as threads:
        changes = Changes(process.url)
        readers = [threads.submit(changes.read, index) for index in range(READERS)]
        threads.submit(changes.write).result()
        requests = [reader.result() for reader in readers]
        with closing(connect(process.url)) as connection:
            _, metrics = call(connection, "GET", "/__admin/metrics", None, {})
        for operation, index in ((RETRIEVE, 0), (LIST_EXPORTS, 1)):
            assert f'mockserver_requests_total{{operation="{operation}",status="200"}} {sum(requests[index::2])}\n' in metrics
