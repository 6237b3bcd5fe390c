"""The options of commands that call a running server."""

import argparse

from mockserver.cli.admin_client import default_url
from mockserver.config.settings import ADMIN_TOKEN_VARIABLE, URL_VARIABLE


def add_server(parser: argparse.ArgumentParser, *, is_argument: bool = False) -> None:
    """Add the URL of the server, and its admin token.

    Args:
        parser: The parser of a command.
        is_argument: Whether the URL is an argument of the command, without a flag.
    """
    group = parser.add_argument_group("server")
    text = url_help("URL of the server.")
    if is_argument:
        group.add_argument("url", nargs="?", default=default_url(), metavar="URL", help=text)
    else:
        group.add_argument("--url", default=default_url(), help=text)
    add_token(group)


def url_help(text: str) -> str:
    """Return the help of a URL, with its variable and its default."""
    # argparse replaces what follows a percent sign.
    default = default_url().replace("%", "%%")
    return f"{text} [{URL_VARIABLE}] Default: {default}."


def add_token(group: argparse._ActionsContainer) -> None:
    """Add the admin token."""
    text = f"Admin token of the server. Prefer the environment variable {ADMIN_TOKEN_VARIABLE}."
    group.add_argument("--admin-token", metavar="TOKEN", help=text)
