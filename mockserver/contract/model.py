"""The contract: everything that the folders of schemas and fixtures say, ready to serve from. `loader` makes it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from mockserver.contract.effects import Effect, RecordLocator
from mockserver.contract.envelope import Envelope
from mockserver.contract.lifecycles import Lifecycle
from mockserver.contract.negotiation import MediaTypes
from mockserver.contract.parameters import TypedParameter
from mockserver.contract.record_types import Record
from mockserver.contract.scenarios.scenario import Scenario
from mockserver.contract.tokens import TokenFeatures
from mockserver.formats.json_schema import Validator
from mockserver.formats.uri_template import UriTemplate
from mockserver.spec.description import Api, Operation


@dataclass(frozen=True, slots=True, eq=False)
class ServedOperation:
    """One operation with all that is needed to answer it."""

    api: Api
    operation: Operation
    template: UriTemplate
    effect: Effect
    rule: RecordLocator | None
    """How its records are found; `None` for an operation without records."""
    collection: str
    """`API/COLLECTION`; empty for an operation without records."""
    lifecycle: Lifecycle | None
    envelope: Envelope | None
    parameters: tuple[TypedParameter, ...]
    validators: Mapping[int, Validator]
    """By documented status; a status without one has no JSON body to validate."""
    access_token: str | None
    """Lower-case name of the header whose absence is a 401; `None` where the operation shows no such header."""
    headers: tuple[str, ...]
    """Lower-case names of the other headers that the blueprint shows on every request."""
    media: MediaTypes
    """The documented media types of its requests and responses."""
    body: Validator | None
    """What holds the JSON of a request; `None` where the blueprint declares none."""
    example_keys: frozenset[str]
    """Of a creation: the keys that its documented requests give, as text."""

    @property
    def route(self) -> str:
        """Its path from the server's root, its variables as `{name}`."""
        return self.api.base_path + self.template.display_text


@dataclass(frozen=True, slots=True, eq=False)
class Contract:
    """All APIs together."""

    apis: tuple[Api, ...]
    served: tuple[ServedOperation, ...]
    collections: Mapping[str, Mapping[str, Record]]
    """`API/COLLECTION` to its records, by key, in the order of the file."""
    lifecycles: Mapping[str, Lifecycle]
    """By `API/COLLECTION`."""
    scenarios: Mapping[str, Scenario]
    tokens: Mapping[str, TokenFeatures]
    """Token to its features; any other token has all features."""
    now: Mapping[str, str]
    """The fixtures' date, by API."""
    warnings: tuple[str, ...]
    """What does not keep it from being served: drift."""

    @property
    def start(self) -> str:
        """The stamp at which sandboxes' clocks start: the latest of the fixtures' dates."""
        return max(self.now.values(), default="") or "2000-01-01 00:00:00"

    @property
    def access_tokens(self) -> tuple[str, ...]:
        """The headers on which a sandbox's name may ride, in lower case."""
        return tuple({served.access_token: None for served in self.served if served.access_token})

    def members_of(self, collection: str) -> Mapping[str, str]:
        """The record's member that each path variable of `API/COLLECTION` is held against."""
        return next((each.rule.members for each in self.served if each.collection == collection and each.rule), {})

    def overriding(self, names: Iterable[str]) -> list[str]:
        """Those of these scenarios that lay other records over the sandbox's own."""
        return sorted(name for name in names if name in self.scenarios and self.scenarios[name].records)

    def operation(self, operation_id: str) -> ServedOperation:
        """The operation with this id; `KeyError` where there is none."""
        return next(served for served in self.served if served.operation.id == operation_id)


def with_seed(contract: Contract, seed: int) -> Contract:
    """The contract, its scenarios drawing their lots by this seed where they name none of their own."""
    named = contract.scenarios.items()
    return replace(
        contract,
        scenarios={name: each if "seed" in each.definition else replace(each, seed=seed) for name, each in named},
    )
