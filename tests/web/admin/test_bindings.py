"""Bindings of client addresses to sandboxes, for requests that select no sandbox."""

import http.client
import json
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from helpers.processes import running_server
from helpers.shipped_api import EXPORTS, TOKEN, TRASH

from mockserver.config.settings import Settings
from mockserver.errors import StoreUnavailable
from mockserver.web.app import create_app


@pytest.fixture
def client(each_client: FlaskClient) -> FlaskClient:
    return each_client


def call(
    client: FlaskClient,
    method: str,
    path: str,
    address: str = "10.0.0.7",
    body: Any = None,
    **headers: str,
) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.open(
        path,
        method=method,
        json=body,
        headers={**TOKEN, **named},
        environ_overrides={"REMOTE_ADDR": address},
    )


def bind(client: FlaskClient, sandbox: str, address: str = "10.0.0.7", **headers: str) -> Any:
    response = call(client, "PUT", "/__admin/bindings", address, {"sandbox": sandbox}, **headers)
    assert (response.status_code, response.json["sandbox"]) == (200, sandbox)
    return response.json


def sandbox_of(
    client: FlaskClient, address: str = "10.0.0.7", path: str = TRASH, **headers: str
) -> str:
    return str(call(client, "GET", path, address, **headers).headers["X-Mock-Sandbox"])


def test_an_address_is_bound_and_unbound(client: FlaskClient) -> None:
    assert call(client, "GET", "/__admin/bindings").json == {
        "address": "10.0.0.7",
        "sandbox": None,
        "bindings": [],
    }
    content = {
        "address": "10.0.0.7",
        "sandbox": "qa",
        "bindings": [{"address": "10.0.0.7", "sandbox": "qa"}],
    }
    assert bind(client, "qa") == content
    assert sandbox_of(client) == "qa"
    assert bind(client, "other")["bindings"] == [{"address": "10.0.0.7", "sandbox": "other"}]
    assert call(client, "DELETE", "/__admin/bindings").json["bindings"] == []
    assert sandbox_of(client) == "default"


def test_requests_of_a_bound_address_use_its_sandbox(client: FlaskClient) -> None:
    client.put("/~qa/__admin/scenarios/empty-lists", json={})
    bind(client, "qa")
    assert call(client, "GET", TRASH).json["trashed_push_notifications"] == []
    assert call(client, "DELETE", f"{EXPORTS}/100").status_code == 200
    assert call(client, "GET", TRASH, "10.0.0.8").json["trashed_push_notifications"] != []
    content: Any = client.get("/~qa/__admin/requests").json
    assert [exchange["sandbox"] for exchange in content["requests"]] == ["qa", "qa"]
    assert content["requests"][0]["notes"] == ["the address 10.0.0.7 is bound to the sandbox qa"]


NAMED = [
    ("header", "", {"X_Mock_Sandbox": "h"}),
    ("token", "", {"X_Access_Token": "any@h"}),
    ("base URL", "/~h", {}),
]


@pytest.mark.parametrize(
    ("prefix", "headers"), [case[1:] for case in NAMED], ids=[case[0] for case in NAMED]
)
def test_a_named_sandbox_has_precedence_over_the_binding(
    client: FlaskClient, prefix: str, headers: dict[str, str]
) -> None:
    bind(client, "qa")
    assert sandbox_of(client, path=f"{prefix}{TRASH}", **headers) == "h"
    assert sandbox_of(client, X_Mock_Sandbox="default") == "default"


@pytest.mark.parametrize("path", ["/api/nothing", f"{TRASH}?limit=x"])
def test_rejected_requests_are_in_the_journal_of_their_sandbox(
    client: FlaskClient, path: str
) -> None:
    bind(client, "qa")
    assert sandbox_of(client, path=path) == "qa"
    content: Any = client.get("/~qa/__admin/requests").json
    assert [exchange["path"] for exchange in content["requests"]] == [path.partition("?")[0]]
    assert content["requests"][0]["notes"] == ["the address 10.0.0.7 is bound to the sandbox qa"]


def test_the_admin_api_ignores_bindings(client: FlaskClient) -> None:
    bind(client, "qa")
    assert sandbox_of(client, path="/__admin/clock") == "default"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.9", "::1", "::ffff:127.0.0.1"])
def test_both_loopback_addresses_share_one_binding(client: FlaskClient, address: str) -> None:
    bind(client, "qa", "::1")
    assert sandbox_of(client, address) == "qa"


