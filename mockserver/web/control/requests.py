"""Control operations on the journal."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from mockserver.errors import ControlRequestInvalid
from mockserver.web.control.call import Call, Json


def _same(name: str) -> Callable[[Json, str], bool]:
    return lambda exchange, wanted: str(exchange[name]).casefold() == wanted.casefold()


def _whether(name: str) -> Callable[[Json, str], bool]:
    return lambda exchange, wanted: bool(exchange[name]) == (wanted == "true")


FILTERS: dict[str, Callable[[Json, str], bool]] = {
    "operation": _same("operation"),
    "method": _same("method"),
    "path": _same("path"),
    "status": _same("status"),
    "scenario": lambda exchange, wanted: exchange["scenario"] == wanted,
    "violations": _whether("violations"),
    "transition": _whether("transition"),
    "unmatched": lambda exchange, wanted: (exchange["operation"] is None) == (wanted == "true"),
}
"""Name of a filter to whether an exchange fits a value of it; `violations`, `transition` and `unmatched` take true or false."""
SWITCHES = ("violations", "transition", "unmatched")


def every(call: Call) -> Json:
    """`requests`, the last first, and `meta.total` of them; `limit` cuts the list, not the total."""
    filters = dict(call.query)
    limit = filters.pop("limit", None)
    if limit is not None and not (limit.isascii() and limit.isdecimal()):
        raise ControlRequestInvalid(f"limit: expected an integer, got {limit!r}")
    found = _found(call, filters)
    return {"requests": found[: int(limit)] if limit is not None else found, "meta": {"total": len(found)}}


def count(call: Call) -> Json:
    """`count` of the exchanges that fit the body, an object of the same filters."""
    return {"count": len(_found(call, {name: _text(value) for name, value in call.body.items()}))}


def clear(call: Call) -> Json:
    """Empty it."""
    call.server.store.clear_log(call.sandbox)
    return {"sandbox": call.sandbox, "requests": []}


def near_misses(call: Call) -> Json:
    """`nearMisses`: each unmatched request with the operations that it came closest to, the last first."""
    found = _found(call, {"unmatched": "true"})
    return {
        "nearMisses": [
            {"request": {name: e[name] for name in ("id", "method", "path", "query")}, "near_misses": e.get("near_misses", [])}
            for e in found
        ]
    }


def _found(call: Call, filters: Mapping[str, str]) -> list[Json]:
    wrong = [f"{name}: no such filter; expected one of {', '.join(FILTERS)}" for name in filters if name not in FILTERS]
    wrong += [
        f"{name}: expected true or false, got {filters[name]!r}"
        for name in SWITCHES
        if filters.get(name, "true") not in ("true", "false")
    ]
    if not filters.get("status", "0").isdecimal():
        wrong.append(f"status: expected an integer, got {filters['status']!r}")
    if wrong:
        raise ControlRequestInvalid("; ".join(wrong))
    exchanges = [orjson.loads(entry) for entry in reversed(call.server.store.logged(call.sandbox))]
    return [each for each in exchanges if all(FILTERS[name](each, wanted) for name, wanted in filters.items())]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
