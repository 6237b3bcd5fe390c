"""WireMock's client with a real server: supported routes work, others name an alternative."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from helpers.repository import ROOT
from helpers.shipped_api import EXPORTS, TOKEN, TRASH
from wiremock.client import (
    ClientException,
    GlobalSetting,
    GlobalSettings,
    Mapping,
    MappingRequest,
    MappingResponse,
    Mappings,
    NearMisses,
    NearMissMatchPatternRequest,
    NearMissMatchRequest,
    NotFoundException,
    Requests,
    Scenarios,
)
from wiremock.constants import Config

from mockserver.web.admin import ROUTES
from mockserver.web.admin.wiremock.unsupported import UNSUPPORTED, alternative_to

Pattern = NearMissMatchPatternRequest
TYPO = "/api/push_notifications/trsh"
TYPO_DISTANCE = 0.13
"""The distance of `TYPO` from the path of the trash."""
SENT = [
    ("GET", f"{TRASH}?limit=2&searched_text=a%20b"),
    ("GET", EXPORTS),
    ("GET", TYPO),
    ("DELETE", f"{EXPORTS}/100"),
]


@pytest.fixture
def sandbox(live: str) -> Iterator[str]:
    """Yield the base URL of a sandbox with four exchanges. WireMock's client uses the sandbox."""
    base = f"{live}/~wiremock"
    Config.base_url = f"{base}/__admin"
    for method, path in SENT:
        requests.request(method, base + path, headers={**TOKEN, "Prefer": "wait=1"})
    yield base
    requests.delete(f"{base}/__admin/sandboxes/wiremock")


@pytest.mark.server
def test_all_received_requests_are_listed(sandbox: str) -> None:
    journal = Requests.get_all_received_requests(parameters={})
    assert (journal.meta.total, journal.request_journal_disabled) == (4, False)
    events = journal.requests
    assert [(event.request.method, event.request.url) for event in events] == SENT[::-1]
    definitions = [event.response_definition for event in events]
    assert [definition.status for definition in definitions] == [200, 404, 200, 200]
    is_stub = [definition.from_configured_stub for definition in definitions]
    assert is_stub == [True, False, True, True]
    request = events[0].request
    assert request.absolute_url == sandbox.partition("/~")[0] + f"{EXPORTS}/100"
    assert (request.headers["prefer"], request.headers["x-access-token"]) == ("wait=1", "123…(16)")
    assert (request.body, request.body_as_base64) == ("", "")
    assert (request.browser_proxy_request, request.cookies) == (False, {})
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", request.logged_date_string)


@pytest.mark.server
@pytest.mark.parametrize(
    ("parameters", "number"), [({"limit": 2}, 2), ({"since": "2020-01-01T00:00:00Z"}, 4)]
)
def test_the_query_selects_received_requests(
    sandbox: str, parameters: dict[str, Any], number: int
) -> None:
    assert len(Requests.get_all_received_requests(parameters=parameters).requests) == number


@pytest.mark.server
def test_one_received_request_is_returned(sandbox: str) -> None:
    last = Requests.get_all_received_requests(parameters={}).requests[0]
    assert Requests.get_request(last.id).request.url == f"{EXPORTS}/100"
    with pytest.raises(NotFoundException, match="unknown exchange 'nope' in the journal"):
        Requests.get_request("nope")


