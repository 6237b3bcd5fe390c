"""Control operations on bound addresses: which sandbox the API's requests go to that name none."""

from mockserver.config.sandbox_names import DEFAULT, NAME_SCHEMA
from mockserver.errors import AdminRequestInvalid
from mockserver.formats.client_address import canonical
from mockserver.formats.json_schema import Validator
from mockserver.web.admin.call import AdminCall, Json
from mockserver.web.admin.schemas import TEXT, array_of, nullable, object_of

BINDING_REQUEST = Validator(object_of(sandbox=NAME_SCHEMA))
BINDINGS = object_of(address=TEXT, sandbox=nullable(TEXT), bindings=array_of(object_of(address=TEXT, sandbox=TEXT)))


def get_bindings(call: AdminCall) -> Json:
    """The caller's `address`, the `sandbox` that it is bound to or null, and all `bindings`."""
    address, bindings = canonical(call.request.address), call.server.store.read(DEFAULT).bindings
    told = [{"address": each, "sandbox": name} for each, name in bindings.items()]
    return {"address": address, "sandbox": bindings.get(address), "bindings": told}


def bind(call: AdminCall) -> Json:
    """Bind the caller's address to a sandbox."""
    return _bound(call, call.body["sandbox"])


def unbind(call: AdminCall) -> Json:
    """Bind the caller's address to none."""
    return _bound(call, None)


def _bound(call: AdminCall, sandbox: str | None) -> Json:
    address = canonical(call.request.address)
    if not address:
        raise AdminRequestInvalid(f"the address of the caller is {call.request.address!r}, expected an IP address to bind")
    call.server.sandboxes.change(DEFAULT, lambda world: (world.state.with_binding(address, sandbox), None))
    return get_bindings(call)
