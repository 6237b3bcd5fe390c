"""A client of a mock server's admin API, and a pytest plugin: a sandbox for each test.

pytest imports this package at every start, so its members are imported on first use (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apib_mockserver.clock import SandboxClock
    from apib_mockserver.errors import NoResponse, ProblemError, UnmatchedFound, ViolationsFound
    from apib_mockserver.mock_server import MockServer, connect
    from apib_mockserver.names import TestLike, sandbox_for
    from apib_mockserver.records import SandboxRecords
    from apib_mockserver.sandbox import Sandbox
    from apib_mockserver.types import (
        Clock,
        Exchange,
        Filters,
        NearMiss,
        Overrides,
        Problem,
        Progression,
        SandboxExport,
        SandboxImport,
        SandboxRecord,
        Scenario,
        Transition,
        Violation,
    )

__version__ = "0.1.0"
__all__ = [
    "Clock",
    "Exchange",
    "Filters",
    "MockServer",
    "NearMiss",
    "NoResponse",
    "Overrides",
    "Problem",
    "ProblemError",
    "Progression",
    "Sandbox",
    "SandboxClock",
    "SandboxExport",
    "SandboxImport",
    "SandboxRecord",
    "SandboxRecords",
    "Scenario",
    "TestLike",
    "Transition",
    "UnmatchedFound",
    "Violation",
    "ViolationsFound",
    "connect",
    "sandbox_for",
]
_MODULES = {
    "MockServer": "mock_server",
    "NoResponse": "errors",
    "ProblemError": "errors",
    "Sandbox": "sandbox",
    "SandboxClock": "clock",
    "SandboxRecords": "records",
    "TestLike": "names",
    "UnmatchedFound": "errors",
    "ViolationsFound": "errors",
    "connect": "mock_server",
    "sandbox_for": "names",
}
"""The module of each member; `types` has the others."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'types')}"), name)
