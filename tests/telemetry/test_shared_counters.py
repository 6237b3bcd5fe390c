"""Counters of several processes: no count is lost, and none decreases when a process ends."""

import os
import signal
import threading
from collections.abc import Callable

import pytest

from mockserver.telemetry import shared_counters
from mockserver.telemetry.shared_counters import SharedCounters

KEY = ("requests", "list", 200)


def in_child(work: Callable[[], object], number: int = 0) -> None:
    """Run it in a forked process, which then ends, by a signal where one is named."""
    child = os.fork()
    if not child:
        try:
            work()
            if number:
                os.kill(os.getpid(), number)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert number == 0 or os.WTERMSIG(status) == number


def times(found: SharedCounters, count: int, key: shared_counters.Key = KEY) -> Callable[[], None]:
    def work() -> None:
        for _ in range(count):
            found.add(key)

    return work


def test_an_uncounted_metric_is_absent() -> None:
    assert SharedCounters().totals() == {}


def test_metrics_have_the_labels_they_were_counted_with() -> None:
    found = SharedCounters()
    for key in (KEY, KEY, ("a", None), ('quo"te', "new\nline", 7)):
        found.add(key)
    found.add(("nanoseconds",), 10**12)
    assert found.totals() == {
        KEY: 2,
        ("a", None): 1,
        ('quo"te', "new\nline", 7): 1,
        ("nanoseconds",): 10**12,
    }


def test_processes_count_together_and_each_reads_all() -> None:
    found = SharedCounters()
    times(found, 3)()
    in_child(times(found, 4))
    in_child(lambda: found.add(("read by a child",), found.totals()[KEY]))
    assert found.totals() == {KEY: 7, ("read by a child",): 7}


def test_processes_at_the_same_time_lose_nothing() -> None:
    found, children = SharedCounters(), []
    for _ in range(4):
        child = os.fork()
        if not child:
            times(found, 20_000)()
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    assert found.totals() == {KEY: 80_000}


def test_threads_lose_nothing() -> None:
    found = SharedCounters()
    threads = [threading.Thread(target=times(found, 20_000)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.totals() == {KEY: 80_000}


def test_a_block_of_a_killed_process_is_reused_with_its_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        shared_counters, "MAX_PROCESSES", 4
    )  # three to take, so that a block that nobody gives back would show
    found = SharedCounters()
    for round_ in range(1, 10):
        in_child(times(found, 5), signal.SIGKILL)
        in_child(times(found, 1, ("another", round_)), signal.SIGKILL)
        assert found.totals()[KEY] == 5 * round_
    assert found._words[0] == 1


def test_what_a_killed_process_held_is_counted_once() -> None:
    found = SharedCounters(killed=("lost",))
    in_child(lambda: found.hold(3), signal.SIGKILL)
    for _ in range(2):
        in_child(times(found, 1), signal.SIGKILL)
        assert found.totals()[("lost",)] == 3
    in_child(lambda: [found.hold(5), found.hold(0)], signal.SIGKILL)
    found.hold(7)
    assert found.totals()[("lost",)] == 3


def test_a_process_without_a_block_counts_nothing_and_spoils_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shared_counters, "MAX_PROCESSES", 2)
    monkeypatch.setattr(
        shared_counters,
        "_UNREAD_SLOT",
        shared_counters._first_slot(1) + shared_counters.SLOTS_PER_BLOCK - 1,
    )
    found = SharedCounters()
    found.add(KEY)
    in_child(times(found, 5))
    assert found.totals() == {KEY: 1}


@pytest.mark.parametrize(
    "key", [("short",), ("long" * 100,)], ids=["no word left", "no room for its name"]
)
def test_keys_without_room_count_nothing_and_spoil_nothing(key: shared_counters.Key) -> None:
    found = SharedCounters()
    for number in range(shared_counters.SLOTS_PER_BLOCK + 10):
        found.add((*key, number))
    counts = found.totals()
    assert 150 < len(counts) < shared_counters.SLOTS_PER_BLOCK
    assert set(counts.values()) == {1}
    found.add((*key, 0))
    assert found.totals()[(*key, 0)] == 2


def test_no_file_is_left_behind(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    SharedCounters().add(KEY)
    assert os.listdir(str(tmp_path)) == []
