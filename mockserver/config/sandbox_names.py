"""Names of sandboxes: the header, the token and the paths that carry one, and the paths that no API can have."""

import re

from mockserver.errors import SandboxNameInvalid

DEFAULT = "default"
SERVER_PATHS = ("__admin", "docs", "openapi.json")
"""First steps of the paths that the mock server serves itself, beside `~NAME`."""
HEADER = "X-Mock-Sandbox"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
NAME_SCHEMA = {"type": "string", "pattern": f"^{_NAME.pattern}$"}
"""The JSON Schema of a sandbox's name."""


def validate_sandbox_name(name: str) -> str:
    """A name that can be one. Raises `SandboxNameInvalid`."""
    if name != DEFAULT and not _NAME.fullmatch(name):
        shown = name[:80]
        raise SandboxNameInvalid(f"invalid sandbox name {shown!r}; expected 1 to 64 letters, digits, . _ or -")
    return name


def strip_sandbox_suffix(token: str) -> str:
    """A token as the vendor would see it: without the sandbox that rides on it."""
    return token.rpartition("@")[0] if "@" in token else token


def split_sandbox_path(path: str) -> tuple[str, str] | None:
    """The sandbox's name and the rest of a path `/~NAME/...`; `None` for any other path."""
    if not path.startswith("/~"):
        return None
    name, slash, rest = path[2:].partition("/")
    return name, slash + rest
