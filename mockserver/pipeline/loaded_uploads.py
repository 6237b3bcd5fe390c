"""One uploaded API: its document in the store, and the contract that a process loads from it."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from mockserver.contract.api_files import ApiFiles
from mockserver.contract.model import Contract
from mockserver.errors import StoreUnavailable

Load = Callable[[ApiFiles], Contract]
"""Loads the contract of one API. Raises `InvalidFiles` and `OSError`."""


@dataclass(frozen=True, slots=True)
class CompleteApi:
    """The files of an API with all generated ones, and the messages about them as JSON."""

    files: ApiFiles
    messages: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class LoadedUpload:
    """One uploaded API that a process has loaded. Compared by identity."""

    contract: str
    """The name of its contract; empty for the main one."""
    name: str
    document: bytes
    """What the store keeps: the files, compressed."""
    part: Contract

    @property
    def key(self) -> str:
        """The key in the store."""
        return upload_key(self.contract, self.name)

    @property
    def files(self) -> ApiFiles:
        """The files."""
        return ApiFiles.from_json(_decode(self.document))

    @classmethod
    def load(cls, contract: str, files: ApiFiles, load: Load) -> "LoadedUpload":
        """Load an API.

        Raises:
            InvalidFiles, OSError: see `Load`.
        """
        encoded = orjson.dumps({"contract": contract, **files.as_json()})
        return cls(contract, files.name, zlib.compress(encoded, 1), load(files))

    @classmethod
    def decode(cls, document: bytes, load: Load) -> "LoadedUpload":
        """Load the API of a document of the store.

        Raises:
            InvalidFiles, OSError: see `Load`.
            StoreUnavailable: the document is damaged, or of another version.
        """
        try:
            value = _decode(document)
            contract, files = value["contract"], ApiFiles.from_json(value)
        except (zlib.error, KeyError, TypeError, ValueError) as error:
            raise StoreUnavailable(f"an uploaded API cannot be read: {error!r}") from error
        return cls(contract, files.name, document, load(files))


def upload_key(contract: str, name: str) -> str:
    """Return the key of an API in the store. Neither name contains a slash."""
    return f"{contract}/{name}"


def _decode(document: bytes) -> dict[str, Any]:
    value: dict[str, Any] = orjson.loads(zlib.decompress(document))
    return value
