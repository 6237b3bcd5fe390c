"""A file that was given where a folder of APIs belongs."""

from pathlib import Path

from mockserver.spec import other_formats


def file_error(path: Path) -> str | None:
    """What is wrong with a file that was given as a folder, and what to do; `None` where it is no file."""
    if not path.is_file():
        return None
    other = other_formats.foreign_format_error(path.read_bytes())
    advice = other or "to create both folders from a blueprint, run `mockserver init FILE`"
    return f"expected a folder, got the file {str(path)!r}: {advice}"
