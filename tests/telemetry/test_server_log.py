"""The server log: no text of a client can forge a line or control a terminal."""

import json
import logging
import sys

import pytest

from mockserver.telemetry.server_log import FORMATS, warn


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
    warn(kind, "odd\x1b[31m")
    output = capsys.readouterr().err
    if kind == "text":
        assert output == "mockserver: warning: odd\\x1b[31m\n"
    else:
        assert json.loads(output)["message"] == "odd\x1b[31m"
