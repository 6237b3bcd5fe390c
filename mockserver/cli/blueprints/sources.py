"""The sources of a contract: folders of schemas and fixtures, or blueprints alone."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from mockserver.cli.blueprints.arguments import blueprint_files, watched_paths
from mockserver.cli.blueprints.cache import Cache, Entry, cache_key, open_cache
from mockserver.config.settings import Settings
from mockserver.config.tempfiles import writable_directory
from mockserver.contract import loader
from mockserver.contract.model import Contract
from mockserver.errors import FileMessage, InvalidFiles
from mockserver.formats.files import files_below
from mockserver.spec.blueprint_files import read_apis
from mockserver.spec.description import Api
from mockserver.web.servers.reload import ContractSource

_ENDINGS = (".apib", ".json", ".yaml")
_Failures = dict[str, str]
"""Id of an operation to the reason why its documented request fails."""


def contract_source(settings: Settings) -> ContractSource:
    """Return the source that the settings select."""
    if settings.files:
        return BlueprintSource(
            settings.files, settings.scenarios_folder, use_cache=not settings.no_cache
        )
    return FolderSource(settings.schemas, settings.fixtures, settings.scenarios_folder)


class FolderSource:
    """Folders of schemas, fixtures and more scenarios."""

    def __init__(
        self, schemas_folder: Path, fixtures_folder: Path, scenarios_folder: Path | None = None
    ) -> None:
        self._folders = (schemas_folder, fixtures_folder, scenarios_folder)

    def load(self) -> Contract:
        """Read and check the folders."""
        return loader.load_contract(*self._folders)

    def paths(self) -> Iterator[Path]:
        """Yield the files of the folders."""
        for folder in self._folders:
            yield from _files_of(folder)


def _files_of(folder: Path | None) -> Iterator[Path]:
    """Yield the files of a folder that a contract can depend on."""
    if folder is None:
        return
    for path in files_below(folder):
        if path.suffix in _ENDINGS:
            yield path


class BlueprintSource:
    """Blueprints alone. Schemas and fixtures are generated, and kept in a cache."""

    def __init__(
        self,
        arguments: Sequence[str],
        scenarios_folder: Path | None = None,
        *,
        use_cache: bool,
    ) -> None:
        self._arguments = arguments
        self._scenarios = scenarios_folder
        self._use_cache = use_cache
        self._included: tuple[Path, ...] = ()

    def load(self) -> Contract:
        """Read the blueprints, and the folders that were generated from them."""
        apis = read_apis(blueprint_files(self._arguments))
        included: list[Path] = []
        for api in apis:
            included += api.included
        self._included = tuple(included)
        cache = open_cache() if self._use_cache else None
        if cache is None:
            return _generated(apis, self._scenarios)
        key = cache_key(apis)
        entry = cache.entry(key)
        contract = _kept(apis, entry, self._scenarios) if entry else None
        return contract or _generated_in_cache(apis, cache, key, self._scenarios)

    def paths(self) -> Iterator[Path]:
        """Yield the blueprints, the files that they include, and the scenarios."""
        yield from watched_paths(self._arguments)
        yield from self._included
        yield from _files_of(self._scenarios)


def _kept(apis: Sequence[Api], entry: Entry, scenarios: Path | None) -> Contract | None:
    """Return the contract of a cache entry; `None` if another process removes the entry."""
    folders = entry.folder / "schemas", entry.folder / "fixtures"
    try:
        contract = loader.load_apis(apis, *folders, scenarios)
    except InvalidFiles:
        if entry.is_complete:
            raise
        return None
    if not entry.is_complete:
        return None
    return with_failures(contract, entry.data)


def _generated_in_cache(
    apis: Sequence[Api], cache: Cache, key: str, scenarios: Path | None
) -> Contract:
    """Generate the folders, and keep them in the cache. A full disk only prevents keeping them."""
    with suppress(OSError), cache.new_folder() as folder:
        contract, failures = _scaffolded(apis, folder, scenarios)
        with suppress(OSError):
            cache.add(key, folder, failures)
        return with_failures(contract, failures)
    return _generated(apis, scenarios)


def _generated(apis: Sequence[Api], scenarios: Path | None) -> Contract:
    """Generate the folders, and remove them after they were read."""
    with tempfile.TemporaryDirectory(dir=writable_directory(), prefix="mockserver-") as folder:
        return with_failures(*_scaffolded(apis, Path(folder), scenarios))


def _scaffolded(
    apis: Sequence[Api], folder: Path, scenarios: Path | None
) -> tuple[Contract, _Failures]:
    from mockserver.cli.blueprints.scaffolding import scaffold  # late: a kept entry needs no Faker

    folders = folder / "schemas", folder / "fixtures"
    contract, failures = scaffold(apis, *folders, scenarios)
    reasons = {failure.operation_id: failure.problem.message for failure in failures}
    return contract, reasons


def with_failures(contract: Contract, failures: _Failures) -> Contract:
    """Return the contract with a warning for each operation whose documented request fails."""
    messages: list[FileMessage] = []
    for served in contract.served:
        reason = failures.get(served.operation.id)
        if reason:
            text = f"the documented request fails: {reason}"
            messages.append(FileMessage(served.operation.position, text, "warning"))
    return replace(contract, messages=(*contract.messages, *messages))
