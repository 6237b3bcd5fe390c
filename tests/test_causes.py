import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import loading
from mockserver.causes import caused
from mockserver.shipped import FIXTURES, SCHEMAS

LOADED = loading.load(SCHEMAS, FIXTURES)
EXPORTS = list(LOADED.collections["push_notifications/exports"].values())
LIFECYCLE = LOADED.lifecycles["push_notifications/exports"]
NOW = LOADED.now["push_notifications"]


@given(st.sampled_from(EXPORTS), st.lists(st.sampled_from(list(LIFECYCLE.states)), min_size=1, max_size=4))
def test_a_record_in_any_state_keeps_every_invariant(record: dict[str, object], states: list[str]) -> None:
    before = copy.deepcopy(record)
    after = record
    for state in states:
        after = caused(after, {"status": state}, LIFECYCLE, NOW)  # type: ignore[assignment]
        assert after["status"] == state
        assert LIFECYCLE.violations(after, NOW) == []
    assert record == before


def test_a_finished_export_sent_all_that_was_not_excluded() -> None:
    after = caused(EXPORTS[0], {"status": "finished"}, LIFECYCLE, NOW)
    counts = after["message_counts"]
    assert counts["sent"] == counts["total"] - counts["excluded_invalid"] - counts["excluded_by_frequency_cap"]
    assert after["stats"]["statuses_history"]["finished"] == NOW


@pytest.mark.parametrize(("name", "value"), [("name", "x" * 500), ("message_counts.sent", 1)])
def test_any_member_can_be_replaced(name: str, value: object) -> None:
    after = caused(EXPORTS[0], {name: value}, LIFECYCLE, NOW)
    assert value in (after["name"], after["message_counts"]["sent"])
