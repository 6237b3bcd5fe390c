"""Which sandbox a request is for: the base URL `/~NAME`, else the header `X-Mock-Sandbox`, else the token's `@NAME`."""

import re
from collections.abc import Iterable, Mapping

from mockserver.errors import SandboxNameInvalid
from mockserver.pipeline.messages import Request

DEFAULT = "default"
OWN_PATHS = ("__admin", "docs", "openapi.json")
"""First steps of the paths that the mock server serves itself, beside `~NAME`."""
HEADER = "X-Mock-Sandbox"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
NAME_SCHEMA = {"type": "string", "pattern": f"^{_NAME.pattern}$"}
"""The JSON Schema of a sandbox's name."""


def sandbox_of(request: Request, token_headers: Iterable[str]) -> str:
    """The name of the request's sandbox; `default` where it names none. Raises `SandboxNameInvalid`."""
    name = named_in(request, token_headers)
    return DEFAULT if name is None else name


def named_in(request: Request, token_headers: Iterable[str]) -> str | None:
    """The sandbox that the request names; `None` where it names none. Raises `SandboxNameInvalid`."""
    name = request.headers.get("x-mock-sandbox") if request.sandbox is None else request.sandbox
    if name is None:
        name = next((found for header in token_headers if (found := _in_token(request.headers, header)) is not None), None)
    return None if name is None else checked(name)


def checked(name: str) -> str:
    """A name that can be one. Raises `SandboxNameInvalid`."""
    if name != DEFAULT and not _NAME.fullmatch(name):
        shown = name[:80]
        raise SandboxNameInvalid(f"{shown!r} cannot be the name of a sandbox; expected 1 to 64 letters, digits, . _ or -")
    return name


def _in_token(headers: Mapping[str, str], header: str) -> str | None:
    token = headers.get(header)
    return token.rpartition("@")[2] if token and "@" in token else None


def without_sandbox(token: str) -> str:
    """A token as the vendor would see it: without the sandbox that rides on it."""
    return token.rpartition("@")[0] if "@" in token else token


def in_path(path: str) -> tuple[str, str] | None:
    """The sandbox's name and the rest of a path `/~NAME/...`; `None` for any other path."""
    if not path.startswith("/~"):
        return None
    name, slash, rest = path[2:].partition("/")
    return name, slash + rest
