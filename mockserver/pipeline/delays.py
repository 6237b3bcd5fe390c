"""Answers that wait before they go on, by a delay or a fault: how many there are, and whether they have to come to an end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from mockserver.errors import TooManyDelayedResponses

MAX_DELAYED = 800
"""How many answers may wait at once in one process, unless its server says otherwise."""
_POLL_SECONDS = 0.1


class DelayLimiter:
    """The waiting answers of one process. Safe for threads and greenlets.

    Each holds a greenlet or a thread of the server. So there is a most of them, which leaves room for all that does not wait.
    """

    def __init__(self) -> None:
        self.limit = MAX_DELAYED
        self.stopping = False
        """Whether the server has been told to stop; what would go on for ever ends then."""
        self._delayed: list[None] = []  # a list and not a number: appending is one step, for threads too

    def check(self) -> None:
        """Raises `TooManyWaiting` where as many wait as may."""
        if len(self._delayed) >= self.limit:
            raise TooManyDelayedResponses(
                f"{self.limit} answers wait already, by a delay or a slow fault, and no more may; wait for one of them to end",
                {"most": self.limit},
                (("Retry-After", "1"),),
            )

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Count what happens meanwhile as one that waits."""
        self._delayed.append(None)
        try:
            yield
        finally:
            self._delayed.pop()

    def delay(self, seconds: float) -> None:
        """Hold an answer back. Raises `TooManyWaiting`."""
        self.check()
        with self.slot():
            time.sleep(seconds)

    def sleep(self, seconds: float) -> bool:
        """Wait that long, or until the server is told to stop; whether it goes on."""
        until = time.monotonic() + seconds
        while not self.stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _POLL_SECONDS))  # not an event: one that is made before gevent patches would block all greenlets
        return not self.stopping
