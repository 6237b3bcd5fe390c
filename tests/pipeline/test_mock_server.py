"""The API without a socket: each operation, each documented status, and consistency over time."""

from collections.abc import Callable
from itertools import chain
from typing import Any

import orjson
import pytest
from helpers.shipped_api import (
    BUSY,
    CANCEL,
    EXPORTS,
    LIST_EXPORTS,
    LIST_TRASH,
    RESTORE,
    RETRIEVE,
    TRASH,
    TRASHED,
)

from mockserver.contract.examples import example_path
from mockserver.contract.model import Contract
from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer

Ask = Callable[..., Response]


def json(response: Response) -> Any:
    return orjson.loads(response.body)


def problem(response: Response) -> tuple[int, str]:
    assert dict(response.headers)["Content-Type"] == "application/problem+json"
    document = json(response)
    assert document["status"] == response.status
    return response.status, document["type"].removeprefix("urn:mockserver:problem:")


def exports(ask: Ask, query: str = "limit=1000") -> list[dict[str, Any]]:
    body = json(ask("GET", f"{EXPORTS}?{query}"))
    records: list[dict[str, Any]] = body["push_notification_exports"]
    return records


def first(ask: Ask, *statuses: str) -> int:
    number: int = next(export["id"] for export in exports(ask) if export["status"] in statuses)
    return number


# Every operation, with every documented status and every scenario.


def test_every_documented_status_can_be_preferred(
    contract: Contract, server: MockServer, ask: Ask
) -> None:
    for served in contract.served:
        for status in served.operation.statuses:
            server.sandboxes.reset("default")
            response = ask(served.operation.method, example_path(served), prefer=f"code={status}")
            assert response.status == status, (served.operation.id, status, response.body)
            assert served.validators[status].violations(json(response)) == ()


def test_every_scenario_results_in_valid_responses(
    contract: Contract, server: MockServer, ask: Ask
) -> None:
    for name, scenario in contract.scenarios.items():
        if scenario.response.delay or scenario.response.fault:
            continue
        for served in contract.served:
            server.sandboxes.reset("default")
            server.sandboxes.switch_on("default", name)
            response = ask(served.operation.method, example_path(served))
            assert response.status in served.operation.statuses, (
                name,
                served.operation.id,
                response.body,
            )
            assert served.validators[response.status].violations(json(response)) == ()
            if scenario.response.status and served.operation.id in scenario.operations:
                assert response.status == scenario.response.status


def test_equal_requests_have_equal_bodies(contract: Contract, ask: Ask) -> None:
    reads = [example_path(served) for served in contract.served if served.operation.method == "GET"]
    assert len(reads) == 3
    for path in reads:
        first, second = ask("GET", path), ask("GET", path)
        assert (first.status, first.body) == (200, second.body)


# Lists.


def test_a_page_has_twenty_records_by_default(ask: Ask) -> None:
    body = json(ask("GET", EXPORTS))
    assert len(body["push_notification_exports"]) == 20
    assert body["selection_settings"] == {"limit": 20, "offset": None}


def test_pages_contain_each_record_once_and_in_order(ask: Ask) -> None:
    pages = [exports(ask, f"limit=7&offset={start}") for start in range(0, 70, 7)]
    assert list(chain.from_iterable(pages)) == exports(ask)


@pytest.mark.parametrize(
    ("query", "length"),
    [("limit=0", 0), ("limit=1", 1), ("offset=100000", 0), ("offset=0&limit=1000", 45)],
)
def test_a_page_has_as_many_records_as_limit_and_offset_allow(
    ask: Ask, query: str, length: int
) -> None:
    assert len(exports(ask, query)) == length


def test_the_shipped_exports_show_all_five_statuses(ask: Ask) -> None:
    assert {export["status"] for export in exports(ask)} == {
        "waiting",
        "running",
        "finished",
        "error",
        "canceled",
    }


def test_exports_of_an_unknown_push_notification_are_an_empty_list(ask: Ask) -> None:
    assert (
        json(ask("GET", "/api/push_notifications/nobody/exports"))["push_notification_exports"]
        == []
    )
    assert (
        json(ask("GET", "/api/push_notifications/trash/exports"))["push_notification_exports"] == []
    )


def test_the_list_shows_the_name_of_the_segment_and_the_detail_does_not(ask: Ask) -> None:
    assert "segment_name" in exports(ask)[0]
    assert "segment_name" not in json(ask("GET", f"{EXPORTS}/100"))["push_notification_export"]


def test_list_and_detail_agree_on_every_export(ask: Ask) -> None:
    every = exports(ask)
    assert len(every) == 45
    for export in every:
        detail = json(ask("GET", f"{EXPORTS}/{export['id']}"))["push_notification_export"]
        assert detail == {name: value for name, value in export.items() if name != "segment_name"}


def test_search_finds_part_of_a_name_and_ignores_case(ask: Ask) -> None:
    every = json(ask("GET", f"{TRASH}?limit=1000"))["trashed_push_notifications"]
    body = json(ask("GET", f"{TRASH}?searched_text=MY%20push"))
    assert body["selection_settings"] == {"limit": 20, "offset": 0, "searched_text": "MY push"}
    assert TRASHED in [record["id"] for record in body["trashed_push_notifications"]]
    assert 0 < len(body["trashed_push_notifications"]) < len(every)
    assert (
        json(ask("GET", f"{TRASH}?searched_text=%C4%9B%C4%9B%C4%9B"))["trashed_push_notifications"]
        == []
    )


