"""Lifecycles: states, transitions, histories and counts, and errors in lifecycles.yaml."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.config.shipped import FIXTURES
from mockserver.contract import lifecycles
from mockserver.contract.lifecycles import Lifecycle, get_path, set_path
from mockserver.contract.timestamps import is_timestamp
from mockserver.errors import InvalidFiles

NOW = "2026-11-02 09:00:00"
EXPORTS = lifecycles.read_lifecycles(
    FIXTURES / "push_notifications/lifecycles.yaml", "lifecycles.yaml"
)["exports"]
ALL_PATHS = [path for state in EXPORTS.states for path in EXPORTS.paths_to(state)]


def export(
    *path: str, sent: int = 0, invalid: int = 3, capped: int = 20, total: int = 123
) -> dict[str, Any]:
    """Return a record with this path in its history, one state each minute."""
    return {
        "id": 100,
        "status": path[-1],
        "stats": {
            "statuses_history": {
                state: f"2026-11-01 10:0{minute}:00" for minute, state in enumerate(path)
            }
        },
        "message_counts": {
            "total": total,
            "sent": sent,
            "excluded_invalid": invalid,
            "excluded_by_frequency_cap": capped,
        },
        "created": "2026-11-01 10:00:00",
    }


def parse(tmp_path: Path, text: str) -> dict[str, Lifecycle]:
    (tmp_path / "lifecycles.yaml").write_text(text)
    return lifecycles.read_lifecycles(tmp_path / "lifecycles.yaml", "lifecycles.yaml")


def test_paths_start_with_the_first_state() -> None:
    assert EXPORTS.first == "waiting"
    assert EXPORTS.paths_to("waiting") == (("waiting",),)
    assert EXPORTS.paths_to("canceled") == (
        ("waiting", "canceled"),
        ("waiting", "running", "canceled"),
    )
    assert EXPORTS.paths_to("nowhere") == ()


VALID = {
    "waiting": export("waiting", invalid=0, capped=0),
    "running": export("waiting", "running", sent=50),
    "running, and all sent": export("waiting", "running", sent=100),
    "finished": export("waiting", "running", "finished", sent=100),
    "error": export("waiting", "running", "error", sent=1),
    "canceled at once": export("waiting", "canceled", invalid=0, capped=0),
    "canceled while running": export("waiting", "running", "canceled", sent=99),
}


@pytest.mark.parametrize("record", VALID.values(), ids=VALID)
def test_a_valid_record_has_no_violations(record: dict[str, Any]) -> None:
    assert EXPORTS.violations(record, NOW) == []
    assert EXPORTS.violations(record, "2026-11-01 10:02:00") == []


HISTORY = ("stats", "statuses_history")
FINISHED = export("waiting", "running", "finished", sent=100)
RUNNING = export("waiting", "running", sent=50)
INVALID = {
    "unknown state": (
        set_path(RUNNING, ("status",), "done"),
        '/status: expected one of waiting, running, finished, error, canceled, got "done"',
    ),
    "no state": (
        {"id": 1},
        "/status: expected one of waiting, running, finished, error, canceled, got null",
    ),
    "a state that is a list": (
        set_path(RUNNING, ("status",), ["running"]),
        '/status: expected one of waiting, running, finished, error, canceled, got ["running"]',
    ),
    "the blueprint's example, with an extra timestamp": (
        set_path(RUNNING, (*HISTORY, "finished"), NOW),
        "/stats/statuses_history: expected the states on a path to running: waiting > running, "
        "got waiting, running, finished",
    ),
    "a missing timestamp": (
        set_path(export("waiting"), ("status",), "canceled"),
        "/stats/statuses_history: expected the states on a path to canceled: "
        "waiting > canceled, or waiting > running > canceled, got waiting",
    ),
    "no history": (
        set_path(RUNNING, ("stats",), None),
        "/stats/statuses_history: expected the states on a path to running: waiting > running, "
        "got null",
    ),
    "out of order": (
        set_path(FINISHED, (*HISTORY, "running"), "2026-11-01 10:03:00"),
        "/stats/statuses_history/finished: expected a timestamp not before "
        "/stats/statuses_history/running "
        "(2026-11-01 10:03:00), got 2026-11-01 10:02:00",
    ),
    "before it was created": (
        set_path(RUNNING, ("created",), "2026-11-01 10:00:30"),
        "/stats/statuses_history/waiting: expected a timestamp not before /created (2026-11-01 "
        "10:00:30), "
        "got 2026-11-01 10:00:00",
    ),
    "after the fixtures' date": (
        set_path(RUNNING, (*HISTORY, "running"), "2026-11-02 09:00:01"),
        "/stats/statuses_history/running: expected a timestamp not after the fixtures' date "
        f"({NOW}), got 2026-11-02 09:00:01",
    ),
    "an invalid timestamp": (
        set_path(RUNNING, (*HISTORY, "running"), "2026-02-30 10:00:00"),
        "/stats/statuses_history/running: expected a timestamp, YYYY-MM-DD HH:MM:SS, got "
        '"2026-02-30 10:00:00"',
    ),
    "finished, but not all sent": (
        set_path(FINISHED, ("message_counts", "sent"), 99),
        "/message_counts/total: expected 122 in the state finished, the sum of "
        "message_counts.sent + "
        "message_counts.excluded_invalid + message_counts.excluded_by_frequency_cap, got 123",
    ),
    "more sent than the total": (
        set_path(RUNNING, ("message_counts", "sent"), 101),
        "/message_counts/total: expected at least 124, the sum of message_counts.sent + "
        "message_counts.excluded_invalid + message_counts.excluded_by_frequency_cap, got 123",
    ),
    "a negative count": (
        set_path(RUNNING, ("message_counts", "sent"), -1),
        "/message_counts/sent: expected an integer, at least 0, got -1",
    ),
    "a count that is not a number": (
        set_path(RUNNING, ("message_counts", "sent"), True),
        "/message_counts/sent: expected an integer, at least 0, got true",
    ),
}


@pytest.mark.parametrize(("record", "text"), INVALID.values(), ids=INVALID)
def test_a_record_that_breaks_a_rule_has_one_violation(record: dict[str, Any], text: str) -> None:
    assert [str(violation) for violation in EXPORTS.violations(record, NOW)] == [text]


def test_all_violations_are_reported_together() -> None:
    record = set_path(set_path(RUNNING, HISTORY, {}), ("message_counts", "total"), 1)
    assert {v.pointer for v in EXPORTS.violations(record, NOW)} == {
        "/stats/statuses_history",
        "/message_counts/total",
    }


@given(st.sampled_from(ALL_PATHS), st.integers(0, 99), st.data())
def test_a_transition_keeps_all_rules_and_does_not_change_its_argument(
    path: tuple[str, ...], sent: int, data: st.DataObject
) -> None:
    record = VALID["finished"] if path[-1] == "finished" else export(*path, sent=sent)
    following = EXPORTS.states[path[-1]].next_states
    if not following:
        return
    before, to = deepcopy(record), data.draw(st.sampled_from(following))
    after = EXPORTS.transitioned(record, to, NOW)
    assert record == before
    assert EXPORTS.violations(after, NOW) == []
    assert (EXPORTS.state_of(after), get_path(after, (*HISTORY, to))) == (to, NOW)
    after["stats"]["statuses_history"]["x"] = after["message_counts"]["x"] = 1
    assert get_path(record, HISTORY) == get_path(before, HISTORY)


@pytest.mark.parametrize("to", ["waiting", "running", "nowhere"])
def test_an_unknown_transition_is_rejected(to: str) -> None:
    with pytest.raises(ValueError, match=f"no transition from \"finished\" to '{to}'"):
        EXPORTS.transitioned(FINISHED, to, NOW)


def test_the_growing_count_is_completed_when_an_export_is_finished() -> None:
    after = EXPORTS.transitioned(export("waiting", "running", sent=50), "finished", NOW)
    assert after["message_counts"] == {
        "total": 123,
        "sent": 100,
        "excluded_invalid": 3,
        "excluded_by_frequency_cap": 20,
    }


TIMESTAMPS = {
    NOW: True,
    "2026-11-02T09:00:00": False,
    "2026-11-02 9:00:00": False,
    "2026-02-30 09:00:00": False,
    "": False,
}


@pytest.mark.parametrize(("text", "expected"), TIMESTAMPS.items(), ids=TIMESTAMPS)
def test_only_a_valid_date_in_the_documented_form_is_a_timestamp(text: str, expected: bool) -> None:
    assert is_timestamp(text) is expected


def test_a_lifecycle_may_have_states_only(tmp_path: Path) -> None:
    polls = parse(tmp_path, "polls: {state: status, states: {open: {next: closed}, closed: {}}}")[
        "polls"
    ]
    assert polls.violations({"status": "closed"}, NOW) == []
    assert polls.transitioned({"status": "open", "id": 1}, "closed", NOW) == {
        "status": "closed",
        "id": 1,
    }


def test_a_history_may_have_its_keys_in_any_order(tmp_path: Path) -> None:
    text = (
        "a: {state: s, history: h, states: {x: {next: [y, z]}, y: {next: [z, w]}, z: {next: "
        "[w]}, w: {}}}"
    )
    lifecycle = parse(tmp_path, text)["a"]
    assert lifecycle.paths_to("w") == (("x", "y", "w"), ("x", "z", "w"), ("x", "y", "z", "w"))
    history = {"w": "2026-11-01 10:03:00", "z": "2026-11-01 10:01:00", "x": "2026-11-01 10:00:00"}
    assert lifecycle.violations({"s": "w", "h": history}, NOW) == []


LINE = "e: {state: s, states: "
ERRORS = {
    "a list": ("[]", "1:1: /: expected object, got array"),
    "an unknown key": (
        LINE + "{a: {}}, stats: x}",
        '1:32: /e/stats: expected no other member than "state", "history", "created_at", '
        '"counts" or "states", '
        'got undocumented member "stats"',
    ),
    "an unknown key of a state": (
        LINE + "{a: {until: 5 s}}}",
        '1:28: /e/states/a/until: expected no other member than "next", "increments" or '
        '"duration", '
        'got undocumented member "until"',
    ),
    "increments an unknown count": (
        LINE + "{a: {increments: x}}}",
        "1:40: unknown part of the counts 'x'; expected none, because the lifecycle has none",
    ),
    "an unknown complete state": (
        LINE + "{a: {}}, counts: {total: t, parts: [p], complete: b}}",
        "1:73: unknown state 'b'; expected one of a",
    ),
    "the total is one of the parts": (
        LINE + "{a: {}}, counts: {total: t, parts: [t]}}",
        "1:58: duplicate part; expected each member once, without the total",
    ),
    "a state without a path": (
        LINE + "{a: {}, b: {}}}",
        "1:31: state 'b' cannot be reached from 'a'; add it to `next` of another state",
    ),
    "a state that leads to itself": (
        LINE + "{a: {next: a}}}",
        "1:24: a > a is a cycle; a record can be in each state only once",
    ),
}


@pytest.mark.parametrize(("text", "message"), ERRORS.values(), ids=ERRORS)
def test_an_error_of_the_file_is_reported_with_its_position(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(InvalidFiles) as raised:
        parse(tmp_path, text)
    assert [str(error) for error in raised.value.errors] == [f"lifecycles.yaml:{message}"]


def test_all_errors_are_reported_together(tmp_path: Path) -> None:
    with pytest.raises(InvalidFiles) as raised:
        parse(
            tmp_path,
            "a: {state: s, states: {x: {next: [yy]}, yyy: {}}}\nb: {state: s, states: {x: "
            "{next: y}, y: {next: x}}}\n",
        )
    assert [str(error) for error in raised.value.errors] == [
        "lifecycles.yaml:1:35: unknown state 'yy'; expected yyy, or another of x, yyy",
        "lifecycles.yaml:1:41: state 'yyy' cannot be reached from 'x'; "
        "add it to `next` of another state",
        "lifecycles.yaml:2:24: x > y > x is a cycle; a record can be in each state only once",
    ]


def test_too_many_paths_are_rejected_before_they_are_built(tmp_path: Path) -> None:
    steps = [
        f"    s{i}: {{next: [{', '.join(f's{j}' for j in range(i + 1, 26))}]}}" for i in range(25)
    ]
    with pytest.raises(InvalidFiles, match="state 's24' has 8388608 paths; expected at most 1000"):
        parse(tmp_path, "\n".join(["e:", "  state: s", "  states:", *steps, "    s25: {}"]))
