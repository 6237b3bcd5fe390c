"""What an HTTP server of this package serves: the API, and the Flask application once somebody needs it."""

import os
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

from mockserver.config.settings import Settings
from mockserver.contract import tokens
from mockserver.contract.model import Contract
from mockserver.errors import UsageError, run_all
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import Activation, SandboxState
from mockserver.sandbox.stores.open import open_store
from mockserver.sandbox.stores.store import StoreLimits
from mockserver.telemetry.traces import Tracing
from mockserver.web.api import Api

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Application:
    """A server, its API, and the views of Flask: admin API, panel and docs.

    Flask is imported when its first view is called: the API does not need it, and a CI job that only calls the API
    starts in half the time.
    """

    def __init__(self, server: MockServer) -> None:
        self.server = server
        self.api = Api(server)
        self._lock = Lock()
        self._flask: Any = None

    def flask(self) -> Any:
        """Return the Flask application of this server. The first call takes some tenths of a second."""
        with self._lock:
            if self._flask is None:
                from mockserver.web.app import flask_app  # late: see the class

                self._flask = flask_app(self.api, fast_path=True)
            return self._flask

    def end_streams(self) -> None:
        """End all event streams, within one interval."""
        if self._flask is not None:
            self._flask.extensions["mockserver-streams"].end()


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
        lambda: Tracing(os.environ) if settings.traces else None,
        lambda: _check_scenarios(settings.scenarios, loaded),
        lambda: tokens.parse_token_settings(settings.tokens, loaded.apis),
    )
    return MockServer(loaded, settings, store, traces)


def proof_application(contract: Contract) -> Application:
    """Return an application to prove a contract: with a store in memory, without scenarios and logs."""
    server = make_server(Settings(store="memory:"), contract)
    server.open()
    return Application(server)


def _check_scenarios(names: tuple[str, ...], loaded: Contract) -> None:
    scenarios = ", ".join(sorted(loaded.scenarios))
    messages = [
        f"--scenario (MOCKSERVER_SCENARIOS): unknown scenario {name}; expected one of {scenarios}"
        for name in names
        if name not in loaded.scenarios
    ]
    if messages:
        raise UsageError("\n".join(messages))
