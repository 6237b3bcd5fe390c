"""Read the settings from flags and environment variables.

A flag overrides the environment variable, which overrides the default.
"""

from collections.abc import Mapping
from typing import Any

from mockserver.config import named_contracts
from mockserver.config.settings import SETTINGS, Setting, Settings
from mockserver.errors import UsageError


def load_settings(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """Return the settings of one run.

    Args:
        flags: The values of the flags by field name: a text, a list of texts, or `True`.
        environ: The environment variables.

    Raises:
        UsageError: Some settings are invalid. The message has a line for each flag or variable.
    """
    values: dict[str, Any] = {}
    environ = _without_overridden(flags, environ)
    messages = _conflicts(flags, environ)
    for setting in SETTINGS:
        source, text = setting.option, flags.get(setting.name)
        if text is None or text == []:
            source, text = _from_environment(setting, environ)
        if text is None:
            continue
        values[setting.name], errors = _convert(setting, source, text)
        messages += errors
    messages += named_contracts.errors(values)
    if values.get("reload") and (values.setdefault("workers", 1) or 1) > 1:
        messages.append(
            "--reload requires --workers 1: several workers would reload at different times"
        )
    if messages:
        raise UsageError("\n".join(messages))
    return Settings(**values)


_FOLDERS = tuple(setting for setting in SETTINGS if setting.name in ("schemas", "fixtures"))
_FILES = next(setting for setting in SETTINGS if setting.name == "files")


def _without_overridden(flags: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without the folders if files are arguments, and the reverse."""
    overridden: set[str] = set()
    if flags.get(_FILES.name):
        overridden.update(folder.variable for folder in _FOLDERS)
    elif any(flags.get(folder.name) for folder in _FOLDERS):
        overridden.add(_FILES.variable)
    return {name: text for name, text in environ.items() if name not in overridden}


def _conflicts(flags: Mapping[str, Any], environ: Mapping[str, str]) -> list[str]:
    """Return the error of files that are given together with folders."""
    files = _given_as(_FILES, flags, environ)
    folders = [_given_as(folder, flags, environ) for folder in _FOLDERS]
    names = " and ".join(filter(None, folders))
    if not files or not names:
        return []
    return [
        f"{names}: {files} needs no folders, because schemas and fixtures are generated from it; "
        f"omit {names}, or create the folders with `mockserver init FILE`"
    ]


def _given_as(setting: Setting, flags: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """Return the flag or the variable that has a setting; empty for the default."""
    if flags.get(setting.name):
        return setting.option
    if environ.get(setting.variable):
        return setting.variable
    return ""


def _message(setting: Setting, source: str, text: Any, error: ValueError) -> str:
    if setting.secret:
        return f"{source}: {error}"
    return f"{source}: {error}, got {text!r}"


def _from_environment(setting: Setting, environ: Mapping[str, str]) -> tuple[str, str | None]:
    """Return the name of the variable that has the setting, and its text, or `None` without one."""
    variable = setting.variable
    text = environ.get(variable, "")
    if setting.name == "workers" and not text and environ.get("WEB_CONCURRENCY"):
        # Hosting platforms set this variable for every server.
        return "WEB_CONCURRENCY", environ["WEB_CONCURRENCY"]
    # In a container named "mockserver", Docker and Kubernetes set MOCKSERVER_PORT to a URL.
    if variable not in environ or text.startswith("tcp://"):
        return variable, None
    # Compose and CI set an empty variable for a missing value (`${STORE:-}`).
    # But an empty token would leave the server open.
    if not text and not setting.secret:
        return variable, None
    return variable, text


def _convert(setting: Setting, source: str, value: Any) -> tuple[Any, list[str]]:
    """Return the value, and an error for each invalid text. With an error, the value is `None`."""
    if value is True:
        return value, []
    texts = [value]
    if setting.many:
        listed = value.split(",") if isinstance(value, str) else value
        texts = [text.strip() for text in listed if text.strip()]
    values, messages = [], []
    for text in texts:
        try:
            values.append(setting.convert(text))
        except ValueError as error:
            messages.append(_message(setting, source, text, error))
    if messages:
        return None, messages
    return tuple(values) if setting.many else values[0], messages
