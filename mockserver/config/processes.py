"""What this platform lets the server do with processes. `docs/platforms.md` lists the differences.

gunicorn forks its workers, and they lock files. Windows has neither `os.fork` nor `fcntl`.
"""

import os
from collections.abc import Callable

from mockserver.config import file_locks

CAN_FORK = hasattr(os, "fork") and file_locks.HAS_FCNTL
"""Whether the server can have several processes."""
DEFAULT_WORKERS = min(os.cpu_count() or 1, 4) if CAN_FORK else 1


def call_after_fork(function: Callable[[], None]) -> None:
    """Call a function in each process that is forked from now on."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=function)
