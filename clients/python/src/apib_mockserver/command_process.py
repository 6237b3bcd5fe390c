"""Run a command, and stop it when the standard input closes.

The plugin starts this file as a process, with a pipe as its standard input, and the words of the
command as its arguments. The pipe closes when pytest exits, even after `kill -9`. The command has
its own process group: Ctrl-C does not reach it, and its child processes stop with it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from threading import Thread

LAST_WAIT = 15
"""Seconds until a command that does not stop is killed."""


def run(command: list[str]) -> int:
    """Run a command until it exits or the standard input closes; return its exit code."""
    try:
        process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Windows ignores it, and has a flag instead
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    except OSError as error:
        advice = "name a program, without `~`, variables and commands of a shell"
        print(f"cannot run {command[0]!r}: {error.strerror}; {advice}", file=sys.stderr)
        return 127
    Thread(target=_stop_with_parent, args=(process,), daemon=True).start()
    code = process.wait()
    _kill(process)  # what it started and left
    return code


def _stop_with_parent(process: subprocess.Popen[bytes]) -> None:
    """Wait until the standard input closes, then stop the command."""
    while os.read(0, 1024):
        pass
    _stop(process)
    try:
        process.wait(LAST_WAIT)
    except subprocess.TimeoutExpired:
        _kill(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the group of a process to stop.

    On Windows, `terminate` would leave the command's temporary files. Ctrl-Break gives it time.
    """
    with suppress(OSError):  # it has exited
        if _HAS_GROUPS:
            os.killpg(process.pid, signal.SIGTERM)
        else:
            process.send_signal(getattr(signal, "CTRL_BREAK_EVENT"))  # noqa: B009 - not on POSIX


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the group of a process. Windows kills the process alone."""
    with suppress(OSError):  # it has exited
        if _HAS_GROUPS:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


_HAS_GROUPS = hasattr(os, "killpg")


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
