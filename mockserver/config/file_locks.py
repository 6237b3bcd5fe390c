"""Lock files between processes, with the functions of POSIX or of Windows.

The system releases the locks of a process that ends, even if the process is killed.
"""

import os
import time
from typing import Protocol

try:
    import fcntl
except ImportError:
    HAS_FCNTL = False
    import msvcrt
else:
    HAS_FCNTL = True

_RETRY_SECONDS = 0.01
_LOCKED_BYTE = 1 << 30
"""The byte that stands for a file on Windows. Nobody else can read a byte that is locked there."""


class _File(Protocol):
    def fileno(self) -> int:
        """Return the descriptor of the file."""


File = _File | int
"""An open file, or its descriptor."""


def lock(file: File) -> None:
    """Lock a file. Wait as long as another process has locked it."""
    while True:
        try:
            try_lock(file)
        except BlockingIOError:
            time.sleep(_RETRY_SECONDS)
        else:
            return


def try_lock(file: File) -> None:
    """Lock a file. On POSIX, forked processes have the lock together.

    Raises:
        BlockingIOError: another process has locked the file.
    """
    if HAS_FCNTL:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        _lock_byte(file, "LK_NBLCK")


def unlock(file: File) -> None:
    """Release the lock of a file."""
    if HAS_FCNTL:
        fcntl.flock(file, fcntl.LOCK_UN)
    else:
        _lock_byte(file, "LK_UNLCK")


def _lock_byte(file: File, mode: str) -> None:
    """Lock or release `_LOCKED_BYTE` with the functions of Windows.

    Raises:
        BlockingIOError: another process has locked it.
        OSError: the file system has no locks. `lock` would wait forever.
    """
    descriptor = file if isinstance(file, int) else file.fileno()
    position = os.lseek(descriptor, 0, os.SEEK_CUR)
    os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
    try:
        msvcrt.locking(descriptor, getattr(msvcrt, mode), 1)  # type: ignore[attr-defined]
    except PermissionError as error:
        raise BlockingIOError(error.errno, "another process has locked the file") from error
    finally:
        os.lseek(descriptor, position, os.SEEK_SET)


def claim_byte(file: File, number: int) -> bool:
    """Lock one byte of a file until this process ends. Return False if another process has it.

    On Windows, one process has the file, and always gets the byte.
    """
    if not HAS_FCNTL:
        return True
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
    except OSError:
        return False
    return True


def lock_byte(file: File, number: int) -> None:
    """Lock one byte of a file, and wait for it. Other processes lock it for microseconds."""
    while not claim_byte(file, number):
        time.sleep(_RETRY_SECONDS)


def unlock_byte(file: File, number: int) -> None:
    """Release one byte."""
    if HAS_FCNTL:
        fcntl.lockf(file, fcntl.LOCK_UN, 1, number)
