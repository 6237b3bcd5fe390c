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
def test_json_is_one_line_of_plain_characters_and_loses_nothing(
    received: dict[str, object],
) -> None:
    line = json_line(received)
    assert all(" " <= character <= "~" for character in line)
    assert json.loads(line) == received


@given(st.text())
def test_a_word_has_no_blank_that_is_not_quoted(text: str) -> None:
    written = quote_if_needed(text)
    assert all(" " <= character <= "~" for character in written)
    assert (json.loads(written) if written.startswith('"') else written) == text


@pytest.mark.parametrize("character", ["a", '"', "\x1b", "\U0001f4a3", "\ud800"], ids=ascii)
def test_a_line_that_is_too_long_keeps_the_beginning_of_each_text(character: str) -> None:
    line = json_line(
        {
            "status": 200,
            **dict.fromkeys(("method", "path", "reason", "address", "token"), character * 9000),
        }
    )
    assert len(line) < MAX_LINE_BYTES
    assert json.loads(line)["path"] == character * line_writer.MAX_TEXT_LENGTH + "…"
    assert json.loads(line)["status"] == 200


SEEN = [
    ("plain", "plain"),
    ("two\nlines", "two\nlines"),
    ("\x1b[31mred", r"\x1b[31mred"),
    ("back\rover", r"back\rover"),
    ("c1 \x9b31m", r"c1 \x9b31m"),
    ("turned \u202e around", r"turned \u202e around"),
    ("půl", "půl"),
]


@pytest.mark.parametrize(("text", "shown"), SEEN, ids=[ascii(text) for text, _ in SEEN])
def test_terminal_control_characters_are_escaped(text: str, shown: str) -> None:
    assert escape_control_chars(text) == shown


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


def read(descriptor: int, until: Callable[[bytes], bool]) -> bytes:
    found = b""
    while not until(found):
        found += os.read(descriptor, 65536)
    return found


def lost(count: int) -> str:
    return f"{count} lost"


def text(number: int, length: int = 1) -> str:
    return f"{number} " + "x" * length


def test_lines_come_in_order_and_the_end_waits_for_the_last(pipe: tuple[int, int]) -> None:
    found = LineWriter(lost, pipe[1])
    for number in range(100):
        found.add(partial(text, number))
    found.close()
    assert os.read(pipe[0], 65536).decode().splitlines() == [text(number) for number in range(100)]


def test_what_is_added_after_the_end_is_written_too(pipe: tuple[int, int]) -> None:
    found = LineWriter(lost, pipe[1])
    for _ in range(2):
        found.add(lambda: "again")
        found.close()
    assert os.read(pipe[0], 65536) == b"again\nagain\n"


def test_nothing_was_written_is_no_reason_to_wait() -> None:
    found = LineWriter(lost)
    found.close()
    assert not hasattr(found, "_writer"), "no writer was started"


def test_lines_of_several_processes_stay_whole(pipe: tuple[int, int]) -> None:
    found, children = LineWriter(lost, pipe[1]), []
    found.add(lambda: "from before the fork")
    for process in range(4):
        child = os.fork()
        if not child:
            for number in range(300):
                found.add(partial(text, process * 1000 + number, 10 + number * 7 % 1500))
            line_writer.CLOSE_SECONDS = 60.0
            found.close()
            os._exit(0)
        children.append(child)
    found.close()
    received = read(pipe[0], lambda data: data.count(b"\n") == 1201).decode().splitlines()
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    written = {
        text(process * 1000 + number, 10 + number * 7 % 1500)
        for process in range(4)
        for number in range(300)
    }
    assert set(received) == written | {"from before the fork"}


def test_a_slow_reader_delays_nobody_and_gets_the_number_of_lost_lines(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_writer, "MAX_QUEUED_LINES", 50)
    monkeypatch.setattr(line_writer, "CLOSE_SECONDS", 0.05)
    found = LineWriter(lost, pipe[1])
    for number in range(
        2000
    ):  # a pipe holds 64 KiB: the writer is stuck long before the last of these megabytes
        found.add(partial(text, number, 3000))
    found.close()
    reading = threading.Thread(
        target=lambda: received.append(read(pipe[0], lambda data: data.endswith(b"lost\n")))
    )
    received: list[bytes] = []
    reading.start()
    reading.join()
    whole = received[0].decode().splitlines()
    missing = int(whole.pop().split()[0])
    assert whole == [text(int(line.split()[0]), 3000) for line in whole]
    assert len(whole) + missing == 2000
    assert missing > 1000


def test_a_disconnected_reader_is_not_an_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    found = LineWriter(lost, writing)
    for _ in range(2):
        found.add(lambda: "to nobody")
        found.close()
    os.close(writing)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_after_a_full_disk_the_log_continues_and_counts_the_lost_lines(
    pipe: tuple[int, int],
) -> None:
    reading, writing = pipe
    descriptor = os.open("/dev/full", os.O_WRONLY)
    written, kept = LineWriter(lost, descriptor), threading.Event()
    try:
        written.add(partial(text, 1))
        while not written._lost_count:
            kept.wait(0.01)
        os.dup2(writing, descriptor)
        written.add(partial(text, 2))
        written.close()
    finally:
        os.close(descriptor)
    assert os.read(reading, 1000).decode().splitlines() == [text(2), lost(1)]
