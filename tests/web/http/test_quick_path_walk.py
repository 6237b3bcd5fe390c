"""Random walks with and without the quick path.

Equal requests get equal responses, journals and counts.
"""

import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from helpers.generated_apis import generated_contract
from helpers.http_front import Client, Front, head
from helpers.random_changes import (
    ADDRESSES,
    SANDBOXES,
    SCENARIOS,
    bind_address,
    change_clock,
    edit_record,
    import_sandbox,
    reset_sandboxes,
    switch_scenario,
)
from helpers.shipped_api import (
    EXPORTS,
    LIST_EXPORTS,
    LIST_TRASH,
    RETRIEVE,
    TRASH,
    TRASHED,
    shipped_contract,
)

from mockserver.config.settings import Settings
from mockserver.contract.model import Contract
from mockserver.contract.scenarios.definition import build_scenario
from mockserver.contract.scenarios.scenario import Scenario
from mockserver.pipeline.factory import make_server
from mockserver.web.application import Application
from mockserver.web.http.quick_path import QuickPath

STEPS = 1200
THOROUGH_STEPS = 20_000
COMPARED_EVERY = 300
"""The number of steps between two comparisons of journals and counts."""
TARGETS = (
    EXPORTS,
    f"{EXPORTS}?limit=2&offset=1",
    f"{EXPORTS}?offset=1&limit=2",
    f"{EXPORTS}?limit=x",
    f"{EXPORTS}?unknown=1",
    f"{EXPORTS}/100",
    f"{EXPORTS}/101",
    f"{EXPORTS}/%31%30%30",
    f"{EXPORTS}/999999",
    TRASH,
    f"{TRASH}?searched_text=%C5%99",
    f"/~anna{EXPORTS}/100",
    f"/~ben{TRASH}",
    f"http://other.example{EXPORTS}/100",
    "/api/nothing",
    "/nothing",
    "/",
)
CHANGES = (
    ("DELETE", f"{EXPORTS}/100"),
    ("DELETE", f"/~anna{EXPORTS}/101"),
    ("PATCH", f"{TRASH}/{TRASHED}"),
)
CHANGES_OF_SANDBOXES = (
    switch_scenario,
    change_clock,
    bind_address,
    edit_record,
    import_sandbox,
    *[reset_sandboxes] * 3,  # more often, so that the quick path is used
)
HEADERS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("X-Access-Token", "any"),),
    (("X-Access-Token", "any"), ("X-Client", "app"), ("Authorization", "Bearer any")),
    (("x-access-token", "any"),),
    (("X-Access-Token", "view-only"), ("X-Access-Token", "any")),
    (("X-Access-Token", "any@anna"),),
    (("X-Access-Token", "no-features"),),
    (("X-Access-Token", "any"), ("Authorization", "Bearer other@ben"), ("X-Client", "app")),
    (("Authorization", "Bearer other"), ("X-Client", "app")),
    (),
)
MORE_HEADERS = (
    ("Origin", "http://localhost:3000"),
    ("Origin", "https://example.com"),
    ("Accept", "text/html"),
    ("Accept", "application/json"),
    ("Accept", "text/csv"),
    ("Accept", "application/xml"),
    ("Content-Type", "text/plain"),
    ("Content-Type", "application/xml"),
    ("Prefer", "code=404"),
    ("Prefer", "data=one"),
    ("Prefer", "respond-async"),
    ("Prefer", "scenario=one-runs"),
    ("X-Mock-Sandbox", "ben"),
    ("X-MOCK-SANDBOX", "cyril"),
    ("X-Mock-Sandbox", "dana"),
    ("X-Mock-Sandbox", "../x"),
    ("X-Mock-Sandbox", "default"),
    ("baggage", "user=alice,mock.sandbox=ben"),
    ("Baggage", "mock.sandbox=dana;p"),
    ("User-Agent", "test"),
    ("Traceparent", "00-1-2-01"),
    ("Cookie", "a=b"),
    ("X-Unknown", "1"),
    ("X-Client", "app"),
    ("X-Client", "other"),
)


