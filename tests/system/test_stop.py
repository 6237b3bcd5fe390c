"""A server stops when its terminal closes or sends Ctrl-C."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from helpers.processes import child_ids, clean_environ, running_server
from helpers.raw_http import readable
from helpers.repository import ROOT
from helpers.tools import require_tool

pytestmark = pytest.mark.server
each_number_of_workers = pytest.mark.parametrize("workers", [1, 3])
SERVE = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--host", "127.0.0.1"]


class Terminal:
    """A pseudo-terminal, and the server that runs in its foreground."""

    def __init__(self, call: list[str], folder: Path) -> None:
        self._master, slave = os.openpty()
        self.process = subprocess.Popen(
            [require_tool("setsid"), "--ctty", *call],
            cwd=folder,
            env=clean_environ(),
            stdin=slave,
            stdout=slave,
            stderr=slave,
        )
        self.banner = ""
        self._slave = slave
        try:
            self._read_banner()
        except BaseException:
            self.end()
            raise
        match = re.search(r"docs +(http://\S+)/docs", self.banner)
        assert match
        self.url = match[1]
        self._close_slave()

    def _read_banner(self) -> None:
        """Read until the server has started.

        This process keeps the terminal open. `nohup` closes it, and its command opens it again.
        """
        while not re.search(r"try .*\r\n", self.banner):
            assert self.process.poll() is None, self.banner
            if readable([self._master], 0.1):
                self.banner += os.read(self._master, 65536).decode()

    def _close_slave(self) -> None:
        if self._slave >= 0:
            os.close(self._slave)
        self._slave = -1

    def close(self) -> None:
        """Close the window."""
        os.close(self._master)
        self._master = -1

    def interrupt(self) -> str:
        """Press Ctrl-C. Return the output until the last process has exited."""
        os.write(self._master, b"\x03")
        text = ""
        with suppress(OSError):  # EIO: no process has the terminal open
            while data := os.read(self._master, 65536):
                text += data.decode()
        return text

    def end(self) -> None:
        """Kill the remaining processes."""
        self._close_slave()
        if self._master >= 0:
            os.close(self._master)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def terminal(*call: str, folder: Path = ROOT) -> Iterator[Terminal]:
    opened = Terminal(list(call), folder)
    try:
        yield opened
    finally:
        opened.end()


def masks(pid: int, name: str) -> set[int]:
    """Return the signals in one of the masks of /proc/PID/status."""
    text = Path(f"/proc/{pid}/status").read_text()
    match = re.search(rf"{name}:\s+([0-9a-f]+)", text)
    assert match
    return {number for number in range(1, 64) if int(match[1], 16) >> (number - 1) & 1}


def wait_until_refused(url: str) -> None:
    address = urlsplit(url)
    while True:
        try:
            socket.create_connection((str(address.hostname), address.port or 80)).close()
        except ConnectionResetError:
            continue  # the socket was closed while this connection waited in the backlog
        except ConnectionRefusedError:
            return


@each_number_of_workers
def test_a_closed_terminal_stops_the_server(workers: int) -> None:
    with terminal(*SERVE, "--workers", str(workers)) as opened:
        opened.close()
        assert opened.process.wait() == 0
        wait_until_refused(opened.url)


def test_a_closed_terminal_stops_a_reloading_server_of_a_shell() -> None:
    with terminal("sh", "-c", f"{' '.join(SERVE)} --reload; true") as opened:
        opened.close()
        wait_until_refused(opened.url)


@each_number_of_workers
def test_ctrl_c_prints_nothing(workers: int) -> None:
    with terminal(*SERVE, "--workers", str(workers)) as opened:
        output = opened.interrupt()
        assert opened.process.wait() == 0
    for line in output.replace("^C", "").splitlines():
        assert not line or "number of workers" in line


def test_a_worker_ignores_the_signals_of_a_terminal() -> None:
    with running_server("--workers", "2") as process:
        curl = subprocess.run(
            [require_tool("curl"), "-sf", f"{process.url}/__admin/health"], capture_output=True
        )
        assert curl.returncode == 0  # at least one worker runs
        blocked = [masks(pid, "SigBlk") for pid in child_ids(process.pid)]
        assert any({signal.SIGINT, signal.SIGHUP} <= signals for signals in blocked)


def test_a_server_under_nohup_ignores_a_closed_terminal(tmp_path: Path) -> None:
    command = f"exec {' '.join(SERVE)} >/dev/tty 2>&1"
    with terminal(require_tool("nohup"), "sh", "-c", command, folder=tmp_path) as opened:
        wait = [
            require_tool("curl"),
            "-sf",
            "--retry-all-errors",
            "--retry",
            "20",
            f"{opened.url}/__admin/health",
        ]
        assert subprocess.run(wait, capture_output=True).returncode == 0
        opened.close()
        os.kill(opened.process.pid, signal.SIGHUP)
        assert subprocess.run(wait, capture_output=True).returncode == 0
        assert signal.SIGHUP in masks(opened.process.pid, "SigIgn")
        opened.process.terminate()
        assert opened.process.wait() == 0


STOPPED_WITHIN_THE_FORK = """
import os, signal, sys, time
from gunicorn import util
from mockserver import cli

def stop_parent_and_wait(title):
    if title.startswith("worker"):
        os.kill(os.getppid(), signal.SIGTERM)
        while signal.SIGTERM not in signal.sigpending():
            time.sleep(0.01)  # until the parent stops this worker, which has no handlers yet

util._setproctitle = stop_parent_and_wait
sys.exit(cli.main(["serve", "--port", "0", "--host", "127.0.0.1", "--workers", "1"]))
"""


def test_a_signal_during_the_fork_stops_the_worker() -> None:
    call = [sys.executable, "-c", STOPPED_WITHIN_THE_FORK]
    process = subprocess.run(call, cwd=ROOT, env=clean_environ(), capture_output=True, text=True)
    # After 10 s, gunicorn would kill the worker and log that.
    assert (process.returncode, process.stderr) == (0, "")


def test_ctrl_c_during_the_start_prints_no_traceback() -> None:
    lines = [
        "import os, signal, sys",
        "from mockserver import cli",
        "from mockserver.cli import check",
        "check.add_arguments = lambda parser: os.kill(os.getpid(), signal.SIGINT)",
        "sys.exit(cli.main(['check']))",
    ]
    call = [sys.executable, "-c", "\n".join(lines)]
    process = subprocess.run(call, cwd=ROOT, env=clean_environ(), capture_output=True, text=True)
    assert (process.returncode, process.stderr) == (130, "")
