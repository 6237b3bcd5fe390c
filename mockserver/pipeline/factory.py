"""Create the pipeline from the settings."""

import os

from mockserver.config.settings import Settings
from mockserver.contract import tokens
from mockserver.contract.model import Contract
from mockserver.errors import UsageError, run_all
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import Activation, SandboxState
from mockserver.sandbox.stores.open import open_store
from mockserver.sandbox.stores.store import StoreLimits
from mockserver.telemetry.traces import Tracing


def make_server(settings: Settings, loaded: Contract) -> MockServer:
    """Return the pipeline of a loaded contract; its store is not open yet.

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
    initial = SandboxState(scenarios=tuple(map(Activation, settings.scenarios)))
    store, traces, *_ = run_all(
        lambda: open_store(settings.store, initial, limits),
        lambda: _open_tracing(settings),
        lambda: _check_scenarios(settings.scenarios, loaded),
        lambda: tokens.parse_token_settings(settings.tokens, loaded.apis),
    )
    return MockServer(loaded, settings, store, traces)


def _open_tracing(settings: Settings) -> Tracing | None:
    if not settings.traces:
        return None
    return Tracing(os.environ)


def _check_scenarios(names: tuple[str, ...], loaded: Contract) -> None:
    hint = f"expected one of {', '.join(sorted(loaded.scenarios))}"
    messages = []
    for name in names:
        if name not in loaded.scenarios:
            messages.append(f"--scenario (MOCKSERVER_SCENARIOS): unknown scenario {name!r}; {hint}")
    if messages:
        raise UsageError("\n".join(messages))
