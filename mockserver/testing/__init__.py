"""A running server and a sandbox for each test, as used by the pytest plugin.

pytest imports this package at every start, so its members are imported on first use (PEP 562).
"""

from importlib import import_module
from typing import Any

_MEMBERS = {
    "RUNNERS": "mockserver.testing.server",
    "running": "mockserver.testing.server",
    "Sandbox": "mockserver.testing.sandbox",
    "SandboxClock": "mockserver.testing.sandbox",
    "ScenarioHandle": "mockserver.testing.sandbox",
}
__all__ = list(_MEMBERS)


def __getattr__(name: str) -> Any:
    if name not in _MEMBERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MEMBERS[name]), name)
