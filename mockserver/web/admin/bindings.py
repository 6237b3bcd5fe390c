"""The admin API of bound addresses.

The address of a client selects the sandbox for its requests that name no sandbox.
"""

from mockserver.config.sandbox_names import DEFAULT, NAME_SCHEMA
from mockserver.errors import AdminRequestInvalid
from mockserver.formats.client_address import canonical
from mockserver.formats.json_schema import Validator
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.state import SandboxState
from mockserver.web.admin.call import AdminCall
from mockserver.web.admin.schemas import TEXT, Json, array_of, nullable, object_of

BINDING_REQUEST = Validator(object_of(sandbox=NAME_SCHEMA))
BINDINGS = object_of(
    address=TEXT, sandbox=nullable(TEXT), bindings=array_of(object_of(address=TEXT, sandbox=TEXT))
)


def get_bindings(call: AdminCall) -> Json:
    """Return the caller's address, the sandbox that it is bound to (or null), and all bindings."""
    address = canonical(call.request.address)
    sandboxes = call.server.store.read(DEFAULT).bindings
    bindings = [{"address": key, "sandbox": name} for key, name in sandboxes.items()]
    return {"address": address, "sandbox": sandboxes.get(address), "bindings": bindings}


def bind(call: AdminCall) -> Json:
    """Bind the caller's address to a sandbox."""
    return _bind(call, call.body["sandbox"])


def unbind(call: AdminCall) -> Json:
    """Remove the binding of the caller's address."""
    return _bind(call, None)


def _bind(call: AdminCall, sandbox: str | None) -> Json:
    """Bind the caller's address to a sandbox; `None` removes the binding.

    Raises:
        AdminRequestInvalid: the caller has no IP address.
    """
    address = canonical(call.request.address)
    if not address:
        raise AdminRequestInvalid(
            f"the caller's address {call.request.address!r} cannot be bound; use an IP address"
        )

    def change(snapshot: Snapshot) -> tuple[SandboxState, None]:
        return snapshot.state.with_binding(address, sandbox), None

    call.server.sandboxes.change(DEFAULT, change)
    return get_bindings(call)
