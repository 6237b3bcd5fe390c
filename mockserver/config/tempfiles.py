"""The folder for temporary stores, caches and files of workers."""

import os
import tempfile
from pathlib import Path

from mockserver.errors import StartError


def writable_directory() -> Path:
    """Return the first writable directory of TMPDIR, /tmp and /dev/shm: a container's root may be read-only.

    Raises `StartError` if none is writable.
    """
    for directory in filter(None, (os.environ.get("TMPDIR"), "/tmp", "/dev/shm")):  # noqa: S108 - the candidates  # nosec B108
        try:
            with tempfile.TemporaryFile(dir=directory):
                return Path(directory)
        except OSError:
            continue
    raise StartError("No writable temporary directory (tried TMPDIR, /tmp, /dev/shm). Set TMPDIR.")
