"""Counters of several processes: no count is lost, and none decreases when a process ends."""

import os
import signal
import threading
from collections.abc import Callable

import pytest

from mockserver.telemetry import shared_counters
from mockserver.telemetry.shared_counters import SharedCounters

KEY = ("requests", "list", 200)
PARALLEL, COUNTS_EACH = 4, 20_000
"""Processes or threads that count at the same time, for long enough to interrupt each other."""


def in_child(work: Callable[[], object], number: int = 0) -> None:
    """Run `work` in a forked process, which then exits, or ends by the signal `number`."""
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


def times(
    counters: SharedCounters, count: int, key: shared_counters.Key = KEY
) -> Callable[[], None]:
    def work() -> None:
        for _ in range(count):
            counters.add(key)

    return work


def test_an_uncounted_metric_is_absent() -> None:
    assert SharedCounters().totals() == {}


def test_a_total_has_the_labels_of_its_counter() -> None:
    counters = SharedCounters()
    for key in (KEY, KEY, ("a", None), ('quo"te', "new\nline", 7)):
        counters.add(key)
    counters.add(("nanoseconds",), 10**12)
    assert counters.totals() == {
        KEY: 2,
        ("a", None): 1,
        ('quo"te', "new\nline", 7): 1,
        ("nanoseconds",): 10**12,
    }


def test_processes_count_together_and_each_reads_all() -> None:
    counters = SharedCounters()
    times(counters, 3)()
    in_child(times(counters, 4))
    in_child(lambda: counters.add(("read by a child",), counters.totals()[KEY]))
    assert counters.totals() == {KEY: 7, ("read by a child",): 7}


def test_processes_at_the_same_time_lose_no_count() -> None:
    counters, children = SharedCounters(), []
    for _ in range(PARALLEL):
        child = os.fork()
        if not child:
            times(counters, COUNTS_EACH)()
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * PARALLEL
    assert counters.totals() == {KEY: PARALLEL * COUNTS_EACH}


def test_threads_at_the_same_time_lose_no_count() -> None:
    counters = SharedCounters()
    threads = [threading.Thread(target=times(counters, COUNTS_EACH)) for _ in range(PARALLEL)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counters.totals() == {KEY: PARALLEL * COUNTS_EACH}


def test_a_block_of_a_killed_process_is_reused_with_its_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # With three blocks, a block that is not reused would be missing after three rounds.
    monkeypatch.setattr(shared_counters, "MAX_PROCESSES", 4)
    counters = SharedCounters()
    for round_ in range(1, 10):
        in_child(times(counters, 5), signal.SIGKILL)
        in_child(times(counters, 1, ("another", round_)), signal.SIGKILL)
        assert counters.totals()[KEY] == 5 * round_
    assert counters._words[0] == 1


def test_the_amount_that_a_killed_process_held_is_counted_once() -> None:
    counters = SharedCounters(killed=("lost",))
    in_child(lambda: counters.hold(3), signal.SIGKILL)
    for _ in range(2):
        in_child(times(counters, 1), signal.SIGKILL)
        assert counters.totals()[("lost",)] == 3
    in_child(lambda: [counters.hold(5), counters.hold(0)], signal.SIGKILL)
    counters.hold(7)
    assert counters.totals()[("lost",)] == 3


def test_a_process_without_a_block_changes_no_total(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shared_counters, "MAX_PROCESSES", 2)
    last_word = shared_counters._first_slot(1) + shared_counters.SLOTS_PER_BLOCK - 1
    monkeypatch.setattr(shared_counters, "_UNREAD_SLOT", last_word)
    counters = SharedCounters()
    counters.add(KEY)
    in_child(times(counters, 5))
    assert counters.totals() == {KEY: 1}


@pytest.mark.parametrize(
    "key", [("short",), ("long" * 100,)], ids=["no free word", "no space for its name"]
)
def test_a_key_that_does_not_fit_into_the_block_changes_no_total(key: shared_counters.Key) -> None:
    counters = SharedCounters()
    for number in range(shared_counters.SLOTS_PER_BLOCK + 10):
        counters.add((*key, number))
    counts = counters.totals()
    assert 150 < len(counts) < shared_counters.SLOTS_PER_BLOCK
    assert set(counts.values()) == {1}
    counters.add((*key, 0))
    assert counters.totals()[(*key, 0)] == 2


def test_no_temporary_file_remains(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    SharedCounters().add(KEY)
    assert os.listdir(str(tmp_path)) == []
