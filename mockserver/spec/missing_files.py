"""The end of the error of a missing file: the file that is probably meant."""

from pathlib import Path

from mockserver.config.similar_names import similar_name
from mockserver.formats.files import visible_paths


def missing_file_hint(path: Path) -> str:
    """Return the end of the error of a file that cannot be read; empty for a file that exists.

    A path of Windows has backslashes, which other systems take for a part of the name.
    """
    with_slashes = Path(str(path).replace("\\", "/"))
    if path.exists() or not path.name:
        return ""
    if with_slashes.is_file():
        return f"; did you mean '{with_slashes}'?"
    if not path.parent.is_dir():
        return f"; the folder '{path.parent}' does not exist"
    names = [sibling.name for sibling in visible_paths(path.parent.iterdir())]
    similar = similar_name(path.name, names)
    return f"; did you mean '{path.with_name(similar)}'?" if similar else ""
