"""The features of access tokens: `fixtures/API/tokens.yaml` and the setting `--token`.

Blueprints rarely document 401 and 403, so the server responds with its own problems.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mockserver.errors import FileMessage, InvalidFiles, UsageError
from mockserver.formats import strict_yaml
from mockserver.formats.json_schema import Validator
from mockserver.spec.description import Api

EXPIRED = "expired"
"""The value of an expired token."""

TokenFeatures = tuple[str, ...] | str
"""The features that a token has, or `EXPIRED`."""

_NO_SANDBOX = (
    "the part after @ is a sandbox name, not part of the token; expected a token without @"
)
_FILE = Validator(
    {
        "type": "object",
        "additionalProperties": {"type": ["array", "string"], "items": {"type": "string"}},
    }
)


def features(apis: tuple[Api, ...]) -> list[str]:
    """Return every feature that an operation requires, sorted."""
    names: set[str] = set()
    for api in apis:
        for operation in api.operations:
            names.update(operation.required_features)
    return sorted(names)


def not_a_list(value: str, documented: Iterable[str]) -> str:
    """Return the error for a text in place of a list of features."""
    names = ", ".join(documented) or "none"
    return f"'{value}' is not a list; expected '{EXPIRED}', or a list of features in [ ]: {names}"


def read_tokens(path: Path, shown_as: str, api: Api) -> dict[str, TokenFeatures]:
    """Return the tokens of a file, each with its features or `expired`.

    Raises:
        InvalidFiles: The file is invalid, or it has a feature that no operation requires.
    """
    document = strict_yaml.read_yaml(path, shown_as)
    if violations := _FILE.violations(document.value):
        raise InvalidFiles(document.file_errors(violations))
    errors = list(_token_errors(document, features((api,))))
    if errors:
        raise InvalidFiles(errors)
    return {token: _token_features(value) for token, value in document.value.items()}


def _token_errors(document: strict_yaml.Document, documented: list[str]) -> Iterator[FileMessage]:
    """Yield an error for each undocumented feature and each token with a sandbox name."""
    for token, value in document.value.items():
        if "@" in token:
            yield FileMessage(document.key_position((token,)), f"{token}: {_NO_SANDBOX}")
        if isinstance(value, str):
            if value != EXPIRED:
                message = not_a_list(value, documented)
                yield FileMessage(document.position((token,)), message)
            continue
        for index, name in enumerate(value):
            if name not in documented:
                message = f"unknown feature '{name}'; expected one of {', '.join(documented)}"
                yield FileMessage(document.position((token, index)), message)


def parse_token_settings(texts: tuple[str, ...], apis: tuple[Api, ...]) -> dict[str, TokenFeatures]:
    """Parse `NAME=FEATURE+FEATURE`, `NAME=` (no features) and `NAME=expired`.

    Args:
        texts: The values of `--token`.
        apis: The APIs whose operations require features.

    Raises:
        UsageError: No operation requires a feature, or a token has a sandbox name.
    """
    documented = features(apis)
    tokens: dict[str, TokenFeatures] = {}
    messages: list[str] = []
    for text in texts:
        token, _, value = text.partition("=")
        if value == EXPIRED:
            tokens[token] = EXPIRED
        else:
            names = tuple(name for name in value.split("+") if name)
            tokens[token] = names
            for name in names:
                if name not in documented:
                    expected = f"{', '.join(documented)} or {EXPIRED}"
                    message = f"unknown feature '{name}'; expected {expected}"
                    messages.append(f"--token {token}: {message}")
        if "@" in token:
            messages.append(f"--token {token}: {_NO_SANDBOX}")
    if messages:
        raise UsageError("\n".join(messages))
    return tokens


def _token_features(value: Any) -> TokenFeatures:
    if isinstance(value, list):
        return tuple(value)
    return EXPIRED


def is_allowed(required: tuple[str, ...], token_features: TokenFeatures | None) -> bool:
    """Return whether a token may call an operation.

    Args:
        required: The operation requires one of these features. If empty, it requires none.
        token_features: The features of the token; `None` for all features.
    """
    if token_features is None or not required:
        return True
    return any(name in required for name in token_features)


Tokens = Mapping[str, TokenFeatures]
"""Token to its features; any other token has all features."""
