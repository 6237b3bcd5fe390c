"""Limits of requests and connections."""

MAX_LINE = 8190
"""The maximum size of a request line in bytes."""
MAX_HEADER = 16380
"""The maximum size of one header, name and value, in bytes."""
MAX_HEADERS = 100
"""The maximum number of headers."""
MAX_HEAD = 65536
"""The maximum size of a request line with all headers in bytes."""
MAX_PIECE = 16384
"""The maximum number of bytes that are parsed at once, so that an endless head is detected soon."""
MAX_IN_A_ROW = 16
"""The maximum number of requests of one connection that are handled while the other connections wait."""
KEEP_ALIVE = 75
"""Seconds until an idle connection is closed. Longer than those of clients, so that clients close connections."""
LINGER = 2
"""Seconds of silence in which a client may close a connection after its last response, before the server does."""
MAX_LINGER = 30
"""Seconds that a client may still send, and be ignored, after its last response."""
MAX_DISCARDED = 8 * 1024 * 1024
"""The maximum number of bytes that are read and discarded after the last response of a connection."""
