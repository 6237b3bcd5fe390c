"""A scenario, and its effect on one request."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from mockserver.contract.scenarios.undocumented import UndocumentedResponse
from mockserver.contract.tokens import TokenFeatures
from mockserver.errors import Position
from mockserver.formats.header_text import text_of


@dataclass(frozen=True, slots=True)
class ResponseOverride:
    """The changes to one response."""

    status: int | None = None
    """The documented status to return."""
    example: str | None = None
    """The name of the documented example to return."""
    data: str | int | None = None
    """The data variant: a name in `list_lengths.DATA_NAMES`, or the number of records in lists."""
    delay: tuple[float, float] | None = None
    """The minimum and the maximum delay, in seconds."""
    fault: str | None = None
    """The network fault: a key of `faults.FAULTS`."""
    undocumented: UndocumentedResponse | None = None
    """The response to return instead of a documented one."""

    @property
    def has_random_delay(self) -> bool:
        """Return whether the delay is random."""
        return self.delay is not None and self.delay[0] < self.delay[1]


@dataclass(frozen=True, slots=True)
class MatchableRequest:
    """The parts of a request that decide whether a scenario applies to it."""

    operation_id: str
    variables: Mapping[str, str]
    """Path variable to its text."""
    query: str
    """As sent, without the question mark."""
    headers: Mapping[str, str]
    """By lower-case name."""


@dataclass(frozen=True, slots=True)
class RequestMatcher:
    """Selects the requests to which a scenario applies. An empty matcher selects all."""

    path: Mapping[str, str] = field(default_factory=dict)
    """Path variable to its text."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Query variable to its text."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Lower-case header to its complete value."""

    def matches_request(self, request: MatchableRequest) -> bool:
        """Return whether a request matches."""
        for name, text in self.path.items():
            if request.variables.get(name) != text:
                return False
        for name, text in self.headers.items():
            value = request.headers.get(name)
            if value is None or text_of(value) != text:
                return False
        if not self.query:
            return True
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        return self.query.items() <= query.items()

    def matches_record(self, record: Mapping[str, Any], members: Mapping[str, str]) -> bool:
        """Return whether the path variables identify this record.

        Args:
            record: The record.
            members: Path variable to the record's member with its value.
        """
        known = self.path.keys() & members.keys()
        return all(str(record.get(members[name])) == self.path[name] for name in known)


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """A named variation."""

    name: str
    title: str
    api: str
    """Id of the API whose operations and collections it names; empty for a scenario of all APIs."""
    operations: tuple[str, ...]
    """Ids of the operations that it applies to. `records` applies to all operations."""
    response: ResponseOverride = field(default_factory=ResponseOverride)
    match: RequestMatcher = field(default_factory=RequestMatcher)
    records: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Collection to the members that its records have while the scenario is on."""
    token_features: TokenFeatures | None = None
    """The features of every token; `None` to leave the tokens as they are."""
    progression: str | None = None
    """The cause that advances records: one of `progression.PROGRESSIONS`.

    `None` for the setting of the sandbox's clock.
    """
    sequence: tuple[ResponseOverride, ...] = ()
    """The changes to the first response, to the second, and so on.

    The last ones apply to all later responses, except if `repeat` is set.
    """
    repeat: bool = False
    """Whether `sequence` starts again after its last item."""
    times: int | None = None
    """The number of responses after which it switches itself off; `None` for no limit."""
    after: int = 0
    """The number of requests that it ignores first."""
    every: int = 1
    """It applies to each request with this number or a multiple, after those of `after`."""
    probability: float = 1
    """The share of the requests that it applies to."""
    seed: int = 0
    """The random seed that chooses these requests and random delays.

    The same seed chooses the same ones.
    """
    until: float | str | None = None
    """The time at which it switches itself off, on the sandbox's clock.

    A number is in seconds after it was switched on. A text is a timestamp.
    """
    breaks_contract: bool = False
    """Whether it violates the contract on purpose.

    A fault and an undocumented response need this.
    """
    definition: Mapping[str, Any] = field(default_factory=dict)
    """The definition it was built from."""
    position: Position | None = None
    """Where its file sets `records`; `None` for a scenario without a file."""

    @property
    def is_stateful(self) -> bool:
        """Return whether its effect depends on the number of earlier requests."""
        if self.times is not None or self.after or self.every > 1 or self.sequence:
            return True
        return self.is_random

    @property
    def decides_responses(self) -> bool:
        """Return whether it can decide a response: not if it has a progression alone."""
        if self.response != ResponseOverride() or self.sequence or self.records:
            return True
        return self.token_features is not None

    @property
    def is_random(self) -> bool:
        """Return whether its effect depends on `seed`."""
        if self.probability < 1:
            return True
        return any(override.has_random_delay for override in (self.response, *self.sequence))

    def applies_to_nth(self, number: int) -> bool:
        """Return whether it applies to the request with this number, from 0."""
        if number < self.after or (number - self.after + 1) % self.every:
            return False
        return self.probability >= 1 or self._random(str(number)) < self.probability

    def delay_of(self, override: ResponseOverride, number: int) -> float | None:
        """Return the delay of the response to the request with this number, from 0; in seconds."""
        if override.delay is None:
            return None
        shortest, longest = override.delay
        if not override.has_random_delay:
            return shortest
        return shortest + (longest - shortest) * self._random(f"{number}/delay")

    def response_at(self, times_applied: int) -> ResponseOverride:
        """Return the changes to the next response, after it was applied this often."""
        if not self.sequence:
            return self.response
        if self.repeat:
            return self.sequence[times_applied % len(self.sequence)]
        return self.sequence[min(times_applied, len(self.sequence) - 1)]

    def exhausted(self, times_applied: int) -> bool:
        """Return whether it was applied to the maximum number of responses."""
        return self.times is not None and times_applied >= self.times

    def _random(self, purpose: str) -> float:
        """Return a random number from 0 to 1, the same for the same purpose.

        Python's `random` could return other numbers in another version.
        """
        text = f"{self.seed}/{self.name}/{purpose}"
        digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / (1 << 64)
