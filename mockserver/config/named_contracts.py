"""The settings of several contracts: `--contract NAME=PATH` and `--default-contract`."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

MAIN_CONTRACT = "main"
"""The name of the contract that is served without `--contract`."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
NAME_SCHEMA = {"type": "string", "pattern": f"^{_NAME.pattern}$"}
"""The JSON Schema of the name of a contract."""


def named_contract(text: str) -> str:
    """Check the form of `NAME=PATH`, and that the path exists.

    Raises:
        ValueError: with the expected form.
    """
    name, _, path = text.partition("=")
    if not _NAME.fullmatch(name) or not path:
        raise ValueError(
            "expected NAME=BLUEPRINT or NAME=FOLDER with a name of 1 to 64 letters, digits, . _ "
            f"or - in {text!r}"
        )
    if name == MAIN_CONTRACT:
        raise ValueError(
            f"expected another name than {MAIN_CONTRACT!r}, which is the contract that is served "
            "without --contract"
        )
    if not Path(path).exists():
        raise ValueError(f"expected an existing blueprint or folder for {path!r}")
    return text


def errors(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield an error for each repeated name, and for an unknown default. Take converted settings.

    A setting that could not be converted is `None`, and has an error already.
    """
    contracts = values.get("contracts", ())
    if contracts is None:
        return
    names = [text.partition("=")[0] for text in contracts]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield (
            f"--contract (MOCKSERVER_CONTRACTS): the name {name!r} is repeated; expected another "
            "name for each contract"
        )
    default = values.get("contract", MAIN_CONTRACT)
    if default != MAIN_CONTRACT and default not in names:
        known = ", ".join(dict.fromkeys([MAIN_CONTRACT, *names]))
        yield (
            f"--default-contract (MOCKSERVER_CONTRACT): unknown contract {default!r}; expected one "
            f"of {known}"
        )
