"""The server log: no text of a client can forge a line or control a terminal."""

import json
import logging
import sys

import pytest

from mockserver.telemetry.server_log import FORMATS, warn


def record(message: str, *args: object, failed: bool = False) -> logging.LogRecord:
    caught = None
    if failed:
        try:
            raise ValueError("\x1b[31mred " + "x" * 9000)
        except ValueError:
            caught = sys.exc_info()
    return logging.LogRecord("mockserver", logging.ERROR, __file__, 1, message, args, caught)


def test_text_is_for_people() -> None:
    assert (
        FORMATS["text"]().format(record("%s\nfailed", "\x1b[31mred"))
        == "mockserver: \\x1b[31mred\nfailed"
    )


def test_a_path_cannot_begin_a_line() -> None:
    assert "\n" not in FORMATS["text"]().format(
        record("%s %a failed", "GET", "/api/\nmockserver: forged")
    )


def test_json_is_one_object_a_line_with_the_whole_traceback() -> None:
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
def test_a_warning_at_start_has_the_format_too(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    warn(kind, "odd\x1b[31m")
    said = capsys.readouterr().err
    assert (
        said == "mockserver: warning: odd\\x1b[31m\n"
        if kind == "text"
        else json.loads(said)["message"] == "odd\x1b[31m"
    )
