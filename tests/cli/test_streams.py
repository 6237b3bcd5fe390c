"""Standard streams that are closed, full, or without a reader."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.processes import clean_environ, run_command

from mockserver.cli import check

CALLS = ["--help", "--version", "serve --help", "scenario new --help", "check", "openapi"]
RUN_ALL = """
import json, os, sys
from mockserver.cli import main

def stream(kind):
    if kind == "full":
        return os.open("/dev/full", os.O_WRONLY)
    reader, writer = os.pipe()
    os.close(reader)
    return writer

codes = []
original, real = sys.stdout, os.dup(1)
for call in json.loads(sys.argv[2]):
    os.close(1)
    if sys.argv[1] == "closed":
        sys.stdout = None
    else:
        os.dup2(stream(sys.argv[1]), 1)
        sys.stdout = os.fdopen(1, "w", closefd=False)
    try:
        codes.append(main(call.split()))
    except SystemExit as end:
        codes.append(end.code)
    if sys.stdout:
        sys.stdout.close()
os.dup2(real, 1)
sys.stdout = original
print(json.dumps(codes))
"""
"""Runs all commands in one process, because starting a process takes longer than a command."""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("stream", "code", "line"),
    [
        ("full", 1, "mockserver: stdout: No space left on device\n"),
        ("unread", 0, ""),
        ("closed", 0, ""),
    ],
)
def test_no_stdout_ends_in_a_traceback(stream: str, code: int, line: str, unbuffered: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", RUN_ALL, stream, json.dumps(CALLS)],
        env=clean_environ(PYTHONUNBUFFERED=unbuffered),
        capture_output=True,
        text=True,
    )
    assert ended.stderr == line * len(CALLS)
    assert json.loads(ended.stdout) == [code] * len(CALLS)


@pytest.mark.parametrize("arguments", ["chekc", "check nothing.apib"])
def test_errors_of_a_closed_stderr_are_not_on_stdout(arguments: str) -> None:
    call = f'exec "$0" -m mockserver {arguments} 2>&-'
    ended = subprocess.run(
        ["sh", "-c", call, sys.executable], env=clean_environ(), capture_output=True, text=True
    )
    assert "mockserver" not in ended.stdout
    assert ended.returncode in (1, 2)


def test_the_error_of_a_file_does_not_name_stdout(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(check, "_check_folders", fail)
    ended = run_command("check")
    assert (ended.returncode, ended.stderr) == (1, "mockserver: Input/output error\n")


def test_a_deleted_working_directory_is_named(tmp_path: Path) -> None:
    call = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" -m mockserver check'
    ended = subprocess.run(
        ["sh", "-c", call, sys.executable],
        cwd=tmp_path,
        env=clean_environ(),
        capture_output=True,
        text=True,
    )
    message = "mockserver: the working directory does not exist; change to another one\n"
    assert (ended.returncode, ended.stderr) == (1, message)
