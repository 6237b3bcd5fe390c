"""The admin API of the contracts: names, operations, and the errors of a failed reload."""

from mockserver.contract.model import ServedOperation
from mockserver.web.admin.call import AdminCall
from mockserver.web.admin.schemas import TEXT, TEXTS, Json, array_of, object_of

_OPERATION = object_of(id=TEXT, name=TEXT, api=TEXT, method=TEXT, uri_template=TEXT)
CONTRACT = object_of(
    contract=TEXT, contracts=TEXTS, operations=array_of(_OPERATION), reload_errors=TEXTS
)


def get_contract(call: AdminCall) -> Json:
    """Return the contract of the sandbox, the names of all contracts, and reload errors.

    The operations are those of the sandbox's contract, in the order of the blueprints.
    """
    contract = call.contract
    return {
        "contract": contract.choice,
        "contracts": call.server.contracts.names,
        "operations": [_operation_json(served) for served in contract.served],
        "reload_errors": list(call.server.reload_errors.all),
    }


def _operation_json(served: ServedOperation) -> Json:
    operation = served.operation
    return {
        "id": operation.id,
        "name": operation.name,
        "api": served.api.id,
        "method": operation.method,
        "uri_template": served.api.base_path + operation.uri_template,
    }
