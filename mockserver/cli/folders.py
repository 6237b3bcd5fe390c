"""The error for a file that was given instead of a folder of APIs."""

from pathlib import Path

from mockserver.spec import other_formats


def file_error(path: Path) -> str | None:
    """Return the error for a path that is a file, with advice; `None` if it is not a file."""
    if not path.is_file():
        return None
    format_advice = other_formats.foreign_format_error(path.read_bytes())
    advice = format_advice or (
        "to serve a blueprint, run `mockserver serve FILE`; "
        "to create both folders from it, run `mockserver init FILE`"
    )
    return f"expected a folder, got the file {str(path)!r}: {advice}"
