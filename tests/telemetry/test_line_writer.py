"""The line writer: lines stay complete next to other writers, and no request waits for them."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.telemetry import line_writer
from mockserver.telemetry.line_writer import (
    MAX_LINE_BYTES,
    LineWriter,
    escape_control_chars,
    json_line,
    quote_if_needed,
)


@given(st.dictionaries(st.text(max_size=5), st.text() | st.none() | st.integers(), max_size=4))
def test_a_json_line_is_printable_ascii_with_all_fields(fields: dict[str, object]) -> None:
    line = json_line(fields)
    assert all(" " <= character <= "~" for character in line)
    assert json.loads(line) == fields


@given(st.text())
def test_a_word_is_unchanged_or_quoted_json(text: str) -> None:
    word = quote_if_needed(text)
    assert all(" " <= character <= "~" for character in word)
    if word.startswith('"'):
        assert json.loads(word) == text
    else:
        assert word == text
        assert " " not in word


@pytest.mark.parametrize("character", ["a", '"', "\x1b", "\U0001f4a3", "\ud800"], ids=ascii)
def test_a_line_that_is_too_long_keeps_the_beginning_of_each_text(character: str) -> None:
    names = ("method", "path", "reason", "address", "token")
    line = json_line({"status": 200, **dict.fromkeys(names, character * 9000)})
    assert len(line) < MAX_LINE_BYTES
    assert json.loads(line)["path"] == character * line_writer.MAX_TEXT_LENGTH + "…"
    assert json.loads(line)["status"] == 200


def test_a_json_line_fits_into_a_pipe_of_macos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_writer, "MAX_LINE_BYTES", 512)
    time = "2026-11-26T08:00:00.000Z"
    names = ("path", "operation", "closest", "scenario", "reason", "address", "token")
    line = json_line({"time": time, "status": 200, **dict.fromkeys(names, "\U0001f4a3" * 90)})
    assert len(line) < 512
    fields = json.loads(line)
    assert (fields["time"], fields["status"]) == (time, 200)
    assert all(fields[name].startswith("\U0001f4a3") for name in names)


ESCAPED = [
    ("plain", "plain"),
    ("two\nlines", "two\nlines"),
    ("\x1b[31mred", r"\x1b[31mred"),
    ("back\rover", r"back\rover"),
    ("c1 \x9b31m", r"c1 \x9b31m"),
    ("turned \u202e around", r"turned \u202e around"),
    ("půl", "půl"),
]


@pytest.mark.parametrize(("text", "escaped"), ESCAPED, ids=[ascii(text) for text, _ in ESCAPED])
def test_terminal_control_characters_are_escaped(text: str, escaped: str) -> None:
    assert escape_control_chars(text) == escaped


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


def read(descriptor: int, until: Callable[[bytes], bool]) -> bytes:
    data = b""
    while not until(data):
        data += os.read(descriptor, 65536)
    return data


def lost(count: int) -> str:
    return f"{count} lost"


def text(number: int, length: int = 1) -> str:
    return f"{number} " + "x" * length


def test_lines_keep_their_order_and_close_waits_for_the_last(pipe: tuple[int, int]) -> None:
    writer = LineWriter(lost, pipe[1])
    for number in range(100):
        writer.add(partial(text, number))
    writer.close()
    assert os.read(pipe[0], 65536).decode().splitlines() == [text(number) for number in range(100)]


def test_a_line_added_after_close_is_written(pipe: tuple[int, int]) -> None:
    writer = LineWriter(lost, pipe[1])
    for _ in range(2):
        writer.add(lambda: "again")
        writer.close()
    assert os.read(pipe[0], 65536) == b"again\nagain\n"


def test_closing_an_unused_writer_starts_no_thread() -> None:
    writer = LineWriter(lost)
    writer.close()
    assert not hasattr(writer, "_writer")


def numbered_lines(process: int, count: int) -> list[tuple[int, int]]:
    """Return the number and length of each line of a process. The lengths are below `PIPE_BUF`."""
    return [(process * 1000 + number, 10 + number * 7 % 1500) for number in range(count)]


def test_lines_of_several_processes_are_not_mixed(pipe: tuple[int, int]) -> None:
    processes, lines_each = 4, 300
    writer, children = LineWriter(lost, pipe[1]), []
    writer.add(lambda: "from before the fork")
    for process in range(processes):
        child = os.fork()
        if not child:
            for number, length in numbered_lines(process, lines_each):
                writer.add(partial(text, number, length))
            line_writer.CLOSE_SECONDS = 60.0
            writer.close()
            os._exit(0)
        children.append(child)
    writer.close()
    line_count = processes * lines_each + 1
    received = read(pipe[0], lambda data: data.count(b"\n") == line_count).decode().splitlines()
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * processes
    expected = {"from before the fork"}
    for process in range(processes):
        for number, length in numbered_lines(process, lines_each):
            expected.add(text(number, length))
    assert set(received) == expected


def test_a_slow_reader_blocks_no_writer_and_gets_the_number_of_lost_lines(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_writer, "MAX_QUEUED_LINES", 50)
    monkeypatch.setattr(line_writer, "CLOSE_SECONDS", 0.05)
    writer = LineWriter(lost, pipe[1])
    # 6 MB: a pipe holds 64 KiB, so the writer is blocked long before the last line.
    count, length = 2000, 3000
    for number in range(count):
        writer.add(partial(text, number, length))
    writer.close()
    reading = threading.Thread(
        target=lambda: received.append(read(pipe[0], lambda data: data.endswith(b"lost\n")))
    )
    received: list[bytes] = []
    reading.start()
    reading.join()
    lines = received[0].decode().splitlines()
    lost_count = int(lines.pop().split()[0])
    assert lines == [text(int(line.split()[0]), length) for line in lines]
    assert len(lines) + lost_count == count
    assert lost_count > count / 2


def test_a_disconnected_reader_is_not_an_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    writer = LineWriter(lost, writing)
    for _ in range(2):
        writer.add(lambda: "unread")
        writer.close()
    os.close(writing)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_after_a_full_disk_the_log_continues_and_counts_the_lost_lines(
    pipe: tuple[int, int],
) -> None:
    reading, writing = pipe
    descriptor = os.open("/dev/full", os.O_WRONLY)
    writer, never = LineWriter(lost, descriptor), threading.Event()
    try:
        writer.add(partial(text, 1))
        while not writer._lost_count:
            never.wait(0.01)
        os.dup2(writing, descriptor)
        writer.add(partial(text, 2))
        writer.close()
    finally:
        os.close(descriptor)
    assert os.read(reading, 1000).decode().splitlines() == [text(2), lost(1)]
