"""The folders of the shipped contract, in a clone and in an installed wheel."""

from pathlib import Path

_package = Path(__file__).resolve().parent.parent
# A wheel has the two folders inside the package (setup.cfg maps them), a clone next to it.
_home = _package / "_shipped" if (_package / "_shipped").is_dir() else _package.parent

SCHEMAS = _home / "schemas"
"""Folder with one folder per API, each with a blueprint and JSON Schemas."""
FIXTURES = _home / "fixtures"
"""Folder with one folder per API, each with recipes, records, effects and scenarios."""