PATTERNS: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [0, 1, 2, 3]),
    ({"method": "GET"}, [0, 1, 2]),
    ({"method": "ANY"}, [0, 1, 2, 3]),
    ({"method": "GET", "url": SENT[0][1]}, [0]),
    ({"url": TRASH}, []),
    ({"url_path": TRASH}, [0]),
    ({"url_pattern": ".*limit=[0-9]&.*"}, [0]),
    ({"url_path_pattern": "/api/.*/exports(/[0-9]+)?"}, [1, 3]),
    ({"url_path_pattern": "exports"}, []),
    ({"url_path": TRASH, "query_parameters": {"limit": {"equalTo": "2"}}}, [0]),
    ({"url_path": TRASH, "query_parameters": {"searched_text": {"equalTo": "a b"}}}, [0]),
    ({"query_parameters": {"limit": {"absent": True}}}, [1, 2, 3]),
    ({"headers": {"Prefer": {"contains": "wait"}}}, [0, 1, 2, 3]),
    ({"headers": {"Prefer": {"equalTo": "code=404"}}}, []),
    ({"headers": {"Content-Type": {"absent": True}}, "method": "DELETE"}, [3]),
]


@pytest.mark.server
@pytest.mark.parametrize(("members", "numbers"), PATTERNS, ids=[str(case[0]) for case in PATTERNS])
def test_matching_requests_are_found_and_counted(
    sandbox: str, members: dict[str, Any], numbers: list[int]
) -> None:
    pattern = Pattern(**members)
    assert Requests.get_matching_request_count(pattern).count == len(numbers)
    requests = Requests.get_matching_requests(pattern).requests
    expected = [SENT[number] for number in numbers]
    assert [(request.method, request.url) for request in requests] == expected


@pytest.mark.server
def test_unmatched_requests_have_near_misses(sandbox: str) -> None:
    unmatched = Requests.get_unmatched_requests().requests
    assert [request.url for request in unmatched] == [TYPO]
    [near_miss] = Requests.get_unmatched_requests_near_misses().near_misses
    assert (near_miss.request.url, near_miss.match_result.distance) == (TYPO, TYPO_DISTANCE)


@pytest.mark.server
def test_near_misses_of_a_described_request_are_returned(sandbox: str) -> None:
    request = NearMissMatchRequest(url=f"{TYPO}?limit=1", method="get")
    near_misses = NearMisses.find_nearest_misses_by_request(request).near_misses
    distances = [near_miss.match_result.distance for near_miss in near_misses]
    assert distances == sorted(distances)
    assert distances[0] == TYPO_DISTANCE


@pytest.mark.server
def test_a_reset_empties_the_journal(sandbox: str) -> None:
    Requests.reset_request_journal()
    assert Requests.get_all_received_requests(parameters={}).meta.total == 0


@pytest.mark.server
def test_a_reset_switches_all_scenarios_off(sandbox: str) -> None:
    assert Scenarios.reset_all_scenarios().json()["scenarios"] == []


STUB = Mapping(request=MappingRequest(method="GET", url="/x"), response=MappingResponse(status=200))
ABSENT = {
    "create a stub": (
        lambda: Mappings.create_mapping(STUB),
        NotFoundException,
        "responses come from the blueprint, not from stubs",
    ),
    "reset stubs": (lambda: Mappings.reset_mappings(), NotFoundException, "switch on a scenario"),
    "delay all": (
        lambda: GlobalSettings.update_global_settings(GlobalSetting(fixed_delay=9)),
        ClientException,
        "Prefer: delay=",
    ),
    "pattern": (
        lambda: NearMisses.find_nearest_misses_by_request_pattern(Pattern(url="/x")),
        NotFoundException,
        "requests/find",
    ),
}


@pytest.mark.server
@pytest.mark.parametrize("name", ABSENT)
def test_an_unsupported_route_names_its_alternative(sandbox: str, name: str) -> None:
    call, error, sentence = ABSENT[name]
    with pytest.raises(error, match=sentence):
        call()


@pytest.mark.parametrize(
    "row", UNSUPPORTED, ids=[f"{row.methods} {row.path}" for row in UNSUPPORTED]
)
def test_unsupported_wiremock_routes_are_not_served(client: FlaskClient, row: Any) -> None:
    for method in row.methods:
        below = "/1" if (method, row.path) == ("DELETE", "/requests") else ""
        response: Any = client.open(f"/__admin{row.path}{below}", method=method, json={})
        assert response.status_code == (
            405 if row.path.startswith(("/settings", "/requests")) else 404
        ), method
        assert row.alternative
        assert response.json["detail"].endswith(row.alternative)
        assert not any((route.method, route.path) == (method, row.path + below) for route in ROUTES)


