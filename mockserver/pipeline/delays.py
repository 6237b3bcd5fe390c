"""Answers that wait before they go on, by a delay or a fault: how many there are, and whether they have to come to an end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from mockserver.errors import TooManyWaiting

MOST = 800
"""How many answers may wait at once in one process, unless its server says otherwise."""
_LOOK = 0.1


class Waiting:
    """The waiting answers of one process. Safe for threads and greenlets.

    Each holds a greenlet or a thread of the server. So there is a most of them, which leaves room for all that does not wait.
    """

    def __init__(self) -> None:
        self.most = MOST
        self.ending = False
        """Whether the server has been told to stop; what would go on for ever ends then."""
        self._held: list[None] = []  # a list and not a number: appending is one step, for threads too

    def check(self) -> None:
        """Raises `TooManyWaiting` where as many wait as may."""
        if len(self._held) >= self.most:
            raise TooManyWaiting(
                f"{self.most} answers wait already, by a delay or a slow fault, and no more may; wait for one of them to end",
                {"most": self.most},
                (("Retry-After", "1"),),
            )

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count what happens meanwhile as one that waits."""
        self._held.append(None)
        try:
            yield
        finally:
            self._held.pop()

    def hold(self, seconds: float) -> None:
        """Hold an answer back. Raises `TooManyWaiting`."""
        self.check()
        with self.counted():
            time.sleep(seconds)

    def pause(self, seconds: float) -> bool:
        """Wait that long, or until the server is told to stop; whether it goes on."""
        until = time.monotonic() + seconds
        while not self.ending and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK))  # not an event: one that is made before gevent patches would block all greenlets
        return not self.ending
