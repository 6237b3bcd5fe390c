"""Measure the cost of requests with 100, 10,000 and 40,000 records.

    python bench/growth.py [RECORDS ...] [--store URL]

It also measures an unmatched request with 300 operations. The numbers are CPU microseconds of one
request in this process, without HTTP. `first` is the first request of its kind in a new sandbox.
`later` is the median of requests that each follow a change, so no response comes from the cache.
"""

import argparse
import copy
import gc
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from mockserver.config.settings import Settings
from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.contract import loader, records
from mockserver.formats import strict_yaml
from mockserver.pipeline.messages import Request
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.open import open_store
from mockserver.sandbox.stores.store import StoreLimits

API = "push_notifications"
EXPORTS = "/api/push_notifications/5f3c1a9e-27d4-4b68-9c0e-8a7d6b5e4f32/exports"
FIRST_ID, ROUNDS, OPERATIONS = 100_000, 15, 300
SCENARIO = """
title: All run
operations: [list-all-push-notification-segment-exports]
records: {exports: {status: running}}
"""
OPERATION = """
# Group Made {number}

## Things {number} [/things_{number}/{{thing_id}}]

+ Parameters
    + thing_id: `1` (string, required) - Id.

### Get thing {number} [GET]

+ Response 200 (application/json)

        {{"id": {number}, "name": "thing"}}
"""
UNMATCHED = (
    "/api/thingz_7/1",
    "/api/things_7",
    "/things_123/1",
    "/favicon.ico",
    "/api/v2/some/other/path/12345/rows",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("records", nargs="*", type=int, default=[100, 10_000, 40_000])
    parser.add_argument("--store", default="memory:")
    args = parser.parse_args()
    for count in args.records:
        with tempfile.TemporaryDirectory() as folder:
            measure_records(Path(folder), count, args.store)
    with tempfile.TemporaryDirectory() as folder:
        measure_unmatched(Path(folder))
    return 0


def measure_records(folder: Path, count: int, store: str) -> None:
    write_records(folder, count)
    gc.disable()  # as `serve` does while it loads
    started = time.process_time()
    server = open_server(folder, store)
    print(f"{count:,} records: loaded in {time.process_time() - started:.2f} s of CPU")
    gc.freeze()
    gc.enable()
    print(f"  {'CPU-µs':22}{'first':>10}{'later':>12}")
    for mode, prepare in MODES.items():
        prepare(server, mode)
        for name, microseconds in measure_mode(server, mode).items():
            later = statistics.median(microseconds[1:])
            label = f"{mode}, {name}"
            print(f"  {label:22}{microseconds[0]:>10,.0f}{later:>12,.0f}")
    server.close()


def measure_mode(server: MockServer, sandbox: str) -> dict[str, list[float]]:
    """Return the CPU microseconds of each kind of request in a sandbox, in order."""
    microseconds: dict[str, list[float]] = {}
    for number in range(ROUNDS):
        requests = {
            "retrieve": Request("GET", f"{EXPORTS}/{FIRST_ID + number}"),
            "page": Request("GET", EXPORTS, f"limit=20&offset={number}"),
            "filtered": Request("GET", EXPORTS, f"limit=20&status=running&offset={number}"),
            "cancel": Request("DELETE", f"{EXPORTS}/{FIRST_ID + 20 + number}"),
        }
        for name, request in requests.items():
            request = replace(request, headers={"x-access-token": "t"}, sandbox=sandbox)
            microseconds.setdefault(name, []).append(cpu_microseconds(server, request, 200))
    return microseconds


def measure_unmatched(folder: Path) -> None:
    write_operations(folder)
    server = open_server(folder, "memory:")
    print(f"unmatched request, {OPERATIONS} operations, CPU-µs of the first request")
    for path in UNMATCHED:
        microseconds = []
        for number in range(ROUNDS):
            # Another path each time: the near misses of a repeated path are cached.
            request = Request(
                "GET",
                path.replace("7", str(7 + number)) + "x" * number,
                headers={"x-access-token": "t"},
            )
            microseconds.append(cpu_microseconds(server, request, 404))
        print(f"  {path:36}{statistics.median(microseconds):>10,.0f}")
    server.close()


def cpu_microseconds(server: MockServer, request: Request, status: int) -> float:
    started = time.process_time_ns()
    response = server.respond(request)
    microseconds = (time.process_time_ns() - started) / 1000
    if response.status != status:
        raise RuntimeError(
            f"{request.method} {request.path}: {response.status} {response.body[:300]!r}"
        )
    return microseconds


def open_server(folder: Path, store: str) -> MockServer:
    settings = Settings(store=store, schemas=folder / "schemas", fixtures=folder / "fixtures")
    contract = loader.load_contract(settings.schemas, settings.fixtures)
    server = MockServer(contract, settings, open_store(store, SandboxState(), StoreLimits()))
    server.open()
    return server


def plain(server: MockServer, sandbox: str) -> None:
    pass


def override(server: MockServer, sandbox: str) -> None:
    server.sandboxes.switch_on(sandbox, "all-run")


def progression(server: MockServer, sandbox: str) -> None:
    def step(snapshot: Snapshot) -> tuple[SandboxState, None]:
        clock = replace(snapshot.state.clock, progression=sandbox, offset_seconds=30.0)
        return replace(snapshot.state, clock=clock), None

    server.sandboxes.change(sandbox, step)


MODES: dict[str, Callable[[MockServer, str], None]] = {
    "plain": plain,
    "override": override,
    "time": progression,
    "polls": progression,
}
"""Name of a sandbox to what happens in it before the requests."""


def copy_shipped(folder: Path) -> None:
    shutil.copytree(SCHEMAS, folder / "schemas")
    shutil.copytree(FIXTURES, folder / "fixtures")


def write_records(folder: Path, count: int) -> None:
    """Write the shipped API with `count` exports.

    It gets a filter by status, and a scenario that overrides all exports.
    """
    copy_shipped(folder)
    fixtures = folder / "fixtures" / API
    (fixtures / "scenarios/all-run.yaml").write_text(SCENARIO)
    substitute(
        folder / "schemas" / API / f"{API}.apib",
        "exports{?limit,offset}",
        "exports{?limit,offset,status}",
    )
    substitute(
        fixtures / "effects.yaml",
        "    list: exports\n",
        "    list: exports\n    filter: {status: status}\n",
    )
    path = fixtures / "records/exports.yaml"
    path.write_text(records.render(many_records(strict_yaml.read_yaml(path).value, count)))


def many_records(shipped: list[dict[str, Any]], count: int) -> Iterable[dict[str, Any]]:
    """Yield the shipped records, and copies of those that can be canceled."""
    yield from shipped
    cancelable = [
        record
        for record in shipped
        if record["status"] in ("waiting", "running") and record["id"] > 101
    ]
    for number in range(count - len(shipped)):
        record = copy.deepcopy(cancelable[number % len(cancelable)])
        parent = EXPORTS.split("/")[3]
        yield {**record, "id": FIRST_ID + number, "push_notification_id": parent}


def write_operations(folder: Path) -> None:
    """Write the shipped API with many more operations."""
    copy_shipped(folder)
    path = folder / "schemas" / API / f"{API}.apib"
    operations = [OPERATION.format(number=number) for number in range(OPERATIONS - 5)]
    path.write_text(path.read_text().rstrip() + "\n" + "".join(operations))


def substitute(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    if old not in text:
        raise RuntimeError(f"{path} has no {old!r}")
    path.write_text(text.replace(old, new))


if __name__ == "__main__":
    sys.exit(main())
