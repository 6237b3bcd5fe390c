"""The event loop of a server: uvloop's, or asyncio's with selectors.

The default loop of Windows has no selectors, so the server could not accept connections itself.
"""

import asyncio
import selectors
import sys
from typing import Any

MAX_SELECTED = 500
"""The maximum number of connections with `select.select`, the only selector of Windows.

Python for Windows accepts 512 sockets, and the server needs some for itself.
"""


def new_event_loop() -> Any:
    """Return a new loop."""
    try:
        import uvloop  # an extra
    except ImportError:
        return asyncio.SelectorEventLoop()
    return uvloop.new_event_loop()


def max_connections() -> int:
    """Return the maximum number of open connections of one loop."""
    if issubclass(selectors.DefaultSelector, selectors.SelectSelector):
        return MAX_SELECTED
    return sys.maxsize
