"""The health of a server whose store rejects changes, and the losses of a killed worker."""

import json
import os
import resource
import signal
import sqlite3
import subprocess
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from helpers.processes import child_ids, running_server
from helpers.shipped_api import TRASH, TRASHED
from helpers.stores import running_redis
from helpers.tools import require_tool

pytestmark = pytest.mark.server
UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
FULL = (0, resource.RLIM_INFINITY)
"""A limit that forbids to write to files, as a full disk does."""


def ask(url: str, method: str = "GET") -> tuple[int, Any]:
    request = urllib.request.Request(url, method=method, headers={"X-Access-Token": "t"})
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def limit(pid: int, size: tuple[int, int]) -> None:
    resource.prlimit(pid, resource.RLIMIT_FSIZE, size)


def test_health_reports_a_full_disk_and_its_recovery(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/store.sqlite"
    with running_server("--workers", "1", "--store", store) as process:
        health, trash = f"{process.url}/__admin/health", f"{process.url}{TRASH}"
        status, body = ask(health)
        assert (status, body["reads"], body["writes"]) == (200, True, True)
        worker = child_ids(process.pid)[0]
        limit(worker, FULL)
        assert ask(f"{trash}/{TRASHED}", "PATCH")[0] == 503
        status, body = ask(health)
        assert (status, body["reads"], body["writes"]) == (503, True, False)
        assert body["type"] == "urn:mockserver:problem:store-unavailable"
        assert ask(trash)[0] == 200
        limit(worker, UNLIMITED)
        while ask(health)[0] == 503:
            pass  # the server tries to write the journal twice a second
        assert ask(f"{trash}/{TRASHED}", "PATCH")[0] == 200


def test_health_reports_a_full_disk_without_any_change(tmp_path: Path) -> None:
    with running_server(
        "--workers", "1", "--store", f"sqlite:///{tmp_path}/store.sqlite"
    ) as process:
        health = f"{process.url}/__admin/health"
        assert ask(health)[0] == 200
        limit(child_ids(process.pid)[0], FULL)
        while ask(health)[0] == 200:  # the server tries to write at most once a second
            pass


@pytest.mark.parametrize("setting", ["maxmemory 1", "replicaof 127.0.0.1 1"])
def test_health_reports_a_read_only_redis_and_its_recovery(tmp_path: Path, setting: str) -> None:
    with (
        running_redis(tmp_path) as (_, url),
        running_server("--workers", "1", "--store", url) as process,
    ):
        health, port = f"{process.url}/__admin/health", url.rsplit(":", 1)[1].partition("/")[0]
        redis = [require_tool("redis-cli"), "-p", port]
        name, _, value = setting.partition(" ")
        assert ask(health)[0] == 200
        block = [name, *value.split()] if name == "replicaof" else ["config", "set", name, value]
        unblock = (
            ["replicaof", "no", "one"] if name == "replicaof" else ["config", "set", name, "0"]
        )
        subprocess.run([*redis, *block], check=True, capture_output=True)
        status, body = ask(health)
        assert (status, body["reads"], body["writes"]) == (503, True, False)
        assert ask(f"{process.url}{TRASH}/{TRASHED}", "PATCH")[0] == 503
        subprocess.run([*redis, *unblock], check=True, capture_output=True)
        assert ask(health)[0] == 200


def test_a_killed_worker_loses_no_record_and_no_written_journal_entry(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with running_server("--workers", "1", "--store", f"sqlite:///{path}") as process:
        trash = f"{process.url}{TRASH}"
        for _ in range(20):
            assert ask(trash)[0] == 200
        with closing(sqlite3.connect(f"file:{path}-journal.sqlite?mode=ro", uri=True)) as journal:
            while journal.execute("SELECT count(*) FROM entries").fetchone()[0] < 20:
                pass  # the server writes a batch twice a second
        assert ask(f"{trash}/{TRASHED}", "PATCH")[0] == 200
        os.kill(child_ids(process.pid)[0], signal.SIGKILL)
        requests = ask(f"{process.url}/__admin/requests")[1]
        assert 20 <= len(requests["requests"]) <= 21
        # If the entry of the change was not written, it is counted as lost.
        assert len(requests["requests"]) + requests["meta"]["lost"] == 21
        assert TRASHED not in [
            record["id"] for record in ask(trash)[1]["trashed_push_notifications"]
        ]
