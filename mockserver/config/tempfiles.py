"""The folder for temporary stores, caches and files of workers."""

import os
import tempfile
from pathlib import Path

from mockserver.errors import StartError


def writable_directory() -> Path:
    """Return the first writable directory of TMPDIR, /tmp and /dev/shm.

    The root of a container can be read-only, with a writable /dev/shm.

    Raises:
        StartError: None of them is writable.
    """
    candidates = (os.environ.get("TMPDIR"), "/tmp", "/dev/shm")  # noqa: S108  # nosec B108
    for directory in filter(None, candidates):
        try:
            with tempfile.TemporaryFile(dir=directory):
                return Path(directory)
        except OSError:
            continue
    raise StartError("No writable temporary directory (tried TMPDIR, /tmp, /dev/shm). Set TMPDIR.")