@cache
def contracts(api: str) -> tuple[Contract, ...]:
    """Return contracts with equal operations but different token headers and required headers."""
    if api != "shipped":
        return (generated_contract(api),)
    shipped = shipped_contract()
    (api,) = shipped.apis
    scenarios: dict[str, Scenario] = {}
    for name, definition in SCENARIOS.items():
        members = {"title": name, "operations": [RETRIEVE, LIST_EXPORTS], **definition}
        scenarios[name] = build_scenario(name, api.id, members)
    first = replace(shipped, scenarios={**shipped.scenarios, **scenarios})
    changes: dict[str, dict[str, Any]] = {
        RETRIEVE: {"headers": ("x-client",)},
        LIST_TRASH: {"access_token": "authorization"},
    }
    operations = []
    for served in first.served:
        operations.append(replace(served, **changes.get(served.operation.id, {})))
    return replace(first, served=tuple(operations)), first


def targets(api: str) -> tuple[str, ...]:
    """Return the targets of the requests of a walk."""
    if api == "shipped":
        return TARGETS
    return tuple(
        served.route.replace("{", "").replace("}", "") for served in contracts(api)[0].served
    )


class Walk:
    """Two servers that receive equal requests and changes, one of them with the quick path."""

    def __init__(
        self, fronts: tuple[Front, Front], seed: int, now: Callable[[float], None], api: str
    ) -> None:
        self._fronts = fronts
        self._targets, self._contracts = targets(api), contracts(api)
        self._random = random.Random(seed)
        self._pass_time = now
        self._families: list[list[tuple[str, bytes]]] = []
        """Requests that were sent before. Those of a family differ in one or two headers."""
        self._serial = itertools.count()
        self.clients = ExitStack()
        self._connected: dict[str, list[Client]] = {}
        for address in ADDRESSES:
            self._connected[address] = [
                self.clients.enter_context(front.connect(address)) for front in fronts
            ]

    def step(self) -> None:
        """Send a request up to three times, or change something."""
        kind = self._random.random()
        if kind < 0.9:
            self._send_some()
        elif kind < 0.93:
            self._pass_time(self._random.choice([0.0, 0.4, 1.0, 61.0]))
        elif kind < 0.99:
            self._change()
        else:
            contract = self._random.choice(self._contracts)
            for front in self._fronts:
                front.server.use(contract)

    def compare_records(self) -> None:
        """Compare journals and counts."""
        for sandbox in SANDBOXES:
            first, second = (
                list(map(comparable, front.server.store.journal(sandbox))) for front in self._fronts
            )
            assert first == second, sandbox
        first_counts, second_counts = (counts(front) for front in self._fronts)
        assert first_counts == second_counts

    def _send_some(self) -> None:
        method, request = self._request()
        address = self._random.choice(ADDRESSES)
        for _ in range(self._random.choice([1, 2, 3])):
            if b"Connection: close" in request or b"HTTP/1.0" in request:
                self._send_alone(address, request)
                continue
            if self._random.random() < 0.3:
                address = self._random.choice(ADDRESSES)
            parts, methods = [request], [method]
            shape = self._random.random()
            if shape < 0.05:
                middle = self._random.randrange(1, len(request))
                parts = [request[:middle], request[middle:]]
            elif shape < 0.1:
                other_method, other = self._request()
                if b"Connection: close" not in other and b"HTTP/1.0" not in other:
                    parts, methods = [request + other], [method, other_method]
            elif shape < 0.13 and method == "GET":
                varied = request[:-2] + b"X-Serial: %d\r\nUser-Agent: %d\r\n\r\n" % (
                    next(self._serial),
                    next(self._serial),
                )
                parts = [varied]
            first, second = (
                client.exchange(*parts, methods=methods) for client in self._connected[address]
            )
            assert first == second, parts

    def _send_alone(self, address: str, request: bytes) -> None:
        """Send a request after which the server closes the connection."""
        responses = []
        for front in self._fronts:
            with front.connect(address) as client:
                client.exchange(request, methods=())
                responses.append(client.receive_until_end())
        assert responses[0] == responses[1], request

    def _request(self) -> tuple[str, bytes]:
        """Return the method and the bytes of a request. Most requests were sent before."""
        if not self._families or self._random.random() < 0.1:
            self._families.append(self._family())
        family = self._families[-1]
        if self._random.random() < 0.3:
            family = self._random.choice(self._families[-5:])
        return self._random.choice(family)

    def _family(self) -> list[tuple[str, bytes]]:
        choice = self._random
        if choice.random() < 0.1:
            method, target = choice.choice(CHANGES)
        else:
            method, target = choice.choice(["GET"] * 8 + ["HEAD"]), choice.choice(self._targets)
        headers, (more, most) = choice.choice(HEADERS), choice.sample(MORE_HEADERS, 2)
        heads = [
            head(method, target, *headers, *extra) for extra in ((), (more,), (most,), (more, most))
        ]
        if choice.random() < 0.2:
            heads.append(
                head(
                    method, target, *headers, ("Connection", choice.choice(["close", "keep-alive"]))
                )
            )
            heads.append(head(method, target, *headers, version="1.0"))
            heads.append(
                head(method, target, *headers, ("Connection", "keep-alive"), version="1.0")
            )
        return [(method, data) for data in heads]

    def _change(self) -> None:
        """Change one sandbox of both servers in the same way."""
        name = self._random.choice(SANDBOXES)
        seed = self._random.random()
        change = self._random.choice(CHANGES_OF_SANDBOXES)
        for front in self._fronts:
            change(front, name, random.Random(seed))


