"""The law of attributes: each body that is made from them passes the schema made from them."""

import json

from helpers.random_mson import blueprints
from hypothesis import example, given

from mockserver.formats.json_schema import Validator, schema_violations
from mockserver.spec import blueprint, schemas

ENDLESS_VARIABLE = """FORMAT: 1A
# POST /things
+ Request (application/json)
    + Attributes (T0)
+ Response 200 (application/json)
    + Attributes (T0)

# Data Structures
## T0
+ a (required, fixed)
    + *any* (T0)
"""
ENDLESS_ARRAY = """FORMAT: 1A
# POST /things
+ Request (application/json)
    + Attributes (T0)
+ Response 200 (application/json)
    + Attributes (array)
        + (T0)

# Data Structures
## T0 (array[T0], fixed)
"""


@example(ENDLESS_VARIABLE)
@example(ENDLESS_ARRAY)
@given(blueprints())
def test_a_body_made_from_attributes_passes_the_schema_made_from_them(text: str) -> None:
    api = schemas.with_examples(blueprint.parse_blueprint(text, "f", "x"))
    (transaction,) = api.operations[0].transactions
    assert transaction.request is not None
    pairs = (
        (transaction.response.body, schemas.derive(api)["post-things", 200]),
        (transaction.request.body, schemas.derive_requests(api)["post-things"]),
    )
    for body, schema in pairs:
        assert schema_violations(schema) == ()
        assert body is not None
        assert Validator(schema).violations(json.loads(body)) == ()
