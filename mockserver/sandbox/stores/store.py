"""The protocol of stores, with its limits and errors."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from mockserver.errors import UsageError
from mockserver.sandbox.state import SandboxState

STORE_URLS = "memory:, sqlite:, sqlite:///FILE (four slashes for an absolute one), redis://HOST:PORT/DB, rediss://..., unix://..."


def invalid_store_url(url: str, reason: str = "") -> UsageError:
    """The error that says which URLs there are. A password in the URL is not shown."""
    shown = re.sub(r":[^:/@]*@", ":...@", url)
    return UsageError(f"{shown!r} is not a store{reason and f': {reason}'}; expected one of {STORE_URLS}")


T = TypeVar("T")

EncodeEntry = Callable[[], bytes]
"""Gives the JSON of one exchange when it is asked for; the same each time."""


class StoreUnavailable(Exception):
    """The store does not answer, or cannot take a change: its disk is full, say. What was to be changed is as it was,
    unless `unknown`: then the change may have been made, and only its confirmation was lost."""

    def __init__(self, reason: str, *, unknown: bool = False) -> None:
        super().__init__(reason)
        self.unknown = unknown


class StateTooLarge(ValueError):
    """A change would make a state longer than the limit of bytes; nothing was changed."""


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """How much a store keeps; the least recently used goes first."""

    sandboxes: int = 20_000
    """Sandboxes."""
    bytes: int = 1024 * 1024
    """Bytes of one sandbox's state as JSON."""
    exchanges: int = 1000
    """Exchanges in the journal of one sandbox."""
    total_exchanges: int = 10_000
    """Exchanges of all sandboxes together."""


@dataclass(frozen=True, slots=True)
class SandboxInfo:
    """One sandbox as it is listed."""

    name: str
    bytes: int
    """Of its state as JSON."""
    created: float
    """Unix time of its first use."""
    last_used: float
    """Unix time of its last use; a store may be some seconds behind."""


OnLost = Callable[[int], object]
"""Is told how many entries of the journal could not be kept."""


def ignore_lost(count: int) -> None:
    """For whoever does not ask what was lost."""


class Store(Protocol):
    """A place for sandboxes, by name. One that was never changed has the initial state. Safe for threads and greenlets."""

    shared: bool
    """Whether several processes see the same sandboxes."""

    def open(self, on_lost: OnLost = ignore_lost) -> None:
        """Connect. Called once in each process that serves, after the fork, and before anything else."""

    def close(self) -> None:
        """Write what is still to be written, and disconnect."""

    def check(self) -> None:
        """Raises `StoreUnavailable` when it does not answer."""

    def check_writes(self) -> None:
        """Raises `StoreUnavailable` when it takes no change: its disk is full, say. Writes to find out, once a second at most."""

    def read(self, sandbox: str) -> SandboxState:
        """The present state. The same object as last time, as long as no process has changed it."""

    def change(self, sandbox: str, change: Callable[[SandboxState], tuple[SandboxState, T]]) -> T:
        """Put in place the state that `change` makes of the present one, as one step that no other change can part.

        Returns what `change` returns beside the state. When it raises, or returns the very state that it was given, nothing
        is written. Raises `StoreUnavailable`, and `StateTooLarge`.
        """

    def delete(self, sandbox: str) -> bool:
        """Drop a sandbox's state and journal: back to the initial state. Whether there was anything to drop."""

    def sandboxes(self) -> list[SandboxInfo]:
        """Those that were used, the one used last first."""

    def append(self, sandbox: str, entry: EncodeEntry) -> None:
        """Add an entry to the sandbox's journal, and note that the sandbox was used.

        Costs next to nothing, and raises nothing.
        """

    def journal(self, sandbox: str, limit: int | None = None) -> list[bytes]:
        """The journal, oldest first: every entry that any process has added before this call, within the limits.

        With `most`, the newest so many.
        """

    def clear_journal(self, sandbox: str) -> None:
        """Empty the journal."""

    def evicted(self) -> int:
        """How many sandboxes were dropped for want of room, since the start."""
