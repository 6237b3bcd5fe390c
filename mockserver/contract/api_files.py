"""The files of one API as texts, so that processes and servers can hand them to each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
"""The name of an uploaded API, which is also the name of a folder."""
# Not `\w`: it has only ASCII letters in JSON Schema, and ids of operations may have others. The
# excluded characters, because test generators are slow with a range of all letters.
_EXCLUDED = r"\x00-,/:-@\[-\^`{-\xa9"
_FILE = rf"[^.\-{_EXCLUDED}][^{_EXCLUDED}]*"
FIXTURE_FILE = (
    rf"(effects|lifecycles|recipes|tokens|coverage)\.yaml|(records|scenarios)/{_FILE}\.yaml"
)
"""The names of the fixtures of an API."""
SCHEMA_FILE = rf"{_FILE}\.[1-5][0-9][0-9]\.json"
"""The names of the schema files of an API."""
MAX_FILE_BYTES = 240
"""The maximum length of the name of a file."""


@dataclass(frozen=True, slots=True)
class ApiFiles:
    """The texts of one API. The names of files are checked when the files are written."""

    name: str
    blueprint: str
    schemas: Mapping[str, str] = field(default_factory=dict)
    """By file name: `OPERATION-ID.STATUS.json`."""
    fixtures: Mapping[str, str] = field(default_factory=dict)
    """By file name: `effects.yaml`, `records/exports.yaml`."""

    @property
    def blueprint_file(self) -> str:
        """The name of the blueprint in messages."""
        return f"{self.name}.apib"

    def as_json(self) -> dict[str, Any]:
        """Return the files as JSON, for `from_json`."""
        return {
            "name": self.name,
            "blueprint": self.blueprint,
            "schemas": dict(self.schemas),
            "fixtures": dict(self.fixtures),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "ApiFiles":
        """Return the files that `as_json` was called on."""
        return cls(value["name"], value["blueprint"], value["schemas"], value["fixtures"])
