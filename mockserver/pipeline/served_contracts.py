"""The contracts of a server, each with the objects that its requests need."""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from mockserver.contract.model import Contract, ServedOperation
from mockserver.contract.routes import Match, Segments
from mockserver.contract.tokens import Tokens
from mockserver.errors import AdminRequestInvalid
from mockserver.pipeline.coverage import ContractCoverage
from mockserver.pipeline.near_misses import NearMisses
from mockserver.pipeline.router import MAX_CACHED_MATCHES, Router
from mockserver.pipeline.validation import ParsedArguments, parse_arguments
from mockserver.sandbox.sandboxes import Sandboxes
from mockserver.sandbox.stores.store import Store
from mockserver.spec.locations import Headers


class ServedContract:
    """One contract, and what is made from it."""

    def __init__(
        self, contract: Contract, configured_tokens: Tokens, coverage: ContractCoverage | None
    ) -> None:
        """Take a contract. `configured_tokens` are those of the settings."""
        self.contract = contract
        self.coverage = coverage
        """Counts what the exchanges cover; `None` if the setting is off."""
        self.token_features: Tokens = {**contract.tokens, **configured_tokens}
        self.router = Router(contract.served)
        self.near_misses = NearMisses(contract.served)
        self.parse_arguments: Callable[[Match, str], ParsedArguments] = lru_cache(
            maxsize=MAX_CACHED_MATCHES
        )(parse_arguments)


class ServedContracts:
    """All contracts of a server, and the sandboxes with them.

    Immutable: the server replaces it as a whole, so that each request is handled with one object.
    """

    def __init__(self, served: Iterable[ServedContract], default: str, store: Store) -> None:
        """Take all contracts, the main one first.

        `default` is the name of the contract of sandboxes that have not chosen one. `store` keeps
        the sandboxes.

        Raises:
            AdminRequestInvalid: no contract has the name `default`.
        """
        self.by_name = {one.contract.name: one for one in served}
        self.main = self.by_name[""]
        self.only: ServedContract | None = None
        """The contract, if there is only one."""
        if len(self.by_name) == 1:
            self.only = self.main
        self.default = self.named(default)
        contracts = [one.contract for one in self]
        self.tokens = tuple(_distinct(contract.access_tokens for contract in contracts))
        """The headers with access tokens of all contracts, in lower case."""
        self.base_paths = tuple(_distinct(map(_base_paths, contracts)))
        """The base paths of all contracts."""
        self.varies = any(map(_varies, contracts))
        """Whether any response has a Vary header, which must be merged with the one of CORS."""
        self.sandboxes = Sandboxes(self.choices(), store)

    def __iter__(self) -> Iterator[ServedContract]:
        """Yield all contracts, the main one first."""
        return iter(self.by_name.values())

    @property
    def names(self) -> list[str]:
        """The names that a sandbox can choose, the main contract first."""
        return [one.contract.choice for one in self]

    def named(self, choice: str) -> ServedContract:
        """Return the contract of a name that a sandbox has chosen.

        Raises:
            AdminRequestInvalid: there is none.
        """
        for served in self:
            if served.contract.choice == choice:
                return served
        names = self.names
        detail = f"unknown contract {choice!r}; expected one of {', '.join(names)}"
        raise AdminRequestInvalid(detail, {"contracts": names})

    def of_sandbox(self, sandbox: str) -> ServedContract:
        """Return the contract of a sandbox.

        Raises:
            ContractUnavailable: the sandbox has chosen a contract that is not served.
            StoreUnavailable: the sandbox cannot be read.
        """
        return self.by_name[self.sandboxes.snapshot(sandbox).contract.name]

    def choices(self) -> dict[str, Contract]:
        """Return each contract by the name that a sandbox chooses, the default by `""`."""
        by_choice = {one.contract.choice: one.contract for one in self}
        return {"": self.default.contract, **by_choice}

    def routes(self) -> dict[tuple[str, str | None], str]:
        """Return the path of each operation from the server's root, by contract name and id."""
        routes: dict[tuple[str, str | None], str] = {}
        for name, one in self.by_name.items():
            for served in one.contract.served:
                routes[name, served.operation.id] = served.route
        return routes

    def serve(self, contract: Contract) -> bool:
        """Return whether these contracts include exactly this object."""
        served = self.by_name.get(contract.name)
        return served is not None and served.contract is contract

    def operations(self) -> Iterator[ServedOperation]:
        """Yield the operations of all contracts."""
        for one in self:
            yield from one.contract.served

    def methods(self, path: str, segments: Segments | None = None) -> list[str]:
        """Return the sorted methods that any contract has for a path; empty for an unknown path."""
        return sorted(_distinct(one.router.methods(path, segments) for one in self))


def _distinct(groups: Iterable[Iterable[str]]) -> list[str]:
    """Return the texts of all groups, each once, in order."""
    texts: dict[str, None] = {}
    for group in groups:
        texts.update(dict.fromkeys(group))
    return list(texts)


def _base_paths(contract: Contract) -> list[str]:
    return [api.base_path for api in contract.apis]


def _varies(contract: Contract) -> bool:
    for served in contract.served:
        if served.media.by_accept:
            return True
        for transaction in served.operation.transactions:
            if _has_vary(transaction.response.headers):
                return True
    for scenario in contract.scenarios.values():
        for override in (scenario.response, *scenario.sequence):
            if override.undocumented and _has_vary(override.undocumented.headers):
                return True
    return False


def _has_vary(headers: Headers) -> bool:
    return any(name.lower() == "vary" for name, _ in headers)
