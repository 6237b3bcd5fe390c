"""The event loop in a thread of another program, for the tests of an app."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Thread

from mockserver.config.setting_sources import load_settings
from mockserver.contract.loader import load_contract
from mockserver.pipeline.factory import make_server
from mockserver.web.application import Application
from mockserver.web.http.server import HttpServer
from mockserver.web.servers.sockets import bind

GRACE = 1.0
"""Seconds that open requests get at the end."""
OWN_SETTINGS = {"store": "memory:", "host": "127.0.0.1", "port": "0"}


@contextmanager
def running_in_thread(settings: Mapping[str, str]) -> Iterator[str]:
    """Provide the URL of a server that runs in a thread until the end of the `with` statement.

    Args:
        settings: Settings by name, such as `schemas`. Environment variables are ignored.

    Raises:
        InvalidFiles: The contract is invalid.
        UsageError: A setting is invalid.
    """
    configured = load_settings({**settings, **OWN_SETTINGS}, {})
    folders = configured.schemas, configured.fixtures, configured.scenarios_folder
    server = make_server(configured, load_contract(*folders))
    sockets = bind(configured)
    server.open()
    loop, stop = asyncio.SelectorEventLoop(), asyncio.Event()
    http_server = HttpServer(Application(server), sockets, shares_sockets=False)
    serving = http_server.serve(stop, GRACE)
    thread = Thread(target=loop.run_until_complete, args=(serving,), name="mockserver", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
        server.close()
