"""Which token may do what: `fixtures/API/tokens.yaml`, and the tokens of the settings, over the blueprint's required features.

The blueprint documents no answer for a token that may not: 401 and 403 are the mock server's own.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mockserver.errors import FileError, InvalidFiles, UsageError
from mockserver.formats import strict_yaml
from mockserver.formats.json_schema import Validator
from mockserver.spec.description import Api

EXPIRED = "expired"
"""The rights of a token that is not valid any more."""

TokenFeatures = tuple[str, ...] | str
"""The features that a token has, or `EXPIRED`."""

_NO_SANDBOX = "the part after @ is a sandbox name, not part of the token; expected a token without @"
_FILE = Validator(
    {
        "type": "object",
        "additionalProperties": {"type": ["array", "string"], "items": {"type": "string"}, "pattern": f"^{EXPIRED}$"},
    }
)


def features(apis: tuple[Api, ...]) -> list[str]:
    """Every feature that an operation requires, sorted."""
    return sorted({name for api in apis for operation in api.operations for name in operation.required_features})


def read_tokens(path: Path, shown_as: str, api: Api) -> dict[str, TokenFeatures]:
    """The tokens of a file, each with its features or `expired`. Raises `FaultsFound`, for unknown features too."""
    document = strict_yaml.read_yaml(path, shown_as)
    if violations := _FILE.violations(document.value):
        raise InvalidFiles(document.file_errors(violations))
    known = features((api,))
    faults = [
        FileError(document.position((token, index)), f"unknown feature {name}; expected one of {', '.join(known)}")
        for token, rights in document.value.items()
        for index, name in enumerate(rights if isinstance(rights, list) else ())
        if name not in known
    ]
    faults += [FileError(document.key_position((token,)), f"{token}: {_NO_SANDBOX}") for token in document.value if "@" in token]
    if faults:
        raise InvalidFiles(faults)
    return {token: _token_features(told) for token, told in document.value.items()}


def parse_token_settings(texts: tuple[str, ...], apis: tuple[Api, ...]) -> dict[str, TokenFeatures]:
    """The tokens of the settings: `NAME=FEATURE+FEATURE`, `NAME=` for none, `NAME=expired`. Raises `UsageError`."""
    known, found, wrong = features(apis), {}, []
    for text in texts:
        token, _, rest = text.partition("=")
        names = [name for name in rest.split("+") if name]
        unknown = [name for name in names if name not in known and rest != EXPIRED]
        wrong += [f"--token {token}: unknown feature {name}; expected {', '.join(known)} or {EXPIRED}" for name in unknown]
        wrong += [f"--token {token}: {_NO_SANDBOX}"] if "@" in token else []
        found[token] = EXPIRED if rest == EXPIRED else tuple(names)
    if wrong:
        raise UsageError("\n".join(wrong))
    return found


def _token_features(told: Any) -> TokenFeatures:
    return tuple(told) if isinstance(told, list) else EXPIRED


def is_allowed(required: tuple[str, ...], rights: TokenFeatures | None) -> bool:
    """Whether rights (`None`: all) are enough for an operation that needs one of these features."""
    return rights is None or not required or any(name in required for name in rights)


Tokens = Mapping[str, TokenFeatures]
"""Token to what it may do; a token that is not here may do everything."""
