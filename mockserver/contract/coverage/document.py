"""Build the coverage document: all items of a contract, and which tests covered them."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mockserver.contract.coverage.item import CoverageItem
from mockserver.contract.coverage.items import CoverageItems
from mockserver.contract.coverage.summary import summary_of
from mockserver.contract.model import Contract
from mockserver.spec.description import Api

FORMAT = "mockserver-coverage/1"


@dataclass(frozen=True, slots=True)
class Way:
    """How to cover an item."""

    closed_by: str = ""
    """The way; empty if there is none."""
    why_not: str = ""
    """Why there is none."""


@dataclass(frozen=True, slots=True)
class DocumentedItem:
    """An item of the document, with the members of its JSON."""

    id: str
    kind: str
    operation: str
    operations: list[str]
    label: str
    file: str
    line: int
    column: int
    closed_by: str
    why_not: str
    excluded: str | None
    covered: bool
    tests: list[int]
    """The indexes of the tests that covered it."""


def coverage_document(
    contract: Contract,
    items: CoverageItems,
    covered: Mapping[tuple[str, str], Collection[str]],
    ways: Mapping[str, Way],
) -> dict[str, Any]:
    """Return the coverage document as JSON.

    Args:
        contract: The contract.
        items: Its items.
        covered: Sandbox and test title to the ids of the items that they covered. Ids of another
            contract are ignored.
        ways: Id of an item to the way to cover it.
    """
    tests = sorted(covered)
    tests_of: dict[str, list[int]] = {}
    for index, test in enumerate(tests):
        for item_id in covered[test]:
            tests_of.setdefault(item_id, []).append(index)
    documented: list[DocumentedItem] = []
    for item in items.items:
        way, reason = ways.get(item.id, Way()), items.excluded.get(item.id)
        documented.append(_documented(item, way, reason, tests_of.get(item.id, [])))
    return {
        "format": FORMAT,
        "contract": contract.name,
        "fingerprint": items.fingerprint,
        "apis": [_api_json(api) for api in contract.apis],
        "items": [asdict(item) for item in documented],
        "tests": [{"sandbox": sandbox, "test": title} for sandbox, title in tests],
        "summary": summary_of(documented),
    }


def _api_json(api: Api) -> dict[str, Any]:
    return {"name": api.id, "title": api.name, "blueprint": api.file, "lines": api.lines}


def _documented(
    item: CoverageItem, way: Way, excluded: str | None, tests: list[int]
) -> DocumentedItem:
    return DocumentedItem(
        id=item.id,
        kind=item.kind,
        operation=item.operation,
        operations=list(item.operations),
        label=item.label,
        file=item.position.file,
        line=item.position.line,
        column=item.position.column,
        closed_by=way.closed_by,
        why_not=way.why_not,
        excluded=excluded,
        covered=bool(tests),
        tests=tests,
    )
