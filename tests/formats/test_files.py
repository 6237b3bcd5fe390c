"""Files are written atomically."""

import errno
import os
from pathlib import Path

import pytest

from mockserver.formats.files import write_text


def test_a_file_is_written_atomically_without_leftovers(tmp_path: Path) -> None:
    write_text(tmp_path / "records/a.yaml", "[]\n")
    write_text(tmp_path / "records/a.yaml", "- a: é\n")
    assert (tmp_path / "records/a.yaml").read_bytes() == "- a: é\n".encode()
    assert [path.name for path in (tmp_path / "records").iterdir()] == ["a.yaml"]


@pytest.mark.parametrize("function", ["os.fdopen", "tempfile.mkstemp", "os.replace"])
def test_an_error_while_writing_has_the_name_of_the_file(
    function: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*_: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(function, full_disk)
    with pytest.raises(OSError, match=r"No space left on device: '.*report\.html'"):
        write_text(tmp_path / "report.html", "text")
    assert list(tmp_path.iterdir()) == []
