"""Limits of requests and connections."""

MAX_LINE = 8190
"""The maximum size of a request line, in bytes."""
MAX_HEADER = 16380
"""The maximum size of one header, name and value, in bytes."""
MAX_HEADERS = 100
"""The maximum number of headers."""
MAX_HEAD = 65536
"""The maximum size of a request line with all headers, in bytes."""
MAX_PIECE = 16384
"""The maximum number of bytes that are parsed at once. An endless head is detected soon."""
MAX_IN_A_ROW = 16
"""The maximum number of requests of one connection that are handled while others wait."""
KEEP_ALIVE = 75
"""Seconds until an idle connection is closed.

They are more than most clients wait, so that clients close their connections.
"""
LINGER = 2
"""Seconds of silence after the last response until the server closes the connection."""
MAX_LINGER = 30
"""Seconds after the last response in which the server discards received bytes."""
MAX_DISCARDED = 8 * 1024 * 1024
"""The maximum number of bytes that are discarded after the last response."""
