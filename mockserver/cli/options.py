"""The flags of the settings, generated from their table."""

import argparse
import os
from collections.abc import Collection
from pathlib import Path

from mockserver.cli.folders import file_error
from mockserver.config.setting_sources import load_settings
from mockserver.config.settings import ADMIN_TOKEN_VARIABLE, SETTINGS, Setting, Settings
from mockserver.errors import UsageError

FOLDERS = ("schemas", "fixtures")
"""Names of the settings that are folders."""

CONTRACT = ("files", "schemas", "fixtures", "scenarios_folder", "no_cache")
"""Names of the settings that select the contract of a command."""


def add_settings(parser: argparse.ArgumentParser, names: Collection[str] | None = None) -> None:
    """Add the flags of the settings with these names; by default of all settings."""
    if names is None:
        names = [setting.name for setting in SETTINGS]
    for setting in SETTINGS:
        if setting.name in names:
            _add(parser, setting)


def _add(parser: argparse.ArgumentParser, setting: Setting) -> None:
    text = f"{setting.help} [{setting.variable}] Default: {default_text(setting)}."
    if setting.is_argument:
        parser.add_argument(setting.name, nargs="*", metavar=setting.option, help=text)
    elif setting.default is False:
        parser.add_argument(
            setting.option, dest=setting.name, action="store_const", const=True, help=text
        )
    elif setting.name == "access_log":
        parser.add_argument(
            setting.option,
            dest=setting.name,
            nargs="?",
            const=True,
            metavar="auto|on|off",
            help=text,
        )
    else:
        action = "append" if setting.many else "store"
        metavar = setting.option.removeprefix("--").replace("-", "_").upper()
        parser.add_argument(
            setting.option, dest=setting.name, action=action, metavar=metavar, help=text
        )


def add_token(parser: argparse.ArgumentParser) -> None:
    """Add `--admin-token` to a command that calls a running server."""
    text = f"Admin token of the server. Prefer the environment variable {ADMIN_TOKEN_VARIABLE}."
    parser.add_argument("--admin-token", metavar="TOKEN", help=text)


def default_text(setting: Setting) -> str:
    """Return the default as shown in `--help` and in the docs."""
    if setting.name in FOLDERS:
        return "the shipped folder"
    if setting.name == "access_log":
        return "auto"
    if setting.many or setting.default in ("", None):
        return "none"
    if setting.name == "workers":
        return "CPU cores, at most 4"
    if isinstance(setting.default, bool):
        return "on" if setting.default else "off"
    return str(setting.default)


def settings_of(args: argparse.Namespace) -> Settings:
    """Return the settings from flags, then the environment, then the defaults.

    Raises:
        UsageError: A setting is invalid.
    """
    messages = []
    for setting in SETTINGS:
        if setting.name in FOLDERS:
            messages += _file_errors(args, setting)
    if messages:
        raise UsageError("\n".join(messages))
    return load_settings(vars(args), os.environ)


def _file_errors(args: argparse.Namespace, setting: Setting) -> list[str]:
    """Return the error of a folder that is a file; none for a folder."""
    name, text = setting.option, getattr(args, setting.name)
    if not text:
        name, text = setting.variable, os.environ.get(setting.variable)
    message = file_error(Path(text)) if text else None
    return [f"{name}: {message}"] if message else []


def table() -> str:
    """Return the settings as the Markdown table of `docs/settings.md`."""
    rows = ["| flag | environment | default | description |", "|---|---|---|---|"]
    for setting in SETTINGS:
        names = f"`{setting.option}` | `{setting.variable}`"
        rows.append(f"| {names} | {default_text(setting)} | {setting.help} |")
    return "\n".join(rows) + "\n"
