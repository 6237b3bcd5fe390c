"""The folder for temporary stores, caches and files of workers."""

import os
import tempfile
from pathlib import Path

from mockserver.errors import StartError

_VARIABLE = {"nt": "TEMP"}.get(os.name, "TMPDIR")
"""The variable with the user's temporary directory. Windows always sets it."""


def writable_directory() -> Path:
    """Return the first writable directory of TMPDIR (Windows: TEMP), /tmp and /dev/shm.

    The root of a container can be read-only, with a writable /dev/shm.

    Raises:
        StartError: None of them is writable.
    """
    candidates = (os.environ.get(_VARIABLE), "/tmp", "/dev/shm")  # noqa: S108  # nosec B108
    for directory in filter(None, candidates):
        try:
            with tempfile.TemporaryFile(dir=directory):
                return Path(directory)
        except OSError:
            continue
    tried = f"{_VARIABLE}, /tmp, /dev/shm"
    raise StartError(f"No writable temporary directory (tried {tried}). Set {_VARIABLE}.")
