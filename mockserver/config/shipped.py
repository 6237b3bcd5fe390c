"""Where the shipped contract is: the top-level `schemas/` and `fixtures/`, in a clone as in an installed wheel."""

from pathlib import Path

_package = Path(__file__).resolve().parent.parent
# In a wheel the two folders lie inside the package (setup.cfg maps them); in a clone they are the package's neighbours.
_home = _package / "_shipped" if (_package / "_shipped").is_dir() else _package.parent

SCHEMAS = _home / "schemas"
"""The folder that holds one folder of schemas, with its blueprint, for each API."""
FIXTURES = _home / "fixtures"
"""The folder that holds one folder of recipes, records, effects and scenarios for each API."""
