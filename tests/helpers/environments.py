"""The scripts of tools/ as modules, because they are not in a package."""

import importlib
import sys
from types import ModuleType

from helpers.repository import ROOT


def load_tool(name: str) -> ModuleType:
    """Return the module of a script in tools/."""
    folder = str(ROOT / "tools")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(name)


environments = load_tool("environments")
