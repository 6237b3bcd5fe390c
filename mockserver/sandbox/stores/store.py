"""The protocol of all stores, its limits and its errors."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from mockserver.errors import SandboxTooLarge, UsageError
from mockserver.sandbox.coverage import CoverageKey, StoredCoverage
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.uploads import UploadStore

STORE_URLS = (
    "memory:, sqlite:, sqlite:///FILE (four slashes for an absolute path), "
    "redis://HOST:PORT/DB, rediss://..., unix://..."
)


def invalid_store_url(url: str, reason: str = "") -> UsageError:
    """Return the error for an invalid URL, which lists the valid ones.

    A password in `url` is masked. `reason` is what is wrong, if it is not evident.
    """
    masked = re.sub(r":[^:/@]*@", ":...@", url)
    problem = f"invalid store URL {masked!r}"
    if reason:
        problem = f"{problem}: {reason}"
    return UsageError(f"{problem}; expected one of {STORE_URLS}")


T = TypeVar("T")

EncodeEntry = Callable[[], bytes]
"""Returns the JSON of one exchange, the same at each call."""


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """How much a store keeps. Beyond a limit, the least recently used is evicted."""

    sandboxes: int = 20_000
    """Number of sandboxes."""
    bytes: int = 1024 * 1024
    """Bytes of one sandbox's state as JSON."""
    exchanges: int = 1000
    """Journal entries of one sandbox."""
    total_exchanges: int = 10_000
    """Journal entries of all sandboxes together."""


def check_size(size: int, limits: StoreLimits) -> None:
    """Check that a state of `size` bytes may be stored.

    Raises:
        SandboxTooLarge: it may not.
    """
    if size > limits.bytes:
        raise SandboxTooLarge(
            f"the sandbox would have {size} bytes, expected at most {limits.bytes}"
        )


@dataclass(frozen=True, slots=True)
class SandboxInfo:
    """One sandbox in a list of sandboxes."""

    name: str
    bytes: int
    """Bytes of its state as JSON."""
    created: float
    """Unix time of its first use."""
    last_used: float
    """Unix time of its last use. A store may report it some seconds late."""


OnLost = Callable[[int], object]
"""Called with the number of journal entries that could not be kept."""


OnUnwritten = Callable[[int], object]
"""Called with the number of journal entries that would be lost if the process was killed now."""


def ignore(count: int) -> None:
    """Ignore a number of journal entries."""


class Store(Protocol):
    """Keeps the states and journals of sandboxes, by name. Safe for threads.

    A sandbox that was never changed has the initial state.
    """

    shared: bool
    """Whether several processes share the sandboxes."""
    is_persistent: bool
    """Whether the store can have data of an earlier server."""

    @property
    def uploads(self) -> UploadStore:
        """The uploaded APIs. It exists after `open`."""

    def open(self, on_lost: OnLost = ignore, on_unwritten: OnUnwritten = ignore) -> None:
        """Connect.

        Called once in each serving process, after the fork and before any other method.
        """

    def close(self) -> None:
        """Write what is still queued, and disconnect."""

    def check(self) -> None:
        """Check that the store responds.

        Raises:
            StoreUnavailable: it does not.
        """

    def check_writes(self) -> None:
        """Check that the store accepts changes, by a write at most once a second.

        Raises:
            StoreUnavailable: it does not, for example because its disk is full.
        """

    def read(self, sandbox: str) -> SandboxState:
        """Return the current state: the same object until a process changes it.

        Raises:
            StoreUnavailable: the state cannot be read.
        """

    def peek(self, sandbox: str) -> SandboxState | None:
        """Return the current state if this takes no wait, otherwise `None`."""

    def change(self, sandbox: str, change: Callable[[SandboxState], tuple[SandboxState, T]]) -> T:
        """Change a state atomically, and return the result of `change`.

        `change` gets the current state, and returns the new state and a result. If it raises, or
        returns the same object that it got, nothing is written. It may run several times.

        Raises:
            StoreUnavailable: the state cannot be read or written.
            SandboxTooLarge: the new state exceeds the limit.
        """

    def delete(self, sandbox: str) -> bool:
        """Delete the state and journal of a sandbox.

        Return whether it had a state or a journal.
        """

    def sandboxes(self) -> list[SandboxInfo]:
        """Return the used sandboxes, the most recently used first."""

    def count(self) -> int:
        """Return the number of used sandboxes, without reading them."""

    def append(self, sandbox: str, entry: EncodeEntry) -> None:
        """Add an entry to a sandbox's journal, and mark the sandbox as used now.

        Fast, and raises nothing. It never waits, so an event loop may call it.
        """

    def journal(self, sandbox: str, limit: int | None = None) -> list[bytes]:
        """Return the journal, oldest first: all entries added by any process before this call.

        `limit` is the number of newest entries to return; `None` for all.
        """

    def clear_journal(self, sandbox: str) -> None:
        """Delete all entries of a sandbox's journal."""

    def evicted(self) -> int:
        """Return the number of sandboxes evicted since the start."""

    def coverage_generation(self) -> int:
        """Return a number that changes when a process clears the coverage. It takes no wait."""

    def add_coverage(self, key: CoverageKey, items: tuple[str, ...]) -> None:
        """Add covered items to those of a key.

        From then on no kill of this process loses them. After an error, the coverage is incomplete
        until it is cleared.

        Raises:
            StoreUnavailable: the items cannot be written.
        """

    def coverage(self) -> StoredCoverage:
        """Return the items that all processes added since the coverage was cleared.

        Resets, deletions and evictions of sandboxes keep it. Beyond `coverage.MAX_KEYS` keys, the
        items of the oldest keys are those of `CoverageKey.rest`.

        Raises:
            StoreUnavailable: the coverage cannot be read.
        """

    def clear_coverage(self) -> None:
        """Delete the coverage. All processes add their items again after this call.

        Raises:
            StoreUnavailable: the coverage cannot be deleted.
        """
