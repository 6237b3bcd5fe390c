"""Near misses: the nearest operation comes first, and the message names each difference."""

from dataclasses import replace

import pytest
from helpers.shipped_api import TRASH, shipped_contract
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.model import Contract, ServedOperation
from mockserver.formats import uri_template
from mockserver.pipeline.near_misses import MAX_CHARACTERS, MAX_HINT_DISTANCE, NearMisses
from mockserver.pipeline.path_alignment import Row, SegmentCosts, StepCosts


def operations(contract: Contract, host: str, *routes: str) -> list[ServedOperation]:
    """Return operations of an API with this HOST. A route is `METHOD /template`, also their id."""
    model = contract.served[0]
    served = []
    for route in routes:
        method, template = route.split(" ")
        operation = replace(model.operation, id=route, method=method)
        api = replace(model.api, host=host, id=host)
        served.append(
            replace(
                model, api=api, operation=operation, template=uri_template.parse_template(template)
            )
        )
    return served


USERS = ("GET /users", "POST /users", "GET /users/{id}", "GET /users/{id}/orders", "GET /{slug}")
OTHERS = {
    "no version prefix": (
        "https://x.test/api/v2",
        "GET /api/users",
        "GET /users",
        "base path: expected /api/v2, got /api",
    ),
    "the version alone": (
        "https://x.test/api/v2",
        "GET /v2/users/5",
        "GET /users/{id}",
        "base path: expected /api/v2, got /v2",
    ),
    "another version": (
        "https://x.test/v2",
        "POST /v1/users",
        "POST /users",
        "base path: expected /v2, got /v1",
    ),
    "neither of two": (
        "https://x.test/api/v2",
        "GET /users/5",
        "GET /users/{id}",
        "base path: expected /api/v2, got none",
    ),
    "a base path where there is none": (
        "https://x.test",
        "GET /api/users",
        "GET /users",
        "base path: expected none, got /api",
    ),
    "two of them": (
        "https://x.test",
        "GET /api/v1/users/5",
        "GET /users/{id}",
        "base path: expected none, got /api/v1",
    ),
    "a record of a list": (
        "https://x.test",
        "GET /users/5/",
        "GET /users/{id}",
        "at the end: expected no slash, got /",
    ),
    "one too many, not a slug": (
        "https://x.test",
        "GET /users/5/orders/7",
        "GET /users/{id}/orders",
        "segment 4: expected the end, got 7",
    ),
}


@pytest.mark.parametrize(
    ("host", "request_line", "operation", "difference"), OTHERS.values(), ids=OTHERS.keys()
)
def test_a_wrong_base_path_is_one_difference(
    contract: Contract, host: str, request_line: str, operation: str, difference: str
) -> None:
    method, path = request_line.split(" ")
    first = NearMisses(operations(contract, host, *USERS)).nearest(method, path)[0]
    assert (first.operation, first.differences) == (operation, (difference,))


def test_the_nearest_operation_of_two_apis_is_found(contract: Contract) -> None:
    near_misses = NearMisses((*contract.served, *operations(contract, "https://x.test/v2", *USERS)))
    assert near_misses.nearest("GET", "/users/5")[0].uri_template == "/v2/users/{id}"
    assert near_misses.nearest("GET", "/api/users/5")[0].uri_template == "/v2/users/{id}"
    assert near_misses.nearest("GET", "/v2/push_notifications/trash")[0].uri_template == TRASH


def test_a_near_miss_compares_literal_queries(contract: Contract) -> None:
    served = operations(
        contract,
        "https://x.test",
        "GET /users?view=short",
        "GET /users?view=long",
        "GET /users/{id}",
    )
    near_misses = NearMisses(served)
    assert (
        near_misses.nearest("GET", "/users/", "view=long&page=2")[0].operation
        == "GET /users?view=long"
    )
    first = near_misses.nearest("GET", "/users", "view=none")[0]
    assert (first.operation, first.differences) == (
        "GET /users?view=short",
        ("query: expected view=short",),
    )


