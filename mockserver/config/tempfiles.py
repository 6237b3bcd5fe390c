"""The folder for temporary stores, caches and files of workers."""

import os
import tempfile
from pathlib import Path

from mockserver.errors import StartError


def writable_directory() -> Path:
    """The first of TMPDIR, /tmp and /dev/shm in which a file can be made: a container's root may be read-only.

    Raises `StartError` where there is none.
    """
    for place in filter(None, (os.environ.get("TMPDIR"), "/tmp", "/dev/shm")):  # noqa: S108 - the places to try  # nosec B108
        try:
            with tempfile.TemporaryFile(dir=place):
                return Path(place)
        except OSError:
            continue
    raise StartError("No writable temporary directory (tried TMPDIR, /tmp, /dev/shm). Set TMPDIR.")
