"""The flags of the settings, generated from their table."""

import argparse
import os
from collections.abc import Collection
from pathlib import Path

from mockserver.cli.folders import file_error
from mockserver.config.setting_sources import load_settings
from mockserver.config.settings import SETTINGS, Setting, Settings
from mockserver.errors import UsageError

FOLDERS = ("schemas", "fixtures")
"""Names of the settings that are folders."""

CONTRACT = ("files", "schemas", "fixtures", "scenarios_folder", "no_cache")
"""Names of the settings that select the contract of a command."""


def add_settings(parser: argparse.ArgumentParser, names: Collection[str] | None = None) -> None:
    """Add the flags of the settings with these names, in groups; by default of all settings."""
    if names is None:
        names = [setting.name for setting in SETTINGS]
    heading = ""
    groups: dict[str, argparse._ArgumentGroup] = {}
    for setting in SETTINGS:
        heading = setting.heading or heading
        if setting.name not in names:
            continue
        if heading not in groups:
            groups[heading] = parser.add_argument_group(heading)
        _add(groups[heading], setting)


def _add(group: argparse._ArgumentGroup, setting: Setting) -> None:
    text = f"{setting.help} [{setting.variable}] Default: {default_text(setting)}."
    flags = [flag for flag in (setting.short, setting.option) if flag]
    if setting.is_argument:
        group.add_argument(setting.name, nargs="*", metavar=setting.option, help=text)
    elif setting.default is False:
        group.add_argument(*flags, dest=setting.name, action="store_const", const=True, help=text)
    elif setting.name == "access_log":
        metavar = "auto|on|off"
        group.add_argument(
            *flags, dest=setting.name, nargs="?", const=True, metavar=metavar, help=text
        )
    else:
        action = "append" if setting.many else "store"
        metavar = setting.option.removeprefix("--").replace("-", "_").upper()
        if setting.name in (*FOLDERS, "scenarios_folder"):
            metavar = "FOLDER"
        group.add_argument(*flags, dest=setting.name, action=action, metavar=metavar, help=text)


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
        flags = f"`{setting.option}`"
        if setting.short:
            flags += f", `{setting.short}`"
        names = f"{flags} | `{setting.variable}`"
        rows.append(f"| {names} | {default_text(setting)} | {setting.help} |")
    return "\n".join(rows) + "\n"
