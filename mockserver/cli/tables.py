"""Operations and exchanges as text tables for a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any
from urllib.parse import urlencode

from mockserver.contract.examples import example_path
from mockserver.contract.model import Contract, ServedOperation


def operation_lines(contract: Contract) -> Iterator[str]:
    """Yield one line per operation: method, path, documented statuses."""
    rows = []
    for served in contract.served:
        statuses = ", ".join(map(str, served.operation.statuses))
        rows.append((served.operation.method, served.route, statuses))
    yield from columns(rows)


def columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield each row as a line of aligned columns."""
    widths: list[int] = []
    for column in zip_longest(*rows, fillvalue=""):
        widths.append(max(map(len, column)))
    for row in rows:
        cells = map(str.ljust, row, widths)
        yield "  ".join(cells).rstrip()


def curl(contract: Contract, url: str) -> str | None:
    """Return a curl command for the first GET operation; `None` without one."""
    for served in contract.served:
        if served.operation.method == "GET":
            return _curl(contract, served, url)
    return None


def _curl(contract: Contract, served: ServedOperation, url: str) -> str:
    """Return a curl command for an operation."""
    words = ["curl"]
    if served.access_token:
        words.append(f"-H '{served.access_token.title()}: any'")
    records = contract.collections.get(served.collection)
    address = url + example_path(served, records)
    query = urlencode(served.template.fixed)
    if query:
        address = f"'{address}?{query}'"
    return " ".join([*words, address])


def exchange_row(exchange: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a row for `columns`: status, method, path with query, reason."""
    path = exchange["path"]
    if exchange["query"]:
        path += f"?{exchange['query']}"
    return str(exchange["status"]), exchange["method"], path, exchange["reason"]


def exchange_details(exchange: Mapping[str, Any]) -> list[str]:
    """Return a line for each violation, and the closest operation of an unmatched request."""
    lines = []
    for violation in exchange["violations"]:
        pointer = violation["pointer"] or "/"
        expected, actual = violation["expected"], violation["actual"]
        lines.append(f"{pointer}: expected {expected}, got {actual}")
    near_misses = exchange.get("near_misses")
    if near_misses:
        closest = near_misses[0]
        operation = f"{closest['method']} {closest['uri_template']}"
        lines.append(f"closest is {operation} ({'; '.join(closest['differences'])})")
    return lines
