"""What only some users have installed: found by its name when it is asked for, and missed in a sentence."""

import importlib
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mockserver.errors import StartError


def import_extra(target: str, extra: str, setting: str) -> Any:
    """What `module:name` names. `asked` is what asks for it: a setting with its value.

    Raises `StartError` where a package is missing that the extra brings.
    """
    module, _, name = target.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        raise _missing(error.name or module, extra, setting) from error


def require_extra(package: str, extra: str, setting: str) -> None:
    """Raises `StartError` where a package is missing that `load` will need: for what cannot be imported yet."""
    try:
        version(package)
    except PackageNotFoundError as error:
        raise _missing(package, extra, setting) from error


def _missing(package: str, extra: str, setting: str) -> StartError:
    return StartError(f"{setting} requires the package {package}: pip install 'mockserver[{extra}]'")
