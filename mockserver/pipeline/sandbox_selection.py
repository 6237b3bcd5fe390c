"""Bound addresses: a request that names no sandbox goes to the one that its client's address is bound to.

For apps whose calls cannot be told apart otherwise: a build on a phone, with a fixed base URL. The bindings are part of the
state of `default`, which a request without a sandbox reads anyway; so they hold in all processes at once, and cost nothing.
"""

from collections.abc import Iterable
from dataclasses import replace

from mockserver.config.sandbox_names import DEFAULT, named_in
from mockserver.formats.client_address import canonical
from mockserver.pipeline.messages import Request
from mockserver.sandbox.sandboxes import Sandboxes, World
from mockserver.sandbox.stores import State, StoreUnavailable

Place = tuple[str, World | None, tuple[str, ...]]
"""Where a request goes: the sandbox, its world where that had to be opened to know so, and what the journal says of it."""


def place_of(request: Request, tokens: Iterable[str], sandboxes: Sandboxes) -> Place:
    """The sandbox that the request names, else the one that its address is bound to. Raises `SandboxNameInvalid`."""
    name = named_in(request, tokens)
    if name is not None:
        return name, None, ()
    try:
        world = sandboxes.open(DEFAULT)
    except StoreUnavailable:
        return DEFAULT, None, ()  # it is said when the answer needs the store; a faulty request needs none
    bindings = world.state.bindings
    address = canonical(request.address) if bindings else ""
    if address not in bindings:
        return DEFAULT, world, ()
    return bindings[address], None, (f"the address {address} is bound to the sandbox {bindings[address]}",)


def bound(state: State, address: str, sandbox: str | None) -> State:
    """The state of `default` in which the address is bound to the sandbox; to none for `None`."""
    if state.bindings.get(address) == sandbox:
        return state
    others = {each: name for each, name in state.bindings.items() if each != address}
    return replace(state, bindings=others if sandbox is None else {**others, address: sandbox})
