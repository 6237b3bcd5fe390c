"""Options of connected sockets."""

import os
import socket
import struct
from typing import Any

_LINGER_FORMATS = {"nt": "hh"}
"""The types of `struct linger` by `os.name`. POSIX has two of type `int`."""


def linger_no_time(connection: Any) -> None:
    """Let a close of the socket send a RST, with a linger time of 0 (socket(7), SO_LINGER).

    Raises:
        OSError: the client has disconnected.
    """
    option = struct.pack(_LINGER_FORMATS.get(os.name, "ii"), 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
