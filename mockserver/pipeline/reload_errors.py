"""The errors of the files that `--reload` did not load."""

from collections.abc import Iterable
from itertools import chain


class ReloadErrors:
    """The errors of the last reload of each contract."""

    def __init__(self) -> None:
        self._by_contract: dict[str, tuple[str, ...]] = {}

    def note(self, contract: str, errors: Iterable[str]) -> None:
        """Note the errors of a contract by its name; none after a successful reload."""
        prefix = ""
        if contract:
            prefix = f"contract {contract!r}: "
        noted = tuple(prefix + error for error in errors)
        self._by_contract = {**self._by_contract, contract: noted}

    @property
    def all(self) -> tuple[str, ...]:
        """The errors of all contracts."""
        return tuple(chain.from_iterable(self._by_contract.values()))
