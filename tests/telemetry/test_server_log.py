"""The server log: no text of a client can forge a line or control a terminal."""

import json
import logging
import sys

import pytest

from mockserver.errors import FileMessage, Position
from mockserver.telemetry.server_log import FORMATS, MAX_MESSAGES, first_messages, print_line


def record(message: str, *args: object, failed: bool = False) -> logging.LogRecord:
    exc_info = None
    if failed:
        try:
            raise ValueError("\x1b[31mred " + "x" * 9000)
        except ValueError:
            exc_info = sys.exc_info()
    return logging.LogRecord("mockserver", logging.ERROR, __file__, 1, message, args, exc_info)


def test_a_text_record_has_escaped_control_characters_and_keeps_line_ends() -> None:
    text = FORMATS["text"]().format(record("%s\nfailed", "\x1b[31mred"))
    assert text == "mockserver: \\x1b[31mred\nfailed"


def test_a_path_cannot_begin_a_line() -> None:
    text = FORMATS["text"]().format(record("%s %a failed", "GET", "/api/\nmockserver: forged"))
    assert "\n" not in text


def test_a_json_record_is_one_line_with_the_complete_traceback() -> None:
    line = FORMATS["json"]().format(record("%s failed\nbadly", "\x1b[31mred", failed=True))
    assert all(" " <= character <= "~" for character in line)
    logged = json.loads(line)
    assert (logged["level"], logged["logger"], logged["message"]) == (
        "error",
        "mockserver",
        "\x1b[31mred failed\nbadly",
    )
    assert logged["exception"].startswith("Traceback")
    assert logged["exception"].endswith("x" * 9000)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_warning_before_the_log_is_configured_has_the_same_format(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_line(kind, "warning", "odd\x1b[31m")
    output = capsys.readouterr().err
    if kind == "text":
        assert output == "mockserver: warning: odd\\x1b[31m\n"
    else:
        assert json.loads(output)["message"] == "odd\x1b[31m"


def messages(count: int) -> list[FileMessage]:
    """Return warnings and, at the end, one error."""
    warnings = [FileMessage(Position("f", line), "w", "warning") for line in range(1, count)]
    return [*warnings, FileMessage(Position("f", count), "e")]


def test_errors_are_the_first_messages() -> None:
    assert list(first_messages(messages(3), "check")) == [
        ("error", "f:3:1: e"),
        ("warning", "f:1:1: w"),
        ("warning", "f:2:1: w"),
    ]


def test_the_number_of_further_messages_is_logged() -> None:
    assert len(list(first_messages(messages(MAX_MESSAGES), "check"))) == MAX_MESSAGES
    lines = list(first_messages(messages(MAX_MESSAGES + 3), "check"))
    assert len(lines) == MAX_MESSAGES + 1
    assert lines[-1] == ("warning", "and 3 more: check")
