"""The stores that tests are run against: real files, and a real Redis on a free port."""

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from conftest import tool, wait_for

from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.open import open_store
from mockserver.sandbox.stores.store import OnLost, Store, StoreLimits, ignore_lost

Opened = Callable[..., Store]


def told(entry: bytes) -> Callable[[], bytes]:
    """An entry of a journal, as stores take it."""
    return lambda: entry


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def redis_running(folder: Path, port: int = 0, *extra: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server with an append-only file in the folder; gives the process and the URL."""
    port = port or free_port()
    program = shutil.which("valkey-server") or tool("redis-server")
    call = [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", *extra]
    process = subprocess.Popen(call, stdout=subprocess.DEVNULL)
    try:
        wait_for(f"redis://127.0.0.1:{port}", process)
        yield process, f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()


@contextmanager
def opened(url: str, initial: SandboxState | None = None, lost: OnLost = ignore_lost, **limits: int) -> Iterator[Store]:
    """The store behind the URL, open."""
    store = open_store(url, initial or SandboxState(), StoreLimits(**limits))
    store.open(lost)
    try:
        yield store
    finally:
        store.close()


def counted(state: SandboxState) -> int:
    """How far a sandbox has counted, see `count`."""
    record = state.records.get(("numbers", "1"))
    return record["count"] if record else 0


def count(state: SandboxState) -> tuple[SandboxState, int]:
    """A change: one more. Returns the number."""
    number = counted(state) + 1
    return SandboxState(records={("numbers", "1"): {"count": number}}), number
