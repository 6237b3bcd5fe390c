"""Which process of gunicorn handles a signal. Only POSIX has these signals.

A terminal sends SIGINT (Ctrl-C) and SIGHUP (when it closes) to all processes of the server. The
first process handles them, and stops its workers with SIGTERM. The workers ignore the signals of
the terminal, because a worker that receives two signals may hang.
"""

import signal

FROM_TERMINAL = (signal.SIGINT, signal.SIGHUP)
"""Signals that a terminal sends to all processes of its foreground job."""

FROM_PARENT = (signal.SIGTERM, signal.SIGQUIT)
"""Signals with which the first process stops its workers."""


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