def test_a_missing_trailing_slash_is_a_difference(contract: Contract) -> None:
    [first] = NearMisses(operations(contract, "https://x.test", "GET /users/")).nearest(
        "GET", "/users"
    )
    assert first.differences == ("segment 2: expected /, got nothing",)


HINTS = {
    "outside the base path": (
        "/push_notifications/trash",
        f"; the base path is /api; the closest operation is GET {TRASH} "
        "(base path: expected /api, got none)",
    ),
    "outside, and like nothing": ("/wp-login.php", "; the base path is /api"),
    "a name that begins with the base path": ("/apis", "; the base path is /api"),
    "below": (
        "/api/push_notifications/trsh",
        f"; the closest operation is GET {TRASH} (segment 3: expected trash, got trsh)",
    ),
    "below, and like nothing": ("/api/a/b/c/d/e/f", ""),
}


@pytest.mark.parametrize(("path", "hint"), HINTS.values(), ids=HINTS.keys())
def test_the_hint_names_base_path_and_closest_operation(
    contract: Contract, path: str, hint: str
) -> None:
    near_misses = NearMisses(contract.served)
    assert near_misses.hint(path, near_misses.nearest("GET", path)) == hint


def test_the_hint_lists_each_base_path_once_and_no_empty_one(contract: Contract) -> None:
    several = NearMisses((*contract.served, *operations(contract, "https://x.test/v2", *USERS)))
    assert several.hint("/wp-login.php", ()) == "; the base paths are /api, /v2"
    assert (
        NearMisses(operations(contract, "https://x.test", *USERS)).hint("/wp-login.php", ()) == ""
    )


LONG = {
    "many segments": "/a" * 4000,
    "a long segment": "/" + "x" * 8000,
    "many slashes": "/" * 8000,
    "one word": "*",
}


@pytest.mark.parametrize("path", LONG.values(), ids=LONG.keys())
def test_a_long_path_results_in_short_differences(contract: Contract, path: str) -> None:
    nearest = NearMisses(contract.served).nearest("GET", path)
    assert len(nearest) == 3
    for near_miss in nearest:
        assert near_miss.distance > MAX_HINT_DISTANCE
        assert all(len(difference) < 3 * MAX_CHARACTERS for difference in near_miss.differences)


WORDS = ("users", "user", "orders", "Users", "1", "api", "things_12", "thingz_1", "", "v1")
SEGMENTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5)
TEMPLATES = st.lists(st.sampled_from((*WORDS[:7], "{id}", "{name}")), min_size=1, max_size=4)


@given(
    st.lists(st.tuples(st.sampled_from(["GET", "POST"]), TEMPLATES), min_size=1, max_size=8),
    SEGMENTS,
)
def test_the_distance_of_an_operation_does_not_depend_on_other_operations(
    templates: list[tuple[str, list[str]]], segments: list[str]
) -> None:
    routes = [f"{method} /{'/'.join(dict.fromkeys(template))}" for method, template in templates]
    served = operations(shipped_contract(), "https://x.test/v1", *routes)
    path = "/" + "/".join(segments)
    alone = [NearMisses([operation]).nearest("GET", path)[0] for operation in served]
    expected = sorted(alone, key=lambda near: near.distance)[:3]
    assert NearMisses(served).nearest("GET", path) == tuple(expected)


@pytest.mark.parametrize("path", ["/favicon.ico", "/api/thingz_7/1", "/api/v2/some/other/path"])
def test_operations_with_equal_costs_are_compared_once(
    contract: Contract, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    routes = [f"GET /things_{number}/{{id}}" for number in range(300)]
    near_misses = NearMisses(operations(contract, "https://x.test/api", *routes))
    rows: list[Row] = []
    next_row = SegmentCosts.next_row

    def counted(costs: SegmentCosts, above: Row, step: StepCosts) -> Row:
        rows.append(next_row(costs, above, step))
        return rows[-1]

    monkeypatch.setattr(SegmentCosts, "next_row", counted)
    assert len(near_misses.nearest("GET", path)) == 3
    assert len(rows) < 60
