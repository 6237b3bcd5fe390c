"""Numbers that are integers: ids, counts, and numbers that are declared so."""

import json

import pytest

from mockserver.spec import blueprint, schemas

WHOLE = ("id", "userId", "user_id", "ids", "modified_by", "total", "item_count", "limit", "page")
FRACTIONAL = ("price", "rating", "total_price", "valid", "paid", "width", "discount_rate")


@pytest.mark.parametrize("name", [*WHOLE, *FRACTIONAL])
@pytest.mark.parametrize("source", ["attributes", "body"])
def test_a_number_is_an_integer_if_its_name_is_that_of_an_id_or_a_count(
    name: str, source: str
) -> None:
    contents = {
        "attributes": f"    + Attributes\n        + {name}: 5 (number)\n",
        "body": f"    + Body\n\n            {json.dumps({name: 5})}\n",
    }
    text = f"# GET /a\n\n+ Response 200 (application/json)\n{contents[source]}"
    api = blueprint.parse_blueprint(text, "f", "x")
    kind = "number"
    if name in WHOLE:
        kind = "integer"
    assert schemas.derive(api)["get-a", 200]["properties"][name] == {"type": kind}


def test_the_members_of_counts_are_integers() -> None:
    text = (
        "# GET /a\n\n+ Response 200 (application/json)\n    + Attributes\n"
        "        + message_counts\n            + sent: 5 (number)\n"
    )
    schema = schemas.derive(blueprint.parse_blueprint(text, "f", "x"))["get-a", 200]
    assert schema["properties"]["message_counts"]["properties"]["sent"] == {"type": "integer"}
