"""Show the line of a file that a message is about, with a mark below its column."""

import re
from pathlib import Path

from mockserver.cli.terminal_text import display_width, printable
from mockserver.errors import Position

WIDTH = 100
"""Characters of a line that are shown. A longer line is cut around the mark."""
_INDENTATION = "    "
_CUT = "..."
_LINE_BREAK = re.compile(r"\r\n|\r|\n")


class SourceExcerpts:
    """Reads each file once, and shows lines of it."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}

    def excerpt(self, position: Position) -> list[str]:
        """Return the line of a position and its mark; nothing if there is no such line."""
        if position.file not in self._lines:
            self._lines[position.file] = _read_lines(Path(position.file))
        lines = self._lines[position.file]
        if not 0 < position.line <= len(lines):
            return []
        line = lines[position.line - 1]
        if not line.strip() or position.column > len(line) + 1:
            return []
        text, mark = marked_line(line, position.column)
        return [_INDENTATION + text, _INDENTATION + mark]


def _read_lines(path: Path) -> list[str]:
    """Return the lines of a file; nothing if it cannot be read."""
    try:
        if not path.is_file():
            return []
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError:
        return []
    return _LINE_BREAK.split(text)


def marked_line(line: str, column: int) -> tuple[str, str]:
    """Return a line as it is printed, and the line below it with the mark.

    Args:
        line: The line, without its line break.
        column: The column of the mark, from 1.
    """
    start = max(0, min(column - 1 - WIDTH // 2, len(line) - WIDTH))
    before = [printable(character) for character in line[start : column - 1]]
    after = [printable(character) for character in line[column - 1 : start + WIDTH]]
    if start > 0:
        before.insert(0, _CUT)
    if start + WIDTH < len(line):
        after.append(_CUT)
    padding = "".join(map(_padding, before))
    return "".join([*before, *after]), f"{padding}^"


def _padding(text: str) -> str:
    """Return the blanks that are as wide as a printed text. A tab stays a tab."""
    if text == "\t":
        return text
    return " " * display_width(text)
