"""Commands of mockserver, in this process and in another, and real servers."""

import contextlib
import io
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from helpers.repository import ROOT
from mockserver import cli


def clean_environ(**extra: str) -> dict[str, str]:
    """Return this environment without settings of the mock server, and with `extra`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
    return {**kept, "PYTHONPATH": str(ROOT), **extra}


def run_process(
    *arguments: str, cwd: Path = ROOT, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run `mockserver ARGUMENTS` as a process, until it ends."""
    call = [sys.executable, "-m", "mockserver", *arguments]
    return subprocess.run(
        call, cwd=cwd, env=clean_environ(**environ), capture_output=True, text=True
    )


def run_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `mockserver ARGUMENTS` in this process, which is faster. `serve` is not possible here."""
    assert "serve" not in arguments
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.chdir(ROOT):
        try:
            code = cli.main(arguments)
        except SystemExit as end:  # argparse's
            code = int(end.code or 0)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


@contextmanager
def running_server(*arguments: str, cwd: Path = ROOT, **environ: str) -> Iterator[Any]:
    """Run `mockserver serve ARGUMENTS` on a free port, and yield the process.

    The process has two more attributes: `url`, and `banner` with the lines printed at start.
    """
    call = [sys.executable, "-m", "mockserver", "serve", "--port", "0", *arguments]
    process: Any = subprocess.Popen(
        call,
        cwd=cwd,
        env=clean_environ(**environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if match := re.search(r"docs +(http://\S+)/docs", line):
                process.url = match[1]
            if line.startswith("{") and "url" not in vars(process):  # --log-format json
                process.url = json.loads(line)["url"]
                break
            if line == "\n" and hasattr(process, "url"):
                break
        else:
            raise AssertionError(f"the server did not start: {process.stderr.read()}")
        process.banner = "".join(lines)
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait()
        process.stdout.close()
        process.stderr.close()


@contextmanager
def healthy_server(*arguments: str, **environ: str) -> Iterator[Any]:
    """Run a server as `running_server` does, and yield it once it has answered a request."""
    with running_server(*arguments, **environ) as process:
        while process.poll() is None:
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"{process.url}/__admin/health"),
            ):
                break
            time.sleep(0.05)
        yield process


@contextmanager
def silent_server(*arguments: str, **environ: str) -> Iterator[Any]:
    """Run a server with two workers that must write nothing to stderr until it has stopped."""
    with healthy_server("--max-delay", "1", "--workers", "2", *arguments, **environ) as process:
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
        assert process.stderr.read() == ""


def wait_until_listening(url: str, process: subprocess.Popen[Any]) -> None:
    """Wait until a server accepts connections.

    Raises:
        AssertionError: The process has ended.
    """
    address = urlsplit(url)
    while True:
        try:
            socket.create_connection((str(address.hostname), address.port or 80), 1).close()
            return
        except OSError:
            assert process.poll() is None, f"the process has ended, and nothing listens at {url}"
            time.sleep(0.02)


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on, and that no connection gets."""
    ports = random.Random()
    while True:
        port = ports.randrange(20_000, 32_768)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def child_ids(pid: int) -> list[int]:
    """Return the ids of the child processes, such as the workers of a server; needs /proc."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
