"""The quick path: which responses are kept, when they are sent, and the size of its tables."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson
import pytest
from helpers.generated_apis import generated_contract
from helpers.http_front import Front, head
from helpers.repository import CASES
from helpers.shipped_api import EXPORTS, LIST_EXPORTS, TRASH, shipped_contract
from helpers.uploads import READER, counter_blueprint

from mockserver.config.settings import Settings
from mockserver.contract.api_files import ApiFiles
from mockserver.contract.model import Contract, ServedOperation
from mockserver.contract.scenarios.definition import build_scenario
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.factory import make_server
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.journal import RECORDED_HEADERS
from mockserver.web.application import Application
from mockserver.web.http import quick_path
from mockserver.web.http.quick_path import QuickPath, deciding_headers

TOKEN = ("X-Access-Token", "any")
LIST = head("GET", EXPORTS, TOKEN)
APIS = ["shipped", "with a required header", *sorted(path.stem for path in CASES.glob("*.apib"))]


def contract_of(api: str) -> Contract:
    """Return the contract of a generated API, or the shipped one, which requires no header."""
    shipped = shipped_contract()
    if api == "with a required header":
        return replace(
            shipped,
            served=tuple(replace(served, headers=("x-client",)) for served in shipped.served),
        )
    return shipped if api == "shipped" else generated_contract(api)


@pytest.fixture
def server() -> Iterator[MockServer]:
    server = make_server(Settings(store="memory:"), shipped_contract())
    server.open()
    yield server
    server.close()


@pytest.fixture
def front(server: MockServer) -> Iterator[Front]:
    with Front(Application(server)) as front:
        yield front


@pytest.fixture
def repeated(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Return how often the quick path has repeated the response to a request."""
    repeated: Counter[str] = Counter()
    payload = QuickPath._payload

    def counted(*arguments: Any) -> Any:
        result = payload(*arguments)
        repeated["all"] += result is not None
        return result

    monkeypatch.setattr(QuickPath, "_payload", counted)
    return repeated


def status_of(response: bytes) -> int:
    return int(response.split()[1])


def test_the_third_equal_request_takes_the_quick_path(front: Front, repeated: Counter[str]) -> None:
    with front.connect() as client:
        for number in range(6):
            client.exchange(LIST)
            assert repeated["all"] == max(0, number - 1)


def test_each_of_two_requests_in_one_segment_has_a_response(front: Front) -> None:
    with front.connect() as client:
        for _ in range(6):
            client.exchange(LIST)
            first, second = client.exchange(
                LIST + head("GET", TRASH, TOKEN), methods=("GET", "GET")
            )
            assert (
                b"push_notification_exports" in first,
                b"trashed_push_notifications" in second,
            ) == (True, True)


def test_the_start_of_another_request_is_not_lost(front: Front) -> None:
    with front.connect() as client:
        for _ in range(6):
            responses = client.exchange(LIST + LIST[:40], LIST[40:], methods=("GET", "GET"))
            assert list(map(status_of, responses)) == [200, 200]


