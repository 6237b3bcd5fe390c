"""Lists with page numbers, filters, totals, and members next to the records."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from helpers.things_api import ITEMS, LINKS, RECORD, TOTAL, blueprint, ids, things

from mockserver.errors import InvalidFiles

PAGED = (
    "list: things, page: page, size: per_page, limit: 3, filter: {kind: kind, on: on}, total: total"
)
ECHO = "        + meta (object, required)\n" + "".join(
    f"            + {name}: 3 (number)\n" for name in ("page", "per_page", "total")
)
PAGES: dict[str, tuple[str, list[int], int]] = {
    "the first page by default": ("", [1, 2, 3], 7),
    "the third": ("page=3", [7], 7),
    "beyond the last": ("page=9", [], 7),
    "another length": ("page=2&per_page=4", [5, 6, 7], 7),
    "one value": ("kind=a", [3, 6], 2),
    "one of several": ("kind=a,b&per_page=9", [1, 3, 4, 6, 7], 5),
    "a boolean": ("on=false", [2, 4, 6], 3),
    "both": ("on=true&kind=b", [1, 7], 2),
    "none": ("kind=x", [], 0),
}


@pytest.fixture(scope="module")
def paged(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return things(tmp_path_factory.mktemp("paged"), blueprint(ITEMS + TOTAL + LINKS), PAGED)


@pytest.mark.parametrize(("query", "expected", "total"), PAGES.values(), ids=PAGES)
def test_a_numbered_page_is_filtered_and_has_its_total(
    paged: FlaskClient, query: str, expected: list[int], total: int
) -> None:
    body = paged.get(f"/things?{query}").get_json()
    assert (ids(body), body["total"]) == (expected, total)
    assert body["links"] == {"next": "/things?page=2"}, (
        "the members next to the records are as documented"
    )
    assert list(body) == ["items", "total", "links"]


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "per_page=1001"])
def test_an_invalid_page_number_is_rejected(paged: FlaskClient, query: str) -> None:
    response = paged.get(f"/things?{query}")
    assert response.status_code == 400
    assert response.get_json()["violations"][0]["pointer"] == f"query/{query.partition('=')[0]}"


def test_the_response_echoes_query_and_total(tmp_path: Path) -> None:
    client = things(tmp_path, blueprint(ITEMS + ECHO), PAGED)
    assert client.get("/things?page=2&kind=b").get_json() == {
        "items": [],
        "meta": {"page": 2, "per_page": 3, "total": 3},
    }


def test_limit_and_offset_are_the_default_variables(tmp_path: Path) -> None:
    client = things(tmp_path, blueprint(ITEMS + TOTAL), "list: things, total: total")
    body = client.get("/things?limit=2&offset=3").get_json()
    assert (ids(body), body["total"]) == ([4, 5], 7)


def test_container_selects_the_record_among_several_objects(tmp_path: Path) -> None:
    one = "+ thing (object)\n            " + RECORD.format(" " * 12) + LINKS
    client = things(
        tmp_path, blueprint(ITEMS, one), "list: things", "retrieve: things, container: thing"
    )
    expected = {"thing": {"id": 2, "kind": "c", "on": False}, "links": {"next": "/things?page=2"}}
    assert client.get("/things/2").get_json() == expected


TWICE = ITEMS + "        + tags (array[string], required)\n"
WRONG = {
    "two arrays": (
        TWICE,
        "list: things",
        "all: the response schema has 2 members of type array (items, tags); "
        "set `container` to choose one",
    ),
    "into that is not there": (
        ITEMS,
        "list: things, container: item",
        "all: the response schema has no member 'item' of type array; "
        "expected one that holds the records",
    ),
    "total that is not there": (
        ITEMS,
        "list: things, total: all",
        "all: unknown member 'all' for the total; expected one of",
    ),
    "a variable of paging": (
        ITEMS,
        "list: things, page: number",
        "/things{?page,per_page,kind,on,limit,offset} has no variable 'num",
    ),
    "a filter by what is not shown": (
        ITEMS,
        "list: things, filter: {on: off}",
        "the response has no member 'off'; expected one of id, k",
    ),
}


@pytest.mark.parametrize(("answer", "effect", "message"), WRONG.values(), ids=WRONG)
def test_invalid_input_is_reported_with_its_line(
    tmp_path: Path, answer: str, effect: str, message: str
) -> None:
    with pytest.raises(InvalidFiles) as caught:
        things(tmp_path, blueprint(answer), effect)
    assert "t/effects.yaml:3:" in str(caught.value)
    assert message in str(caught.value)
