"""Count the items of the contract that exchanges cover, before their responses are sent.

An exchange covers items if a documented response left the pipeline. A problem covers nothing.

Each process remembers what it has counted for each test. Only further items are written.
"""

import logging
from collections.abc import Sequence
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


class ContractCoverage:
    """Counts what the exchanges of one process cover of one contract. Safe for threads."""

    def __init__(self, contract: Contract, store: Store) -> None:
        """Take the contract, and the store that keeps what is counted."""
        self.items = CoverageItems(contract)
        self.contract, self._store = contract, store
        self._counted: tuple[int, dict[tuple[str, str], int]] = (-1, {})
        """The generation of the store's coverage, and what is counted in it."""
        self._bodies: dict[tuple[ServedOperation, int, bytes], int] = {}
        """The items of responses, by operation, status and body."""
        self._has_warned = False
        self._ids = lru_cache(MAX_ID_LISTS)(lambda bits: tuple(self.items.ids(bits)))
        """Returns the ids of items. Many tests cover the same items."""

    def response_items(
        self,
        served: ServedOperation,
        response: Response,
        content: Any,
        records: Sequence[Any] | None,
    ) -> int:
        """Return the items that a response covers. The arguments are as for `responder.Observe`.

        Tests often get equal responses, because their sandboxes begin with equal records.
        """
        observer = self.items.observer(served)
        if records is not None or content is NO_BODY or len(response.body) > MAX_KEPT_BODY:
            return observer.response(response.status, content, records)
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
        counted_generation, counted = self._counted
        if counted_generation != generation:
            counted = {}
            self._counted = generation, counted
        key = sandbox, test
        new = bits & ~counted.get(key, 0)
        if not new:
            return generation
        if not self._write(CoverageKey(self.contract.name, sandbox, test), new):
            return None
        # Only after the write. A thread that reads older bits here writes items twice at most.
        if len(counted) >= MAX_KEYS:
            counted.clear()
        counted[key] = counted.get(key, 0) | new
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
