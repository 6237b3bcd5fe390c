"""The signals that stop a server, and which of its processes handle them.

A terminal sends SIGINT (Ctrl-C) and SIGHUP (when it closes) to all processes of the server. The
first process handles them, and stops its workers with SIGTERM. The workers ignore the signals of
the terminal, because a worker that receives two signals may hang.
"""

import signal
import sys

GRACE = 10
"""The maximum time for open requests when the server stops, in seconds."""
FROM_TERMINAL = (signal.SIGINT, signal.SIGHUP)
"""Signals that a terminal sends to all processes of its foreground job."""

FROM_PARENT = (signal.SIGTERM, signal.SIGQUIT)
"""Signals with which the first process stops its workers."""


def hangup_stops() -> bool:
    """Return whether SIGHUP stops this process. `nohup` starts a process that ignores SIGHUP."""
    return signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN


def exit_on_stop_signal() -> None:
    """Exit with 0 on each stop signal, until the server installs its own handlers.

    Without a handler, the first process of a container would not receive the signal.
    """
    numbers = [signal.SIGTERM, signal.SIGINT]
    if hangup_stops():
        numbers.append(signal.SIGHUP)
    for number in numbers:
        signal.signal(number, lambda *_: sys.exit(0))


def hold() -> None:
    """Block the stop signals of a worker until its handlers are installed.

    Otherwise an earlier signal would be lost.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, FROM_PARENT)


def release() -> None:
    """Unblock the signals that `hold` blocked."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FROM_PARENT)


def leave_to_parent() -> None:
    """Block the signals of a terminal, in a worker. Threads that start later inherit the mask."""
    signal.pthread_sigmask(signal.SIG_BLOCK, FROM_TERMINAL)