def test_a_logged_date_is_the_time_in_milliseconds(client: FlaskClient) -> None:
    client.get(TRASH, headers=TOKEN)
    (entry,) = client.get("/__admin/requests").json["requests"]
    request = entry["request"]
    assert request["loggedDate"] == int(entry["time"] * 1000)
    logged_date = datetime.fromisoformat(request["loggedDateString"])
    assert logged_date == datetime.fromtimestamp(int(entry["time"]), UTC)


def test_a_path_with_the_same_prefix_does_not_match() -> None:
    assert alternative_to("GET", "/__admin/mappings/1") != ""
    assert alternative_to("GET", "/__admin/mappingsx") == ""
    assert alternative_to("GET", "/__admin/settings") == ""


INVALID_PATTERNS: list[tuple[dict[str, Any], str]] = [
    ({"urlPattern": "(?=a)"}, "/urlPattern: expected a regular expression without look-around"),
    ({"urlPattern": "a" * 201}, "/urlPattern: expected at most 200 characters"),
    ({"urlPathPattern": "("}, "/urlPathPattern: expected a regular expression"),
    (
        {"queryParameters": {"limit": {"matches": "["}}},
        "/queryParameters: expected a regular expression",
    ),
    ({"queryParameters": {"limit": {"before": "now"}}}, '"matches", "doesNotMatch" or "absent"'),
    ({"queryParameters": {"limit": "2"}}, "/queryParameters/limit: expected object"),
    (
        {"headers": {"Accept": {"contains": "json"}}},
        "the journal keeps: prefer, content-type, origin, user-agent",
    ),
    ({"bodyPatterns": [{"contains": "x"}]}, "/bodyPatterns: expected no other member than"),
    ({"status": "200"}, "/status: expected integer"),
    ({"violations": "false"}, "/violations: expected boolean"),
]


@pytest.mark.parametrize("path", ["/__admin/requests/count", "/__admin/requests/find"])
@pytest.mark.parametrize(
    ("body", "text"), INVALID_PATTERNS, ids=[str(case[0])[:60] for case in INVALID_PATTERNS]
)
def test_an_invalid_pattern_is_rejected(
    client: FlaskClient, path: str, body: dict[str, Any], text: str
) -> None:
    response = client.post(path, json=body)
    assert (response.status_code, response.json["type"]) == (
        400,
        "urn:mockserver:problem:admin-request-invalid",
    )
    assert text in response.json["detail"]


def get_scenario(client: FlaskClient, name: str) -> Any:
    content: Any = client.get("/__admin/scenarios").json
    return next(scenario for scenario in content["scenarios"] if scenario["name"] == name)


def test_a_scenario_is_a_state_machine_with_two_states(client: FlaskClient) -> None:
    before = get_scenario(client, "slow")
    assert (before["id"], before["state"], before["possibleStates"]) == (
        "slow",
        "off",
        ["on", "off"],
    )
    path = "/__admin/scenarios/slow/state"
    assert client.put(path, json={"state": "on"}).json["on"] is True
    assert get_scenario(client, "slow")["state"] == "on"
    assert client.put(path, json={}).json["on"] is False
    assert client.put(path, json={"state": "Started"}).status_code == 400


def test_the_documented_filters_are_the_supported_ones() -> None:
    """docs/wiremock.md names each filter and each unsupported route."""
    text = (ROOT / "docs/wiremock.md").read_text()
    for name in (
        "url",
        "urlPath",
        "urlPattern",
        "urlPathPattern",
        "queryParameters",
        "headers",
        "doesNotMatch",
        "absent",
    ):
        assert f"`{name}`" in text, name
    for row in UNSUPPORTED:
        assert row.path in text, row.path
