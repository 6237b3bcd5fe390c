"""The line that a message is about, with a mark below its column."""

from pathlib import Path

import pytest

from mockserver.cli.source_excerpts import WIDTH, SourceExcerpts, marked_line
from mockserver.errors import Position

LINES = {
    "start": ("abc", 1, "abc", "^"),
    "middle": ("a b c", 3, "a b c", "  ^"),
    "end of the line": ("abc", 4, "abc", "   ^"),
    "tabs": ("\ta\tb", 4, "\ta\tb", "\t \t^"),
    "control characters": ("a\x1b[31mb", 7, "a\\x1b[31mb", "         ^"),
    "direction of text": ("a\u202eb", 3, "a\\u202eb", "       ^"),
    "wide characters": ("日本x", 3, "日本x", "    ^"),
    "combining characters": ("e\u0301x", 3, "e\u0301x", " ^"),
    "letters outside ASCII": ("éü", 2, "éü", " ^"),
}


@pytest.mark.parametrize(("line", "column", "text", "mark"), LINES.values(), ids=LINES)
def test_the_mark_is_below_the_column(line: str, column: int, text: str, mark: str) -> None:
    assert marked_line(line, column) == (text, mark)


@pytest.mark.parametrize("column", [1, 49, 500, 999, 1000, 1001])
def test_a_long_line_is_cut_around_the_mark(column: int) -> None:
    line = "".join(chr(ord("a") + index % 26) for index in range(1000))
    text, mark = marked_line(line, column)
    assert len(text) <= WIDTH + 2 * len("...")
    assert text.startswith("...") == (column > WIDTH // 2 + 1)
    assert text.endswith("...") == (column < 900)
    assert text[len(mark) - 1 : len(mark)] == line[column - 1 : column]


def test_a_line_of_the_maximum_width_is_not_cut() -> None:
    assert marked_line("x" * WIDTH, WIDTH) == ("x" * WIDTH, " " * (WIDTH - 1) + "^")


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_lines_have_any_kind_of_line_break(tmp_path: Path, line_break: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\xef\xbb\xbf" + line_break.join(["one", "two", "three"]).encode())
    excerpts = SourceExcerpts()
    for number, line in enumerate(["one", "two", "three"], 1):
        assert excerpts.excerpt(Position(str(path), number, 1)) == [f"    {line}", "    ^"]


POSITIONS = {
    "whole file": (0, 1),
    "line after the end": (9, 1),
    "column after the end": (1, 9),
    "empty line": (2, 1),
}


@pytest.mark.parametrize(("line", "column"), POSITIONS.values(), ids=POSITIONS)
def test_a_position_that_shows_nothing_has_no_excerpt(
    tmp_path: Path, line: int, column: int
) -> None:
    path = tmp_path / "a"
    path.write_text("one\n\ntwo")
    assert SourceExcerpts().excerpt(Position(str(path), line, column)) == []


def test_a_file_that_cannot_be_read_has_no_excerpt(tmp_path: Path) -> None:
    for name in ("none", ".", "a\0b"):
        assert SourceExcerpts().excerpt(Position(str(tmp_path / name))) == []
