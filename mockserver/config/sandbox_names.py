"""Names of sandboxes: the headers, token and paths that carry a name, and the reserved paths."""

import re

from mockserver.errors import SandboxNameInvalid

DEFAULT = "default"
SERVER_PATHS = ("__admin", "docs", "openapi.json")
"""First segments of the server's own paths, in addition to `~NAME`."""
HEADER = "X-Mock-Sandbox"
BAGGAGE_KEY = "mock.sandbox"
"""The key of the member of the `baggage` header that names the sandbox."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_EXPECTED = "1 to 64 letters, digits, . _ or -, the first a letter or a digit"
NAME_SCHEMA = {"type": "string", "pattern": f"^{_NAME.pattern}$"}
"""The JSON Schema of a sandbox name."""


def validate_sandbox_name(name: str) -> str:
    """Return the name if it is valid.

    Raises:
        SandboxNameInvalid: The name is invalid.
    """
    if name != DEFAULT and not _NAME.fullmatch(name):
        raise SandboxNameInvalid(f"invalid sandbox name {name[:80]!r}; expected {_EXPECTED}")
    return name


def strip_sandbox_suffix(token: str) -> str:
    """Return an access token without the name of the sandbox after the last `@`."""
    if "@" not in token:
        return token
    return token.rpartition("@")[0]


def split_sandbox_path(path: str) -> tuple[str, str] | None:
    """Split a path `/~NAME/...` into the name and the rest; return `None` for another path."""
    if not path.startswith("/~"):
        return None
    name, slash, rest = path[2:].partition("/")
    return name, slash + rest
