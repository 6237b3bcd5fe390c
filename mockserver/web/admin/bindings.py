"""Control operations on bound addresses: which sandbox the API's requests go to that name none."""

from mockserver.config.sandbox_names import DEFAULT, NAME_SCHEMA
from mockserver.errors import ControlRequestInvalid
from mockserver.formats.client_address import canonical
from mockserver.formats.json_schema import Validator
from mockserver.web.admin.call import Call, Json
from mockserver.web.admin.schemas import TEXT, a_list, an_object, or_null

PUT = Validator(an_object(sandbox=NAME_SCHEMA))
SHOWN = an_object(address=TEXT, sandbox=or_null(TEXT), bindings=a_list(an_object(address=TEXT, sandbox=TEXT)))


def shown(call: Call) -> Json:
    """The caller's `address`, the `sandbox` that it is bound to or null, and all `bindings`."""
    address, bindings = canonical(call.request.address), call.server.store.read(DEFAULT).bindings
    told = [{"address": each, "sandbox": name} for each, name in bindings.items()]
    return {"address": address, "sandbox": bindings.get(address), "bindings": told}


def put(call: Call) -> Json:
    """Bind the caller's address to a sandbox."""
    return _bound(call, call.body["sandbox"])


def delete(call: Call) -> Json:
    """Bind the caller's address to none."""
    return _bound(call, None)


def _bound(call: Call, sandbox: str | None) -> Json:
    address = canonical(call.request.address)
    if not address:
        raise ControlRequestInvalid(f"the address of the caller is {call.request.address!r}, expected an IP address to bind")
    call.server.sandboxes.change(DEFAULT, lambda world: (world.state.with_binding(address, sandbox), None))
    return shown(call)
