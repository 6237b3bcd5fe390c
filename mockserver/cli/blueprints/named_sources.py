"""The sources of all contracts of a server: the main one, and those of `--contract`."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from mockserver.cli.blueprints.sources import BlueprintSource, FolderSource, contract_source
from mockserver.config.settings import Settings
from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.contract.model import Contract
from mockserver.formats.files import display_path
from mockserver.web.servers.reload import ContractSource


@dataclass(frozen=True, slots=True)
class NamedSource:
    """The source of a contract with a name."""

    name: str
    """The name of the contract; empty for the main one."""
    source: ContractSource
    check_command: str
    """The command that prints all messages about the files."""

    def load(self) -> Contract:
        """See `ContractSource`."""
        return replace(self.source.load(), name=self.name)

    def paths(self) -> Iterator[Path]:
        """See `ContractSource`."""
        return self.source.paths()


def contract_sources(settings: Settings) -> list[NamedSource]:
    """Return the sources that the settings select, the main one first."""
    sources = [NamedSource("", contract_source(settings), _check_command(settings))]
    for text in settings.contracts:
        name, _, path = text.partition("=")
        sources.append(_named_source(name, Path(path), settings))
    return sources


def _named_source(name: str, path: Path, settings: Settings) -> NamedSource:
    """Return the source of a file or folder.

    A folder with the folders `schemas` and `fixtures` is what `mockserver init` creates. Another
    folder contains blueprints.
    """
    folders = path / "schemas", path / "fixtures"
    if all(folder.is_dir() for folder in folders):
        return NamedSource(name, FolderSource(*folders), _folders_command(*folders))
    source = BlueprintSource([str(path)], use_cache=not settings.no_cache)
    return NamedSource(name, source, f"mockserver check {shlex.quote(str(path))}")


def _check_command(settings: Settings) -> str:
    command = _folders_command(settings.schemas, settings.fixtures)
    if settings.files:
        command = f"mockserver check {shlex.join(settings.files)}"
    if settings.scenarios_folder:
        command += f" --scenarios {shlex.quote(display_path(settings.scenarios_folder))}"
    return command


def _folders_command(schemas: Path, fixtures: Path) -> str:
    command = "mockserver check"
    if schemas.resolve() != SCHEMAS.resolve():
        command += f" --schemas {shlex.quote(display_path(schemas))}"
    if fixtures.resolve() != FIXTURES.resolve():
        command += f" --fixtures {shlex.quote(display_path(fixtures))}"
    return command
