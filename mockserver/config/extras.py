"""Optional dependencies: imported by name when a setting needs them."""

import importlib
from typing import Any

from mockserver.errors import StartError


def import_extra(target: str, extra: str, setting: str) -> Any:
    """Import `module:name`.

    Args:
        target: The module and the name in it.
        extra: The extra of this package that installs the module.
        setting: The setting that needs the module, with its value.

    Raises:
        StartError: A package of the extra is not installed.
    """
    module, _, name = target.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        raise _missing(error.name or module, extra, setting) from error


def require_extra(package: str, extra: str, setting: str) -> None:
    """Check that a package is installed which `import_extra` will need later.

    Raises:
        StartError: The package is not installed.
    """
    # Only traces need this module.
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        version(package)
    except PackageNotFoundError as error:
        raise _missing(package, extra, setting) from error


def _missing(package: str, extra: str, setting: str) -> StartError:
    return StartError(
        f"{setting} requires the package {package}: pip install 'apib-mockserver[{extra}]'"
    )
