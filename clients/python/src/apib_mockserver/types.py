"""The JSON of the admin API.

`Any` is a value that this client passes on without reading it.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

Progression = Literal["manual", "time", "polls"]
"""How records advance without a call: not at all, with the clock, or with each read."""


class Violation(TypedDict):
    """One way in which a message breaks the contract."""

    pointer: str
    """A JSON pointer into the body, or `query/limit`, `path/export_id`, `header/X-Access-Token`."""
    expected: str
    actual: str
    schema_pointer: str
    """The schema keyword that was violated; empty if no schema was involved."""


class _Problem(TypedDict):
    type: str
    title: str
    status: int
    detail: str


class Problem(_Problem, total=False):
    """An error response of the mock server itself (RFC 9457).

    `type` is `urn:mockserver:problem:...`, which stays the same.
    """

    violations: list[Violation]
    scenarios: list[str]
    """The existing scenarios, if an unknown one was named."""


class Clock(TypedDict):
    """A sandbox's clock."""

    now: str
    """`YYYY-MM-DD HH:MM:SS`."""
    mode: Literal["frozen", "running"]
    progression: Progression


class Overrides(TypedDict, total=False):
    """Members of a scenario that override its file."""

    operations: list[str]
    match: Any
    times: int
    """The number of responses that it applies to. It then switches itself off."""
    after: int
    """The number of requests to skip first."""
    every: int
    """With 3, it is applied to every third request."""
    repeat: bool
    """Whether its sequence starts again after the last item."""
    probability: float
    """The probability of being applied to a request, from 0 to 1."""
    seed: int
    until: Any
    """Seconds on the sandbox's clock, or a timestamp, after which it switches itself off."""
    delay: Any
    """Seconds, or `{"from": ..., "to": ...}`."""


class _Scenario(TypedDict):
    name: str
    title: str
    operations: list[str]
    on: bool
    file: str | None


class Scenario(_Scenario, total=False):
    """A scenario, and whether it is on. It also has the other members of its file."""

    overrides: Overrides
    matched_requests: int
    """While it is on: the number of requests that matched it."""
    times_applied: int
    """While it is on: the number of responses that it was applied to."""
    remaining: int
    """While it is on with `times`: the number of remaining responses."""


class SandboxRecord(TypedDict):
    """The current state of a record."""

    key: str
    """Its id, after the key of its parent if it has one."""
    state: str | None
    """Its state in the lifecycle; None if the collection has no lifecycle."""
    modified: bool
    """Whether it differs from the shipped record."""
    deleted: bool
    next_states: list[str]
    """The states to which the lifecycle allows a transition."""
    record: dict[str, Any]


Transition = TypedDict("Transition", {"record": str, "from": str, "to": str})
"""A state transition of a record."""


class NearMiss(TypedDict):
    """An operation that is similar to an unmatched request."""

    operation: str
    method: str
    uri_template: str
    distance: float
    """From 0; smaller is closer."""
    differences: list[str]


class _Exchange(TypedDict):
    id: str
    time: float
    sandbox: str
    operation: str | None
    method: str
    path: str
    query: str
    headers: dict[str, str]
    arguments: dict[str, Any]
    status: int
    fault: str | None
    reason: str
    scenario: str | None
    transition: Transition | None
    violations: list[Violation]
    notes: list[str]
    token: str | None
    duration_ms: float
    request_body: str | None
    response_body: str | None


class Exchange(_Exchange, total=False):
    """One request with its response, as the journal has it.

    `time` is Unix time, in seconds. `operation` is None if no operation matched. `reason` is the
    reason for the response: a preference, a scenario, the state or a problem. `notes` name parts of
    the request that the server ignored or corrected. `token` is masked.
    """

    near_misses: list[NearMiss]
    contract: str
    """The name of the contract; missing for the main one."""


class Filters(TypedDict, total=False):
    """Filters of the journal; an exchange has to match all of them."""

    operation: str
    method: str
    path: str
    status: int
    scenario: str
    violations: bool
    transition: bool
    unmatched: bool
    url: str
    urlPath: str
    urlPattern: str
    """A regular expression."""
    urlPathPattern: str
    queryParameters: dict[str, Any]
    headers: dict[str, Any]


class _SandboxImport(TypedDict):
    state: Any


class SandboxImport(_SandboxImport, total=False):
    """The part of a `SandboxExport` that `import_` needs."""

    name: str
    bytes: int
    created: float | None
    last_used: float | None
    blueprints: dict[str, str]


class SandboxExport(TypedDict):
    """A complete sandbox; attach it to a bug report to reproduce the bug."""

    name: str
    bytes: int
    created: float | None
    """The Unix time of the first use; None if it was never used."""
    last_used: float | None
    blueprints: dict[str, str]
    """The hash of each blueprint: only a server with the same blueprints can import it."""
    state: Any