def test_a_search_text_is_not_a_pattern(ask: Ask) -> None:
    assert (
        json(ask("GET", f"{TRASH}?searched_text=(a%2B)%2B%24"))["trashed_push_notifications"] == []
    )


# Cancel.


@pytest.mark.parametrize("status", ["waiting", "running"])
def test_a_canceled_export_is_canceled_in_list_detail_and_history(ask: Ask, status: str) -> None:
    number = first(ask, status)
    canceled = json(ask("DELETE", f"{EXPORTS}/{number}"))["push_notification_export"]
    assert canceled["status"] == "canceled"
    assert list(canceled["stats"]["statuses_history"])[-1] == "canceled"
    assert json(ask("GET", f"{EXPORTS}/{number}"))["push_notification_export"] == canceled
    assert next(e for e in exports(ask) if e["id"] == number)["status"] == "canceled"


def test_a_finished_export_cannot_be_canceled(ask: Ask) -> None:
    number = first(ask, "finished")
    response = ask("DELETE", f"{EXPORTS}/{number}")
    assert (response.status, json(response)) == (
        400,
        {"message": "Finished export cannot be canceled"},
    )
    assert (
        json(ask("GET", f"{EXPORTS}/{number}"))["push_notification_export"]["status"] == "finished"
    )


@pytest.mark.parametrize("status", ["error", "canceled"])
def test_canceling_an_ended_export_changes_nothing(ask: Ask, status: str) -> None:
    number = first(ask, status)
    before = ask("GET", f"{EXPORTS}/{number}")
    assert json(before)["push_notification_export"]["status"] == status
    assert ask("DELETE", f"{EXPORTS}/{number}").body == before.body
    assert ask("GET", f"{EXPORTS}/{number}").body == before.body


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_missing_export_is_the_documented_404(ask: Ask, method: str) -> None:
    for path in (f"{EXPORTS}/999999", "/api/push_notifications/another/exports/100"):
        response = ask(method, path)
        assert (response.status, json(response)) == (
            404,
            {"message": "Push notification export not found"},
        )


# Restore.


def test_a_restored_push_notification_is_not_in_the_trash(ask: Ask) -> None:
    restored = json(ask("PATCH", f"{TRASH}/{TRASHED}"))["push_notification"]
    assert restored["id"] == TRASHED
    left = json(ask("GET", f"{TRASH}?limit=1000"))["trashed_push_notifications"]
    assert TRASHED not in [record["id"] for record in left]
    assert problem(ask("PATCH", f"{TRASH}/{TRASHED}")) == (404, "record-not-found")


# Scenarios.


def test_under_finished_export_cancel_every_export_is_finished(
    server: MockServer, ask: Ask
) -> None:
    before = ask("GET", f"{EXPORTS}?limit=1000").body
    server.sandboxes.switch_on("default", "finished-export-cancel")
    every = exports(ask)
    assert [export["status"] for export in every] == ["finished"] * 45
    for export in every:
        assert "finished" in export["stats"]["statuses_history"]
        assert ask("DELETE", f"{EXPORTS}/{export['id']}").status == 400
    server.sandboxes.switch_off("default", "finished-export-cancel")
    assert ask("GET", f"{EXPORTS}?limit=1000").body == before


def test_a_record_is_as_before_when_its_override_ends(server: MockServer, ask: Ask) -> None:
    ask("DELETE", f"{EXPORTS}/100")
    server.sandboxes.switch_on("default", "finished-export-cancel")
    assert json(ask("GET", f"{EXPORTS}/100"))["push_notification_export"]["status"] == "finished"
    server.sandboxes.switch_off("default", "finished-export-cancel")
    assert json(ask("GET", f"{EXPORTS}/100"))["push_notification_export"]["status"] == "canceled"


def test_empty_lists_are_empty_and_still_echo_the_paging(server: MockServer, ask: Ask) -> None:
    server.sandboxes.switch_on("default", "empty-lists")
    assert json(ask("GET", EXPORTS)) == {
        "push_notification_exports": [],
        "selection_settings": {"limit": 20, "offset": None},
    }
    assert json(ask("GET", TRASH))["trashed_push_notifications"] == []


def test_the_newest_scenario_decides_the_status(server: MockServer, ask: Ask) -> None:
    for status in (404, 400):
        server.sandboxes.switch_on("default", f"{CANCEL}-{status}")
        assert ask("DELETE", f"{EXPORTS}/100").status == status


def test_a_reset_restores_records_and_scenarios(server: MockServer, ask: Ask) -> None:
    before = ask("GET", f"{EXPORTS}?limit=1000").body
    ask("DELETE", f"{EXPORTS}/100")
    server.sandboxes.switch_on("default", "export-not-found")
    server.sandboxes.reset("default")
    assert ask("GET", f"{EXPORTS}?limit=1000").body == before
    assert ask("GET", f"{EXPORTS}/100").status == 200


def test_ids_are_the_slugs_of_the_actions(contract: Contract) -> None:
    assert [served.operation.id for served in contract.served] == [
        LIST_EXPORTS,
        RETRIEVE,
        CANCEL,
        LIST_TRASH,
        RESTORE,
    ]
    assert contract.operation(RESTORE).operation.method == "PATCH"
    assert (
        example_path(contract.operation(LIST_EXPORTS)) == f"/api/push_notifications/{BUSY}/exports"
    )
