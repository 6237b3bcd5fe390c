"""The ways to cover items: each one is done as its words say, and covers its item."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

import orjson
import pytest
from helpers.generated_apis import generated_contract
from helpers.notes_api import load_notes_api, write_notes_api
from helpers.repository import ROOT
from helpers.shipped_api import (
    BUSY,
    CANCEL,
    EXPORTS,
    LIST_EXPORTS,
    LIST_TRASH,
    RESTORE,
    RETRIEVE,
    TRASH,
    TRASHED,
    shipped_contract,
)
from helpers.two_contracts import TODAY

from mockserver.config.settings import Settings
from mockserver.contract.coverage.document import Way
from mockserver.contract.coverage.items import CoverageItems
from mockserver.contract.coverage.observers import NO_BODY
from mockserver.contract.model import Contract
from mockserver.pipeline.coverage_ways import closing_ways
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.messages import Request
from mockserver.pipeline.mock_server import DelayedResponse, MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore

CALLS = {
    LIST_EXPORTS: f"GET {EXPORTS}",
    RETRIEVE: f"GET {EXPORTS}/100",
    CANCEL: f"DELETE {EXPORTS}/100",
    LIST_TRASH: f"GET {TRASH}",
    RESTORE: f"PATCH {TRASH}/{TRASHED}",
}
"""The documented call of each operation."""
SHOWN = "200 /push_notification_export"
WITHOUT_WAY = {
    f"{LIST_EXPORTS} 200 /push_notification_exports/*/segments empty",
    f"{LIST_EXPORTS} 200 /push_notification_exports/*/stats/statuses_history/waiting absent",
    f"{RETRIEVE} {SHOWN}/segments empty",
    f"{RETRIEVE} {SHOWN}/stats/statuses_history/waiting absent",
    f"{CANCEL} {SHOWN}/segments empty",
    f"{CANCEL} {SHOWN}/stats/statuses_history/waiting absent",
    f"{CANCEL} {SHOWN}/stats/statuses_history/finished present",
    f'{CANCEL} {SHOWN}/status "waiting"',
    f'{CANCEL} {SHOWN}/status "running"',
    f'{CANCEL} {SHOWN}/status "finished"',
}
"""The items that no exchange with the shipped records covers.

