"""Commands, server and pytest plugin without what Windows does not have.

`helpers/as_on_windows/sitecustomize.py` takes it away: fcntl, os.fork, select.poll, SIGHUP and
others. It is not Windows: paths, the console and the network stay those of Linux.
"""

import json
import re
import signal
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers import windows
from helpers.front_client import FrontClient
from helpers.http_front import Client
from helpers.plugin_sessions import APP, COMMAND
from helpers.repository import ROOT
from helpers.shipped_api import EXPORTS
from helpers.stories import page_stories

from mockserver.config.settings import Settings
from mockserver.web.app import create_app

pytestmark = pytest.mark.server
ONE_PROCESS = "this platform cannot run several processes; expected 1, got '2'"
NOTE = "mockserver: info: the server is one process, because this platform cannot fork"
BLUEPRINT = """FORMAT: 1A
HOST: https://x.test/api

# Devices

## Con [/con/{id}]

+ Parameters
    + id: `1` (string, required)

### Con [GET]

+ Response 200 (application/json)

        {"id": "1", "name": "COM1"}
"""


def get(url: str, path: str) -> Any:
    """Return the JSON of a response."""
    request = urllib.request.Request(f"{url}{path}", headers={"X-Access-Token": "any"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def send(url: str, method: str, path: str, body: bytes = b"{}") -> None:
    request = urllib.request.Request(
        f"{url}{path}", body, {"Content-Type": "application/json"}, method=method
    )
    urllib.request.urlopen(request).close()


@pytest.mark.parametrize(
    ("call", "variables", "code", "text"),
    [
        ("--help", {}, 0, "usage: mockserver"),
        ("check", {}, 0, "5 operations served, 0 refused; 0 errors, 0 warnings"),
        ("serve --workers 2", {}, 2, f"mockserver: --workers: {ONE_PROCESS}"),
        ("serve", {"WEB_CONCURRENCY": "2"}, 2, f"mockserver: WEB_CONCURRENCY: {ONE_PROCESS}"),
    ],
)
def test_a_command_runs(
    tmp_path: Path, call: str, variables: dict[str, str], code: int, text: str
) -> None:
    ended = windows.run_python("-m", "mockserver", *call.split(), folder=tmp_path, **variables)
    assert ended.returncode == code, ended.stderr
    assert text in ended.stdout + ended.stderr


IMPORT_ALL = """
import importlib
import pkgutil
import mockserver

# gunicorn's workers, and what imports them
POSIX = {f"mockserver.web.servers.{name}" for name in ("gunicorn", "gunicorn_worker")}
POSIX.add("mockserver.web.servers.worker_signals")
SKIPPED = ("__main__", "_shipped")
for module in pkgutil.walk_packages(mockserver.__path__, "mockserver."):
    if module.name not in POSIX and module.name.split(".")[1] not in SKIPPED:
        importlib.import_module(module.name)
        print(module.name)
"""


def test_each_module_can_be_imported(tmp_path: Path) -> None:
    ended = windows.run_python("-c", IMPORT_ALL, folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "mockserver.telemetry.otel" in ended.stdout


def test_init_writes_no_file_with_the_name_of_a_device(tmp_path: Path) -> None:
    (tmp_path / "nul.apib").write_text(BLUEPRINT, encoding="utf-8")
    init = ["init", "nul.apib", "--name", "devices"]
    ended = windows.run_python("-m", "mockserver", *init, folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    written = [path for path in tmp_path.glob("*/devices/**/*") if path.is_file()]
    names = {path.name for path in written}
    assert names == {
        "con-con.200.json",
        "con_2.yaml",
        "devices.apib",
        "effects.yaml",
        "recipes.yaml",
    }
    assert not any(b"\r" in path.read_bytes() for path in written)


class Port:
    """The port of a server, to which a `FrontClient` connects."""

    def __init__(self, url: str) -> None:
        self._address = ("127.0.0.1", int(url.rpartition(":")[2]))

    def connect(self, _address: str) -> Client:
        front: Any = self
        return Client(front, socket.create_connection(self._address))


def client_of(url: str) -> FrontClient:
    """Return Flask's test client for a running server."""
    flask_app = create_app(Settings(store="memory:"))
    client = FrontClient(flask_app, flask_app.response_class, use_cookies=False)
    port: Any = Port(url)
    client.front = port
    return client


def all_stories() -> Iterator[tuple[str, Any]]:
    """Yield the stories that need no scenario file, each with its page."""
    for page in sorted((ROOT / "tests/stories").glob("*.md")):
        for story in page_stories(page.read_text(encoding="utf-8")):
            if not story.scenario:
                yield page.name, story


def test_all_stories_are_true_of_a_server(tmp_path: Path) -> None:
    failures = []
    count = 0
    with windows.server(folder=tmp_path) as process:
        client = client_of(process.url)
        for page, story in all_stories():
            count += 1
            failures += story.failures(client, page)
            for sandbox in get(process.url, "/__admin/sandboxes")["sandboxes"]:
                send(process.url, "DELETE", f"/__admin/sandboxes/{sandbox['name']}")
        assert failures == []
        assert count > 50


def covered_count(url: str) -> int:
    """Return the number of covered items of the contract."""
    items = get(url, "/__admin/coverage")["items"]
    return len([item for item in items if item["covered"]])


def test_an_api_is_uploaded_and_the_coverage_is_deleted(tmp_path: Path) -> None:
    document = json.dumps({"blueprint": BLUEPRINT.replace("/api", "/devices")}).encode()
    with windows.server(folder=tmp_path) as process:
        send(process.url, "PUT", "/__admin/apis/devices", document)
        assert get(process.url, "/devices/con/1") == {"id": "1", "name": "COM1"}
        assert covered_count(process.url) > 0
        send(process.url, "DELETE", "/__admin/coverage")
        assert covered_count(process.url) == 0
        send(process.url, "DELETE", "/__admin/apis/devices")


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, pytest.param(signal.SIGUSR2, id="SIGBREAK")]
)
def test_a_signal_stops_the_server_which_leaves_no_files(tmp_path: Path, number: int) -> None:
    with windows.server("--access-log", "on", folder=tmp_path) as process:
        stream = urllib.request.urlopen(f"{process.url}/__admin/events")
        assert get(process.url, f"{EXPORTS}/100")
        process.send_signal(number)
        assert process.wait() == 0
        stream.close()
        assert process.stderr.read().startswith(NOTE)
        assert len(process.stdout.read().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_one_server_uses_the_file_of_a_store_and_its_data_stays(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'store'}"
    with windows.server("--store", store, folder=tmp_path) as process:
        send(process.url, "PUT", "/__admin/scenarios/empty-lists")
        # On the same port, so that the other server ends in any case.
        serve = ["serve", "--port", process.url.rpartition(":")[2], "--store", store]
        other = windows.run_python("-m", "mockserver", *serve, folder=tmp_path)
        assert other.returncode == 1
        reason = "on this platform, one server can use the file of a store"
        assert f"store cannot be used: another server uses it; {reason}" in other.stderr
        # As after `kill -9`: the next server finds the words of a process that has ended.
        process.kill()
        process.wait()
    with windows.server("--store", store, folder=tmp_path) as process:
        scenarios = get(process.url, "/__admin/scenarios")["scenarios"]
        assert [scenario["name"] for scenario in scenarios if scenario["on"]] == ["empty-lists"]


def test_a_blueprint_is_served_from_the_cache_and_reloaded(tmp_path: Path) -> None:
    path = tmp_path / "devices.apib"
    path.write_text(BLUEPRINT, encoding="utf-8")
    for _ in range(2):
        with windows.server("devices.apib", "--reload", folder=tmp_path) as process:
            assert get(process.url, "/api/con/1") == {"id": "1", "name": "COM1"}
    with windows.server("devices.apib", "--reload", folder=tmp_path) as process:
        path.write_text(BLUEPRINT.replace("COM1", "COM9"), encoding="utf-8")
        for line in process.stderr:
            if "reloaded" in line:
                break
        assert get(process.url, "/api/con/1") == {"id": "1", "name": "COM9"}
    kept = [entry for entry in (tmp_path / "mockserver").iterdir() if entry.name[0] != "."]
    assert len(kept) == 2


def test_the_plugin_starts_and_stops_a_command(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP, encoding="utf-8")
    (tmp_path / "test_app.py").write_text(
        "from app import *\n\n"
        "def test_calls(mockserver, mockserver_url):\n"
        "    assert ask(mockserver_url, EXPORT, 'DELETE')[0] == 200\n"
        "    mockserver.expect_no_violations()\n",
        encoding="utf-8",
    )
    unused = "-p no:cacheprovider -p no:faker -p no:hypothesispytest -p no:xdist"
    ended = windows.run_python(
        *("-m", "pytest", "-q", *unused.split()), folder=tmp_path, MOCKSERVER_COMMAND=COMMAND
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"1 passed", ended.stdout)
    assert not list(tmp_path.glob("mockserver-*"))
