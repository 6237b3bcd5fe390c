"""Preferences of a request and scenarios: which one decides about the response."""

from collections.abc import Callable

import orjson
import pytest
from helpers.shipped_api import CANCEL, EXPORTS, RETRIEVE, TRASH

from mockserver.contract.model import Contract
from mockserver.contract.routes import Match
from mockserver.formats.prefer import parse_prefer
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.response_plan import plan_response
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.state import Activation, SandboxState

Ask = Callable[..., Response]

PARSED = [
    ("code=404", {"code": "404"}),
    ("Code = 404", {"code": "404"}),
    ('code="404"', {"code": "404"}),
    ("code=404, delay=2", {"code": "404", "delay": "2"}),
    ("code=404; foo=bar, respond-async", {"code": "404", "respond-async": ""}),
    ("code=404, code=200", {"code": "404"}),
    ('x="a,b=\\"c"', {"x": 'a,b="c'}),
    ("", {}),
    ("=,=,;;", {}),
]


@pytest.mark.parametrize(("header", "preferences"), PARSED, ids=[header for header, _ in PARSED])
def test_the_prefer_header_is_parsed_by_rfc_7240(header: str, preferences: dict[str, str]) -> None:
    assert {name: value for name, (_, value) in parse_prefer(header).items()} == preferences


@pytest.mark.parametrize("spelling", ["code=404", "status=404", "statusCode=404", 'CODE="404"'])
def test_a_preferred_status_is_returned_and_echoed(ask: Ask, spelling: str) -> None:
    response = ask("GET", f"{EXPORTS}/100", prefer=spelling)
    assert response.status == 404
    assert orjson.loads(response.body) == {"message": "Push notification export not found"}
    assert dict(response.headers)["Preference-Applied"] == spelling.replace('"', "")


OPERATION = "Retrieve a Push Notification Segment Export"
INVALID = [
    (
        "code=418",
        f"invalid preference 'code=418' for {OPERATION}; expected one of 200, 404",
        {"documented": [200, 404]},
    ),
    (
        "code=4o4",
        f"invalid preference 'code=4o4' for {OPERATION}; expected one of 200, 404",
        {"documented": [200, 404]},
    ),
    (
        "delay=soon",
        "invalid preference 'delay=soon'; the delay must be a number of seconds from 0 to 30",
        {"maximum": 30.0},
    ),
    (
        "delay=31",
        "invalid preference 'delay=31'; the delay must be a number of seconds from 0 to 30",
        {"maximum": 30.0},
    ),
]


@pytest.mark.parametrize(
    ("header", "detail", "members"), INVALID, ids=[header for header, _, _ in INVALID]
)
def test_an_invalid_preference_is_a_problem_with_the_valid_values(
    ask: Ask, header: str, detail: str, members: dict[str, object]
) -> None:
    response = ask("GET", f"{EXPORTS}/100", prefer=header)
    problem = orjson.loads(response.body)
    assert response.status == 400
    assert dict(response.headers)["Content-Type"] == "application/problem+json"
    assert problem["type"] == "urn:mockserver:problem:preference-not-met"
    assert problem["detail"] == detail
    assert members.items() <= problem.items()


def test_a_preferred_scenario_of_another_operation_is_rejected_with_the_valid_ones(
    ask: Ask,
) -> None:
    response = ask("GET", TRASH, prefer=f"scenario={CANCEL}-404")
    assert orjson.loads(response.body)["scenarios"] == [
        "empty-lists",
        "fault-bad-gateway",
        "fault-empty",
        "fault-endless",
        "fault-internal-server-error",
        "fault-malformed-json",
        "fault-reset",
        "fault-reset-in-body",
        "fault-service-unavailable",
        "fault-slow",
        "fault-too-many-requests",
        "fault-truncated",
        "finished-export-cancel",
        "list-all-trashed-push-notifications-200",
        "slow",
    ]


def test_a_preferred_scenario_applies_to_one_request_only(ask: Ask) -> None:
    assert ask("DELETE", f"{EXPORTS}/100", prefer="scenario=finished-export-cancel").status == 400
    assert ask("DELETE", f"{EXPORTS}/100").status == 200


def test_unknown_preferences_are_ignored(ask: Ask) -> None:
    response = ask("GET", f"{EXPORTS}/100", prefer="respond-async, wait=10, handling=lenient")
    assert response.status == 200
    assert "Preference-Applied" not in dict(response.headers)


def test_a_forced_success_that_the_records_contradict_is_rejected(ask: Ask) -> None:
    response = ask("GET", f"{EXPORTS}/999999", prefer="code=200")
    assert (response.status, orjson.loads(response.body)["actual"]) == (400, 404)


def test_a_forced_success_runs_the_operation(ask: Ask) -> None:
    forced = orjson.loads(ask("DELETE", f"{EXPORTS}/100", prefer="code=200").body)
    assert forced["push_notification_export"]["status"] == "canceled"
    stored = orjson.loads(ask("GET", f"{EXPORTS}/100").body)
    assert stored["push_notification_export"]["status"] == "canceled"


@pytest.mark.parametrize("code", [400, 404])
def test_a_forced_error_writes_nothing(ask: Ask, code: int) -> None:
    before = ask("GET", f"{EXPORTS}/100").body
    assert ask("DELETE", f"{EXPORTS}/100", prefer=f"code={code}").status == code
    assert ask("GET", f"{EXPORTS}/100").body == before


def test_a_preferred_status_overrides_the_active_scenario(ask: Ask, server: object) -> None:
    server.sandboxes.switch_on("default", f"{RETRIEVE}-404")  # type: ignore[attr-defined]
    assert ask("GET", f"{EXPORTS}/100").status == 404
    assert ask("GET", f"{EXPORTS}/100", prefer="code=200").status == 200


def test_a_preferred_delay_overrides_the_active_scenario(contract: Contract) -> None:
    snapshot = Snapshot(contract, SandboxState(scenarios=(Activation("slow"),)))

    def delay(prefer: str, max_delay: float = 30) -> float | None:
        request = Request("GET", "/", headers={"prefer": prefer})
        match = Match(contract.operation(RETRIEVE), {})
        return plan_response(request, match, snapshot, max_delay).delay

    assert delay("") == 2
    assert delay("delay=0") == 0
    assert delay("scenario=slow, delay=0.5") == 0.5
    assert delay("", max_delay=1) == 1
