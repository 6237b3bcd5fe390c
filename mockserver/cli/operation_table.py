"""Operations as text for a terminal: a table, and a request to try."""

from collections.abc import Iterator
from urllib.parse import urlencode

from mockserver.cli.tables import columns, fit_terminal
from mockserver.contract.examples import example_path
from mockserver.contract.model import Contract, ServedOperation


def operation_lines(contract: Contract) -> Iterator[str]:
    """Yield one line per operation: method, path, documented statuses."""
    rows = []
    for served in contract.served:
        statuses = ", ".join(map(str, served.operation.statuses))
        rows.append((served.operation.method, served.route, statuses))
    yield from columns(fit_terminal(rows))


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
