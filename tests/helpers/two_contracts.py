"""Two versions of one API: the second has another status, field, operation and base path."""

from dataclasses import replace
from functools import cache

from helpers.generated_apis import generated_contract
from mockserver.config.settings import Settings
from mockserver.contract.model import Contract
from mockserver.pipeline.factory import make_server
from mockserver.pipeline.mock_server import MockServer

TODAY = """FORMAT: 1A
HOST: https://shop.example/v1

# Shop

## Orders [/orders]

### List orders [GET]

+ Response 200 (application/json)

        [{"id": 1, "state": "new"}, {"id": 2, "state": "paid"}]

### Create an order [POST]

+ Request (application/json)

        {"state": "new"}

+ Response 201 (application/json)

        {"id": 3, "state": "new"}

## Order [/orders/{id}]

+ Parameters
    + id: 1 (number)

### Retrieve an order [GET]

+ Response 200 (application/json)

        {"id": 1, "state": "new"}

+ Response 404

### Delete an order [DELETE]

+ Response 204
"""
NEXT = (
    TODAY.replace("/v1", "/v2")
    .replace('"state": "new"}', '"state": "new", "total": 1.5}')
    .replace('"state": "paid"}', '"state": "paid", "total": 20.0}')
    .replace("+ Response 204\n", "+ Response 202\n")
    .replace("### Delete an order", "### Remove an order")
)


@cache
def contracts() -> tuple[Contract, Contract]:
    """Return both contracts. The second is named `next`."""
    return generated_contract(TODAY), replace(generated_contract(NEXT), name="next")


def server_of(*served: Contract, **settings: object) -> MockServer:
    """Return an open server of these contracts, with a store in memory by default."""
    server = make_server(replace(Settings(store="memory:"), **settings), *served)  # type: ignore[arg-type]
    server.open()
    return server
