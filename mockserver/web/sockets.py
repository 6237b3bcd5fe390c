"""Options of connected sockets."""

import socket
import struct
from typing import Any


def linger_no_time(connection: Any) -> None:
    """Let a close of the socket send a RST, with a linger time of 0 (socket(7), SO_LINGER).

    Raises:
        OSError: the client has disconnected.
    """
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
