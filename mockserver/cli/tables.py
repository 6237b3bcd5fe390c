"""Operations and exchanges as text tables for a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any
from urllib.parse import urlencode

from mockserver.contract.examples import example_path
from mockserver.contract.model import Contract


def operation_lines(contract: Contract) -> Iterator[str]:
    """Yield one line per operation: method, path, documented statuses."""
    rows = [
        (s.operation.method, s.route, ", ".join(map(str, s.operation.statuses)))
        for s in contract.served
    ]
    yield from columns(rows)


def columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield each row as a line of aligned columns."""
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    for row in rows:
        yield "  ".join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=False)
        ).rstrip()


def curl(contract: Contract, url: str) -> str | None:
    """Return a curl command for the first GET operation; `None` without one."""
    for served in contract.served:
        if served.operation.method == "GET":
            token = [f"-H '{served.access_token.title()}: any'"] if served.access_token else []
            records = contract.collections.get(served.collection)
            query = urlencode(served.template.fixed)
            address = url + example_path(served, records)
            return " ".join(["curl", *token, f"'{address}?{query}'" if query else address])
    return None


def exchange_row(exchange: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a row for `columns`: status, method, path with query, reason."""
    query = f"?{exchange['query']}" if exchange["query"] else ""
    return str(exchange["status"]), exchange["method"], exchange["path"] + query, exchange["reason"]


def exchange_details(exchange: Mapping[str, Any]) -> list[str]:
    """Return a line for each violation, and the closest operation of an unmatched request."""
    lines = [
        f"{v['pointer'] or '/'}: expected {v['expected']}, got {v['actual']}"
        for v in exchange["violations"]
    ]
    for near in exchange.get("near_misses", [])[:1]:
        lines.append(
            f"closest is {near['method']} {near['uri_template']} ({'; '.join(near['differences'])})"
        )
    return lines
