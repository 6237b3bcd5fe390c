"""The API in docs/own-api.md, file by file."""

import re

from helpers.repository import ROOT

OWN_API_PAGE = (ROOT / "docs/own-api.md").read_text()
OWN_API_BLOCKS = re.findall(
    r"```(?:apib\n<!-- (schemas/\S+) -->|yaml\n# (\S+))\n(.*?)```", OWN_API_PAGE, re.DOTALL
)
"""Path of a blueprint, path of a YAML file (one of them is empty), and the text: of invoices."""
