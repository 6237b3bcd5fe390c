"""What a scenario is, and what it says to one request."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from mockserver.contract.tokens import TokenFeatures
from mockserver.errors import Position
from mockserver.formats.header_text import text_of


@dataclass(frozen=True, slots=True)
class ResponseOverride:
    """What becomes of an answer."""

    status: int | None = None
    """The documented status that it has."""
    example: str | None = None
    """The name of the documented example that it is."""
    data: str | None = None
    """The shape of its data: a name of `data_variants.SHAPES`."""
    delay: tuple[float, float] | None = None
    """The fewest and the most seconds that it is held back."""
    fault: str | None = None
    """What the wire does to it: a name of `faults.FAULTS`."""


@dataclass(frozen=True, slots=True)
class MatchableRequest:
    """The parts of a request that decide whether a scenario is meant for it."""

    operation_id: str
    variables: Mapping[str, str]
    """Path variable to its text."""
    query: str
    """As sent, without the question mark."""
    headers: Mapping[str, str]
    """By lower-case name."""


@dataclass(frozen=True, slots=True)
class RequestMatcher:
    """Which requests to its operations a scenario is for; an empty one is for all."""

    path: Mapping[str, str] = field(default_factory=dict)
    """Path variable to its text."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Query variable to its text."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Header, in lower case, to its whole value."""

    def matches_request(self, request: MatchableRequest) -> bool:
        """Return whether a request is meant."""
        headers = request.headers
        if any(request.variables.get(name) != text for name, text in self.path.items()):
            return False
        if any(name not in headers or text_of(headers[name]) != text for name, text in self.headers.items()):
            return False
        return not self.query or self.query.items() <= dict(parse_qsl(request.query, keep_blank_values=True)).items()

    def matches_record(self, record: Mapping[str, Any], members: Mapping[str, str]) -> bool:
        """Whether the path variables name this record; `members` has the member that each variable is held against."""
        return all(str(record.get(members[name])) == text for name, text in self.path.items() if name in members)


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """One named variation."""

    name: str
    title: str
    api: str
    """Id of the API whose operations and collections it names; empty for one that is for all APIs."""
    operations: tuple[str, ...]
    """Ids of the operations that it speaks for. A cause holds for all, since the world is one."""
    response: ResponseOverride = field(default_factory=ResponseOverride)
    match: RequestMatcher = field(default_factory=RequestMatcher)
    records: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Collection to members that each of its records has while the scenario is on."""
    token_features: TokenFeatures | None = None
    """What every token may do; `None` where each may what it may."""
    progression: str | None = None
    """What moves records on: a word of `progression.PROGRESSIONS`; `None` for what the clock says."""
    sequence: tuple[ResponseOverride, ...] = ()
    """What becomes of the first answer, of the second, and so on; the last one stays."""
    times: int | None = None
    """For how many answers it speaks before it goes off by itself; `None` for all."""
    after: int = 0
    """How many requests it lets pass before it speaks."""
    probability: float = 1
    """The share of the requests that it speaks for."""
    seed: int = 0
    """Chooses which ones those are: the same seed chooses the same."""
    until: float | str | None = None
    """When it goes off by itself: seconds after it was switched on, by the sandbox's clock, or the stamp that it then shows."""
    breaks_contract: bool = False
    """Whether it says that what it does is not in the contract; a fault has to say so."""
    definition: Mapping[str, Any] = field(default_factory=dict)
    """What it was made of, for who reads it."""
    position: Position | None = None
    """Where its file says what it does; `None` for one that was made from the blueprint."""

    @property
    def is_stateful(self) -> bool:
        """Whether it matters how many requests there were before."""
        return bool(self.times is not None or self.after or self.probability < 1 or self.sequence)

    def applies_to_nth(self, number: int) -> bool:
        """Whether it speaks for the request of that number, the first being 0."""
        return number >= self.after and (self.probability >= 1 or self._random(number) < self.probability)

    def response_at(self, spoken: int) -> ResponseOverride:
        """What it does to the answer when it has spoken so often."""
        return self.sequence[min(spoken, len(self.sequence) - 1)] if self.sequence else self.response

    def exhausted(self, spoken: int) -> bool:
        """Whether it has spoken as often as it may."""
        return self.times is not None and spoken >= self.times

    def _random(self, number: int) -> float:
        """A number from 0 to 1 by lot; not Python's `random`, whose lots may differ from version to version."""
        lot = hashlib.blake2b(f"{self.seed}/{self.name}/{number}".encode(), digest_size=8).digest()
        return int.from_bytes(lot, "big") / (1 << 64)
