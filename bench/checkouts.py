"""Start the mock server of this checkout or of another one, each with its own packages."""

import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from load import EXPORT_IDS, EXPORTS
from processes import pss_megabytes

HEADERS = {"X-Access-Token": "bench"}
START_TIMEOUT = 30.0
IDLE_SECONDS = 2.0
"""What a server imports when it is idle is part of its idle memory."""
REQUEST = f"GET {EXPORTS} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Access-Token: bench\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Checkout:
    """A folder with the source, and the program that it installed."""

    folder: Path
    program: Path

    @property
    def name(self) -> str:
        return self.folder.name


THIS = Checkout(Path(__file__).resolve().parents[1], Path(sys.executable).parent / "mockserver")


def other_checkout(folder: Path) -> Checkout:
    """Return a checkout that has an environment in `.venv`."""
    program = folder.resolve() / ".venv/bin/mockserver"
    if not program.exists():
        sys.exit(f"bench: {program} does not exist; run `make test` in {folder}")
    return Checkout(folder.resolve(), program)


@dataclass(frozen=True, slots=True)
class OurServer:
    """A mock server that responds."""

    checkout: Checkout
    pid: int
    port: int
    start_seconds: float
    """From exec to the end of the first response."""

    @property
    def exports_url(self) -> str:
        return f"http://127.0.0.1:{self.port}{EXPORTS}"

    def idle_megabytes(self) -> float:
        """Return the PSS of all processes after two seconds without a request."""
        time.sleep(IDLE_SECONDS)
        return pss_megabytes(self.pid)


@contextmanager
def serving(checkout: Checkout, options: Sequence[str]) -> Iterator[OurServer]:
    """Start the server on a free port, wait for a right list of exports, and stop it afterwards.

    Raises:
        RuntimeError: It ended, returned a wrong response, or did not respond in time.

    """
    port = free_port()
    command = [str(checkout.program), "serve", "--port", str(port), *options]
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=checkout.folder, stdout=output, stderr=output)
        try:
            response = first_response(process, port, began)
            seconds = time.perf_counter() - began
            if not is_list_of_exports(response):
                output.seek(0)
                raise RuntimeError(f"{command}: {response[:300]!r}; its output: {output.read()!r}")
            yield OurServer(checkout, process.pid, port, seconds)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def first_response(process: subprocess.Popen[bytes], port: int, began: float) -> bytes:
    """Connect until the server accepts, and return its response; empty if there is none."""
    while process.poll() is None and time.perf_counter() - began < START_TIMEOUT:
        try:
            return ask(port)
        except OSError:
            time.sleep(0.002)
    return b""


def ask(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=START_TIMEOUT) as connection:
        connection.sendall(REQUEST.encode())
        chunks = list(iter(lambda: connection.recv(65536), b""))
    return b"".join(chunks)


def is_list_of_exports(response: bytes) -> bool:
    head, _, body = response.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        return False
    return len(json.loads(body)["push_notification_exports"]) == len(EXPORT_IDS)
