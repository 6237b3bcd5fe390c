"""Each exchange counts the items that it covers, for its sandbox and test."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from helpers.shipped_api import BUSY

from mockserver.config.settings import Settings
from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.contract.loader import load_contract
from mockserver.contract.model import Contract
from mockserver.contract.tokens import EXPIRED
from mockserver.errors import StoreUnavailable
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.factory import make_server
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.mock_server import DelayedResponse, MockServer
from mockserver.sandbox.coverage import CoverageKey
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore

EXPORTS = f"/api/push_notifications/{BUSY}/exports"
TRASH = "/api/push_notifications/trash"
RETRIEVE = "retrieve-a-push-notification-segment-export"
CANCEL = "cancel-push-notification-segment-export"
LIST = "list-all-push-notification-segment-exports"
TRASHED = "list-all-trashed-push-notifications"


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract(SCHEMAS, FIXTURES)


@pytest.fixture
def server(contract: Contract) -> Iterator[MockServer]:
    server = make_server(Settings(store="memory:"), contract)
    server.open()
    yield server
    server.close()


def request(method: str, path: str, sandbox: str = "a", prefer: str = "") -> Request:
    path, _, query = path.partition("?")
    headers = {"x-access-token": "t", "x-mock-sandbox": sandbox}
    if prefer:
        headers["prefer"] = prefer
    return Request(method, path, query, headers)


def ask(
    server: MockServer, method: str, path: str, sandbox: str = "a", prefer: str = ""
) -> Response:
    return server.respond(request(method, path, sandbox, prefer))


def covered(server: MockServer, sandbox: str = "a", test: str = "") -> set[str]:
    items = server.store.coverage().items
    return set(items.get(CoverageKey("", sandbox, test), ()))


def test_an_exchange_covers_operation_parameters_status_and_body(server: MockServer) -> None:
    assert ask(server, "GET", f"{EXPORTS}/999999").status == 404
    assert covered(server) == {
        RETRIEVE,
        f"{RETRIEVE} path push_notification_id present",
        f"{RETRIEVE} path export_id present",
        f"{RETRIEVE} 404",
        f"{RETRIEVE} 404 /message present",
    }
    assert ask(server, "GET", f"{TRASH}?limit=1000", "b").status == 200
    assert {f"{TRASHED} query limit maximum", f"{TRASHED} query offset absent"} <= covered(
        server, "b"
    )
    assert not any(item.startswith(RETRIEVE) for item in covered(server, "b"))


def test_requests_count_for_the_test_that_the_sandbox_has(server: MockServer) -> None:
    ask(server, "GET", f"{EXPORTS}/999999")
    server.sandboxes.assign("a", {"test": "cancels"})
    ask(server, "DELETE", f"{EXPORTS}/100")
    server.sandboxes.reset("a")
    ask(server, "DELETE", f"{EXPORTS}/999999")
    server.sandboxes.delete("a")
    ask(server, "GET", f"{EXPORTS}/100")
    assert {f"{RETRIEVE} 404", f"{RETRIEVE} 200"} <= covered(server)
    assert not any(item.startswith(CANCEL) for item in covered(server))
    cancels = covered(server, test="cancels")
    canceled = f'{CANCEL} 200 /push_notification_export/status "canceled"'
    assert {canceled, f"{CANCEL} 404"} <= cancels
    assert not any(item.startswith(RETRIEVE) for item in cancels)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/push_notifications/nothing/at/all", 404),
        ("GET", f"{TRASH}?limit=x", 400),
        ("PATCH", f"{TRASH}/nobody", 404),
        ("PUT", TRASH, 405),
    ],
)
def test_a_problem_covers_nothing(server: MockServer, method: str, path: str, status: int) -> None:
    response = ask(server, method, path)
    assert response.status == status
    assert ("Content-Type", "application/problem+json") in response.headers
    assert server.store.coverage().items == {}


def test_a_head_response_covers_no_body(server: MockServer) -> None:
    for _ in range(2):
        assert ask(server, "HEAD", f"{EXPORTS}/100").status == 200
    assert f"{RETRIEVE} 200" in covered(server)
    assert not any("/push_notification_export" in item for item in covered(server))
    ask(server, "GET", f"{EXPORTS}/100")
    assert f"{RETRIEVE} 200 /push_notification_export present" in covered(server)


@pytest.mark.parametrize("fault", ["reset-in-body", "truncated", "malformed-json", "endless"])
def test_a_damaged_response_covers_nothing(server: MockServer, fault: str) -> None:
    ask(server, "GET", f"{EXPORTS}/100", prefer=f"scenario=fault-{fault}")
    assert server.store.coverage().items == {}


def test_a_slow_response_covers_its_body(server: MockServer) -> None:
    ask(server, "GET", f"{EXPORTS}/100", prefer="scenario=fault-slow")
    assert f"{RETRIEVE} 200 /push_notification_export present" in covered(server)


def test_a_scenario_is_covered_where_it_decides(server: MockServer) -> None:
    server.sandboxes.switch_on("a", "export-not-found")
    ask(server, "GET", TRASH)
    assert "scenario export-not-found" not in covered(server)
    ask(server, "GET", f"{EXPORTS}/100")
    assert {"scenario export-not-found", f"{RETRIEVE} 404"} <= covered(server)
    ask(server, "GET", f"{EXPORTS}/100", "b", prefer="scenario=finished-export-cancel")
    assert f'{RETRIEVE} 200 /push_notification_export/status "finished"' in covered(server, "b")
    assert "scenario finished-export-cancel" in covered(server, "b")


def test_a_data_variant_covers_what_it_shows(server: MockServer) -> None:
    ask(server, "GET", EXPORTS)
    ask(server, "GET", EXPORTS, "b", prefer="data=one")
    lengths = f"{LIST} 200 /push_notification_exports one"
    assert covered(server, "b") - covered(server) == {lengths}
    assert f'{LIST} 200 /push_notification_exports/*/status "finished"' in covered(server)
    assert f'{LIST} 200 /push_notification_exports/*/status "finished"' not in covered(server, "b")


def test_a_scenario_of_tokens_is_covered_by_its_problem(contract: Contract) -> None:
    scenario = replace(contract.scenarios["slow"], token_features=EXPIRED)
    scenarios = {**contract.scenarios, "slow": scenario}
    server = make_server(Settings(store="memory:"), replace(contract, scenarios=scenarios))
    server.sandboxes.assign("a", {"test": "has expired"})
    assert ask(server, "GET", f"{EXPORTS}/100", prefer="scenario=slow").status == 401
    assert covered(server, test="has expired") == {"scenario slow"}


def test_a_delayed_response_counts_when_it_is_finished(server: MockServer) -> None:
    exchange = Exchange(request("GET", f"{EXPORTS}/100", prefer="delay=10"))
    delayed = server.handle(exchange)
    assert isinstance(delayed, DelayedResponse)
    assert server.store.coverage().items == {}
    # The response belongs to the operation of the former contract.
    server.use(replace(server.contracts.main.contract, served=()))
    server.use(replace(server.contracts.main.contract, served=()))
    assert delayed.finish().status == 200
    assert f"{RETRIEVE} 200" in covered(server)


def test_each_contract_has_its_own_coverage(contract: Contract) -> None:
    server = MockServer(
        contract,
        Settings(),
        MemoryStore(SandboxState()),
        others=[replace(contract, name="next")],
    )
    server.sandboxes.assign("a", {"contract": "next"})
    ask(server, "GET", f"{EXPORTS}/100")
    ask(server, "GET", f"{EXPORTS}/100", sandbox="b")
    items = server.store.coverage().items
    assert {(key.contract, key.sandbox) for key in items} == {("next", "a"), ("", "b")}


def test_a_response_with_violations_covers_nothing(contract: Contract) -> None:
    """The contract requires a member that no record has."""
    served = contract.operation(RETRIEVE)
    schema = {"type": "object", "required": ["nothing"]}
    validators = {**served.validators, 200: type(served.validators[200])(schema)}
    broken = replace(contract, served=(replace(served, validators=validators),))
    server = make_server(Settings(store="memory:", on_violation="warn"), broken)
    response = ask(server, "GET", f"{EXPORTS}/100")
    assert (response.status, len(response.violations)) == (200, 1)
    assert server.store.coverage().items == {}


def test_cleared_coverage_is_counted_again(server: MockServer) -> None:
    for _ in range(3):
        ask(server, "GET", f"{EXPORTS}/999999")
    before = covered(server)
    server.store.clear_coverage()
    assert covered(server) == set()
    ask(server, "GET", f"{EXPORTS}/999999")
    assert covered(server) == before


def test_only_further_items_are_written(
    server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[tuple[str, ...]] = []
    add = server.store.add_coverage

    def add_and_note(key: CoverageKey, items: tuple[str, ...]) -> None:
        written.append(items)
        add(key, items)

    monkeypatch.setattr(server.store, "add_coverage", add_and_note)
    for path in ("999999", "999999", "999998", "100", "100"):
        ask(server, "GET", f"{EXPORTS}/{path}")
    assert len(written) == 2
    assert not set(written[0]) & set(written[1])


def test_a_response_leaves_if_the_store_cannot_keep_its_items(
    server: MockServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(key: CoverageKey, items: tuple[str, ...]) -> None:
        raise StoreUnavailable("the coverage: no space left")

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(server.store, "add_coverage", refuse)
        for _ in range(3):
            assert ask(server, "GET", f"{EXPORTS}/100").status == 200
    assert [record.getMessage() for record in caplog.records] == [
        "the coverage: no space left; the coverage is incomplete until it is deleted"
    ]
    ask(server, "GET", f"{EXPORTS}/100")
    assert f"{RETRIEVE} 200" in covered(server)


def test_without_coverage_nothing_is_counted(contract: Contract) -> None:
    server = make_server(Settings(store="memory:", coverage=False), contract)
    assert ask(server, "GET", f"{EXPORTS}/100").status == 200
    assert server.store.coverage().items == {}
