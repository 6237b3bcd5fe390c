"""The API that docs/own-api.md writes, file by file."""

import re

from helpers.repository import ROOT

OWN_API_PAGE = (ROOT / "docs/own-api.md").read_text()
OWN_API_BLOCKS = re.findall(
    r"```(?:apib\n<!-- (\S+) -->|yaml\n# (\S+))\n(.*?)```", OWN_API_PAGE, re.DOTALL
)
"""The path of a blueprint or else of a YAML file, and its text."""
