"""Entry templates: the entry of a repeated exchange has the JSON of a complete exchange."""

from typing import Any

import orjson
import pytest

from mockserver.errors import Violation
from mockserver.sandbox.journal import (
    RECORDED_HEADERS,
    EntryTemplate,
    Explanation,
    HeaderFields,
    JournalEntry,
    Transition,
    recorded_headers,
)

HEADERS: dict[str, HeaderFields] = {
    "none": (),
    "all": [(name.encode(), b"value") for name in reversed((*RECORDED_HEADERS, "x-access-token"))],
    "others": ((b"host", b"localhost"), (b"cookie", b"secret"), (b"user-agent", b"curl")),
    "repeated": (
        (b"prefer", b"a"),
        (b"x-access-token", b"1234"),
        (b"prefer", b"b"),
        (b"x-access-token", b"5@anna"),
    ),
    "UTF-8": ((b"user-agent", "půl \u202e".encode()), (b"x-access-token", "ž".encode() * 5)),
    "Latin-1": ((b"user-agent", b"\xe9"), (b"origin", b"\xff\x00")),
    "empty token": ((b"x-access-token", b""),),
}


def finished(
    exchange_id: tuple[str, int],
    finished_at: float,
    duration: float,
    headers: HeaderFields,
    **more: Any,
) -> JournalEntry:
    """Return the entry of a complete exchange, as the pipeline creates it."""
    names: dict[str, Any] = {}
    for encoded_name, encoded_value in headers:
        name, value = encoded_name.decode(), encoded_value.decode("latin-1")
        if name in names:
            value = f"{names[name]},{value}"
        names[name] = value
    entry = JournalEntry(
        exchange_id,
        finished_at,
        "127.0.0.1",
        duration,
        "default",
        "",
        "list",
        "GET",
        "/api/půl",
        "limit=2",
        {name: names.get(name) for name in RECORDED_HEADERS},
        names.get("x-access-token"),
        {"limit": 2, "offset": None},
        200,
        None,
        Explanation("the current records"),
        (),
        ("query/colour is not documented and was ignored",),
        [],
        b"",
        0,
        b'{"exports": []}',
        15,
    )
    return entry._replace(**more)


EXCHANGES: dict[str, dict[str, Any]] = {
    "plain": {},
    "bodies": {
        "request_body": b"\xff",
        "request_bytes": 9000,
        "response_body": b"",
        "response_bytes": 0,
    },
    "scenario": {
        "explanation": Explanation("why", "slow", Transition("exports/1", "running", "canceled"))
    },
    "violations": {
        "violations": (Violation("query/limit", "an integer", "x", "/limit"),),
        "fault": "reset",
    },
    "unmatched": {
        "operation": None,
        "near_misses": [{"operation": "list", "differences": ["method"]}],
        "status": 404,
    },
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize("more", EXCHANGES.values(), ids=EXCHANGES)
def test_the_entry_of_a_template_equals_the_entry_of_the_exchange(
    more: dict[str, Any], headers: HeaderFields
) -> None:
    template = EntryTemplate(finished(("cafe", 1), 1.0, 2.0, HEADERS["all"], **more))
    for number, finished_at, duration in (
        (2, 1764116578.25, 0.0000512),
        (0xFFFF, 1e17, 0.0),
        (3, 1764116578.123456, 31.5),
    ):
        values = (("beef", number), finished_at, duration, headers)
        entry = template.entry(*values)
        assert entry() == finished(*values, **more).to_json()
        assert entry() == entry()


def test_an_entry_has_its_json_members_in_a_fixed_order() -> None:
    entry = finished(("beef", 26), 1764116578.5, 0.0015, HEADERS["all"], **EXCHANGES["unmatched"])
    members: dict[str, Any] = orjson.loads(entry.to_json())
    names = (
        "id time sandbox operation method path query headers arguments status fault reason "
        "scenario transition violations notes token duration_ms request_body response_body "
        "near_misses"
    )
    assert list(members) == names.split()
    assert (members["id"], members["time"], members["duration_ms"]) == (
        "beef-1a",
        1764116578.5,
        1.5,
    )
    assert list(members["headers"]) == list(RECORDED_HEADERS)
    assert members["token"] == "val…(5)"


def test_an_entry_reads_the_headers_only_when_it_is_encoded() -> None:
    headers: list[tuple[bytes, bytes]] = []
    entry = EntryTemplate(finished(("cafe", 1), 1.0, 2.0, ())).entry(("beef", 2), 1.0, 2.0, headers)
    headers.append((b"origin", b"http://localhost"))
    assert orjson.loads(entry())["headers"] == {"origin": "http://localhost"}


def test_only_recorded_headers_are_decoded() -> None:
    assert recorded_headers(HEADERS["others"]) == {"user-agent": "curl"}
    assert recorded_headers(HEADERS["repeated"]) == {
        "prefer": "a,b",
        "x-access-token": "1234,5@anna",
    }
