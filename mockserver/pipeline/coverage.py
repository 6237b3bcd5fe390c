"""Count the items of the contract that exchanges cover, before their responses are sent.

An exchange covers items if a documented response left the pipeline. A problem covers nothing.

Each process remembers what it has counted for each test. Only further items are written.
"""

import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from mockserver.contract.coverage.items import CoverageItems
from mockserver.contract.coverage.observers import NO_BODY
from mockserver.contract.model import Contract, ServedOperation
from mockserver.errors import StoreUnavailable
from mockserver.pipeline.messages import Response
from mockserver.pipeline.response_plan import ResponsePlan
from mockserver.sandbox.coverage import MAX_KEYS, CoverageKey
from mockserver.sandbox.stores.store import Store

log = logging.getLogger("mockserver")
MAX_ID_LISTS = 1024
"""The maximum number of kept lists of ids."""
MAX_KEPT_BODIES = 1024
"""The maximum number of bodies whose items are kept."""
MAX_KEPT_BODY = 4096
"""The maximum size of such a body in bytes."""
_ALL = -1
"""All items, as a bit set."""


class ContractCoverage:
    """Counts what the exchanges of one process cover of one contract. Safe for threads."""

    def __init__(self, contract: Contract, store: Store) -> None:
        """Take the contract, and the store that keeps what is counted."""
        self.items = CoverageItems(contract)
        self.contract, self._store = contract, store
        self._operations: dict[ServedOperation, OperationCoverage] = {}
        """The coverage of each operation that was called."""
        self._further: tuple[int, dict[tuple[str, str], int]] = (-1, {})
        """The generation of the store's coverage, and the items that each test may add to it."""
        self._bodies: dict[tuple[ServedOperation, int, bytes], int] = {}
        """The items of responses, by operation, status and body."""
        self._has_warned = False
        self._ids = lru_cache(MAX_ID_LISTS)(lambda bits: tuple(self.items.ids(bits)))
        """Returns the ids of items. Many tests cover the same items."""

    def of(self, served: ServedOperation) -> "OperationCoverage":
        """Return the coverage of an operation of this contract."""
        coverage = self._operations.get(served)
        if coverage is None:
            coverage = self._operations[served] = OperationCoverage(self, served)
        return coverage

    def body_items(self, served: ServedOperation, response: Response, content: Any) -> int:
        """Return the items of a response that does not show unchanged records.

        Tests often get equal responses, because their sandboxes begin with equal records.
        """
        observer = self.items.observer(served)
        if content is NO_BODY or len(response.body) > MAX_KEPT_BODY:
            return observer.response(response.status, content)
        key = served, response.status, response.body
        covered = self._bodies.get(key)
        if covered is None:
            if len(self._bodies) >= MAX_KEPT_BODIES:
                self._bodies.clear()
            covered = self._bodies[key] = observer.response(response.status, content)
        return covered

    def scenarios(self, plan: ResponsePlan) -> int:
        """Return the items of the scenarios that a response follows.

        The response to an invalid body follows none.
        """
        bits = 0
        if plan.chosen_by:
            for name in plan.contributors:
                bits |= self.items.scenario(name)
        return bits

    def count(self, sandbox: str, test: str, bits: int) -> int | None:
        """Count items for a test, and return the generation in which they are counted.

        Return `None` if the store cannot keep them. The next exchange tries again.
        """
        generation = self._store.coverage_generation()
        further_generation, further = self._further
        if further_generation != generation:
            further = {}
            self._further = generation, further
        key = sandbox, test
        new = bits & further.get(key, _ALL)
        if not new:
            return generation
        if not self._write(CoverageKey(self.contract.name, sandbox, test), new):
            return None
        # Only after the write. A thread that reads older bits here writes items twice at most.
        if len(further) >= MAX_KEYS:
            further.clear()
        further[key] = further.get(key, _ALL) & ~new
        return generation

    def _write(self, key: CoverageKey, bits: int) -> bool:
        """Write items to the store, and return whether it keeps them."""
        try:
            self._store.add_coverage(key, self._ids(bits))
        except StoreUnavailable as error:
            if not self._has_warned:
                self._has_warned = True
                log.warning("%s; the coverage is incomplete until it is deleted", error.detail)
            return False
        return True


class OperationCoverage:
    """Finds what the exchanges with one operation cover."""

    __slots__ = ("_response_items", "_served", "of_contract", "request_items")

    def __init__(self, contract: ContractCoverage, served: ServedOperation) -> None:
        """Take the coverage of a contract, and one of its operations."""
        observer = contract.items.observer(served)
        self.of_contract, self._served = contract, served
        self.request_items = observer.request
        """Returns the items of a request: see `OperationObserver.request`."""
        self._response_items = observer.response

    def exchange_items(
        self,
        arguments: Mapping[str, Any],
        response: Response,
        content: Any,
        records: Sequence[Any] | None,
    ) -> int:
        """Return the items that an exchange covers: see `responder.Observe`."""
        if records is None:
            covered = self.of_contract.body_items(self._served, response, content)
        else:
            covered = self._response_items(response.status, content, records)
        return covered | self.request_items(arguments)

    def response_items(
        self,
        _arguments: Mapping[str, Any],
        response: Response,
        content: Any,
        records: Sequence[Any] | None,
    ) -> int:
        """Return the items that an exchange covers if its request is invalid."""
        if records is None:
            return self.of_contract.body_items(self._served, response, content)
        return self._response_items(response.status, content, records)
