"""A server that renders pages calls the API for many sandboxes at once, over few connections."""

import http.client
import json
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest
from helpers.processes import running_server
from helpers.shipped_api import BUSY, EXPORTS

pytestmark = pytest.mark.server

SANDBOXES = [f"test-{number}" for number in range(30)]
CONNECTIONS = 8
REPEATS = 4
"""The third of equal requests takes the quick path."""
EXPORT = f"{EXPORTS}/100"
CARRIERS: dict[str, dict[str, str]] = {
    "header": {"X-Access-Token": "any", "X-Mock-Sandbox": "NAME"},
    "token": {"X-Access-Token": "any@NAME"},
    "baggage": {"X-Access-Token": "any", "baggage": "user=alice,mock.sandbox=NAME"},
}


class Page(NamedTuple):
    """A page that the server renders."""

    sandbox: str
    headers: dict[str, str]


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """Yield host and port of a server with two workers."""
    with running_server("--workers", "2", "--require-sandbox") as process:
        yield urlsplit(process.url).netloc


def call(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    headers: dict[str, str],
    body: str | None = None,
) -> tuple[str | None, Any]:
    """Return the sandbox and the JSON of a response."""
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    content = json.loads(response.read())
    assert response.status == 200, content
    return response.headers["X-Mock-Sandbox"], content


def rename(host: str, sandbox: str) -> None:
    """Give an export the name of its sandbox."""
    query = urlencode({"collection": "push_notifications/exports", "key": f"{BUSY}/100"})
    path = f"/~{sandbox}/__admin/records?{query}"
    connection = http.client.HTTPConnection(host)
    body = json.dumps({"name": sandbox})
    call(connection, "PATCH", path, {"Content-Type": "application/json"}, body)
    connection.close()


def rendered(host: str, pages: list[Page]) -> list[tuple[str | None, str]]:
    """Render pages one after the other over one connection, as the thread of a server does.

    Returns:
        The sandbox in the header of each response, and the name of the export in its body.
    """
    connection = http.client.HTTPConnection(host)
    results = []
    for page in pages:
        sandbox, content = call(connection, "GET", EXPORT, page.headers)
        results.append((sandbox, content["push_notification_export"]["name"]))
    connection.close()
    return results


def shuffled_pages() -> list[Page]:
    """Return several pages of each sandbox, each carrier, in a random order."""
    pages = []
    for sandbox in SANDBOXES:
        for template in CARRIERS.values():
            headers = {name: value.replace("NAME", sandbox) for name, value in template.items()}
            pages += [Page(sandbox, headers)] * REPEATS
    random.Random(1).shuffle(pages)
    return pages


def test_pages_of_different_sandboxes_are_not_mixed(host: str) -> None:
    pages = shuffled_pages()
    shares = [pages[start::CONNECTIONS] for start in range(CONNECTIONS)]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(lambda sandbox: rename(host, sandbox), SANDBOXES))
        results = list(pool.map(lambda share: rendered(host, share), shares))
    for share, names in zip(shares, results, strict=True):
        assert names == [(page.sandbox, page.sandbox) for page in share]


def test_each_journal_has_the_calls_of_its_own_pages(host: str) -> None:
    pages = shuffled_pages()
    connection = http.client.HTTPConnection(host)
    for sandbox in SANDBOXES:
        call(connection, "DELETE", f"/~{sandbox}/__admin/requests", {})
    rendered(host, pages)
    counts = Counter(page.sandbox for page in pages)
    for sandbox in SANDBOXES:
        _, journal = call(connection, "GET", f"/~{sandbox}/__admin/requests", {})
        assert len(journal["requests"]) == counts[sandbox]
    connection.close()
