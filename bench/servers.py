"""Start a server process, ask it, and stop it with all its child processes."""

import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from processes import pss_megabytes

START_TIMEOUT = 60.0
STOP_TIMEOUT = 15.0
IDLE_SECONDS = 2.0
"""The wait before memory is measured: modules that an idle server imports count too."""
CONNECTION_FAULTS = (OSError, http.client.HTTPException)


class NotMeasurable(Exception):
    """The reason why a server cannot be measured."""


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """A server that returned its first right response."""

    pid: int
    start_seconds: float
    """From exec to the end of that response."""

    def idle_megabytes(self) -> float:
        """Return the PSS of all its processes after two seconds without a request."""
        time.sleep(IDLE_SECONDS)
        return pss_megabytes(self.pid)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def ask(port: int, path: str, headers: Mapping[str, str], method: str = "GET") -> tuple[int, bytes]:
    """Send one request on a new connection. Return the status and the body.

    Raises:
        OSError: The server does not accept connections, or closed this one.
        http.client.HTTPException: The response is incomplete or is not HTTP.

    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, headers=dict(headers))
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@contextmanager
def running(
    command: Sequence[str],
    find_mismatch: Callable[[], str],
    folder: Path,
    environ: Mapping[str, str] | None = None,
) -> Iterator[RunningProcess]:
    """Start a server, wait for its first right response, and stop it afterwards.

    Args:
        command: The program and its arguments.
        find_mismatch: Sends a request and returns what is wrong with the response; empty if it
            is right.
        folder: The current directory of the server.
        environ: Environment variables in addition to those of this process. Variables that set
            options of the mock server are removed.

    Raises:
        NotMeasurable: The server ended, or did not return the right response in time.

    """
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")
    }
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            env={**inherited, **(environ or {})},
            stdout=output,
            stderr=output,
            cwd=folder,
            start_new_session=True,
        )
        try:
            mismatch = await_right_response(process, find_mismatch, began)
            seconds = time.perf_counter() - began
            if mismatch:
                output.seek(0)
                text = output.read()[-600:].decode(errors="replace")
                raise NotMeasurable(f"{mismatch}; its output: {text!r}")
            yield RunningProcess(process.pid, seconds)
        finally:
            stop(process)


def await_right_response(
    process: subprocess.Popen[bytes], find_mismatch: Callable[[], str], began: float
) -> str:
    """Wait for the first right response. Return what is wrong; empty if it is right."""
    mismatch = "no response"
    while process.poll() is None and time.perf_counter() - began < START_TIMEOUT:
        with suppress(*CONNECTION_FAULTS):
            mismatch = find_mismatch()
            if not mismatch:
                break
        time.sleep(0.002)
    return mismatch


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the process group: politely, then by force."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_TIMEOUT)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
