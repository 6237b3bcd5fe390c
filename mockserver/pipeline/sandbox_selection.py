"""Select the sandbox of a request.

A request names its sandbox in the base URL (`/~NAME`), else in the header `X-Mock-Sandbox`, else in
the suffix of its access token (`@NAME`), else in the header `baggage` (`mock.sandbox=NAME`).
Instrumented servers forward `baggage` to the servers that they call.

A client address can be bound to a sandbox, for requests that name none. Bindings are for apps that
cannot name a sandbox, for example a phone build with a fixed base URL. Bindings are part of the
state of the sandbox `default`, which such a request reads anyway. So a binding is valid in all
processes at once, without an extra read.
"""

from collections.abc import Iterable, Mapping

from mockserver.config.sandbox_names import BAGGAGE_KEY, DEFAULT, HEADER, validate_sandbox_name
from mockserver.errors import SandboxNameInvalid, SandboxRequired, StoreUnavailable
from mockserver.formats.baggage import member_value
from mockserver.formats.client_address import canonical
from mockserver.formats.header_text import text_of
from mockserver.pipeline.messages import Request
from mockserver.sandbox.sandboxes import Sandboxes
from mockserver.sandbox.snapshot import Snapshot

SandboxSelection = tuple[str, Snapshot | None, tuple[str, ...]]
"""The name of the sandbox, its snapshot if it was read already, and notes for the journal."""


def select_sandbox(
    request: Request,
    token_headers: Iterable[str],
    sandboxes: Sandboxes,
    is_required: bool = False,
) -> SandboxSelection:
    """Return the sandbox that the request names, else the one that its address is bound to.

    Raises:
        SandboxNameInvalid: the name is invalid.
        SandboxRequired: the request has no sandbox, and `is_required` is true.
    """
    name = requested_sandbox(request, token_headers)
    if name is not None:
        return name, None, ()
    try:
        snapshot = sandboxes.snapshot(DEFAULT)
    except StoreUnavailable:
        # Reported later, by the step that needs the store. An invalid request needs none.
        return DEFAULT, None, ()
    bindings = snapshot.state.bindings
    if bindings:
        address = canonical(request.address)
        if address in bindings:
            sandbox = bindings[address]
            return sandbox, None, (f"the address {address} is bound to the sandbox {sandbox}",)
    if is_required:
        _reject_unnamed(request, token_headers)
    return DEFAULT, snapshot, ()


def resolve_sandbox(
    request: Request, token_headers: Iterable[str], is_required: bool = False
) -> str:
    """Return the sandbox that the request names, else `default`.

    Raises:
        SandboxNameInvalid: the name is invalid.
        SandboxRequired: the request names no sandbox, and `is_required` is true.
    """
    name = requested_sandbox(request, token_headers)
    if name is not None:
        return name
    if is_required:
        _reject_unnamed(request, token_headers)
    return DEFAULT


def requested_sandbox(request: Request, token_headers: Iterable[str]) -> str | None:
    """Return the sandbox that the request names; `None` for none.

    Raises:
        SandboxNameInvalid: the name is invalid.
    """
    name = request.sandbox
    if name is None:
        name = request.headers.get("x-mock-sandbox")
    if name is None:
        name = _token_suffix(request.headers, token_headers)
    if name is None:
        name = member_value(request.headers.get("baggage", ""), BAGGAGE_KEY)
    if name is None:
        return None
    try:
        return validate_sandbox_name(text_of(name))
    except SandboxNameInvalid as error:
        carrier = _carrier(request, token_headers)
        raise SandboxNameInvalid(f"{carrier}: {error.detail}") from error


def _carrier(request: Request, token_headers: Iterable[str]) -> str:
    """Return the part of the request that names the sandbox."""
    if request.sandbox is not None:
        return "base URL"
    if HEADER.lower() in request.headers:
        return f"header {HEADER}"
    for header in token_headers:
        if "@" in request.headers.get(header, ""):
            return f"header {header}, after the last @"
    return f"header baggage, member {BAGGAGE_KEY}"


def _reject_unnamed(request: Request, token_headers: Iterable[str]) -> None:
    """Reject a request without a sandbox. An OPTIONS request is never rejected.

    Browsers send OPTIONS requests by themselves, as preflights, and without most headers.

    Raises:
        SandboxRequired: the request is rejected.
    """
    if request.method == "OPTIONS":
        return
    ways = [
        f"/~NAME{request.path[:200]}",
        f"{HEADER}: NAME",
        *(f"{header}: any@NAME" for header in token_headers),
        f"baggage: {BAGGAGE_KEY}=NAME",
    ]
    raise SandboxRequired(
        "the request names no sandbox, and this server requires a name (--require-sandbox); "
        f"use one of {', '.join(ways)}",
        {"ways": ways},
    )


def _token_suffix(headers: Mapping[str, str], token_headers: Iterable[str]) -> str | None:
    for name in token_headers:
        token = headers.get(name)
        if token and "@" in token:
            return token.rpartition("@")[2]
    return None
