"""The signals that stop a server."""

import signal
import sys
from collections.abc import Iterator

GRACE = 10
"""The maximum time for open requests when the server stops, in seconds."""
_NAMES = ("SIGTERM", "SIGINT", "SIGBREAK")
"""The signals that always stop the server. Windows sends SIGBREAK for Ctrl-Break."""


def hangup_stops() -> bool:
    """Return whether SIGHUP stops this process. `nohup` starts a process that ignores SIGHUP."""
    return hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN


def stop_signals() -> Iterator[int]:
    """Yield the signals of this platform that stop the server."""
    for name in _NAMES:
        if hasattr(signal, name):
            yield getattr(signal, name)
    if hangup_stops():
        yield signal.SIGHUP


def exit_on_stop_signal() -> None:
    """Exit with 0 on each stop signal, until the server installs its own handlers.

    Without a handler, the first process of a container would not receive the signal.
    """
    for number in stop_signals():
        signal.signal(number, lambda *_: sys.exit(0))
