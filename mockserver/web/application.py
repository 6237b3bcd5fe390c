"""The application of an HTTP server: the API, and Flask from the first request that needs it."""

from threading import Lock
from typing import Any

from mockserver.config.settings import Settings
from mockserver.contract.model import Contract
from mockserver.pipeline.factory import make_server
from mockserver.pipeline.mock_server import MockServer
from mockserver.web.api import Api


class Application:
    """A server, its API, and the views of Flask: admin API, panel and docs.

    Flask is imported when its first view is called. The API does not need Flask, and a server that
    only serves the API starts in half the time.
    """

    def __init__(self, server: MockServer) -> None:
        self.server = server
        self.api = Api(server)
        self._lock = Lock()
        self._flask: Any = None

    def flask(self) -> Any:
        """Return the Flask application. The first call takes some tenths of a second."""
        with self._lock:
            if self._flask is None:
                from mockserver.web.app import flask_app  # late: see the class

                self._flask = flask_app(self.api, fast_path=True)
            return self._flask

    def end_streams(self) -> None:
        """End all event streams, within one interval."""
        if self._flask is not None:
            self._flask.extensions["mockserver-streams"].end()


def proof_application(contract: Contract) -> Application:
    """Return an application that proves a contract.

    It has a store in memory, no scenarios and no logs.
    """
    server = make_server(Settings(store="memory:"), contract)
    server.open()
    return Application(server)
