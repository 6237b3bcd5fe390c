"""The stores that tests use: real files, and a real Redis on a free port."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.processes import free_port, wait_until_listening
from helpers.tools import require_tool
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.open import open_store
from mockserver.sandbox.stores.store import OnLost, Store, StoreLimits, ignore

MakeStore = Callable[..., Store]
"""Opens a store. Its arguments are the initial state, and limits by name."""


def encoder_of(entry: bytes) -> Callable[[], bytes]:
    """Return a function that encodes a journal entry, as stores take it."""
    return lambda: entry


@contextmanager
def running_redis(
    folder: Path, port: int = 0, *extra: str
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run Redis with its files in the folder; yield the process and the URL."""
    port = port or free_port()
    program = shutil.which("valkey-server") or require_tool("redis-server")
    call = [
        program,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        str(folder),
        "--save",
        "",
        *extra,
    ]
    process = subprocess.Popen(call, stdout=subprocess.DEVNULL)
    try:
        wait_until_listening(f"redis://127.0.0.1:{port}", process)
        yield process, f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()


@contextmanager
def open_store_at(
    url: str, initial: SandboxState | None = None, lost: OnLost = ignore, **limits: int
) -> Iterator[Store]:
    """Open the store of a URL, and close it at the end."""
    store = open_store(url, initial or SandboxState(), StoreLimits(**limits))
    store.open(lost)
    try:
        yield store
    finally:
        store.close()


def count_in(state: SandboxState) -> int:
    """Return how often `increment` has changed a sandbox."""
    record = state.records.get(("numbers", "1"))
    return record["count"] if record else 0


def increment(state: SandboxState) -> tuple[SandboxState, int]:
    """Change a state: return the state with the next number, and the number."""
    number = count_in(state) + 1
    return SandboxState(records={("numbers", "1"): {"count": number}}), number
