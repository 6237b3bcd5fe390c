"""tools/environments.py as a module, because it is not in a package."""

import importlib.util
from types import ModuleType

from helpers.repository import ROOT


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "environments", ROOT / "tools" / "environments.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


environments = _load()
