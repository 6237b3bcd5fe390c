"""Create the pipeline from the settings."""

import os
from collections.abc import Iterable
from itertools import chain

from mockserver.config.settings import Settings
from mockserver.config.similar_names import similar_hint
from mockserver.contract import tokens
from mockserver.contract.model import Contract
from mockserver.errors import UsageError, run_all
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.clock import Clock
from mockserver.sandbox.state import Activation, SandboxState
from mockserver.sandbox.stores.open import open_store
from mockserver.sandbox.stores.store import StoreLimits
from mockserver.telemetry.traces import Tracing


def make_server(settings: Settings, *contracts: Contract) -> MockServer:
    """Return the pipeline of the loaded contracts, the main one first. Its store is not open yet.

    Raises:
        UsageError: a scenario or a token feature is unknown, or the URL of the store is invalid.
        StartError: the store cannot be used here, or traces cannot be sent.
        ExceptionGroup: more than one of these.
    """
    limits = StoreLimits(
        settings.max_sandboxes,
        settings.max_sandbox_bytes,
        settings.journal_size,
        settings.max_total_exchanges,
    )
    apis = tuple(chain.from_iterable(contract.apis for contract in contracts))
    initial = SandboxState(
        scenarios=tuple(map(Activation, settings.scenarios)),
        clock=Clock(progression=settings.progression),
    )
    store, traces, *_ = run_all(
        lambda: open_store(settings.store, initial, limits),
        lambda: _open_tracing(settings),
        lambda: _check_scenarios(settings.scenarios, contracts),
        lambda: tokens.parse_token_settings(settings.tokens, apis),
    )
    main, *others = contracts
    return MockServer(main, settings, store, traces, others)


def _open_tracing(settings: Settings) -> Tracing | None:
    if not settings.traces:
        return None
    return Tracing(os.environ)


def _check_scenarios(names: Iterable[str], contracts: Iterable[Contract]) -> None:
    """Check that at least one contract has each scenario.

    Raises:
        UsageError: none has one of them.
    """
    known = set(chain.from_iterable(contract.scenarios for contract in contracts))
    expected = f"expected one of {', '.join(sorted(known))}"
    messages = []
    for name in names:
        if name not in known:
            text = f"--scenario (MOCKSERVER_SCENARIOS): unknown scenario {name!r}; {expected}"
            messages.append(text + _advice(name, known))
    if messages:
        raise UsageError("\n".join(messages))


def _advice(name: str, known: Iterable[str]) -> str:
    """Return what to type in place of an unknown scenario; empty if that is not evident."""
    if "," in name:
        flags = " ".join(f"--scenario {part.strip()}" for part in name.split(","))
        return f"; repeat the flag: {flags}"
    if "/" in name or name.endswith((".yaml", ".yml")):
        flag = "--scenarios FOLDER (MOCKSERVER_SCENARIOS_FOLDER)"
        return f"; to read scenarios of a folder, use {flag}"
    return similar_hint(name, known)
