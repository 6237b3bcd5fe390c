"""Print the messages about files."""

import sys
from collections.abc import Iterable

from mockserver.errors import FileMessage


def print_messages(messages: Iterable[FileMessage]) -> None:
    """Print messages to stderr, a line each."""
    for message in messages:
        print(f"mockserver: {message.severity}: {message}", file=sys.stderr)