def test_a_body_is_not_ignored(front: Front) -> None:
    with front.connect() as client:
        for _ in range(4):
            client.exchange(LIST)
            client.exchange(LIST[:-2] + b"Content-Length: 2\r\n\r\n{}")
            client.exchange(LIST[:-2] + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
    bodies = [
        orjson.loads(entry)["request_body"] for entry in front.server.store.journal("default")
    ]
    assert bodies == [None, "{}", "{}"] * 4


def test_a_scenario_that_matches_a_header_applies(front: Front) -> None:
    (api,) = shipped_contract().apis
    definition = {
        "operations": [LIST_EXPORTS],
        "match": {"headers": {"user-agent": "test"}},
        "data": "empty",
    }
    scenario = build_scenario("of-a-client", api.id, {"title": "x", **definition})
    scenarios = {**shipped_contract().scenarios, scenario.name: scenario}
    front.server.use(replace(shipped_contract(), scenarios=scenarios))
    front.server.sandboxes.switch_on("default", scenario.name)
    other = head("GET", EXPORTS, TOKEN, ("User-Agent", "test"))
    with front.connect() as client:
        for _ in range(4):
            full, empty = client.exchange(LIST)[0], client.exchange(other)[0]
            assert (b'"exports":[]' in full, len(empty) < len(full)) == (False, True)


def test_a_later_binding_of_an_address_applies(front: Front) -> None:
    with front.connect("10.0.0.1") as client, front.connect("10.0.0.2") as other:
        for connection in (client, other) * 3:
            assert b"X-Mock-Sandbox: default\r\n" in connection.exchange(LIST)[0]
        front.server.sandboxes.change(
            "default", lambda before: (before.state.with_binding("10.0.0.1", "anna"), None)
        )
        for connection, sandbox in ((client, b"anna"), (other, b"default")) * 3:
            assert b"X-Mock-Sandbox: %b\r\n" % sandbox in connection.exchange(LIST)[0]


def test_a_response_of_a_bound_address_is_not_kept(server: MockServer) -> None:
    """The address may be bound after the loop has checked the bindings."""
    memory = QuickPath(server)
    server.sandboxes.change(
        "default", lambda before: (before.state.with_binding("10.0.0.1", "anna"), None)
    )
    meaning = ("GET", EXPORTS.encode(), ((b"x-access-token", b"any"),))
    for _ in range(3):
        exchange = Exchange(
            Request("GET", EXPORTS, headers={"x-access-token": "any"}, address="10.0.0.1")
        )
        response = server.handle(exchange)
        assert (isinstance(response, Response), exchange.sandbox) == (True, "anna")
        memory.keep(meaning, exchange, response)  # type: ignore[arg-type]
    assert memory._by_meaning == {}


def test_a_response_of_the_previous_contract_is_not_kept(server: MockServer) -> None:
    memory = QuickPath(server)
    exchange = Exchange(Request("GET", EXPORTS, headers={"x-access-token": "any"}))
    server.use(replace(shipped_contract()))
    response = server.handle(exchange)
    for _ in range(3):
        memory.keep(("GET", b"", ()), exchange, response)  # type: ignore[arg-type]
    assert memory._by_meaning == {}


def test_a_reload_updates_the_exposed_headers(front: Front) -> None:
    request = head("GET", EXPORTS, TOKEN, ("Origin", "http://localhost:3000"))
    with front.connect() as client:
        for contract, is_exposed in (
            (generated_contract("hopheaders"), True),
            (shipped_contract(), False),
        ):
            front.server.use(contract)
            documented = {
                name
                for served in contract.served
                for transaction in served.operation.transactions
                for name, _ in transaction.response.headers
            }
            for _ in range(4):
                response = client.exchange(request)[0]
                exposed = (
                    response.partition(b"Access-Control-Expose-Headers: ")[2]
                    .partition(b"\r\n")[0]
                    .decode()
                )
                assert (documented <= set(exposed.split(", "))) is True
                assert ("Set-Cookie" in exposed) is is_exposed


@pytest.mark.parametrize(
    "settings",
    [{"quick_path": False}, {"access_log": True}, {"trusted_proxies": ("10.0.0.0/8",)}],
    ids=lambda given: str(given),
)
def test_the_quick_path_is_off_with_logs_traces_and_trusted_proxies(
    settings: dict[str, Any], repeated: Counter[str]
) -> None:
    server = make_server(Settings(store="memory:", **settings), shipped_contract())
    server.open()
    with Front(Application(server)) as front, front.connect() as client:
        for _ in range(5):
            assert status_of(client.exchange(LIST)[0]) == 200
    server.close()
    assert repeated["all"] == 0


def test_requests_that_are_never_repeated_are_not_kept(front: Front) -> None:
    memory = front._dispatcher._quick_path
    with front.connect() as client:
        for number in range(300):
            client.exchange(head("GET", EXPORTS, TOKEN, ("Traceparent", str(number))))
            client.exchange(head("GET", f"{EXPORTS}/{number}", TOKEN))
    assert (len(memory._by_bytes), len(memory._by_meaning)) == (0, 1)


@pytest.mark.parametrize(("most_bytes", "most_requests"), [(200_000, 90), (2_000_000, 20)])
def test_the_memory_is_bounded_in_bytes_and_requests(
    front: Front, most_bytes: int, most_requests: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = front._dispatcher._quick_path
    monkeypatch.setattr(quick_path, "MAX_BYTES", most_bytes)
    monkeypatch.setattr(quick_path, "MAX_REQUESTS", most_requests)
    with front.connect() as client:
        for number in range(100):
            request = head("GET", f"{EXPORTS}?limit={number}", TOKEN)
            responses = {client.exchange(request)[0] for _ in range(5)}
            assert len(responses) <= 2, "the Date may differ"
            assert (
                max(len(memory._by_bytes), len(memory._by_meaning), len(memory._hashes))
                <= most_requests
            )
            kept = sum(2 * len(known.rest) for known in memory._by_meaning.values())
            assert kept <= memory._size <= most_bytes


def test_a_changed_response_is_counted_once(front: Front) -> None:
    memory = front._dispatcher._quick_path
    sizes = set()
    with front.connect() as client:
        for seconds in range(5):
            clock = replace(
                front.server.sandboxes.snapshot("default").state.clock,
                offset_seconds=float(seconds),
            )
            front.server.sandboxes.change(
                "default",
                lambda before, clock=clock: (replace(before.state, clock=clock), None),
            )
            for _ in range(3):
                client.exchange(head("GET", TRASH, TOKEN, ("X-Serial", str(seconds))))
            sizes.add(
                memory._size - sum(2 * len(data) + quick_path.OVERHEAD for data in memory._by_bytes)
            )
    assert len(sizes) == 1


@pytest.mark.parametrize("limit", ["MAX_HEAD", "MAX_RESPONSE"])
def test_large_requests_and_responses_are_not_kept(
    front: Front, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick_path, limit, 80)
    with front.connect() as client:
        for _ in range(5):
            assert status_of(client.exchange(LIST)[0]) == 200
    assert front._dispatcher._quick_path._size == 0


def test_a_journal_entry_has_only_the_recorded_headers(front: Front) -> None:
    large = ("X-Large", "x" * 5000)
    with front.connect() as client:
        for number in range(4):
            client.exchange(
                head(
                    "GET",
                    EXPORTS,
                    TOKEN,
                    large,
                    ("User-Agent", str(number)),
                    ("Traceparent", "00-1"),
                )
            )
    entries = [orjson.loads(entry) for entry in front.server.store.journal("default")]
    assert [entry["headers"] for entry in entries] == [
        {"user-agent": str(n), "traceparent": "00-1"} for n in range(4)
    ]
    store: Any = front.server.store
    partial: Any = store._sandboxes["default"].journal[-1]
    assert b"x-large" not in dict(partial.args[-1])


class RecordingHeaders(Mapping[str, str]):
    """Headers of a request that count how often each name is read."""

    def __init__(self, headers: dict[str, str]) -> None:
        self._headers = headers
        self.reads: Counter[str] = Counter()

    def __getitem__(self, name: str) -> str:
        self.reads[name] += 1
        return self._headers[name]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("all headers were read, so all of them would decide")

    def __len__(self) -> int:
        return len(self._headers)


VARIANTS: list[dict[str, str]] = [
    {},
    {"origin": "http://localhost:3000"},
    {"origin": "https://example.com", "user-agent": "x", "traceparent": "x", "tracestate": "x"},
    {"accept": "text/html", "content-type": "application/xml"},
    {"prefer": "code=404"},
    {"prefer": "data=empty"},
    {"x-mock-sandbox": "anna"},
    {"baggage": "user=alice,mock.sandbox=anna"},
]


def full_headers(served: ServedOperation) -> dict[str, str]:
    """Return headers with which the operation accepts a request."""
    headers = dict.fromkeys(served.headers, "x")
    return {**headers, served.access_token: "any"} if served.access_token else headers


@pytest.mark.parametrize("api", APIS)
def test_each_header_that_the_pipeline_reads_is_a_deciding_header(api: str) -> None:
    """Other headers are read once, for the journal."""
    contract = contract_of(api)
    server = make_server(Settings(store="memory:"), contract)
    server.open()
    web_api = Application(server).api
    deciding = deciding_headers(server.contracts)
    journaled = {*RECORDED_HEADERS, "x-access-token"}
    for served in contract.served:
        path = served.route.replace("{", "").replace("}", "").partition("?")[0]
        for method in ("GET", "HEAD"):
            for variant in VARIANTS:
                for base in ({}, full_headers(served)):
                    headers = RecordingHeaders({**base, **variant})
                    web_api.begin(Exchange(Request(method, path, "limit=1", headers)))
                    others = {
                        name: times for name, times in headers.reads.items() if name not in deciding
                    }
                    assert others.keys() <= journaled
                    assert set(others.values()) <= {1}
    server.close()


def test_a_repeated_request_to_a_deleted_contract_has_a_problem() -> None:
    server = make_server(Settings(store="memory:"), shipped_contract())
    server.uploads.accept(READER)
    server.open()
    for contract in ("", "next"):
        server.uploads.put(contract, ApiFiles("counter", counter_blueprint(1)))
    server.sandboxes.assign("mine", {"contract": "next"})
    request = head("GET", "/counter/number", ("X-Mock-Sandbox", "mine"))
    with Front(Application(server)) as front, front.connect() as client:
        for _ in range(4):
            assert status_of(client.exchange(request)[0]) == 200
        server.uploads.delete("next", "counter")
        response = client.exchange(request)[0]
        assert b"contract-unavailable" in response
    server.close()
