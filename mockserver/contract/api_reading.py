"""The parts of one API while its files are read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from mockserver.contract.effects import Effects
from mockserver.contract.lifecycles import Lifecycle
from mockserver.contract.records import Collection
from mockserver.contract.scenarios.scenario import Scenario
from mockserver.contract.tokens import TokenFeatures
from mockserver.errors import FileMessage, InvalidFiles
from mockserver.formats.strict_yaml import Document
from mockserver.spec.description import Api

T = TypeVar("T")


@dataclass(slots=True)
class ApiReading:
    """The parts of one API that are read so far.

    Errors are collected, so that all of them are reported at once.
    """

    api: Api
    folder: Path
    """The folder of its fixtures."""
    display_name: str
    """The name of the folder in messages."""
    errors: list[FileMessage] = field(default_factory=list)
    effects: Effects = field(default_factory=Effects)
    lifecycles: dict[str, Lifecycle] = field(default_factory=dict)
    collections: dict[str, Collection] = field(default_factory=dict)
    scenarios: dict[str, Scenario] = field(default_factory=dict)
    tokens: dict[str, TokenFeatures] = field(default_factory=dict)
    now: str = ""
    """The fixtures' date."""
    document: Document | None = None
    """The document of the effects, for the positions of errors."""
    config_valid: bool = True
    """Whether effects and lifecycles are valid. Otherwise nothing is checked against them."""

    def attempt(self, read: Callable[[], T], otherwise: T) -> T:
        """Return the result of `read`. If it raises `InvalidFiles`, collect the errors.

        Args:
            read: Reads one file or several.
            otherwise: The result if the files are invalid.
        """
        try:
            return read()
        except InvalidFiles as error:
            self.errors += error.errors
            return otherwise
