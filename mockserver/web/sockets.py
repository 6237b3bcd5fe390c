"""Options of connected sockets."""

import socket
import struct
from typing import Any


def linger_no_time(connection: Any) -> None:
    """Make closing a socket send a RST: its linger time is 0 (socket(7), SO_LINGER). Raises `OSError`."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
