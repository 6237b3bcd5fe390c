"""Random exchanges of two processes: the store has the items that an independent walk finds."""

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from helpers.shipped_api import BUSY, shipped_contract

from mockserver.config.settings import Settings
from mockserver.config.shipped import SCHEMAS
from mockserver.contract.openapi import openapi
from mockserver.contract.scenarios.faults import FAULTS
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.factory import make_server
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.mock_server import DelayedResponse, MockServer
from mockserver.sandbox.coverage import CoverageKey

EXPORTS = f"/api/push_notifications/{BUSY}/exports"
TRASH = "/api/push_notifications/trash"
STEPS, THOROUGH_STEPS = 250, 5000
SANDBOXES = ("a", "b", "c")
PATHS = (
    *(("GET", f"{EXPORTS}/{number}") for number in (100, 101, 102, 103, 999999)),
    *(("HEAD", f"{EXPORTS}/{number}") for number in (104, 999999)),
    *(("DELETE", f"{EXPORTS}/{number}") for number in (100, 101, 105, 999999)),
    *(("GET", f"{path}?limit={limit}") for path in (EXPORTS, TRASH) for limit in (0, 1, 1000)),
    ("GET", EXPORTS),
    ("GET", f"{TRASH}?offset=0&searched_text=a"),
    ("GET", f"{TRASH}?limit=1001"),
    ("PATCH", f"{TRASH}/983d437d-eac6-423b-beb5-40a619be332f"),
    ("GET", "/api/push_notifications/nothing/at/all"),
)
PREFERENCES = (
    *("data=empty", "data=one", "data=nulls", "code=404", "code=400", "code=200", "delay=1"),
    *(f"scenario=fault-{fault}" for fault in FAULTS),
    *("scenario=finished-export-cancel", "scenario=empty-lists"),
)
SCENARIOS = ("export-not-found", "finished-export-cancel", "empty-lists", "slow")


def body_items(schema: Any, value: Any, pointer: str) -> Iterator[str]:
    """Yield what a value covers of its schema, member by member: pointer and word."""
    if value is None:
        yield f"{pointer} null"
        return
    yield f"{pointer} present"
    yield f"{pointer} {json.dumps(value, separators=(',', ':'))}"
    if isinstance(value, dict):
        for name, member in schema.get("properties", {}).items():
            if name in value:
                yield from body_items(member, value[name], f"{pointer}/{name}")
            else:
                yield f"{pointer}/{name} absent"
    if isinstance(value, list):
        yield f"{pointer} {('empty', 'one', 'many')[min(len(value), 2)]}"
        for item in value:
            yield from body_items(schema["items"], item, f"{pointer}/*")


def request_items(operation: Any, query: str) -> Iterator[str]:
    """Yield what the parameters of a request cover."""
    sent = parse_qs(query)
    for parameter in operation["parameters"]:
        place, name, schema = parameter["in"], parameter["name"], parameter["schema"]
        if place == "path" or name in sent:
            yield f"{place} {name} present"
            for word in ("minimum", "maximum"):
                if sent.get(name) == [str(schema.get(word))]:
                    yield f"{place} {name} {word}"
        else:
            yield f"{place} {name} absent"


class Oracle:
    """Finds the covered items of an exchange from the schema files and the OpenAPI document."""

    def __init__(self, server: MockServer, document: dict[str, Any]) -> None:
        coverage = server.contracts.main.coverage
        assert coverage
        self._ids = set(coverage.items.numbers)
        self._operations = {}
        for path in document["paths"].values():
            for operation in path.values():
                if isinstance(operation, dict) and "operationId" in operation:
                    self._operations[operation["operationId"]] = operation
        self._schemas = {}
        for path in (SCHEMAS / "push_notifications").glob("*.json"):
            self._schemas[path.stem] = json.loads(path.read_text())

    def items(self, exchange: Exchange, response: Response) -> set[str]:
        """Return the covered items of an exchange."""
        assert exchange.entry
        if ("Content-Type", "application/problem+json") in response.headers:
            return set()
        names = re.findall(r"scenario ([\w-]+)", exchange.entry.explanation.reason)
        items = {f"scenario {name}" for name in names}
        if response.fault in (None, "slow"):
            items |= self._operation_items(exchange, response)
        return items & self._ids

    def _operation_items(self, exchange: Exchange, response: Response) -> set[str]:
        name, request = str(exchange.operation), exchange.request
        parts = {"", str(response.status)}
        parts.update(request_items(self._operations[name], request.query))
        if request.method != "HEAD" and response.body:
            schema = self._schemas[f"{name}.{response.status}"]
            for item in body_items(schema, json.loads(response.body), ""):
                parts.add(f"{response.status} {item}")
        return {f"{name} {part}".strip() for part in parts}


def test_the_store_has_the_items_of_all_exchanges(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    steps = THOROUGH_STEPS if request.config.getoption("--thorough") else STEPS
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    lot, contract = random.Random(seed), shipped_contract()
    settings = Settings(store=f"sqlite:///{tmp_path}/s.sqlite", max_delay=0.001, max_sandboxes=2)
    with ExitStack() as stack:
        servers = []
        for _ in range(2):
            servers.append(make_server(settings, contract))
            servers[-1].open()
            stack.callback(servers[-1].close)
        oracle = Oracle(servers[0], openapi(contract))
        expected: defaultdict[CoverageKey, set[str]] = defaultdict(set)
        for _ in range(steps):
            step(lot, lot.choice(servers), oracle, expected)
        stored = lot.choice(servers).store.coverage()
    assert stored.is_complete
    assert {key: set(items) for key, items in stored.items.items()} == {
        key: items for key, items in expected.items() if items
    }


def step(
    lot: random.Random,
    server: MockServer,
    oracle: Oracle,
    expected: defaultdict[CoverageKey, set[str]],
) -> None:
    """Send a request, or change a sandbox or the coverage."""
    sandbox, chance = lot.choice(SANDBOXES), lot.random()
    if chance < 0.005:
        server.store.clear_coverage()
        expected.clear()
    elif chance < 0.03:
        server.sandboxes.assign(sandbox, {"test": lot.choice(("", "one", "two"))})
    elif chance < 0.06:
        server.sandboxes.set_scenarios(sandbox, tuple(lot.sample(SCENARIOS, lot.randrange(3))))
    elif chance < 0.08:
        lot.choice((server.sandboxes.reset, server.sandboxes.delete))(sandbox)
    elif chance < 0.09:
        server.use(shipped_contract())
    else:
        test = server.store.read(sandbox).test
        exchange, response = send(lot, server, sandbox)
        items = oracle.items(exchange, response)
        assert covered_items(exchange) == items, exchange.request
        expected[CoverageKey("", sandbox, test)] |= items


def covered_items(exchange: Exchange) -> set[str]:
    """Return the items that the pipeline has found for an exchange."""
    if exchange.coverage is None:
        return set()
    return set(exchange.coverage.of_contract.items.ids(exchange.covered))


def send(lot: random.Random, server: MockServer, sandbox: str) -> tuple[Exchange, Response]:
    """Send a random request. Return the finished exchange and its response."""
    method, target = lot.choice(PATHS)
    path, _, query = target.partition("?")
    headers = {"x-access-token": "t", "x-mock-sandbox": sandbox}
    if lot.random() < 0.3:
        headers["prefer"] = lot.choice(PREFERENCES)
    exchange = Exchange(Request(method, path, query, headers))
    server.prepare(exchange)
    result = server.handle(exchange)
    if isinstance(result, DelayedResponse):
        result = result.finish()
    return exchange, result
