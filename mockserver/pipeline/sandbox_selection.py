"""Which sandbox a request is for: the base URL `/~NAME`, else the header `X-Mock-Sandbox`, else the token's `@NAME`.

A request that names no sandbox goes to the one that its client's address is bound to.

For apps whose calls cannot be told apart otherwise: a build on a phone, with a fixed base URL. The bindings are part of the
state of `default`, which a request without a sandbox reads anyway; so they hold in all processes at once, and cost nothing.
"""

from collections.abc import Iterable, Mapping

from mockserver.config.sandbox_names import DEFAULT, validate_sandbox_name
from mockserver.formats.client_address import canonical
from mockserver.pipeline.messages import Request
from mockserver.sandbox.sandboxes import Sandboxes
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.stores.store import StoreUnavailable

SandboxSelection = tuple[str, Snapshot | None, tuple[str, ...]]
"""Where a request goes: the sandbox, its world where that had to be opened to know so, and what the journal says of it."""


def select_sandbox(request: Request, tokens: Iterable[str], sandboxes: Sandboxes) -> SandboxSelection:
    """The sandbox that the request names, else the one that its address is bound to. Raises `SandboxNameInvalid`."""
    name = requested_sandbox(request, tokens)
    if name is not None:
        return name, None, ()
    try:
        world = sandboxes.snapshot(DEFAULT)
    except StoreUnavailable:
        return DEFAULT, None, ()  # it is said when the answer needs the store; a faulty request needs none
    bindings = world.state.bindings
    address = canonical(request.address) if bindings else ""
    if address not in bindings:
        return DEFAULT, world, ()
    return bindings[address], None, (f"the address {address} is bound to the sandbox {bindings[address]}",)


def resolve_sandbox(request: Request, token_headers: Iterable[str]) -> str:
    """The name of the request's sandbox; `default` where it names none. Raises `SandboxNameInvalid`."""
    name = requested_sandbox(request, token_headers)
    return DEFAULT if name is None else name


def requested_sandbox(request: Request, token_headers: Iterable[str]) -> str | None:
    """The sandbox that the request names; `None` where it names none. Raises `SandboxNameInvalid`."""
    name = request.headers.get("x-mock-sandbox") if request.sandbox is None else request.sandbox
    if name is None:
        name = next((found for header in token_headers if (found := _in_token(request.headers, header)) is not None), None)
    return None if name is None else validate_sandbox_name(name)


def _in_token(headers: Mapping[str, str], header: str) -> str | None:
    token = headers.get(header)
    return token.rpartition("@")[2] if token and "@" in token else None
