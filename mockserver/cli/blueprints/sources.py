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
        return BlueprintSource(settings.files, use_cache=not settings.no_cache)
    return FolderSource(settings.schemas, settings.fixtures)


class FolderSource:
    """Folders of schemas and fixtures."""

    def __init__(self, schemas_folder: Path, fixtures_folder: Path) -> None:
        self._folders = (schemas_folder, fixtures_folder)

    def load(self) -> Contract:
        """Read and check both folders."""
        return loader.load_contract(*self._folders)

    def paths(self) -> Iterator[Path]:
        """Yield the files of both folders."""
        for folder in self._folders:
            for path in files_below(folder):
                if path.suffix in _ENDINGS:
                    yield path


class BlueprintSource:
    """Blueprints alone. Schemas and fixtures are generated, and kept in a cache."""

    def __init__(self, arguments: Sequence[str], *, use_cache: bool) -> None:
        self._arguments = arguments
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
            return _generated(apis)
        key = cache_key(apis)
        entry = cache.entry(key)
        contract = _kept(apis, entry) if entry else None
        return contract or _generated_in_cache(apis, cache, key)

    def paths(self) -> Iterator[Path]:
        """Yield the blueprints and the files that they include."""
        yield from watched_paths(self._arguments)
        yield from self._included


def _kept(apis: Sequence[Api], entry: Entry) -> Contract | None:
    """Return the contract of a cache entry; `None` if another process removes the entry."""
    try:
        contract = loader.load_apis(apis, entry.folder / "schemas", entry.folder / "fixtures")
    except InvalidFiles:
        if entry.is_complete:
            raise
        return None
    if not entry.is_complete:
        return None
    return with_failures(contract, entry.data)


def _generated_in_cache(apis: Sequence[Api], cache: Cache, key: str) -> Contract:
    """Generate the folders, and keep them in the cache. A full disk only prevents keeping them."""
    with suppress(OSError), cache.new_folder() as folder:
        contract, failures = _scaffolded(apis, folder)
        with suppress(OSError):
            cache.add(key, folder, failures)
        return with_failures(contract, failures)
    return _generated(apis)


def _generated(apis: Sequence[Api]) -> Contract:
    """Generate the folders, and remove them after they were read."""
    with tempfile.TemporaryDirectory(dir=writable_directory(), prefix="mockserver-") as folder:
        return with_failures(*_scaffolded(apis, Path(folder)))


def _scaffolded(apis: Sequence[Api], folder: Path) -> tuple[Contract, _Failures]:
    from mockserver.cli.blueprints.scaffolding import scaffold  # late: a kept entry needs no Faker

    contract, failures = scaffold(apis, folder / "schemas", folder / "fixtures")
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
