"""The contract: the content of the folders of schemas and fixtures, ready to serve.

`loader` creates it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from mockserver.config.named_contracts import MAIN_CONTRACT
from mockserver.config.similar_names import similar_hint
from mockserver.contract.effects import Effect, RecordLocator
from mockserver.contract.envelope import Envelope
from mockserver.contract.lifecycles import Lifecycle
from mockserver.contract.negotiation import MediaTypes
from mockserver.contract.parameters import TypedParameter
from mockserver.contract.scenarios.scenario import Scenario
from mockserver.contract.shipped_records import ShippedRecords
from mockserver.contract.tokens import TokenFeatures
from mockserver.errors import FileMessage, UnknownScenario
from mockserver.formats.json_schema import Validator
from mockserver.formats.uri_template import UriTemplate
from mockserver.spec.description import Api, Operation


@dataclass(frozen=True, slots=True, eq=False)
class ServedOperation:
    """An operation with everything needed to respond."""

    api: Api
    operation: Operation
    template: UriTemplate
    effect: Effect
    rule: RecordLocator | None
    """How to find its records; `None` for an operation without records."""
    collection: str
    """`API/COLLECTION`; empty for an operation without records."""
    lifecycle: Lifecycle | None
    envelope: Envelope | None
    parameters: tuple[TypedParameter, ...]
    validators: Mapping[int, Validator]
    """By documented status; a status without JSON body has none."""
    access_token: str | None
    """The header with the access token, in lower case; `None` if the operation documents none."""
    headers: tuple[str, ...]
    """The other headers that every documented request has, in lower case."""
    media: MediaTypes
    """The documented media types of its requests and responses."""
    body: Validator | None
    """Validator of JSON request bodies; `None` without a documented schema."""
    example_keys: frozenset[str]
    """For a create operation: the keys in its documented requests, as text."""

    @property
    def route(self) -> str:
        """The path from the server root, with variables as `{name}`."""
        return self.api.base_path + self.template.display_text


@dataclass(frozen=True, eq=False)
class Contract:
    """All APIs together."""

    apis: tuple[Api, ...]
    served: tuple[ServedOperation, ...]
    collections: Mapping[str, ShippedRecords]
    """`API/COLLECTION` to its records, by key, in the order of the file."""
    lifecycles: Mapping[str, Lifecycle]
    """By `API/COLLECTION`."""
    scenarios: Mapping[str, Scenario]
    tokens: Mapping[str, TokenFeatures]
    """Token to its features; any other token has all features."""
    now: Mapping[str, str]
    """The fixtures' date, by API."""
    messages: tuple[FileMessage, ...]
    """Problems that do not prevent serving, such as drift."""
    excluded: Mapping[str, str] = field(default_factory=dict)
    """Id of an item of coverage to the reason why it needs none."""
    parts: tuple["Contract", ...] = ()
    """The contract of each API; empty for the contract of one API as its files define it."""
    name: str = ""
    """The name in `serve --contract NAME=...`; empty for the main contract."""

    @property
    def choice(self) -> str:
        """The name that a sandbox chooses, and that texts show."""
        return self.name or MAIN_CONTRACT

    @property
    def start(self) -> str:
        """The start time of sandbox clocks: the latest fixtures' date."""
        return max(self.now.values(), default="") or "2000-01-01 00:00:00"

    @cached_property
    def access_tokens(self) -> tuple[str, ...]:
        """The headers with access tokens, in lower case; a token may end with a sandbox name."""
        headers: dict[str, None] = {}
        for served in self.served:
            if served.access_token:
                headers[served.access_token] = None
        return tuple(headers)

    def owns(self, served: ServedOperation) -> bool:
        """Return whether an operation is part of this contract.

        Operations are compared by identity: an equal one may be part of another contract.
        """
        return served in self._operations

    @cached_property
    def _operations(self) -> frozenset[ServedOperation]:
        """The operations, whose equality is identity."""
        return frozenset(self.served)

    def members_of(self, collection: str) -> Mapping[str, str]:
        """Return the record member for each path variable of `API/COLLECTION`."""
        for served in self.served:
            if served.collection == collection and served.rule:
                return served.rule.members
        return {}

    def overriding(self, names: Iterable[str]) -> list[str]:
        """Return those of these scenarios that override records."""
        overriding: list[str] = []
        for name in names:
            scenario = self.scenarios.get(name)
            if scenario and scenario.records:
                overriding.append(name)
        return sorted(overriding)

    def scenario(self, name: str) -> Scenario:
        """Return the scenario with this name.

        Raises:
            UnknownScenario: The name is unknown.
        """
        scenario = self.scenarios.get(name)
        if scenario is None:
            names = sorted(self.scenarios)
            hint = f"expected one of {', '.join(names)}{similar_hint(name, names)}"
            raise UnknownScenario(f"unknown scenario {name!r}; {hint}", {"scenarios": names})
        return scenario

    def operation(self, operation_id: str) -> ServedOperation:
        """Return the operation with this id.

        Raises:
            StopIteration: The id is unknown.
        """
        return next(served for served in self.served if served.operation.id == operation_id)


def with_seed(contract: Contract, seed: int) -> Contract:
    """Return the contract with this random seed for all scenarios without a `seed`."""
    scenarios = dict(contract.scenarios)
    for name, scenario in contract.scenarios.items():
        if "seed" not in scenario.definition:
            scenarios[name] = replace(scenario, seed=seed)
    return replace(contract, scenarios=scenarios)
