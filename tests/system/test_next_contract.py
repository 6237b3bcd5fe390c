"""`serve --contract`: real servers with two versions of an API."""

import json
import signal
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from helpers.processes import healthy_server, run_process
from helpers.stores import running_redis
from helpers.tools import require_tool
from helpers.two_contracts import NEXT, TODAY

pytestmark = pytest.mark.server


def call(url: str, method: str = "GET", body: Any = None) -> tuple[int, Any]:
    """Return the status and the JSON of a response."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} if data else {}
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, json.loads(response.read() or b"null")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read() or b"null")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with both blueprints. The second is in a folder of its own."""
    (tmp_path / "today.apib").write_text(TODAY)
    (tmp_path / "next").mkdir()
    (tmp_path / "next/shop.apib").write_text(NEXT)
    return tmp_path


def choose(url: str, sandbox: str, contract: str) -> Any:
    return call(f"{url}/__admin/sandboxes/{sandbox}", "PATCH", {"contract": contract})


def serving(folder: Path, *arguments: str, **environ: str) -> Any:
    """Run a server of `today.apib` with the contract `next`."""
    contracts = ("today.apib", "--contract", "next=next")
    cache = str(folder / "cache")
    return healthy_server(*contracts, *arguments, cwd=folder, XDG_CACHE_HOME=cache, **environ)


def test_two_sandboxes_of_two_workers_have_two_contracts(folder: Path) -> None:
    with serving(folder, "--workers", "2") as process:
        url = process.url
        assert "contract next: Shop at" in process.banner
        chosen = {"sandbox": "b", "test": "", "contract": "next", "reset": True}
        assert choose(url, "b", "next") == (200, chosen)
        for _ in range(10):  # each connection may reach another worker
            assert call(f"{url}/~a/v1/orders/1") == (200, {"id": 1, "state": "new"})
            assert call(f"{url}/~b/v2/orders/1")[1]["total"] == 1.5
            assert call(f"{url}/~a/v2/orders/1")[0] == 404
            assert call(f"{url}/~b/v1/orders/1")[0] == 404
        status, contract = call(f"{url}/~b/__admin/contract")
        assert (status, contract["contract"]) == (200, "next")
        assert contract["contracts"] == ["main", "next"]
        assert call(f"{url}/~b/openapi.json") == call(f"{url}/openapi.json?contract=next")
        assert next(iter(call(f"{url}/openapi.json")[1]["paths"])).startswith("/v1")
        assert call(f"{url}/openapi.json?contract=nope")[1]["contracts"] == ["main", "next"]
        assert call(f"{url}/~b/")[1]["apis"] == {"shop": f"{url}/~b/v2"}
        names = [one["name"] for one in call(f"{url}/~b/__admin/scenarios")[1]["scenarios"]]
        assert "remove-an-order-202" in names
        (collection,) = call(f"{url}/~b/__admin/records")[1]["collections"]
        assert "total" in collection["records"][0]["record"]
        entry = call(f"{url}/~b/__admin/requests?limit=1")[1]["requests"][0]
        assert (entry["contract"], entry["path"]) == ("next", "/v1/orders/1")


def test_a_restart_keeps_the_contract_of_a_sandbox(folder: Path) -> None:
    store = ("--store", f"sqlite:///{folder}/sandboxes.sqlite")
    with serving(folder, *store) as process:
        choose(process.url, "b", "next")
        assert call(f"{process.url}/~b/v2/orders/1", "DELETE")[0] == 202
    with serving(folder, *store, MOCKSERVER_CONTRACT="next") as process:
        assert "contract next (default): Shop at" in process.banner
        assert call(f"{process.url}/~b/v2/orders/1")[0] == 404
        assert call(f"{process.url}/~a/v2/orders/1")[0] == 200
    cache = str(folder / "cache")
    with healthy_server("today.apib", *store, cwd=folder, XDG_CACHE_HOME=cache) as process:
        assert call(f"{process.url}/~b/v1/orders/1")[1]["contracts"] == ["main"]
        assert choose(process.url, "b", "main")[1]["reset"] is True
        assert call(f"{process.url}/~b/v1/orders/1")[0] == 200


def test_servers_with_one_redis_share_the_choice(folder: Path) -> None:
    require_tool("redis-server")
    with running_redis(folder) as (_, redis):
        store = ("--store", redis)
        with serving(folder, *store) as first, serving(folder, *store) as second:
            choose(first.url, "b", "next")
            assert call(f"{second.url}/~b/v2/orders/1")[0] == 200
            choose(second.url, "b", "main")
            assert call(f"{first.url}/~b/v1/orders/1")[0] == 200


def test_a_reload_replaces_one_contract_and_names_the_one_with_errors(folder: Path) -> None:
    with serving(folder, "--reload") as process:
        url, blueprint = process.url, folder / "next/shop.apib"
        choose(url, "b", "next")
        blueprint.write_text("# Group Empty\n")
        while not call(f"{url}/__admin/contract")[1]["reload_errors"]:
            pass
        (error,) = call(f"{url}/__admin/contract")[1]["reload_errors"]
        assert error.startswith("contract 'next': ")
        assert "next/shop.apib" in error
        assert call(f"{url}/~b/v2/orders/1")[0] == 200
        blueprint.write_text(NEXT.replace("/v2", "/v3"))
        while call(f"{url}/~b/v3/orders/1")[0] != 200:
            pass
        assert call(f"{url}/__admin/contract")[1]["reload_errors"] == []
        assert call(f"{url}/~a/v1/orders/1")[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
        log = process.stderr.read()
        assert "still serving the previous contract 'next'" in log
        assert "reloaded contract 'next'" in log


def test_all_mistakes_of_contracts_are_reported_at_once(folder: Path) -> None:
    contracts = ["next", "=x", "main=next", "a=missing.apib", "b=next", "b=next", "a b=next"]
    flags = [argument for text in contracts for argument in ("--contract", text)]
    result = run_process("serve", "today.apib", *flags, cwd=folder)
    assert result.returncode == 2
    for text in ("next", "=x", "main=next", "a=missing.apib", "a b=next"):
        assert f"got {text!r}" in result.stderr
    result = run_process(
        "serve", *flags[8:12], "--default-contract", "c", cwd=folder, MOCKSERVER_STORE="sqlite:"
    )
    assert "the name 'b' is repeated" in result.stderr
    assert "unknown contract 'c'; expected one of main, b" in result.stderr
    (folder / "next/shop.apib").write_text("nothing")
    (folder / "today.apib").write_text("nothing")
    result = run_process("serve", "today.apib", "--contract", "next=next", cwd=folder)
    assert result.returncode == 1
    assert "today.apib" in result.stderr
    assert "next/shop.apib: " in result.stderr
