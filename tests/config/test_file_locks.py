"""Locks of files, with the functions of Windows. `tests/sandbox/stores/` has those of POSIX."""

import errno
from pathlib import Path
from types import SimpleNamespace
from typing import BinaryIO

import pytest

from mockserver.config import file_locks


def lock_with(error: OSError, file: BinaryIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lock a file with a function `msvcrt.locking` that fails."""

    def locking(*_: object) -> None:
        raise error

    msvcrt = SimpleNamespace(locking=locking, LK_NBLCK=2)
    monkeypatch.setattr(file_locks, "HAS_FCNTL", False)
    monkeypatch.setattr(file_locks, "msvcrt", msvcrt, raising=False)
    file_locks.try_lock(file)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EINVAL, errno.EBADF])
def test_only_a_refused_lock_is_held_by_another_process(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "file").open("wb") as file:
        file.write(b"abc")
        file.flush()
        kind = {errno.EACCES: BlockingIOError}.get(number, OSError)
        with pytest.raises(kind, match=r"locked|refused") as caught:
            lock_with(OSError(number, "refused"), file, monkeypatch)
        assert type(caught.value) is kind
        assert file.tell() == 3