Every export has segments and was waiting. The response to a cancellation shows the export after it.
"""


@dataclass
class WayTaker:
    """Does what a way says, as a tester would, and returns the covered items."""

    contract: Contract

    def __post_init__(self) -> None:
        self.items = CoverageItems(self.contract)
        self.server = MockServer(self.contract, Settings(), MemoryStore(SandboxState()))
        self.count = 0

    def covered(self, way: Way, operation: str, body: bytes = b"") -> list[str]:
        self.count += 1
        sandbox = f"s{self.count}"
        headers = {"x-access-token": "any", "x-mock-sandbox": sandbox}
        if body:
            headers["content-type"] = "application/json"
        line, scenario = CALLS.get(operation, ""), ""
        if way.closed_by.startswith("Prefer: "):
            headers["prefer"] = way.closed_by.removeprefix("Prefer: ")
        elif way.closed_by.startswith("scenario "):
            scenario = way.closed_by.removeprefix("scenario ")
        elif way.closed_by.startswith("send "):
            line += "?" + way.closed_by.removeprefix("send ")
        else:
            line = way.closed_by
        if "switch it on, then " in line:
            scenario = operation
            line = line.removeprefix("switch it on, then ")
        if scenario:
            self.server.sandboxes.switch_on(sandbox, scenario)
        method, _, target = line.partition(" ")
        path, _, query = target.partition("?")
        return self._covered(Request(method, unquote(path), query, headers, body))

    def _covered(self, request: Request) -> list[str]:
        exchange = Exchange(request)
        response = self.server.handle(exchange)
        if isinstance(response, DelayedResponse):
            response = response.finish()
        assert exchange.operation
        observer = self.items.observer(self.contract.operation(exchange.operation))
        content = orjson.loads(response.body) if response.body else NO_BODY
        bits = observer.request(exchange.arguments, exchange.body)
        bits |= observer.response(response.status, content)
        return [*self.items.ids(bits), f"scenario {exchange.explanation.scenario}"]


@pytest.fixture(scope="module")
def tester() -> WayTaker:
    return WayTaker(shipped_contract())


@pytest.fixture(scope="module")
def ways(tester: WayTaker) -> dict[str, Way]:
    return closing_ways(tester.contract, tester.items)


def test_each_item_of_the_shipped_contract_is_covered_by_its_way(
    tester: WayTaker, ways: dict[str, Way]
) -> None:
    assert ways.keys() == tester.items.numbers.keys()
    uncovered: list[str] = []
    for item in tester.items.items:
        way = ways[item.id]
        name = item.operation or item.id.removeprefix("scenario ")
        if way.closed_by and item.id not in tester.covered(way, name):
            uncovered.append(f"{item.id}: {way.closed_by}")
    assert uncovered == []


def test_an_item_without_a_way_says_why(ways: dict[str, Way]) -> None:
    without = {name for name, way in ways.items() if not way.closed_by}
    assert without == WITHOUT_WAY
    assert all(ways[name].why_not for name in without)
    assert not any(way.why_not for name, way in ways.items() if name not in without)


def test_ways_name_the_shipped_scenario_the_record_and_the_parameter(
    ways: dict[str, Way],
) -> None:
    expected = {
        f"{CANCEL} 400": "scenario finished-export-cancel",
        f"{RETRIEVE} 404": "scenario export-not-found",
        f'{RETRIEVE} {SHOWN}/status "finished"': f"GET {EXPORTS}/101",
        f"{LIST_EXPORTS} query limit maximum": "send limit=1000",
        f"{LIST_EXPORTS} 200 /push_notification_exports empty": "Prefer: data=empty",
        "scenario empty-lists": f"switch it on, then GET {EXPORTS}",
    }
    assert {name: ways[name].closed_by for name in expected} == expected


def test_a_way_to_a_member_of_a_request_changes_the_documented_body(tmp_path: Path) -> None:
    write_notes_api(tmp_path)
    contract = load_notes_api(tmp_path)
    items = CoverageItems(contract)
    ways = closing_ways(contract, items)
    expected = {
        "create-a-note request /due null": "send null at /due",
        "create-a-note request /due absent": "leave /due out of the body",
        'create-a-note request /tag "home"': 'send "home" at /tag',
        "create-a-note 422": "Prefer: code=422",
        "delete-a-note 204": "DELETE /notes/1",
        "list-notes 200 /notes/*/due null": "GET /notes",
    }
    assert {name: ways[name].closed_by for name in expected} == expected
    assert [name for name, way in ways.items() if not way.closed_by] == [
        'list-notes 200 /notes/*/tag "home"'
    ]


def test_a_generated_api_has_a_way_to_each_operation_and_status() -> None:
    blueprint = (ROOT / "tests/second_api/polls.apib").read_text(encoding="utf-8")
    contract = generated_contract(blueprint)
    items = CoverageItems(contract)
    ways = closing_ways(contract, items)
    for item in items.items:
        if item.kind in ("operation", "status"):
            assert ways[item.id].closed_by, item.id
    calls = [way.closed_by for way in ways.values() if re.match("[A-Z]+ /", way.closed_by)]
    assert calls
    assert BUSY not in "".join(calls)


def test_a_contract_with_a_name_has_the_same_ways() -> None:
    contract = generated_contract(TODAY)
    named = replace(contract, name="next")
    ways = closing_ways(named, CoverageItems(named))
    assert ways == closing_ways(contract, CoverageItems(contract))
    assert any(way.closed_by for way in ways.values())
