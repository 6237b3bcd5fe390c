"""Delayed responses: how many one process may hold back, and how they end when the server stops."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from mockserver.errors import TooManyDelayedResponses

MAX_DELAYED = 800
"""The maximum number of delayed responses in one process."""
_POLL_SECONDS = 0.1


class DelayLimiter:
    """The delayed responses of one process. Safe for threads.

    A delayed response occupies a connection, and a thread of some WSGI servers. The limit leaves
    room for the requests that are not delayed.
    """

    def __init__(self, limit: int) -> None:
        """Allow at most `limit` delayed responses at once."""
        self.limit = limit
        self.stopping = False
        """Whether the server is stopping; endless responses then end."""
        # A list and not a number: appending is atomic, for threads too.
        self._delayed: list[None] = []

    def check(self) -> None:
        """Check that one more response may be delayed.

        Raises:
            TooManyDelayedResponses: the limit is reached.
        """
        if len(self._delayed) >= self.limit:
            self._raise_limit_reached()

    def _raise_limit_reached(self) -> NoReturn:
        raise TooManyDelayedResponses(
            f"the maximum of {self.limit} delayed responses is reached; try again in a second",
            {"maximum": self.limit},
            (("Retry-After", "1"),),
        )

    def acquire(self) -> None:
        """Count one more delayed response, until `release`.

        Raises:
            TooManyDelayedResponses: the limit is reached.
        """
        self._delayed.append(None)
        if len(self._delayed) > self.limit:
            self._delayed.pop()
            self._raise_limit_reached()

    def release(self) -> None:
        """Count one delayed response less."""
        self._delayed.pop()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Count the body of the `with` statement as one delayed response."""
        self._delayed.append(None)
        try:
            yield
        finally:
            self._delayed.pop()

    def sleep(self, seconds: float) -> bool:
        """Sleep for some seconds, or until the server stops.

        Return whether the server still runs.
        """
        deadline = time.monotonic() + seconds
        remaining = seconds
        while remaining > 0 and not self.stopping:
            time.sleep(min(remaining, _POLL_SECONDS))
            remaining = deadline - time.monotonic()
        return not self.stopping
