"""Record overrides of scenarios, and how they are applied to records."""

import copy
from pathlib import Path

import pytest
from helpers.shipped_api import shipped_contract
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract import lifecycles
from mockserver.contract.scenarios.record_overrides import apply_overrides

LOADED = shipped_contract()
EXPORTS = list(LOADED.collections["push_notifications/exports"].values())
LIFECYCLE = LOADED.lifecycles["push_notifications/exports"]
NOW = LOADED.now["push_notifications"]


@given(
    st.sampled_from(EXPORTS),
    st.lists(st.sampled_from(list(LIFECYCLE.states)), min_size=1, max_size=4),
)
def test_a_record_that_is_forced_into_a_state_is_valid_by_its_lifecycle(
    record: dict[str, object], states: list[str]
) -> None:
    before = copy.deepcopy(record)
    after = record
    for state in states:
        after = apply_overrides(after, {"status": state}, LIFECYCLE, NOW)  # type: ignore[assignment]
        assert after["status"] == state
        assert LIFECYCLE.violations(after, NOW) == []
    assert record == before


def test_a_finished_export_has_complete_counts() -> None:
    after = apply_overrides(EXPORTS[0], {"status": "finished"}, LIFECYCLE, NOW)
    counts = after["message_counts"]
    assert (
        counts["sent"]
        == counts["total"] - counts["excluded_invalid"] - counts["excluded_by_frequency_cap"]
    )
    assert after["stats"]["statuses_history"]["finished"] == NOW


def test_any_member_can_be_replaced() -> None:
    record = EXPORTS[0]
    assert apply_overrides(record, {"name": "x" * 500}, LIFECYCLE, NOW) == {
        **record,
        "name": "x" * 500,
    }
    counts = {**record["message_counts"], "sent": 1}
    assert apply_overrides(record, {"message_counts.sent": 1}, LIFECYCLE, NOW) == {
        **record,
        "message_counts": counts,
    }


def test_a_forced_state_has_no_timestamp_before_the_latest_of_the_record() -> None:
    running = apply_overrides(EXPORTS[0], {"status": "running"}, LIFECYCLE, NOW)
    after = apply_overrides(running, {"status": "finished"}, LIFECYCLE, "2010-01-01 00:00:00")
    assert LIFECYCLE.violations(after) == []
    history = after["stats"]["statuses_history"]
    assert history["finished"] == history["running"]


WITHOUT_HISTORY = """
jobs:
  state: status
  counts: {total: all, parts: [done, lost], complete: [finished]}
  states:
    waiting: {next: [running, canceled]}
    running: {next: [finished, error], increments: done}
    finished: {}
    error: {}
    canceled: {}
"""
JOBS = {
    "to the next state": ("running", "finished", {"done": 5, "lost": 2}, {"done": 8, "lost": 2}),
    "from the first state to the last": (
        "waiting",
        "finished",
        {"done": 0, "lost": 2},
        {"done": 8, "lost": 2},
    ),
    "to another final state": ("running", "error", {"done": 5, "lost": 2}, {"done": 5, "lost": 2}),
    "back to the first state": (
        "running",
        "waiting",
        {"done": 5, "lost": 2},
        {"done": 0, "lost": 0},
    ),
    "from one final state to another": (
        "canceled",
        "finished",
        {"done": 0, "lost": 2},
        {"done": 10, "lost": 0},
    ),
}


@pytest.mark.parametrize(("before", "to", "counts", "expected"), JOBS.values(), ids=JOBS)
def test_a_state_is_forced_without_a_history(
    tmp_path: Path, before: str, to: str, counts: dict[str, int], expected: dict[str, int]
) -> None:
    path = tmp_path / "lifecycles.yaml"
    path.write_text(WITHOUT_HISTORY)
    lifecycle = lifecycles.read_lifecycles(path, "lifecycles.yaml")["jobs"]
    # A member with the name of a state is not part of the lifecycle.
    job = {"status": before, "all": 10, "running": "yes", **counts}
    after = apply_overrides(job, {"status": to}, lifecycle, NOW)
    assert after == {**job, "status": to, **expected}
    assert lifecycle.violations(after, NOW) == []


def test_a_history_that_an_override_empties_starts_again() -> None:
    after = apply_overrides(
        EXPORTS[0], {"stats.statuses_history": {}, "status": "finished"}, LIFECYCLE, NOW
    )
    states = ("waiting", "running", "finished")
    assert after["stats"]["statuses_history"] == dict.fromkeys(states, NOW)
    assert LIFECYCLE.violations(after, NOW) == []
