"""The signals that stop a server, and which of its processes handle them.

A terminal sends SIGINT (Ctrl-C) and SIGHUP (it closes) to every process of the server at once. The first process handles them
and stops its workers with a signal of its own. The workers see neither: a worker that is stopped twice may hang.
"""

import signal
import sys

GRACE = 10
"""Seconds that requests under way are given when the server stops."""
FROM_TERMINAL = (signal.SIGINT, signal.SIGHUP)
"""What a terminal sends to all processes of its foreground job."""

FROM_PARENT = (signal.SIGTERM, signal.SIGQUIT)
"""What the first process stops its workers with."""


def hangup_stops() -> bool:
    """Return whether SIGHUP stops this process. `nohup` starts it with SIGHUP ignored, and it stays ignored."""
    return signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN


def exit_on_stop_signal() -> None:
    """Exit with 0 on each stopping signal, until the server installs its own handlers.

    The first process of a container receives no signal that it has no handler for.
    """
    numbers = [signal.SIGTERM, signal.SIGINT]
    if hangup_stops():
        numbers.append(signal.SIGHUP)
    for number in numbers:
        signal.signal(number, lambda *_: sys.exit(0))


def hold() -> None:
    """Hold back what stops a worker: what arrives between its fork and its own handlers would be lost, and it would not stop."""
    signal.pthread_sigmask(signal.SIG_BLOCK, FROM_PARENT)


def release() -> None:
    """Let through what `hold` has held back, and what comes."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FROM_PARENT)


def leave_to_parent() -> None:
    """In a worker: block what a terminal sends. Threads that start later inherit it, whatever handlers the server installs."""
    signal.pthread_sigmask(signal.SIG_BLOCK, FROM_TERMINAL)
