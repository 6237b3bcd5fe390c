"""The admin API of coverage: which items of the contract were served, and to which tests."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from threading import Lock
from typing import Any

from mockserver.contract.coverage.document import FORMAT, Way, coverage_document
from mockserver.contract.coverage.item import KINDS
from mockserver.contract.coverage.items import CoverageItems
from mockserver.contract.model import Contract
from mockserver.errors import RouteNotFound
from mockserver.formats.json_schema import Schema
from mockserver.pipeline.coverage import ContractCoverage
from mockserver.pipeline.coverage_ways import closing_ways
from mockserver.pipeline.served_contracts import ServedContract
from mockserver.sandbox.coverage import StoredCoverage
from mockserver.web.admin.call import AdminCall
from mockserver.web.admin.schemas import (
    BOOLEAN,
    COUNT,
    TEXT,
    TEXTS,
    Json,
    array_of,
    nullable,
    object_of,
)

_WAYS_LOCK = Lock()
"""Held while the ways of a contract are found."""
QUERY = object_of({"sandbox": TEXT, "contract": TEXT})
_API = object_of(name=TEXT, title=TEXT, blueprint=TEXT, lines=COUNT)
_ITEM: dict[str, Schema] = {
    "id": TEXT,
    "kind": {"enum": list(KINDS)},
    "operation": TEXT,
    "operations": TEXTS,
    "label": TEXT,
    "file": TEXT,
    "line": COUNT,
    "column": COUNT,
    "closed_by": TEXT,
    "why_not": TEXT,
    "excluded": nullable(TEXT),
    "covered": BOOLEAN,
    "tests": array_of(COUNT),
}
_COUNTS = object_of(items=COUNT, served=COUNT)
COVERAGE = object_of(
    format={"const": FORMAT},
    contract=TEXT,
    fingerprint=TEXT,
    complete=BOOLEAN,
    apis=array_of(_API),
    items=array_of(object_of(**_ITEM)),
    tests=array_of(object_of(sandbox=TEXT, test=TEXT)),
    summary=object_of(contract=_COUNTS, called=_COUNTS, required=_COUNTS),
)


def get_coverage(call: AdminCall) -> Json:
    """Return the coverage document, of all sandboxes or of the one in the query.

    The contract is the one in the query; by default that of the sandbox.

    Raises:
        AdminRequestInvalid: the contract is unknown.
        ContractUnavailable: the sandbox has chosen a contract that is not served.
        RouteNotFound: the server does not count.
    """
    query = call.query_params(QUERY)
    sandbox, choice = query.get("sandbox"), query.get("contract")
    if choice:
        served = call.server.contracts.named(choice)
    else:
        served = call.server.contracts.of_sandbox(sandbox or call.sandbox)
    return _document(_required(served), call.server.store.coverage(), sandbox)


def clear_coverage(call: AdminCall) -> Json:
    """Delete the coverage of all sandboxes and contracts, and return the coverage document.

    Raises:
        RouteNotFound: the server does not count.
    """
    coverage = _required(call.server.contracts.of_sandbox(call.sandbox))
    call.server.store.clear_coverage()
    return _document(coverage, StoredCoverage({}, is_complete=True), None)


def _ways(contract: Contract, items: CoverageItems) -> Mapping[str, Way]:
    """Return the way to cover each item. Several threads find the ways once."""
    with _WAYS_LOCK:
        return _cached_ways(contract, items)


@lru_cache(maxsize=4)
def _cached_ways(contract: Contract, items: CoverageItems) -> Mapping[str, Way]:
    """Return the way to cover each item. Finding the ways takes many requests."""
    return closing_ways(contract, items)


def _required(served: ServedContract) -> ContractCoverage:
    if served.coverage is None:
        raise RouteNotFound("this server does not count coverage; start it with --coverage on")
    return served.coverage


def _document(
    coverage: ContractCoverage, stored: StoredCoverage, sandbox: str | None
) -> dict[str, Any]:
    covered: dict[tuple[str, str], Collection[str]] = {}
    for key, items in stored.items.items():
        if key.contract == coverage.contract.name and sandbox in (None, key.sandbox):
            covered[key.sandbox, key.test] = items
    ways = _ways(coverage.contract, coverage.items)
    document = coverage_document(coverage.contract, coverage.items, covered, ways)
    return {**document, "complete": stored.is_complete}
