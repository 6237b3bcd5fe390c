"""Files are written atomically."""

from pathlib import Path

from mockserver.formats.files import write_text


def test_a_file_is_written_atomically_without_leftovers(tmp_path: Path) -> None:
    write_text(tmp_path / "records/a.yaml", "[]\n")
    write_text(tmp_path / "records/a.yaml", "- a: é\n")
    assert (tmp_path / "records/a.yaml").read_bytes() == "- a: é\n".encode()
    assert [path.name for path in (tmp_path / "records").iterdir()] == ["a.yaml"]
