"""How a server stops when its terminal closes or sends Ctrl-C."""

import os
import re
import select
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
        found = re.search(r"docs +(http://\S+)/docs", self.banner)
        assert found
        self.url = found[1]
        self._close_slave()

    def _read_banner(self) -> None:
        """Read until the server has started.

        This process holds the terminal open until then: `nohup` lets go of it before its command opens it again.
        """
        while not re.search(r"try .*\r\n", self.banner):
            assert self.process.poll() is None, self.banner
            if select.select([self._master], [], [], 0.1)[0]:
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
        """Press Ctrl-C; returns what is written until the last process has gone."""
        os.write(self._master, b"\x03")
        text = ""
        with suppress(OSError):  # EIO: nobody has the terminal open any more
            while data := os.read(self._master, 65536):
                text += data.decode()
        return text

    def end(self) -> None:
        """Kill what is left."""
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
    """The signals of one of the masks in /proc/PID/status."""
    text = Path(f"/proc/{pid}/status").read_text()
    found = re.search(rf"{name}:\s+([0-9a-f]+)", text)
    assert found
    return {number for number in range(1, 64) if int(found[1], 16) >> (number - 1) & 1}


def wait_until_refused(url: str) -> None:
    at = urlsplit(url)
    while True:
        try:
            socket.create_connection((str(at.hostname), at.port or 80)).close()
        except ConnectionResetError:
            continue  # the socket was closed while this connection waited in its queue
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
        said = opened.interrupt()
        assert opened.process.wait() == 0
    assert [
        line
        for line in said.replace("^C", "").splitlines()
        if line and "number of workers" not in line
    ] == []


def test_a_worker_ignores_the_signals_of_a_terminal() -> None:
    with running_server("--workers", "2") as process:
        answer = subprocess.run(
            [require_tool("curl"), "-sf", f"{process.url}/__admin/health"], capture_output=True
        )
        assert answer.returncode == 0  # one worker runs, at least
        blocked = [masks(pid, "SigBlk") for pid in child_ids(process.pid)]
        assert any({signal.SIGINT, signal.SIGHUP} <= each for each in blocked)


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

def called_in_the_child_before_it_has_handlers(title):
    if title.startswith("worker"):
        os.kill(os.getppid(), signal.SIGTERM)
        while signal.SIGTERM not in signal.sigpending():
            time.sleep(0.01)  # until the parent stops this process, which has no handlers yet

util._setproctitle = called_in_the_child_before_it_has_handlers
sys.exit(cli.main(["serve", "--port", "0", "--host", "127.0.0.1", "--workers", "1"]))
"""


def test_a_signal_during_the_fork_stops_the_worker() -> None:
    call = [sys.executable, "-c", STOPPED_WITHIN_THE_FORK]
    ended = subprocess.run(call, cwd=ROOT, env=clean_environ(), capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (
        0,
        "",
    )  # gunicorn says so where it has to kill one, after 10 s


def test_ctrl_c_during_the_start_prints_no_traceback() -> None:
    lines = [
        "import os, signal, sys",
        "from mockserver import cli",
        "from mockserver.cli import check",
        "check.add_arguments = lambda parser: os.kill(os.getpid(), signal.SIGINT)",
        "sys.exit(cli.main(['check']))",
    ]
    call = [sys.executable, "-c", "\n".join(lines)]
    ended = subprocess.run(call, cwd=ROOT, env=clean_environ(), capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (130, "")