def comparable(entry: bytes) -> dict[str, Any]:
    """Return a journal entry without the members that differ between equal exchanges."""
    return {**orjson.loads(entry), "id": "", "duration_ms": 0}


def counts(front: Front) -> list[str]:
    """Return the lines of the metrics that do not depend on durations."""
    lines = front.server.metrics.exposition(None).splitlines()
    return [
        line
        for line in lines
        if (line.startswith("mockserver_") and "_total" in line) or "_count{" in line
    ]


@contextmanager
def walk(api: str, store: Path | None, seed: int, patch: pytest.MonkeyPatch) -> Iterator[Walk]:
    """Yield a walk on stores in memory, or on files of a folder. Time passes only in its steps."""
    now = [1_700_000_000.0]
    patch.setattr(time, "time", lambda: now[0])

    def pass_time(seconds: float) -> None:
        now[0] += seconds

    with ExitStack() as stack:
        fronts = []
        for quick_path in (True, False):
            url = f"sqlite:///{store}/{quick_path}.sqlite" if store else "memory:"
            # The server keeps only a few sandboxes, so that some are evicted.
            settings = Settings(
                store=url, quick_path=quick_path, max_delay=0, max_sandboxes=5 if store else 3
            )
            server = make_server(settings, contracts(api)[0])
            server.open()
            stack.callback(server.close)
            fronts.append(stack.enter_context(Front(Application(server))))
        yielded = Walk((fronts[0], fronts[1]), seed, pass_time, api)
        stack.enter_context(yielded.clients)
        yield yielded


@pytest.fixture
def hits(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Return how often each table of the quick path had a response."""
    hits: Counter[str] = Counter()

    def count(name: str) -> None:
        method = getattr(QuickPath, name)

        def call_and_count(*arguments: Any) -> Any:
            payload = method(*arguments)
            hits[name] += payload is not None
            return payload

        monkeypatch.setattr(QuickPath, name, call_and_count)

    count("repeat")
    count("repeat_meaning")
    return hits


@pytest.mark.parametrize(
    ("store", "api"), [("memory", "shipped"), ("sqlite", "shipped"), ("memory", "negotiate")]
)
def test_random_requests_get_equal_responses_with_and_without_the_quick_path(
    store: str,
    api: str,
    hits: Counter[str],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps = THOROUGH_STEPS if request.config.getoption("--thorough") else STEPS
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    with walk(api, tmp_path if store == "sqlite" else None, seed, monkeypatch) as both:
        for number in range(1, steps + 1):
            both.step()
            if number % COMPARED_EVERY == 0:
                both.compare_records()
    assert min(hits["repeat"], hits["repeat_meaning"]) > steps // 30, hits
