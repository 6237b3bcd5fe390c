"""Tables fit the terminal, and are complete in a pipe."""

import pytest

from mockserver.cli import tables
from mockserver.cli.tables import columns, fit, print_table
from mockserver.cli.terminal_text import display_width

ROWS = [
    ("200", "GET", "/api/push_notifications/5f3c1a9e-27d4-4b68-9c0e-8a7d6b5e4f32/exports", "ok"),
    ("404", "GET", "/api/nothing", "no operation"),
]


def test_the_widest_column_is_cut_in_the_middle() -> None:
    lines = list(columns(fit(ROWS, 60)))
    assert lines == [
        "200  GET  /api/push_notific...6b5e4f32/exports  ok",
        "404  GET  /api/nothing                          no operation",
    ]
    assert max(map(len, lines)) <= 60


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 120])
def test_no_column_is_narrower_than_twelve_characters(width: int) -> None:
    cut = fit(ROWS, width)
    longest = max(map(len, columns(cut)))
    assert longest <= max(width, 3 + 3 + 12 + 12 + 6)
    assert len(cut[0][2]) >= 12


def test_a_complete_column_is_never_cut() -> None:
    assert fit(ROWS, 40, complete=2)[0][2] == ROWS[0][2]


def test_rows_that_fit_are_complete() -> None:
    assert fit(ROWS, 200) == ROWS
    assert fit([], 80) == []


@pytest.mark.parametrize("is_terminal", [True, False])
def test_only_a_terminal_gets_cut_lines(
    is_terminal: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(tables.sys.stdout, "isatty", lambda: is_terminal)
    print_table(ROWS, indent="    ")
    longest = max(map(len, capsys.readouterr().out.splitlines()))
    assert (longest <= 60) == is_terminal


@pytest.mark.parametrize("width", [40, 60, 80])
def test_wide_characters_take_two_columns(width: int) -> None:
    rows = [("200", "GET", "/api/" + "漢字" * 30, "ok"), ("404", "GET", "/api/e\u0301", "none")]
    lines = list(columns(fit(rows, width)))
    assert max(map(display_width, lines)) <= width
    before = [lines[0].removesuffix("ok"), lines[1].removesuffix("none")]
    assert display_width(before[0]) == display_width(before[1])


def test_a_cell_cannot_control_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([("404", "/api/\x1b[31mred\n\t\u202e")])
    assert capsys.readouterr().out == "404  /api/\\x1b[31mred\\n\\t\\u202e\n"
