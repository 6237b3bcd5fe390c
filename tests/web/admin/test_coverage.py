"""The ways of the coverage report."""

import os
from threading import Barrier, Thread

import pytest
from helpers.shipped_api import shipped_contract

from mockserver.contract.coverage.items import CoverageItems
from mockserver.web.admin import coverage

THREADS = 8


def test_several_threads_find_the_ways_once(monkeypatch: pytest.MonkeyPatch) -> None:
    contract = shipped_contract()
    items, calls, barrier = CoverageItems(contract), [], Barrier(THREADS)

    def closing_ways(*arguments: object) -> dict[str, object]:
        calls.append(arguments)
        for _ in range(20_000):
            os.stat(".")  # lets other threads run
        return {}

    def ask() -> None:
        barrier.wait()
        coverage._ways(contract, items)

    monkeypatch.setattr(coverage, "closing_ways", closing_ways)
    threads = [Thread(target=ask) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == [(contract, items)]