def test_a_reset_keeps_the_bindings_only() -> None:
    client = create_app(Settings(store="memory:", scenarios=("empty-lists",))).test_client()
    bind(client, "qa")
    client.delete("/__admin/scenarios/empty-lists")
    call(client, "GET", TRASH, X_Mock_Sandbox="default")
    for path, method in (("/__admin/reset", "POST"), ("/__admin/sandboxes/default", "DELETE")):
        assert client.open(path, method=method, json={}).status_code == 200
        assert sandbox_of(client) == "qa"
        assert client.get("/__admin/scenarios/empty-lists").json["on"] is True
        assert client.get("/__admin/requests").json["requests"] == []


def test_an_export_has_no_bindings(client: FlaskClient) -> None:
    bind(client, "qa")
    exported = client.get("/__admin/sandboxes/default").json
    assert exported
    assert "bindings" not in exported["state"]
    other = create_app(Settings(store="memory:")).test_client()
    bind(other, "mine")
    assert other.put("/__admin/sandboxes/default", json=exported).status_code == 200
    assert sandbox_of(other) == "mine"
    foreign = {**exported, "state": {**exported["state"], "bindings": {"10.0.0.7": "evil"}}}
    assert other.put("/__admin/sandboxes/default", json=foreign).status_code == 400


@pytest.mark.parametrize(
    "body", [{}, {"sandbox": None}, {"sandbox": "a b"}, {"sandbox": "a", "address": "10.0.0.1"}]
)
def test_invalid_bindings_are_rejected(client: FlaskClient, body: Any) -> None:
    assert call(client, "PUT", "/__admin/bindings", body=body).status_code == 400
    assert call(client, "GET", "/__admin/bindings").json["bindings"] == []


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_request_without_a_client_address_gets_a_problem(
    client: FlaskClient, method: str
) -> None:
    response = call(client, method, "/__admin/bindings", "", {"sandbox": "qa"})
    assert response.status_code == 400
    assert "cannot be bound; use an IP address" in response.json["detail"]


def test_x_forwarded_for_of_a_trusted_proxy_is_used() -> None:
    client = create_app(Settings(store="memory:", trusted_proxies=("10.0.0.0/8",))).test_client()
    assert (
        bind(client, "qa", "10.0.0.1", X_Forwarded_For="6.6.6.6, 1.1.1.1")["address"] == "1.1.1.1"
    )
    assert sandbox_of(client, "10.0.0.2", X_Forwarded_For="1.1.1.1") == "qa"
    assert sandbox_of(client, "9.9.9.9", X_Forwarded_For="1.1.1.1") == "default"


def test_x_forwarded_for_is_ignored_without_a_trusted_proxy(client: FlaskClient) -> None:
    bind(client, "qa", "1.1.1.1")
    assert sandbox_of(client, "10.0.0.1", X_Forwarded_For="1.1.1.1") == "default"


def test_an_invalid_request_gets_its_violations_while_the_store_is_unavailable(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable("it does not respond")

    monkeypatch.setattr(client.application.extensions["mockserver"].store, "read", fail)
    assert client.get("/api/nothing", headers=TOKEN).status_code == 404
    assert client.get(TRASH, headers=TOKEN).status_code == 503


@pytest.mark.server
def test_a_binding_applies_in_all_workers_and_for_both_loopback_addresses() -> None:
    with running_server("--workers", "2") as process:
        port = urlsplit(process.url).port
        hosts = ["127.0.0.1", *(["::1"] if _has_ipv6(port) else [])]

        def fetch(host: str, method: str, path: str, body: str | None = None) -> tuple[str, Any]:
            connection = http.client.HTTPConnection(host, port)
            connection.request(
                method,
                path,
                body,
                {**TOKEN, "Content-Type": "application/json", "Connection": "close"},
            )
            response = connection.getresponse()
            sandbox, content = response.headers["X-Mock-Sandbox"], json.loads(response.read())
            connection.close()
            return sandbox, content

        for name in ("qa", "qb"):
            body = json.dumps({"sandbox": name})
            _, content = fetch("127.0.0.1", "PUT", "/__admin/bindings", body)
            assert content["address"] == "127.0.0.1"
            assert {fetch(host, "GET", TRASH)[0] for host in hosts for _ in range(10)} == {name}
        for host in hosts:
            assert fetch(host, "GET", "/__admin/bindings")[1]["sandbox"] == "qb"


def _has_ipv6(port: int | None) -> bool:
    try:
        socket.create_connection(("::1", port), 5).close()
    except OSError:
        return False
    return True
